//! `enact storage`, the real program, on every kind of store, and on settings that are wrong.
fn main() {}
