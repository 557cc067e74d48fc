//! Reading one file of a bundle, under the rules of every reader.

use std::io::Read;

use crate::Limits;
use crate::error::{BundleError, Stopped};
use crate::path::BundlePath;
use crate::walk::{self, Sink};

pub(crate) fn read(
    archive: impl Read,
    limits: &Limits,
    path: &str,
    whole: bool,
    take: impl FnMut(&[u8]) -> Result<(), Stopped>,
) -> Result<Option<u64>, BundleError> {
    let mut one = One {
        path,
        whole,
        take,
        state: State::Wanted,
    };
    walk::visit(archive, limits, &mut one)?;
    Ok(match one.state {
        State::Wanted => None,
        State::Inside(size) | State::Behind(size) => Some(size),
    })
}

/// Hands on the content of one file.
struct One<'p, T> {
    path: &'p str,
    whole: bool,
    take: T,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It has not come yet.
    Wanted,
    /// So many bytes of it have come.
    Inside(u64),
    /// It has come, with so many bytes.
    Behind(u64),
}

impl<T: FnMut(&[u8]) -> Result<(), Stopped>> Sink for One<'_, T> {
    fn folder(&mut self, _: &str) -> Result<(), BundleError> {
        Ok(())
    }

    fn file(&mut self, path: &BundlePath, _: bool) -> Result<(), BundleError> {
        if path.as_str() == self.path {
            self.state = State::Inside(0);
        }
        Ok(())
    }

    fn data(&mut self, chunk: &[u8]) -> Result<(), BundleError> {
        if let State::Inside(size) = &mut self.state {
            *size += chunk.len() as u64;
            (self.take)(chunk)?;
        }
        Ok(())
    }

    fn file_end(&mut self) -> Result<(), BundleError> {
        if let State::Inside(size) = self.state {
            self.state = State::Behind(size);
        }
        Ok(())
    }

    fn is_done(&self) -> bool {
        !self.whole && matches!(self.state, State::Behind(_))
    }
}
