//! Who may do what, told a second time and in other words than the server's own: what the table
//! expects of each cell.

use enact_types::{Role, Visibility};

use super::callers::Caller;
use super::row::{Access, Scope};

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
    AllBut(Scope),
    Only(Scope),
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
    fn takes_an_account(self) -> bool {
        !matches!(
            self,
            Self::Anybody | Self::Sees | Self::ListsPublic | Self::ListsOwn
        )
    }

    /// What a token must be for, whoever's it is. Where reading is all, one that is not for it reads
    /// what anybody may.
    pub(super) fn scope(self) -> Scope {
        match self {
            Self::Anybody | Self::Account | Self::Sees | Self::ListsPublic | Self::ListsOwn => {
                Scope::Read
            }
            Self::AccountFor(scope) | Self::Changes(_, scope) => scope,
            Self::HasTokens | Self::OwnToken | Self::Says | Self::Sent => Scope::Account,
            Self::Publishes => Scope::Publish,
            Self::Members(_) => Scope::Orgs,
        }
    }
}

impl Standing {
    fn is_for(self, scope: Scope) -> bool {
        match self {
            Self::Nobody => false,
            Self::Operator | Self::User(_, For::All) => true,
            Self::User(_, For::AllBut(without)) => scope != without,
            Self::User(_, For::Only(only)) => scope == only,
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
    let scope = access.scope();
    let standing = caller.standing(space, scope);
    if access.takes_an_account() {
        match standing {
            Standing::Nobody => return UNAUTHORIZED,
            // Before anything is looked up.
            _ if access != Access::Account && !standing.is_for(scope) => return FORBIDDEN,
            _ => {}
        }
    }
    let hidden = is_hidden(standing, space, visibility);
    // Who may change a tool finds it; who reads needs a token for reading.
    let sees = visibility != Visibility::Private || !hidden && standing.is_for(Scope::Read);
    let (role, is_operator) = (standing.role(space), matches!(standing, Standing::Operator));
    let is_owner = standing.name() == space.owner();
    match access {
        Access::HasTokens if is_operator => FORBIDDEN,
        Access::OwnToken if !is_owner => Expected::Refusal(404, "NOT_FOUND"),
        Access::Sees | Access::Says | Access::Sent if !sees => Expected::Missing,
        Access::Sent if !is_owner && !is_operator => FORBIDDEN,
        Access::Publishes if role.is_none() => Expected::Refusal(403, "NAMESPACE_MISMATCH"),
        Access::Changes(..) if hidden => Expected::Missing,
        Access::Changes(..) if role.is_none() => FORBIDDEN,
        Access::Changes(needed, _) | Access::Members(needed) if role < Some(needed) => NO_MEMBER,
        Access::ListsPublic => Expected::List(visibility == Visibility::Public),
        Access::ListsOwn => {
            let all = is_operator || is_owner && standing.is_for(Scope::Read);
            Expected::List(visibility == Visibility::Public || all)
        }
        Access::Anybody
        | Access::Account
        | Access::AccountFor(_)
        | Access::HasTokens
        | Access::OwnToken
        | Access::Sees
        | Access::Says
        | Access::Sent
        | Access::Publishes
        | Access::Changes(..)
        | Access::Members(_) => Expected::Success,
    }
}
