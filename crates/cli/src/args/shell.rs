//! The command lines of what connects `enact` with a shell and its manual.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `enact completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact completions bash > ~/.local/share/bash-completion/completions/enact
  enact completions zsh > ~/.zfunc/_enact           with fpath+=~/.zfunc before compinit
  enact completions fish > ~/.config/fish/completions/enact.fish")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// A shell that completes command lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// `enact man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact man ~/.local/share/man/man1      Then: man enact, man enact-install
  enact man | man -l -                   The page of `enact` itself")]
pub(crate) struct Man {
    /// The folder for the pages of all commands; without it, the page of `enact` goes to stdout
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}
