//! What is installed: the skills' folders, and the lists of a project and of a user.
//!
//! Places and formats are those of the existing client. All projects of a user share the folders
//! in `~/.agents/skills`; a list says which version one of them asked for.

mod list;
mod lock;
mod place;

pub(crate) use list::List;
pub(crate) use place::Place;
