//! The server inside the existing client, whose data folder can be taken over.

use std::path::Path;

use anyhow::Result;

use crate::{EnactServer, enact_command, find_official_client};

/// Starts the existing server over the folder `data`, on a port that the system chooses; `home` is
/// an empty folder. None if the existing client is not on this machine; an error instead if
/// [`REQUIRE_BACKENDS`](crate::REQUIRE_BACKENDS) is set.
///
/// [`EnactServer::stop`] lets it end in order; dropping the value kills it, which leaves what it
/// wrote last in its database's log.
pub fn existing_server(data: &Path, home: &Path) -> Result<Option<EnactServer>> {
    let Some(program) = find_official_client()? else {
        return Ok(None);
    };
    let mut command = enact_command(&program);
    command
        .args(["serve", "--host", "127.0.0.1", "--port", "0", "--data"])
        .arg(data)
        .env("HOME", home);
    EnactServer::spawn_until(command, "Listening on ").map(Some)
}
