//! The command lines of what looks at a skill without installing it.

use std::path::PathBuf;

use clap::Args;
use enact_types::ToolName;

use crate::tool_request::{ToolRequest, Wanted};

/// `enact learn`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact learn alice/greeter               The latest version's SKILL.md
  enact learn alice/greeter | less        As its author wrote it
  enact learn alice/greeter --local       That of the installed skill")]
pub(crate) struct Learn {
    /// The skill, as in alice/greeter, alice/greeter@1.0.0 or alice/greeter@^1.2
    #[arg(value_name = "NAME[@VERSION]")]
    pub(crate) tool: ToolRequest,
    /// The same as @VERSION
    #[arg(long, value_name = "VERSION", value_parser = Wanted::parse)]
    pub(crate) ver: Option<Wanted>,
    /// Show that of the installed skill, and ask no registry
    #[arg(long, conflicts_with = "ver")]
    pub(crate) local: bool,
}

/// `enact files`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact files alice/greeter
  enact files alice/greeter@1.0.0 --json")]
pub(crate) struct Files {
    /// The skill, as in alice/greeter, alice/greeter@1.0.0 or alice/greeter@^1.2
    #[arg(value_name = "NAME[@VERSION]")]
    pub(crate) tool: ToolRequest,
}

/// `enact cat`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact cat alice/greeter SKILL.md
  enact cat alice/greeter@1.0.0 scripts/greet.sh > greet.sh")]
pub(crate) struct Cat {
    /// The skill, as in alice/greeter, alice/greeter@1.0.0 or alice/greeter@^1.2
    #[arg(value_name = "NAME[@VERSION]")]
    pub(crate) tool: ToolRequest,
    /// The file's path inside the bundle, as `enact files` shows it
    #[arg(value_name = "PATH", value_parser = file_path)]
    pub(crate) path: String,
}

/// `enact inspect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact inspect alice/greeter                     What it holds and runs
  enact inspect alice/greeter@1.0.0 --download    Its files, in ./greeter
  enact inspect alice/greeter --download ./look   Its files, in ./look

Nothing is installed and nothing of the skill is run.")]
pub(crate) struct Inspect {
    /// The skill, as in alice/greeter, alice/greeter@1.0.0 or alice/greeter@^1.2
    #[arg(value_name = "NAME[@VERSION]")]
    pub(crate) tool: ToolRequest,
    /// Unpack the bundle into a folder to look at
    #[arg(short, long)]
    pub(crate) download: bool,
    /// The folder, which must not exist [default: the last part of the name]
    #[arg(value_name = "FOLDER", requires = "download")]
    pub(crate) folder: Option<PathBuf>,
    /// The same as FOLDER
    #[arg(
        short,
        long,
        value_name = "FOLDER",
        requires = "download",
        conflicts_with = "folder"
    )]
    pub(crate) output: Option<PathBuf>,
    /// Replace the folder if it exists
    #[arg(short, long, requires = "download")]
    pub(crate) force: bool,
}

impl Learn {
    /// The version that was asked for, either way.
    pub(crate) fn request(&self) -> ToolRequest {
        self.tool.or_version(self.ver.as_ref())
    }
}

impl Inspect {
    /// Where the files go.
    pub(crate) fn target(&self) -> PathBuf {
        let named = self.folder.as_ref().or(self.output.as_ref());
        named.cloned().unwrap_or_else(|| last_part(&self.tool.name))
    }
}

fn last_part(name: &ToolName) -> PathBuf {
    let name = name.as_str();
    PathBuf::from(name.rsplit('/').next().unwrap_or(name))
}

/// A path inside a bundle. What goes up is refused here already: in a URL it would name something
/// else.
fn file_path(text: &str) -> Result<String, &'static str> {
    let text = text.strip_prefix("./").unwrap_or(text);
    let is_name = |part: &str| !matches!(part, "" | "." | "..");
    if text.split('/').all(is_name) {
        Ok(text.to_owned())
    } else {
        Err("a path inside a bundle has names between its slashes, neither empty nor \"..\"")
    }
}
