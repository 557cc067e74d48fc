//! A skill as its author has it: read from a folder, packed, and shown.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use enact_bundle::{PackError, PackFile, Packed, SkillFolder, Stopped};
use enact_types::{ToolName, Version};
use serde::Serialize;
use serde_json::json;

use super::problems::{self, Count};
use crate::exit::{Failure, chain};
use crate::printer::Printer;
use crate::text::bytes;

/// A skill that can be packed, with what it is called.
#[derive(Debug)]
pub(super) struct Skill {
    pub(super) folder: SkillFolder,
    pub(super) name: ToolName,
    pub(super) version: Version,
}

/// One file of a skill, for `--json`.
#[derive(Debug, Serialize)]
pub(super) struct FileOutput<'a> {
    path: &'a str,
    /// In bytes.
    size: u64,
    executable: bool,
}

impl Skill {
    /// Reads the folder at `path`, and says on stderr what is wrong with it. Fails if there are
    /// errors, or warnings and it has to be `strict`.
    pub(super) fn read(path: &Path, strict: bool, printer: &Printer) -> Result<Self, Failure> {
        let validation = SkillFolder::validate(path).map_err(|error| invalid(&error))?;
        problems::show_in_short(&validation, path, printer);
        if let Err(failure) = Count::of(&validation.problems).check(strict) {
            printer.json(&json!({
                "error": {"code": failure.code(), "message": failure.message()},
                "problems": problems::output(&validation.problems),
            }));
            return Err(failure.already_in_json());
        }
        let named = validation.skill.and_then(|folder| {
            let manifest = &folder.manifest;
            let (name, version) = (manifest.name.clone()?, manifest.version.clone()?);
            Some(Self {
                folder,
                name,
                version,
            })
        });
        named.ok_or_else(|| Failure::new("INVALID_SKILL", "the manifest states no name or version"))
    }

    /// Packs into `out`, which need not be cleaned up if the program is stopped.
    pub(super) fn pack_at_once(&self, out: impl Write) -> Result<Packed, Failure> {
        let mut out = BufWriter::new(out);
        self.folder.pack(&mut out).map_err(|error| invalid(&error))
    }

    /// Packs into `out`, on a thread that may block. Dropping the future makes that thread stop at
    /// the next piece of a file and drop `out`, which the end of the program waits for.
    pub(super) async fn pack<W: Write + Send + 'static>(
        self: &Arc<Self>,
        out: W,
        printer: &Printer,
    ) -> Result<(W, Packed), Failure> {
        let progress = printer.transfer("Packing", self.folder.unpacked_bytes());
        let dropped = RaisedOnDrop(Arc::new(AtomicBool::new(false)));
        let (skill, bar, stop) = (Arc::clone(self), progress.clone(), Arc::clone(&dropped.0));
        let packing = tokio::task::spawn_blocking(move || {
            let mut out = BufWriter::new(out);
            let packed = skill.folder.pack_watched(&mut out, |size| {
                bar.inc(size);
                if stop.load(Ordering::Relaxed) {
                    return Err(Stopped);
                }
                Ok(())
            })?;
            let out = out.into_inner().map_err(io::IntoInnerError::into_error);
            Ok((out.map_err(PackError::Write)?, packed))
        });
        let packed = packing.await;
        progress.finish_and_clear();
        packed
            .map_err(|error| Failure::io("packing broke off", &error))?
            .map_err(|error| invalid(&error))
    }

    /// The files that are packed, as a table with their sum.
    pub(super) fn list_files(&self, printer: &Printer) {
        let files = &self.folder.files;
        let mut rows: Vec<_> = files.iter().map(cells).collect();
        rows.push(vec![
            counted(files.len(), "file"),
            bytes(self.folder.unpacked_bytes()),
        ]);
        let width = rows.iter().map(|row| row[1].len()).max().unwrap_or(0);
        for row in &mut rows {
            row[1] = format!("{:>width$}", row[1]);
        }
        printer.table(&["FILE", &format!("{:>width$}", "SIZE"), ""], &rows);
    }

    /// The files that are packed, for `--json`.
    pub(super) fn files(&self) -> Vec<FileOutput<'_>> {
        let files = self.folder.files.iter();
        files
            .map(|file| FileOutput {
                path: &file.path,
                size: file.size,
                executable: file.executable,
            })
            .collect()
    }

    /// What a bundle of it is like, for people.
    pub(super) fn facts(&self, packed: Packed) -> [(&'static str, String); 2] {
        let files = counted(self.folder.files.len(), "file");
        let unpacked = bytes(packed.unpacked_bytes);
        let size = bytes(packed.size);
        [
            ("Size", format!("{size} ({files}, {unpacked} unpacked)")),
            ("Hash", packed.hash.to_string()),
        ]
    }
}

fn cells(file: &PackFile) -> Vec<String> {
    let executable = if file.executable { "executable" } else { "" };
    vec![file.path.clone(), bytes(file.size), executable.to_owned()]
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A folder that is no skill, or cannot be read or packed.
pub(super) fn invalid(error: &PackError) -> Failure {
    let code = match error {
        PackError::Read { .. } | PackError::Write(_) => "IO_ERROR",
        _ => "INVALID_SKILL",
    };
    Failure::new(code, chain(error))
}

/// Tells a thread that what it does is no longer wanted.
struct RaisedOnDrop(Arc<AtomicBool>);

impl Drop for RaisedOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
