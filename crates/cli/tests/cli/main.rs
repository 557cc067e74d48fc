//! Drives the real `enact` program, against a real registry (`served.rs`), or against a scripted one,
//! which does what a real one would not: cut connections, lie, and send what is hostile.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops right there"
)]

mod broken;
mod bundles;
mod cache;
mod concurrent;
mod hooks;
mod hostile;
mod install;
mod lock;
mod login;
mod looking;
mod network;
mod operator;
mod orgs;
mod pack;
mod publish;
mod published;
mod read;
mod registry;
mod sandbox;
mod seen;
mod serve;
mod served;
mod shell;
mod uninstall;
mod update;
mod verify;
mod versions;
