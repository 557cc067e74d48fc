//! The columns of the table: who calls, and with what.

use enact_testkit::jwt::SigningKey;
use enact_types::Token;
use serde_json::{Value, json};

use super::row::Scope;
use super::rule::{For, Space, Standing};
use crate::identities::now;

pub(super) const KEY: &str = "a-key-that-is-long-enough";
pub(super) const ISSUER: &str = "https://id.example/auth/v1";
pub(super) const AUDIENCE: &str = "authenticated";

/// Who calls. What is no good, and what is good for less, is always the owner's of the name space
/// that is asked about, so that it would open everything if it were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    Anonymous,
    UnknownToken,
    OtherUser,
    /// Alice.
    User,
    OrgMember,
    OrgAdmin,
    OrgOwner,
    /// Whoever has the registry's shared key.
    Operator,
    ExpiredToken,
    RevokedToken,
    /// A token for everything but what the route takes.
    TooNarrowToken,
    /// A token for what the route takes and for nothing else.
    NarrowToken,
    Jwt,
    JwtWith(Wrong),
}

/// What is wrong with a JWT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Audience,
    Issuer,
    /// Signed with the public key as if it were a secret.
    Algorithm,
    /// Another key of the same name.
    Key,
    /// The algorithm `none`, and no signature.
    None,
    Expired,
}

pub(super) const CALLERS: [Caller; 19] = [
    Caller::Anonymous,
    Caller::UnknownToken,
    Caller::OtherUser,
    Caller::User,
    Caller::OrgMember,
    Caller::OrgAdmin,
    Caller::OrgOwner,
    Caller::Operator,
    Caller::ExpiredToken,
    Caller::RevokedToken,
    Caller::TooNarrowToken,
    Caller::NarrowToken,
    Caller::Jwt,
    Caller::JwtWith(Wrong::Audience),
    Caller::JwtWith(Wrong::Issuer),
    Caller::JwtWith(Wrong::Algorithm),
    Caller::JwtWith(Wrong::Key),
    Caller::JwtWith(Wrong::None),
    Caller::JwtWith(Wrong::Expired),
];

/// The users of the table.
pub(super) const USERS: [&str; 5] = ["alice", "olga", "adam", "mia", "sam"];

impl Caller {
    /// What the caller should be to the registry, where `scope` is what the route takes.
    pub(super) fn standing(self, space: Space, scope: Scope) -> Standing {
        match self {
            Self::Anonymous
            | Self::UnknownToken
            | Self::ExpiredToken
            | Self::RevokedToken
            | Self::JwtWith(_) => Standing::Nobody,
            Self::OtherUser => Standing::User("sam", For::All),
            Self::User => Standing::User("alice", For::All),
            Self::OrgMember => Standing::User("mia", For::All),
            Self::OrgAdmin => Standing::User("adam", For::All),
            Self::OrgOwner => Standing::User("olga", For::All),
            Self::Operator => Standing::Operator,
            Self::TooNarrowToken => Standing::User(space.owner(), For::AllBut(scope)),
            Self::NarrowToken => Standing::User(space.owner(), For::Only(scope)),
            Self::Jwt => Standing::User(space.owner(), For::All),
        }
    }
}

/// A token of this registry, which is as unguessable as a test needs: the same in every run.
pub(super) fn token(user: &str, what: Secret) -> Token {
    let user = USERS.iter().position(|name| *name == user).unwrap();
    let what = match what {
        Secret::For(For::All) => 0,
        Secret::For(For::AllBut(scope)) => 1 + scope as usize,
        Secret::For(For::Only(scope)) => 11 + scope as usize,
        Secret::Expired => 21,
        Secret::Revoked => 22,
        Secret::Unknown => 23,
    };
    Token::new([u8::try_from(50 * user + what).unwrap(); 24])
}

/// Which token of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secret {
    For(For),
    Expired,
    Revoked,
    Unknown,
}

/// The identity provider: its key, and one that only has the same name.
pub(super) struct Provider {
    pub(super) key: SigningKey,
    other: SigningKey,
}

impl Provider {
    pub(super) fn new() -> Self {
        let p256 = || SigningKey::p256("key").unwrap();
        Self {
            key: p256(),
            other: p256(),
        }
    }

    /// What the caller shows, if anything.
    pub(super) fn credentials(&self, caller: Caller, space: Space, scope: Scope) -> Option<String> {
        let owner = space.owner();
        let text = |user, what| Some(token(user, what).expose().to_owned());
        match caller {
            Caller::Anonymous => None,
            Caller::UnknownToken => text(owner, Secret::Unknown),
            Caller::ExpiredToken => text(owner, Secret::Expired),
            Caller::RevokedToken => text(owner, Secret::Revoked),
            Caller::Operator => Some(KEY.to_owned()),
            Caller::Jwt => Some(self.key.token(&claims(owner)).unwrap()),
            Caller::JwtWith(wrong) => Some(self.wrong(wrong, owner)),
            Caller::OtherUser
            | Caller::User
            | Caller::OrgMember
            | Caller::OrgAdmin
            | Caller::OrgOwner
            | Caller::TooNarrowToken
            | Caller::NarrowToken => match caller.standing(space, scope) {
                Standing::User(user, purpose) => text(user, Secret::For(purpose)),
                Standing::Nobody | Standing::Operator => None,
            },
        }
    }

    fn wrong(&self, wrong: Wrong, user: &str) -> String {
        let with = |name: &str, value: Value| {
            let mut claims = claims(user);
            claims[name] = value;
            self.key.token(&claims).unwrap()
        };
        match wrong {
            Wrong::Audience => with("aud", json!("anon")),
            Wrong::Issuer => with("iss", json!("https://evil.example")),
            // The answer says when, so it is the same time for all answers that are compared.
            Wrong::Expired => with("exp", json!(1_700_000_000)),
            Wrong::Key => self.other.token(&claims(user)).unwrap(),
            Wrong::Algorithm => {
                let public = self.key.jwk()["x"].as_str().unwrap().to_owned();
                let forger = SigningKey::secret("key", public.as_bytes());
                forger.token(&claims(user)).unwrap()
            }
            Wrong::None => {
                let header = json!({ "alg": "none", "typ": "JWT", "kid": "key" });
                let signed = self.key.sign(&header, &claims(user)).unwrap();
                format!("{}.", signed.rsplit_once('.').unwrap().0)
            }
        }
    }
}

/// Good claims of a user, whose id at the provider is the name.
fn claims(user: &str) -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": user, "exp": now() + 3600,
        "user_metadata": { "username": user },
    })
}
