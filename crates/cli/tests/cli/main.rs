//! Drives the real `enact` program. Its registry is a scripted one, which does what a real one
//! would not: cut connections, lie, and send what is hostile.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops right there"
)]

mod broken;
mod bundles;
mod install;
mod pack;
mod publish;
mod read;
mod registry;
mod sandbox;
mod secrets;
mod serve;
mod validate;
