//! What a member of an organisation may do.

/// The role of a member; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees private tools, publishes and yanks.
    Member,
    /// Also adds members and changes who may see a tool.
    Admin,
    /// Also gives roles, removes members and deletes tools.
    Owner,
}

/// The text is not a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is \"member\", \"admin\" or \"owner\"")]
pub struct InvalidRole;

impl Role {
    /// Parses the lower-case name.
    pub fn parse(text: &str) -> Result<Self, InvalidRole> {
        match text {
            "member" => Ok(Self::Member),
            "admin" => Ok(Self::Admin),
            "owner" => Ok(Self::Owner),
            _ => Err(InvalidRole),
        }
    }

    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

crate::string_newtype!(Role, InvalidRole);
crate::string_schema!(Role, "`member`, `admin` or `owner`");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_and_written_as_they_are_read() {
        assert!(Role::Member < Role::Admin && Role::Admin < Role::Owner);
        for role in [Role::Member, Role::Admin, Role::Owner] {
            assert_eq!(Role::parse(role.as_str()), Ok(role));
        }
        assert_eq!(Role::parse("Owner"), Err(InvalidRole));
    }
}
