//! How much of the server one caller and one address may use.
//!
//! A bucket of requests for each address and class, and for each account and class, which is full
//! again after a minute. A small module of our own: the libraries for it keep buckets that are not
//! full for ever or forget them, can charge only what they allow, or take the time from the system.

mod bucket;
mod class;
mod limiter;
mod middleware;
mod table;

pub(crate) use self::bucket::Bucket;
pub(crate) use self::limiter::Limiter;
pub(crate) use self::middleware::{Guesses, limits};
pub(crate) use self::table::Table;
