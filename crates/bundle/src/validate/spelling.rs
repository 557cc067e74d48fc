//! Names that differ from the right ones in upper and lower case alone.

use std::fs;
use std::path::Path;

/// Says how to rename a file in `dir` that was probably meant to be one of these, which are not there.
pub(super) fn rename(dir: &Path, names: &[&str]) -> Option<String> {
    let files: Vec<_> = fs::read_dir(dir)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.iter().find_map(|name| {
        let mut files = files.iter();
        let file = files.find(|file| file.eq_ignore_ascii_case(name))?;
        Some(format!(
            "rename {file} to {name}: it is looked for by that very name"
        ))
    })
}
