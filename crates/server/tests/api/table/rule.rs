//! Who may do what, told a second time and in other words than the server's own: what the table
//! expects of each cell.

use enact_types::{Role, Visibility};

use super::callers::Caller;
use super::row::{Access, Word};

/// Whose names the tool stands under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// The user alice's.
    Alice,
    /// Those of the organisation acme: olga owns it, adam is an admin, mia a member.
    Acme,
}

/// What should come of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// What was asked for.
    Success,
    /// A list, and whether the tool is in it.
    List(bool),
    /// This status and code.
    Refusal(u16, &'static str),
    /// What a tool that does not exist answers.
    Missing,
}

/// What a caller is to the registry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Standing {
    Nobody,
    /// A user, and what the token is for.
    User(&'static str, For),
    Operator,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    All,
    AllBut(Word),
    Only(Word),
}

const UNAUTHORIZED: Expected = Expected::Refusal(401, "UNAUTHORIZED");
const FORBIDDEN: Expected = Expected::Refusal(403, "FORBIDDEN");
const NO_MEMBER: Expected = Expected::Refusal(403, "ORG_PERMISSION_DENIED");

impl Space {
    /// The first segment of its tools' names.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Acme => "@acme",
        }
    }

    /// The user who may do everything in it.
    pub(super) fn owner(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Acme => "olga",
        }
    }

    fn role(self, user: &str) -> Option<Role> {
        match (self, user) {
            (Self::Alice, "alice") | (Self::Acme, "olga") => Some(Role::Owner),
            (Self::Acme, "adam") => Some(Role::Admin),
            (Self::Acme, "mia") => Some(Role::Member),
            _ => None,
        }
    }
}

impl Access {
    /// What a token must be for, whoever's it is, if the route takes an account.
    fn account(self) -> Option<Option<Word>> {
        match self {
            Self::Anybody | Self::Sees | Self::ListsPublic | Self::ListsOwn => None,
            Self::Account => Some(None),
            Self::AccountFor(word) | Self::Changes(_, word) => Some(Some(word)),
            Self::HasTokens | Self::OwnToken | Self::Says | Self::Sent => Some(Some(Word::Account)),
            Self::Publishes => Some(Some(Word::Publish)),
            Self::Members(_) => Some(Some(Word::Orgs)),
        }
    }

    /// What a token that is too narrow is not for. Where that does not matter: reading.
    pub(super) fn word(self) -> Word {
        self.account().flatten().unwrap_or(Word::Read)
    }
}

impl Standing {
    fn is_for(self, word: Word) -> bool {
        match self {
            Self::Nobody => false,
            Self::Operator | Self::User(_, For::All) => true,
            Self::User(_, For::AllBut(without)) => word != without,
            Self::User(_, For::Only(only)) => word == only,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::User(name, _) => name,
            Self::Operator => "admin",
        }
    }

    fn role(self, space: Space) -> Option<Role> {
        match self {
            Self::Nobody => None,
            Self::User(name, _) => space.role(name),
            Self::Operator => Some(Role::Owner),
        }
    }
}

/// Whether the tool is none of the caller's business, so that no answer may tell that it exists.
pub(super) fn is_hidden(standing: Standing, space: Space, visibility: Visibility) -> bool {
    visibility == Visibility::Private && standing.role(space).is_none()
}

/// What should come of a request.
pub(super) fn expected(
    access: Access,
    caller: Caller,
    space: Space,
    visibility: Visibility,
) -> Expected {
    let standing = caller.standing(space, access.word());
    if let Some(word) = access.account() {
        match standing {
            Standing::Nobody => return UNAUTHORIZED,
            // Before anything is looked up.
            _ if word.is_some_and(|word| !standing.is_for(word)) => return FORBIDDEN,
            _ => {}
        }
    }
    let hidden = is_hidden(standing, space, visibility);
    // Who may change a tool finds it; who reads needs a token for reading.
    let sees = visibility != Visibility::Private || !hidden && standing.is_for(Word::Read);
    let (role, is_operator) = (standing.role(space), matches!(standing, Standing::Operator));
    let is_owner = standing.name() == space.owner();
    match access {
        Access::Anybody | Access::Account | Access::AccountFor(_) => Expected::Success,
        Access::HasTokens if is_operator => FORBIDDEN,
        Access::HasTokens => Expected::Success,
        Access::OwnToken if is_owner => Expected::Success,
        Access::OwnToken => Expected::Refusal(404, "NOT_FOUND"),
        Access::Sees | Access::Says | Access::Sent if !sees => Expected::Missing,
        Access::Sent if !is_owner && !is_operator => FORBIDDEN,
        Access::Sees | Access::Says | Access::Sent => Expected::Success,
        Access::Publishes if role.is_some() => Expected::Success,
        Access::Publishes => Expected::Refusal(403, "NAMESPACE_MISMATCH"),
        Access::Changes(..) if hidden => Expected::Missing,
        Access::Changes(..) if role.is_none() => FORBIDDEN,
        Access::Changes(needed, _) | Access::Members(needed) if role >= Some(needed) => {
            Expected::Success
        }
        Access::Changes(..) | Access::Members(_) => NO_MEMBER,
        Access::ListsPublic => Expected::List(visibility == Visibility::Public),
        Access::ListsOwn => {
            let all = is_operator || is_owner && standing.is_for(Word::Read);
            Expected::List(visibility == Visibility::Public || all)
        }
    }
}
