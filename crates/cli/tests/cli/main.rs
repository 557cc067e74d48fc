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
mod config;
mod delete;
mod doctor;
mod existing;
mod exit;
mod hooks;
mod hostile;
mod init;
mod install;
mod lock;
mod login;
mod looking;
mod merge;
mod network;
mod operator;
mod orgs;
mod pack;
mod project;
mod proxies;
mod publish;
mod published;
mod read;
mod registry;
mod sandbox;
mod screen;
mod secrets;
mod seen;
mod serve;
mod served;
mod shell;
mod terminal;
mod uninstall;
mod update;
mod validate;
mod verify;
mod versions;
mod writes;
