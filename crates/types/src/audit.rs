//! What the audit log calls what people do.

use std::fmt;

/// Something that is recorded when it is done, and when it is refused. Written as in `tool.publish`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Publishing a version.
    ToolPublish,
    /// Yanking a version.
    ToolYank,
    /// Taking a yank back.
    ToolUnyank,
    /// Changing who may see a tool.
    ToolVisibility,
    /// Deleting a tool.
    ToolDelete,
    /// Attesting to a version.
    ToolAttest,
    /// Taking an attestation back.
    ToolAttestRevoke,
    /// Rating a tool.
    ToolFeedback,
    /// Reporting a problem with a version.
    ToolReport,
    /// Being given a link to the bundle of a private tool, which works without a token.
    ToolLink,
    /// Making an organisation.
    OrgCreate,
    /// Adding a member to an organisation.
    OrgMemberAdd,
    /// Changing a member's role.
    OrgMemberRole,
    /// Removing a member from an organisation.
    OrgMemberRemove,
    /// Replacing one's list of trusted auditors.
    TrustSet,
    /// Making a token.
    TokenCreate,
    /// Revoking a token.
    TokenRevoke,
    /// Showing a token; recorded only when it is no good and nothing else was asked for that is.
    SignIn,
    /// Making an account.
    UserAdd,
    /// Closing an account.
    UserDisable,
    /// Opening a closed account again.
    UserEnable,
    /// Binding an identity of a provider to an account.
    IdentityBind,
    /// Taking such a binding back.
    IdentityUnbind,
    /// Making a rule of trusted publishing.
    PublisherAdd,
    /// Taking such a rule back.
    PublisherRemove,
    /// Learning from a run whose a repository is, for all rules of it from then on.
    PublisherPin,
    /// Taking over the existing server's folder.
    DbImport,
    /// Leaving out refusals of which there were too many.
    AuditOmit,
}

/// The text is the name of no action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such action: they are called as in tool.publish or token.create")]
pub struct InvalidAction;

impl Action {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::ToolPublish,
        Self::ToolYank,
        Self::ToolUnyank,
        Self::ToolVisibility,
        Self::ToolDelete,
        Self::ToolAttest,
        Self::ToolAttestRevoke,
        Self::ToolFeedback,
        Self::ToolReport,
        Self::ToolLink,
        Self::OrgCreate,
        Self::OrgMemberAdd,
        Self::OrgMemberRole,
        Self::OrgMemberRemove,
        Self::TrustSet,
        Self::TokenCreate,
        Self::TokenRevoke,
        Self::SignIn,
        Self::UserAdd,
        Self::UserDisable,
        Self::UserEnable,
        Self::IdentityBind,
        Self::IdentityUnbind,
        Self::PublisherAdd,
        Self::PublisherRemove,
        Self::PublisherPin,
        Self::DbImport,
        Self::AuditOmit,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToolPublish => "tool.publish",
            Self::ToolYank => "tool.yank",
            Self::ToolUnyank => "tool.unyank",
            Self::ToolVisibility => "tool.visibility",
            Self::ToolDelete => "tool.delete",
            Self::ToolAttest => "tool.attest",
            Self::ToolAttestRevoke => "tool.attest.revoke",
            Self::ToolFeedback => "tool.feedback",
            Self::ToolReport => "tool.report",
            Self::ToolLink => "tool.link",
            Self::OrgCreate => "org.create",
            Self::OrgMemberAdd => "org.member.add",
            Self::OrgMemberRole => "org.member.role",
            Self::OrgMemberRemove => "org.member.remove",
            Self::TrustSet => "trust.set",
            Self::TokenCreate => "token.create",
            Self::TokenRevoke => "token.revoke",
            Self::SignIn => "sign-in",
            Self::UserAdd => "user.add",
            Self::UserDisable => "user.disable",
            Self::UserEnable => "user.enable",
            Self::IdentityBind => "identity.bind",
            Self::IdentityUnbind => "identity.unbind",
            Self::PublisherAdd => "publisher.add",
            Self::PublisherRemove => "publisher.remove",
            Self::PublisherPin => "publisher.pin",
            Self::DbImport => "db.import",
            Self::AuditOmit => "audit.omit",
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Result<Self, InvalidAction> {
        let mut all = Self::ALL.iter().copied();
        all.find(|action| action.as_str() == text)
            .ok_or(InvalidAction)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Action {
    type Err = InvalidAction;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_action_is_known_by_a_name_of_its_own() {
        let names: BTreeSet<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::parse(action.as_str()), Ok(*action));
        }
        // The last one that is declared: none is missing in the list.
        assert_eq!(Action::AuditOmit as usize + 1, Action::ALL.len());
        assert_eq!(Action::parse("tool.paint"), Err(InvalidAction));
    }
}
