//! `enact`: the registry's server and its client in one program.

mod args;
mod cache;
mod client;
mod commands;
mod credentials;
mod exit;
mod installed;
mod installer;
mod lock_file;
mod markdown;
mod printer;
mod private;
mod question;
mod regular_file;
mod settings;
mod text;
mod tool_request;
mod tool_spec;

use std::process::ExitCode;

use printer::Printer;

fn main() -> ExitCode {
    // Parsed before anything else is started, so that `--version` and `--help` answer at once.
    let cli = match args::parse() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    // Fails only if a provider is there already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let printer = Printer::new(cli.global.json, cli.global.quiet);
    match commands::run(cli, &printer) {
        Ok(()) => printer.finish(),
        Err(failure) => {
            printer.failure(&failure);
            failure.exit().into()
        }
    }
}
