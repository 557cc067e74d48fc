//! Drives the real `enact` binary.
