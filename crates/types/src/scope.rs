//! What a token may be used for: a part of what its user may do.

use std::fmt;

use crate::limits::MAX_SCOPES;
use crate::{InvalidName, Namespace, OwnerName, ToolName};

/// One thing that a token may be used for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Seeing the private tools that its user sees.
    Read,
    /// Publishing versions.
    Publish(Pattern),
    /// Yanking versions, and taking that back.
    Yank(Pattern),
    /// Changing who may see a tool, and deleting it.
    Manage(Pattern),
    /// Making organisations and changing their members.
    Orgs,
    /// The user's own tokens, trust list, feedback, reports and attestations.
    Account,
}

/// Which tools a scope is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// All.
    Any,
    /// All under a user's or an organisation's name: `alice/*`, `@acme/*`. Holds that name, with
    /// the `@` of an organisation.
    Under(String),
    /// The one of this name.
    Exactly(ToolName),
}

/// What a token may be used for: all that its user may do if there are none. Sorted, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

/// What a request takes. Its `Display` is the smallest scope that allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs<'a> {
    /// Seeing private tools.
    Read,
    /// Publishing this tool.
    Publish(&'a ToolName),
    /// Yanking, or the contrary, of a version of this tool.
    Yank(&'a ToolName),
    /// Changing who may see this tool, or deleting it.
    Manage(&'a ToolName),
    /// Making an organisation or changing its members.
    Orgs,
    /// What concerns the user alone.
    Account,
}

/// Why a text is not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScope {
    /// Not one of the words.
    #[error(
        "a scope is read, publish, yank, manage, orgs or account; publish, yank and manage may be \
         followed by :alice/*, :@acme/* or :alice/greeter"
    )]
    Unknown,
    /// After the colon stands neither a name nor `…/*`.
    #[error("not a pattern of names like alice/*, @acme/* or alice/greeter: {0}")]
    Pattern(#[from] InvalidName),
    /// More than [`MAX_SCOPES`].
    #[error("a token has at most {MAX_SCOPES} scopes")]
    TooMany,
}

impl Scope {
    /// Parses `read`, `publish`, `publish:alice/*` and so on; nothing is normalised.
    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        let (word, pattern) = match text.split_once(':') {
            Some((word, pattern)) => (word, Some(pattern)),
            None => (text, None),
        };
        let of_tools = |scope: fn(Pattern) -> Self| {
            Ok(scope(match pattern {
                None => Pattern::Any,
                Some(pattern) => Pattern::parse(pattern)?,
            }))
        };
        match (word, pattern) {
            ("publish", _) => of_tools(Self::Publish),
            ("yank", _) => of_tools(Self::Yank),
            ("manage", _) => of_tools(Self::Manage),
            ("read", None) => Ok(Self::Read),
            ("orgs", None) => Ok(Self::Orgs),
            ("account", None) => Ok(Self::Account),
            _ => Err(InvalidScope::Unknown),
        }
    }

    fn allows(&self, needs: Needs<'_>) -> bool {
        match (self, needs) {
            (Self::Publish(pattern), Needs::Publish(name))
            | (Self::Yank(pattern), Needs::Yank(name))
            | (Self::Manage(pattern), Needs::Manage(name)) => pattern.has(name),
            (Self::Read, Needs::Read)
            | (Self::Orgs, Needs::Orgs)
            | (Self::Account, Needs::Account) => true,
            _ => false,
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Publish(mine), Self::Publish(theirs))
            | (Self::Yank(mine), Self::Yank(theirs))
            | (Self::Manage(mine), Self::Manage(theirs)) => mine.covers(theirs),
            _ => self == other,
        }
    }
}

impl Pattern {
    /// Parses what stands after the colon: a tool's name, or a name space and `/*`.
    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        if let Some(under) = text.strip_suffix("/*") {
            let bare = under.strip_prefix('@').unwrap_or(under);
            return match OwnerName::parse(bare) {
                Ok(_) => Ok(Self::Under(under.to_owned())),
                Err(_) => Err(InvalidScope::Pattern(InvalidName::Segment)),
            };
        }
        Ok(Self::Exactly(ToolName::parse(text)?))
    }

    /// The name space of all these tools; `None` if they may be in any.
    pub fn namespace(&self) -> Option<Namespace<'_>> {
        match self {
            Self::Any => None,
            Self::Under(under) => Some(match under.strip_prefix('@') {
                Some(org) => Namespace::Org(org),
                None => Namespace::User(under),
            }),
            Self::Exactly(name) => Some(name.namespace()),
        }
    }

    fn has(&self, name: &ToolName) -> bool {
        match self {
            Self::Any => true,
            Self::Under(_) => self.namespace() == Some(name.namespace()),
            Self::Exactly(tool) => tool == name,
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match other {
            Self::Exactly(name) => self.has(name),
            _ => *self == Self::Any || self == other,
        }
    }
}

impl Scopes {
    /// Those of a token for all that its user may do.
    pub const ALL: Self = Self(Vec::new());

    /// A list of scopes; no scopes are all. Fails if there are more than [`MAX_SCOPES`].
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, InvalidScope> {
        // One more than may be, so that a long list is not taken in whole.
        let mut scopes: Vec<Scope> = scopes.into_iter().take(MAX_SCOPES + 1).collect();
        if scopes.len() > MAX_SCOPES {
            return Err(InvalidScope::TooMany);
        }
        scopes.sort();
        scopes.dedup();
        Ok(Self(scopes))
    }

    /// Parses scopes with spaces between them, as `Display` writes them.
    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        let scopes = text.split_ascii_whitespace().take(MAX_SCOPES + 1);
        Self::new(scopes.map(Scope::parse).collect::<Result<Vec<_>, _>>()?)
    }

    /// Whether a request that takes this may be made.
    pub fn allow(&self, needs: Needs<'_>) -> bool {
        self.0.is_empty() || self.0.iter().any(|scope| scope.allows(needs))
    }

    /// Whether all that `other` allows is allowed by these too.
    pub fn cover(&self, other: &Self) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let covered = |theirs| self.0.iter().any(|mine| mine.covers(theirs));
        !other.0.is_empty() && other.0.iter().all(covered)
    }

    /// Each of them; none if they are all.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::Under(under) => write!(f, ":{under}/*"),
            Self::Exactly(name) => write!(f, ":{name}"),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("read"),
            Self::Publish(pattern) => write!(f, "publish{pattern}"),
            Self::Yank(pattern) => write!(f, "yank{pattern}"),
            Self::Manage(pattern) => write!(f, "manage{pattern}"),
            Self::Orgs => f.write_str("orgs"),
            Self::Account => f.write_str("account"),
        }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, scope) in self.0.iter().enumerate() {
            let space = if n == 0 { "" } else { " " };
            write!(f, "{space}{scope}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Needs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("read"),
            Self::Publish(name) => write!(f, "publish:{name}"),
            Self::Yank(name) => write!(f, "yank:{name}"),
            Self::Manage(name) => write!(f, "manage:{name}"),
            Self::Orgs => f.write_str("orgs"),
            Self::Account => f.write_str("account"),
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = InvalidScope;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl serde::Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

crate::string_schema!(
    Scope,
    "`read`, `publish`, `yank`, `manage`, `orgs` or `account`; after `publish`, `yank` and `manage` may stand which tools: `:alice/*`, `:@acme/*` or `:alice/greeter`"
);

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).unwrap()
    }

    fn name(text: &str) -> ToolName {
        text.parse().unwrap()
    }

    #[test]
    fn are_written_as_they_are_read() {
        let text = "read publish publish:@acme/* yank:alice/utils/x manage:alice/* orgs account";
        assert_eq!(scopes(&format!("account {text}")).to_string(), text);
        assert_eq!(scopes("").to_string(), "");
        for text in [
            "write",
            "Read",
            "read:alice/*",
            "orgs:",
            "publish:",
            "publish:*",
            "publish:alice",
            "publish:alice/*/x",
            "publish:@@a/*",
            "publish:alice/**",
            "publish:alice/x/*",
        ] {
            assert!(Scopes::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            Scopes::new(std::iter::repeat_n(Scope::Read, MAX_SCOPES + 1)),
            Err(InvalidScope::TooMany)
        );
    }

    #[test]
    fn allow_what_they_say_and_nothing_else() {
        let (greeter, deep, org) = (name("alice/greeter"), name("alice/a/b"), name("@alice/x"));
        for (text, allowed) in [
            ("", "rpppyymoa"),
            ("read", "r"),
            ("publish", "ppp"),
            ("publish:alice/*", "pp"),
            ("publish:@alice/*", "p"),
            ("publish:alice/greeter yank:alice/*", "pyy"),
            ("publish:alic/*", ""),
            ("manage:alice/greeter", "m"),
            ("orgs account", "oa"),
        ] {
            let scopes = scopes(text);
            let needs = [
                ('r', Needs::Read),
                ('p', Needs::Publish(&greeter)),
                ('p', Needs::Publish(&deep)),
                ('p', Needs::Publish(&org)),
                ('y', Needs::Yank(&greeter)),
                ('y', Needs::Yank(&deep)),
                ('m', Needs::Manage(&greeter)),
                ('o', Needs::Orgs),
                ('a', Needs::Account),
            ];
            let of = needs.into_iter().filter(|(_, needs)| scopes.allow(*needs));
            assert_eq!(of.map(|(c, _)| c).collect::<String>(), allowed, "{text}");
        }
    }

    #[test]
    fn cover_what_is_no_wider() {
        for (mine, theirs, covered) in [
            ("", "", true),
            ("", "read publish", true),
            ("read", "", false),
            ("read publish", "read", true),
            ("read", "read publish", false),
            ("publish", "publish:alice/*", true),
            ("publish:alice/*", "publish", false),
            ("publish:alice/*", "publish:alice/x", true),
            ("publish:alice/*", "publish:@alice/x", false),
            ("publish:alice/x", "publish:alice/*", false),
            ("publish:alice/*", "yank:alice/x", false),
        ] {
            assert_eq!(
                scopes(mine).cover(&scopes(theirs)),
                covered,
                "{mine} {theirs}"
            );
        }
    }
}
