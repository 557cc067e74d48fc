//! Which project a folder lies in.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::exit::Failure;

/// The folder of the project that `folder` lies in: the nearest upwards that has a folder `agents`, else
/// `folder` itself.
///
/// Upwards, others could have left an `agents` in the way, in `/tmp` for example. So a folder counts there
/// only if it and its `agents` belong to this user, or to whom `folder` belongs, whose project this is
/// then. The search ends at the first that does not, at the border of the file system, and with the home
/// folder; as with the existing client, `/` is no project.
///
/// Fails if everybody can write to `folder`, and another user has put an `agents` into it.
pub(super) fn root<'a>(folder: &'a Path, home: &Path) -> Result<&'a Path, Failure> {
    let user = rustix::process::geteuid().as_raw();
    let home = fs::canonicalize(home);
    search(folder, home.as_deref().ok(), user, look)
}

/// What the search asks about a folder.
#[derive(Debug, Clone, Copy)]
struct Seen {
    owner: u32,
    device: u64,
    /// Whether everybody can put something into it.
    is_public: bool,
    agents: Option<Agents>,
}

/// What is called `agents` in it.
#[derive(Debug, Clone, Copy)]
struct Agents {
    /// Of a link, whoever made it: what it points to is up to them.
    owner: u32,
    is_folder: bool,
}

fn look(folder: &Path) -> Option<Seen> {
    let metadata = fs::metadata(folder).ok()?;
    let agents = folder.join("agents");
    Some(Seen {
        owner: metadata.uid(),
        device: metadata.dev(),
        is_public: metadata.mode() & 0o002 != 0,
        agents: fs::symlink_metadata(&agents).ok().map(|entry| Agents {
            owner: entry.uid(),
            is_folder: agents.is_dir(),
        }),
    })
}

fn search<'a>(
    start: &'a Path,
    home: Option<&Path>,
    user: u32,
    look: impl Fn(&Path) -> Option<Seen>,
) -> Result<&'a Path, Failure> {
    let Some(here) = look(start) else {
        return Ok(start);
    };
    let is_ours = |owner| owner == user || owner == here.owner;
    if let Some(agents) = here.agents {
        if here.is_public && !is_ours(agents.owner) {
            return Err(not_ours(start));
        }
        if agents.is_folder {
            return Ok(start);
        }
    }
    let mut folder = start;
    while home != Some(folder)
        && let Some(above) = folder.parent()
        && above.parent().is_some()
        && let Some(seen) = look(above)
        && is_ours(seen.owner)
        && seen.device == here.device
    {
        folder = above;
        let is_project = |agents: Agents| agents.is_folder && is_ours(agents.owner);
        if seen.agents.is_some_and(is_project) {
            return Ok(folder);
        }
    }
    Ok(start)
}

fn not_ours(folder: &Path) -> Failure {
    let message = format!(
        "{} belongs to another user, and everybody can write to the folder that it is in",
        folder.join("agents").display()
    );
    Failure::new("FOREIGN_PROJECT", message)
        .hint("go to a folder of your own, or install for all of your projects with -g")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: u32 = 0;
    const ALICE: u32 = 1;
    const MALLORY: u32 = 2;

    /// What is found from `start` on by alice, whose home is `/home/alice`, where each folder has this owner
    /// and one called `agents` of that one; `/tmp` is for everybody, and `/disk/mnt` another file system.
    fn found(start: &str, folders: &[(&str, u32, Option<u32>)]) -> Option<String> {
        let look = |path: &Path| {
            let (_, owner, agents) = *folders.iter().find(|(name, ..)| Path::new(name) == path)?;
            Some(Seen {
                owner,
                device: u64::from(path.starts_with("/disk/mnt")),
                is_public: path == Path::new("/tmp"),
                agents: agents.map(|owner| Agents {
                    owner,
                    is_folder: true,
                }),
            })
        };
        let home = Some(Path::new("/home/alice"));
        let found = search(Path::new(start), home, ALICE, look);
        found.ok().map(|folder| folder.display().to_string())
    }

    #[test]
    fn the_project_is_the_nearest_folder_upwards_that_has_agents() {
        let folders = [
            ("/home/alice", ALICE, Some(ALICE)),
            ("/home/alice/a", ALICE, Some(ALICE)),
            ("/home/alice/a/b", ALICE, None),
            ("/home/alice/a/b/c", ALICE, None),
        ];
        assert_eq!(
            found("/home/alice/a/b/c", &folders).unwrap(),
            "/home/alice/a"
        );
        assert_eq!(found("/home/alice/a", &folders).unwrap(), "/home/alice/a");
        let folders = [folders[0], ("/home/alice/b", ALICE, None)];
        assert_eq!(found("/home/alice/b", &folders).unwrap(), "/home/alice");
    }

    #[test]
    fn what_others_have_left_in_the_way_is_passed_by() {
        for owner in [ALICE, MALLORY, ROOT] {
            let folders = [
                ("/", ROOT, Some(ROOT)),
                ("/tmp", ROOT, Some(owner)),
                ("/tmp/x", ALICE, None),
                ("/tmp/x/project", ALICE, None),
            ];
            assert_eq!(found("/tmp/x/project", &folders).unwrap(), "/tmp/x/project");
        }
        let folders = [
            ("/tmp/x", ALICE, Some(ALICE)),
            ("/tmp/x/open", ALICE, Some(MALLORY)),
            ("/tmp/x/open/project", ALICE, None),
        ];
        assert_eq!(found("/tmp/x/open/project", &folders).unwrap(), "/tmp/x");
        let folders = [("/tmp", ROOT, Some(MALLORY))];
        assert_eq!(found("/tmp", &folders), None);
    }

    #[test]
    fn a_project_of_somebody_else_is_found_from_within() {
        let folders = [
            ("/srv", ROOT, Some(ROOT)),
            ("/srv/theirs", MALLORY, Some(MALLORY)),
            ("/srv/theirs/folder", MALLORY, None),
        ];
        assert_eq!(
            found("/srv/theirs/folder", &folders).unwrap(),
            "/srv/theirs"
        );
        let folders = [folders[0], ("/srv/theirs", MALLORY, None)];
        assert_eq!(found("/srv/theirs", &folders).unwrap(), "/srv/theirs");
    }

    #[test]
    fn the_search_ends_at_home_at_the_root_and_at_another_file_system() {
        for (start, above) in [
            ("/home/alice", "/home"),
            ("/srv", "/"),
            ("/disk/mnt", "/disk"),
        ] {
            let folders = [(above, ALICE, Some(ALICE)), (start, ALICE, None)];
            assert_eq!(found(start, &folders).unwrap(), start);
        }
        let folders = [
            ("/disk/mnt", ALICE, Some(ALICE)),
            ("/disk/mnt/a", ALICE, None),
        ];
        assert_eq!(found("/disk/mnt/a", &folders).unwrap(), "/disk/mnt");
        assert_eq!(found("/gone", &[]).unwrap(), "/gone");
    }
}
