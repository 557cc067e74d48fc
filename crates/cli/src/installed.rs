//! What is installed: the skills' folders, the lists of a project and of a user, and beside each list
//! a lock that says exactly what was installed.
//!
//! Places and formats are those of the existing client; the locks are this one's own. All projects of
//! a user share the folders in `~/.agents/skills`; a list says which version one of them asked for.

mod alias;
mod comparison;
mod exclusive;
mod list;
mod lockfile;
mod place;
mod project;
mod records;
mod replace;

pub(crate) use alias::Alias;
pub(crate) use comparison::{Difference, differences, hash as digest_of_file, is_as_locked};
pub(crate) use exclusive::{acquire as exclusively, acquire_if_used as exclusively_if_used};
pub(crate) use list::List;
pub(crate) use lockfile::{Locked, LockedFile, Lockfile};
pub(crate) use place::{NoSkills, Place, is_replaceable};
pub(crate) use records::{Records, Scope};
pub(crate) use replace::{read_described, replace_private};
