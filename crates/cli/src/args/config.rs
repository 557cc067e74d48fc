//! The command line of `enact config`.

use clap::{Args, Subcommand};

use super::values::Keys;
use crate::settings::ConfigKey;

/// `enact config`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact config show                                     Every setting, and where it comes from
  enact config set registry.url https://registry.example.org
  enact config set cache.maxSizeMb 4096
  enact config set registry.authToken - < token.txt     Better: enact login
  enact config get registry.url

Settings are kept in ~/.enact/config.yaml. Of what can be set, registry.url, registry.authToken,
trust.policy (require_attestation, prompt, allow) and cache.maxSizeMb mean something to this program;
others are for other clients. What is called token, secret, password or key is never shown.

This program cannot check attestations yet: require_attestation refuses every install, and with
prompt as with allow it installs what has the right hash, and asks nobody.")]
pub(crate) struct Config {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: OperateConfig,
}

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub(crate) enum OperateConfig {
    /// Print a setting of ~/.enact/config.yaml, or a section of them
    Get(GetSetting),
    /// Change or add a setting in ~/.enact/config.yaml
    Set(SetSetting),
    /// List what is set in ~/.enact/config.yaml
    List,
    /// Print where the settings are kept
    Path,
    /// Show every setting of the client and of a server started here, and where each comes from
    Show,
}

/// `enact config get`.
#[derive(Debug, Args)]
pub(crate) struct GetSetting {
    /// The setting, as in registry.url
    #[arg(value_name = "KEY", value_parser = Keys, hide_possible_values = true)]
    pub(crate) key: ConfigKey,
}

/// `enact config set`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact config set registry.url https://registry.example.org
  enact config set cache.maxSizeMb 4096
  enact config set trust.auditors '[\"github:alice\"]'
  enact config set registry.authToken - < token.txt

Comments stay where they are. If the change is more than one line, the file is written anew, and the old
one is kept as config.yaml.bak.")]
pub(crate) struct SetSetting {
    /// The setting, as in registry.url
    #[arg(value_name = "KEY", value_parser = Keys, hide_possible_values = true)]
    pub(crate) key: ConfigKey,
    /// A text, or JSON (a number, true, a list, an object, null); - reads it from stdin
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) value: String,
}
