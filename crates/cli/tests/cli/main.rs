//! Drives the real `enact` program, against a real registry (`served.rs`), or against a scripted one,
//! which does what a real one would not: cut connections, lie, and send what is hostile.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops right there"
)]

mod broken;
mod bundles;
mod init;
mod install;
mod login;
mod looking;
mod operator;
mod orgs;
mod pack;
mod publish;
mod read;
mod registry;
mod sandbox;
mod secrets;
mod seen;
mod serve;
mod served;
mod shell;
mod terminal;
mod validate;
