//! `enact pack`: packs a folder into a bundle, the same bytes that `enact publish` sends.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enact_bundle::{Packed, SkillFolder, bundle_file_name};
use enact_types::{Digest, ToolName, Version};
use serde::Serialize;
use tempfile::NamedTempFile;

use super::skill::{FileOutput, Skill};
use super::{heed_signals, until_ctrl_c};
use crate::args::Pack;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

/// Stands for stdout.
const DASH: &str = "-";

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    name: &'a ToolName,
    version: &'a Version,
    /// The bundle.
    file: &'a Path,
    /// `sha256:` and 64 hexadecimal digits.
    bundle_hash: Digest,
    /// In bytes.
    bundle_size: u64,
    /// All files together, in bytes.
    unpacked_size: u64,
    files: Vec<FileOutput<'a>>,
}

/// Runs the command.
pub(super) fn run(args: Pack, printer: &Printer) -> Result<(), Failure> {
    if args.output.as_deref() == Some(Path::new(DASH)) {
        return to_stdout(&args, printer);
    }
    until_ctrl_c(to_file(args, printer))
}

/// Not under [`until_ctrl_c`]: nothing has to be cleaned up, and a reader that does not read would
/// keep the program from ending.
fn to_stdout(args: &Pack, printer: &Printer) -> Result<(), Failure> {
    check_stdout(printer)?;
    let skill = Skill::read(&args.path, args.strict, printer)?;
    let packed = skill.pack_at_once(io::stdout())?;
    for (label, value) in [("Packed", title(&skill))]
        .into_iter()
        .chain(skill.facts(packed))
    {
        printer.note(&format!("{label}: {value}"));
    }
    Ok(())
}

async fn to_file(args: Pack, printer: &Printer) -> Result<(), Failure> {
    let skill = Arc::new(Skill::read(&args.path, args.strict, printer)?);
    let file = target(args.output, &skill);
    if !args.force && file.symlink_metadata().is_ok() {
        return Err(exists(&file));
    }
    check_is_no_source(&file, &skill.folder, &args.path)?;
    heed_signals().await;
    let packed = write(&skill, &file, args.force, printer).await?;
    report(&skill, &file, packed, printer);
    warn_if_in_the_next(&file, &args.path, printer);
    Ok(())
}

/// Refuses what would spoil stdout.
fn check_stdout(printer: &Printer) -> Result<(), Failure> {
    let usage = |message: &str| Failure::new("USAGE", message).with_exit(Exit::Usage);
    if printer.is_json() {
        return Err(usage("stdout cannot hold both the bundle and JSON")
            .hint("name a file to write to, or leave --json out"));
    }
    if printer.is_for_person() {
        return Err(usage("a bundle is no text, and stdout is a terminal")
            .hint("send it somewhere, as in: enact pack -o - | ssh …, or name a file"));
    }
    Ok(())
}

/// The file to write to.
fn target(output: Option<PathBuf>, skill: &Skill) -> PathBuf {
    let usual = bundle_file_name(&skill.name, &skill.version);
    match output {
        None => usual.into(),
        Some(path) if path.is_dir() => path.join(usual),
        Some(path) => path,
    }
}

/// Refuses to write over a file of the skill.
fn check_is_no_source(file: &Path, skill: &SkillFolder, folder: &Path) -> Result<(), Failure> {
    if is_among(file, skill, folder) {
        let message = format!("{} is one of the skill's own files", file.display());
        return Err(Failure::new("USAGE", message)
            .hint("name another file by -o")
            .with_exit(Exit::Usage));
    }
    Ok(())
}

/// Whether `file` is one of those that are packed.
fn is_among(file: &Path, skill: &SkillFolder, folder: &Path) -> bool {
    let (Ok(file), Ok(folder)) = (file.canonicalize(), folder.canonicalize()) else {
        return false;
    };
    let mut sources = skill.files.iter();
    file.strip_prefix(folder)
        .is_ok_and(|path| sources.any(|source| Path::new(&source.path) == path))
}

/// Packs beside the target and then renames, so that the name goes to a whole bundle or stays where
/// it was.
async fn write(
    skill: &Arc<Skill>,
    file: &Path,
    force: bool,
    printer: &Printer,
) -> Result<Packed, Failure> {
    let cannot_write =
        |error: &io::Error| Failure::io(format!("cannot write {}", file.display()), error);
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let draft = tempfile::Builder::new()
        .prefix(".enact-")
        // As any new file: what the process's mask leaves of it.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .map_err(|error| cannot_write(&error))?;
    let (draft, packed): (NamedTempFile, _) = skill.pack(draft, printer).await?;
    draft
        .as_file()
        .sync_all()
        .map_err(|error| cannot_write(&error))?;
    let persisted = if force {
        draft.persist(file)
    } else {
        draft.persist_noclobber(file)
    };
    match persisted {
        Ok(_) => Ok(packed),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(file)),
        Err(error) => Err(cannot_write(&error.error)),
    }
}

fn exists(file: &Path) -> Failure {
    let message = format!("{} exists already; nothing was written", file.display());
    Failure::new("EXISTS", message).hint("replace it with --force, or name another file by -o")
}

fn report(skill: &Skill, file: &Path, packed: Packed, printer: &Printer) {
    if printer.is_verbose() {
        skill.list_files(printer);
    }
    printer.success(&format!("Packed {}", title(skill)));
    let mut rows = vec![("File", file.display().to_string())];
    rows.extend(skill.facts(packed));
    printer.details(&rows);
    printer.json(&Output {
        name: &skill.name,
        version: &skill.version,
        file,
        bundle_hash: packed.hash,
        bundle_size: packed.size,
        unpacked_size: packed.unpacked_bytes,
        files: skill.files(),
    });
}

fn title(skill: &Skill) -> String {
    format!("{}@{}", skill.name, skill.version)
}

/// A bundle that lies among the skill's files is packed the next time, unless its name says what it
/// is.
fn warn_if_in_the_next(file: &Path, folder: &Path, printer: &Printer) {
    if SkillFolder::read(folder).is_ok_and(|skill| is_among(file, &skill, folder)) {
        let file = file.display();
        printer.warning(&format!(
            "{file} would be in the next bundle: write it elsewhere, or add it to .enactignore"
        ));
    }
}
