//! `enact serve`: starts the registry server.

use crate::args::Serve;
use crate::exit::Failure;

/// Runs the server until it is asked to stop.
pub(super) fn run(args: Serve) -> Result<(), Failure> {
    // filled in with the server
    let Serve { host, port, data } = args;
    let data = data.display();
    let message = format!("this build has no server for {host}, port {port}, folder {data}");
    Err(Failure::new("NO_SERVER", message))
}
