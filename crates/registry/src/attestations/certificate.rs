//! Whose certificate it is. Read, not verified: whoever makes a certificate puts into it what they
//! like.

use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{ObjectIdentifier, Utf8StringRef};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::RegistryError;

/// Fulcio's extensions that name the identity provider: as plain bytes, and, newer, as DER
/// (<https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md>).
const ISSUER_V1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.1");
const ISSUER_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1.8");

/// The longest identity that is kept, in bytes.
const MAX_IDENTITY_BYTES: usize = 500;

/// Who a certificate was made out to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The e-mail address or URI.
    pub(super) name: String,
    /// Who vouched for it: `github`, `google`, `microsoft`, or the host of another issuer; empty if
    /// the certificate does not say.
    pub(super) provider: String,
}

/// The identity in a DER-encoded certificate. Fails as invalid if it is not a certificate or names
/// nobody.
pub(super) fn identity(der: &[u8]) -> Result<Identity, RegistryError> {
    let certificate = Certificate::from_der(der)
        .map_err(|error| RegistryError::invalid(format!("not an X.509 certificate: {error}")))?;
    let names = certificate
        .tbs_certificate()
        .get_extension::<SubjectAltName>();
    let names = names
        .map_err(|error| RegistryError::invalid(format!("subject alternative name: {error}")))?;
    let name = names.and_then(|(_, SubjectAltName(names))| {
        names.iter().find_map(|name| match name {
            GeneralName::Rfc822Name(text) | GeneralName::UniformResourceIdentifier(text) => {
                Some(text.as_str().to_owned())
            }
            _ => None,
        })
    });
    let name = name
        .filter(|name| !name.is_empty() && name.len() <= MAX_IDENTITY_BYTES && !name.contains('\0'))
        .ok_or_else(|| RegistryError::invalid("the certificate names no e-mail address or URI"))?;
    Ok(Identity {
        name,
        provider: issuer(&certificate)
            .map(|issuer| provider(&issuer))
            .unwrap_or_default(),
    })
}

fn issuer(certificate: &Certificate) -> Option<String> {
    let extensions = certificate.tbs_certificate().extensions()?;
    let value = |oid| {
        let found = extensions.iter().find(|extension| extension.extn_id == oid);
        found.map(|extension| extension.extn_value.as_bytes())
    };
    let newer = value(ISSUER_V2).and_then(|der| Utf8StringRef::from_der(der).ok());
    match newer {
        Some(text) => Some(text.as_str().to_owned()),
        None => String::from_utf8(value(ISSUER_V1)?.to_vec()).ok(),
    }
}

fn provider(issuer: &str) -> String {
    let host = issuer.split("://").last().unwrap_or(issuer);
    let host = host.split('/').next().unwrap_or(host);
    match host {
        "github.com" | "token.actions.githubusercontent.com" => "github".to_owned(),
        "accounts.google.com" => "google".to_owned(),
        "login.microsoftonline.com" => "microsoft".to_owned(),
        other => other
            .chars()
            .filter(char::is_ascii_graphic)
            .take(100)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_issuers_have_short_names() {
        assert_eq!(provider("https://github.com/login/oauth"), "github");
        assert_eq!(provider("https://accounts.google.com"), "google");
        assert_eq!(provider("https://sso.example.org/x"), "sso.example.org");
        assert_eq!(provider("a\0b"), "ab");
    }

    #[test]
    fn noise_is_no_certificate() {
        for noise in [&b""[..], b"x", &[0x30, 0x82, 0xff, 0xff], &[0x30; 1000]] {
            assert!(identity(noise).is_err());
        }
    }
}
