//! The command lines of `enact login` and `enact logout`.

use clap::Args;

/// `enact login`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact login --registry https://registry.example.org
  enact login --with-token < token.txt                 In a script
  enact login --web                                    By the browser

On a terminal: shows the address of a page of the registry, opens it in a browser, and takes the \
token that the page hands over, or one that is pasted meanwhile. Waits for 5 minutes.

The token is kept for this registry alone: in the keyring of the operating system if there is one \
(Linux: secret-tool of libsecret), or else in ~/.enact/credentials.json, which nobody else can \
read. A token of an identity provider, which is good for an hour or so, is exchanged for one of \
the registry.")]
pub(crate) struct Login {
    /// Where the token comes from.
    #[command(flatten)]
    pub(crate) from: TokenFrom,
    /// Show the address of the page, but open no browser
    #[arg(long, conflicts_with = "with_token")]
    pub(crate) no_browser: bool,
    /// Keep the token in the file even if there is a keyring
    #[arg(long)]
    pub(crate) no_keyring: bool,
}

/// Where the token comes from, if not from a person at a terminal.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct TokenFrom {
    /// Read the token from stdin
    #[arg(long)]
    pub(crate) with_token: bool,
    /// Take the token from the registry's page alone, also where there is no terminal
    #[arg(long)]
    pub(crate) web: bool,
}

/// `enact logout`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact logout
  enact logout --revoke                  End the token, then forget it

Forgets what `enact login` kept for the registry. Elsewhere the token stays good until it \
expires, unless it is revoked.")]
pub(crate) struct Logout {
    /// Have the registry revoke the token first
    #[arg(long)]
    pub(crate) revoke: bool,
}
