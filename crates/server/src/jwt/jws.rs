//! A JSON Web Token taken apart (RFC 7515, the compact form), before anything of it is believed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enact_types::limits::MAX_JWT_BYTES;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Rejected;

/// How a token is signed. No others are known here, `none` least of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// HMAC with SHA-256 and a shared secret.
    Hs256,
    /// RSA, PKCS #1 v1.5, with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

/// A token that nobody has verified.
pub(super) struct Unverified<'a> {
    header: Header,
    claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    /// What the receiver must understand; nothing of it is understood here.
    crit: Option<Value>,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart; `None` if the text is none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if text.len() > MAX_JWT_BYTES {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        Some(Self {
            header: serde_json::from_slice(&decode(header)?).ok()?,
            claims: serde_json::from_slice(&decode(claims)?).ok()?,
            signed,
            signature: decode(signature)?,
        })
    }

    /// Who signed it, as it says itself: to choose the one who can tell.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.claims.get("iss")?.as_str()
    }

    /// The algorithm that its header names, and the name of the key. What else a header may say of
    /// keys is not looked at: keys come from the settings alone.
    pub(super) fn header(&self) -> Result<(Algorithm, Option<&str>), Rejected> {
        if self.header.crit.is_some() {
            return Err(Rejected::Critical);
        }
        // So that what a provider signs for another purpose, a logout say, signs nobody in.
        let typ = self.header.typ.as_deref().map(str::to_ascii_lowercase);
        let typ = typ
            .as_deref()
            .map(|typ| typ.trim_start_matches("application/"));
        if !matches!(typ, None | Some("jwt" | "at+jwt")) {
            return Err(Rejected::Type);
        }
        let algorithm = match self.header.alg.as_str() {
            "HS256" => Algorithm::Hs256,
            "RS256" => Algorithm::Rs256,
            "ES256" => Algorithm::Es256,
            _ => return Err(Rejected::Algorithm),
        };
        Ok((algorithm, self.header.kid.as_deref()))
    }

    /// What is signed, and the signature.
    pub(super) fn signature(&self) -> (&[u8], &[u8]) {
        (self.signed.as_bytes(), &self.signature)
    }

    /// What it claims. Only for who has verified the signature.
    pub(super) fn into_claims(self) -> Map<String, Value> {
        self.claims
    }
}
