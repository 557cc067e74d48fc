//! Drives the real `enact` program. Its registry is a real one, or a scripted one where a real one
//! would not do what the test is about: cut connections, lie, and send what is hostile.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops right there"
)]

mod broken;
mod bundles;
mod cache;
mod install;
mod lock;
mod publish;
mod published;
mod read;
mod registry;
mod sandbox;
mod serve;
mod uninstall;
mod update;
mod verify;
mod versions;
