//! Keys that verify tokens. A key is for one algorithm, which its kind decides and not the token: a
//! public RSA key is never taken for a shared secret.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

use super::jws::Algorithm;

/// The most keys of one provider that are looked at; real ones publish a handful.
const MAX_KEYS: usize = 100;

/// Bytes of an RSA modulus: 2048 to 8192 bits.
const RSA_MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// Bytes of a coordinate on P-256.
const P256_BYTES: usize = 32;

/// A key that verifies signatures.
pub(super) enum Key {
    /// A shared secret, for HS256.
    Secret(hmac::Key),
    /// For RS256.
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// For ES256.
    P256(UnparsedPublicKey<Vec<u8>>),
}

impl Key {
    /// A shared secret.
    pub(super) fn secret(bytes: &[u8]) -> Self {
        Self::Secret(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The only algorithm that it is used with.
    pub(super) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Secret(_) => Algorithm::Hs256,
            Self::Rsa(_) => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
        }
    }

    /// Whether it made this signature. Secrets are compared in constant time.
    pub(super) fn verify(&self, (signed, signature): (&[u8], &[u8])) -> bool {
        match self {
            Self::Secret(key) => hmac::verify(key, signed, signature),
            Self::Rsa(key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature),
            Self::P256(key) => key.verify(signed, signature),
        }
        .is_ok()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.algorithm())
    }
}

/// The keys that a provider publishes (RFC 7517), as far as they are of use here.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<(Option<String>, Arc<Key>)>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// One of them. What a provider publishes beside the keys that are of use here may have any shape.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads the document. `None` if it is not one, or has no key that is of use: keys for other
    /// purposes and algorithms are passed by, and secrets are never published.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(json).ok()?;
        let keys = document.keys.into_iter().take(MAX_KEYS);
        let keys = keys.filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let keys: Vec<_> = keys
            .filter_map(|jwk| Some((jwk.kid.clone(), Arc::new(jwk.key()?))))
            .collect();
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// The key for a token. One that names no key is verified with the only one there is.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<Arc<Key>> {
        let mut fits = self.0.iter().filter(|(id, key)| {
            key.algorithm() == algorithm && (kid.is_none() || id.as_deref() == kid)
        });
        let (_, first) = fits.next()?;
        (kid.is_some() || fits.next().is_none()).then(|| first.clone())
    }
}

impl Jwk {
    fn key(self) -> Option<Key> {
        let ops = self.key_ops.as_deref();
        if self.usage.as_ref().is_some_and(|usage| usage != "sig")
            || ops.is_some_and(|ops| !ops.iter().any(|op| op == "verify"))
        {
            return None;
        }
        let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
        match (self.kty.as_str(), self.alg.as_deref(), self.crv.as_deref()) {
            ("RSA", None | Some("RS256"), _) => {
                let (n, e) = (bytes(self.n)?, bytes(self.e)?);
                let good = RSA_MODULUS.contains(&n.len()) && (1..=5).contains(&e.len());
                good.then_some(Key::Rsa(RsaPublicKeyComponents { n, e }))
            }
            ("EC", None | Some("ES256"), Some("P-256")) => {
                let (x, y) = (bytes(self.x)?, bytes(self.y)?);
                // 04, x, y: the uncompressed form. Whether it is on the curve, `ring` looks.
                let point = [&[4][..], &x, &y].concat();
                let good = x.len() == P256_BYTES && y.len() == P256_BYTES;
                good.then(|| Key::P256(UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)))
            }
            _ => None,
        }
    }
}
