//! The commands and flags of the existing client that this one does not have.

/// A flag of the existing client.
#[derive(Debug)]
pub(super) struct Flag {
    /// The command that it belongs to, as the words below `enact`.
    pub(super) command: &'static [&'static str],
    /// Its name, without dashes.
    pub(super) long: &'static str,
    /// Its letter.
    pub(super) short: Option<char>,
    /// Whether a value follows.
    pub(super) takes_value: bool,
    /// What to do instead; `None` if it asks for what happens anyway, so that it is taken.
    pub(super) instead: Option<&'static str>,
}

/// Commands, and what to do instead.
pub(super) const COMMANDS: [(&str, &[&str]); 8] = [
    (
        "setup",
        &[
            "there is nothing to set up: `enact config set registry.url URL` says which registry, `enact login` signs in",
        ],
    ),
    ("run", NOT_RUN),
    ("exec", NOT_RUN),
    (
        "env",
        &[
            "set variables and secrets where the skill runs; `enact inspect NAME` shows which it asks for",
        ],
    ),
    (
        "trust",
        &[
            "what is installed is checked by its hash; `enact inspect NAME` shows who published it and what it would run",
            "attestations are not checked yet: with trust.policy require_attestation every install is refused",
        ],
    ),
    (
        "report",
        &[
            "tell its publisher, whom `enact info NAME@VERSION` shows, or whoever operates the registry: `enact yank` and `enact delete` are theirs",
        ],
    ),
    (
        "mcp",
        &[
            "there is no MCP server: agents read what `enact install NAME` puts into ~/.agents/skills",
        ],
    ),
    (
        "sign",
        &[
            "bundles are published unsigned, and the registry notes who published them: `enact publish`",
            "workflows of GitHub Actions publish without a secret: `enact publisher add --help`",
        ],
    ),
];

/// Why nothing runs a skill.
const NOT_RUN: &[&str] = &[
    "skills are installed for agents, which run them: `enact install NAME`",
    "`enact inspect NAME` shows the commands that a skill has",
];

/// Flags. Those that this client has too are not here.
pub(super) const FLAGS: [Flag; 13] = [
    taken(&["publish"], "skip-auth", None),
    taken(&["cache", "clean"], "force", Some('f')),
    taken(&["init"], "tool", None),
    // It is for a search by meaning, which only the hosted registry has.
    Flag {
        takes_value: true,
        ..taken(&["search"], "threshold", None)
    },
    refused(
        &["search"],
        "local",
        None,
        "search asks the registry; `enact list` shows what is installed",
    ),
    refused(
        &["search"],
        "global",
        Some('g'),
        "search asks the registry; `enact list --global` shows what is installed",
    ),
    refused(
        &["info"],
        "local",
        None,
        "info asks the registry; `enact list` and `enact learn NAME --local` tell what is installed",
    ),
    Flag {
        takes_value: true,
        ..refused(
            &["publish"],
            "tag",
            Some('t'),
            "name a pre-release by its version, as in 1.0.0-beta.1: nobody gets it who does not ask for it",
        )
    },
    refused(
        &["init"],
        "force",
        Some('f'),
        "no file is overwritten: move those away that are there",
    ),
    refused(&["init"], "agent", None, NO_AGENT),
    refused(&["init"], "claude", None, NO_AGENT),
    Flag {
        takes_value: true,
        ..refused(&["auth", "login"], "provider", Some('p'), SIGN_IN)
    },
    refused(&["auth", "login"], "no-web", None, SIGN_IN),
];

const NO_AGENT: &str = "`enact install` writes agents/skills.json; what your agent should know of it is for you to write";

const SIGN_IN: &str = "leave it out: the registry's own page tells how to sign in; \
                       `enact login --with-token < FILE` needs no browser";

const fn taken(command: &'static [&'static str], long: &'static str, short: Option<char>) -> Flag {
    Flag {
        command,
        long,
        short,
        takes_value: false,
        instead: None,
    }
}

const fn refused(
    command: &'static [&'static str],
    long: &'static str,
    short: Option<char>,
    instead: &'static str,
) -> Flag {
    Flag {
        instead: Some(instead),
        ..taken(command, long, short)
    }
}
