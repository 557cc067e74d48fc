//! What names say: which files hold keys or credentials and must never be in a bundle, and which
//! cannot be on every system.
//!
//! Hidden files, which `.env`, `.npmrc`, `.netrc`, `.ssh` and `.aws` are among, are never packed
//! anyway. Names are compared without regard to upper and lower case.

/// Private keys, key stores, password stores, and the state and variables of Terraform, which hold
/// what it was told and made, passwords included.
const EXTENSIONS: [&str; 16] = [
    "env", "jks", "kdb", "kdbx", "key", "keystore", "ovpn", "p12", "p8", "pem", "pfx", "pkcs12",
    "ppk", "tfstate", "tfvars", "secret",
];

/// Keys and credentials by the names that the programs which make them give.
const NAMES: [&str; 19] = [
    // OpenSSH; the public halves have the extension `pub`.
    "id_dsa",
    "id_ecdsa",
    "id_ecdsa_sk",
    "id_ed25519",
    "id_ed25519_sk",
    "id_rsa",
    "ssh_host_rsa_key",
    "ssh_host_ecdsa_key",
    "ssh_host_ed25519_key",
    // Windows has no hidden files that start with a dot.
    "_netrc",
    "_npmrc",
    // Google Cloud, AWS, Azure, Kubernetes, GnuPG.
    "application_default_credentials.json",
    "credentials.json",
    "service-account.json",
    "serviceaccountkey.json",
    "rootkey.csv",
    "azureprofile.json",
    "kubeconfig",
    "secring.gpg",
];

/// The same, where the names have a part that changes.
const ENDS: [&str; 3] = ["_accesskeys.csv", "_credentials.csv", ".tfstate.backup"];

/// As above; what starts like this and is JSON.
const JSON_STARTS: [&str; 2] = ["client_secret", "service_account"];

/// Whether files of this name usually hold a secret.
pub(crate) fn may_be_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    has_extension(&name, &EXTENSIONS)
        || NAMES.contains(&name.as_str())
        || ENDS.iter().any(|end| name.ends_with(end))
        || (has_extension(&name, &["json"])
            && JSON_STARTS.iter().any(|start| name.starts_with(start)))
}

/// Why Windows cannot have a file or folder of this name, if it cannot.
pub(crate) fn not_portable(name: &str) -> Option<&'static str> {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    if name.contains(['<', '>', ':', '"', '|', '?', '*']) {
        return Some("it has one of < > : \" | ? *");
    }
    if name.ends_with(['.', ' ']) {
        return Some("it ends with a dot or a space");
    }
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let is_numbered = |kind: &str| {
        stem.strip_prefix(kind)
            .is_some_and(|number| matches!(number.as_bytes(), [b'1'..=b'9']))
    };
    (DEVICES.contains(&stem.as_str()) || is_numbered("com") || is_numbered("lpt"))
        .then_some("it is that of a device")
}

/// Whether `name` ends with one of these extensions, in upper or lower case.
pub(crate) fn has_extension(name: &str, extensions: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        extensions
            .iter()
            .any(|wanted| extension.eq_ignore_ascii_case(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_keys_and_credentials_from_what_only_sounds_like_them() {
        for name in [
            "id_rsa",
            "ID_ED25519",
            "server.pem",
            "server.PEM",
            "release.keystore",
            "prod.env",
            "client_secret_1.apps.json",
            "alice_accessKeys.csv",
            "terraform.tfstate.backup",
            "serviceAccountKey.json",
        ] {
            assert!(may_be_secret(name), "{name}");
        }
        for name in [
            "id_rsa.pub",
            "key",
            "keys.md",
            "environment",
            "client_secret.md",
            "credentials.md",
            "pem",
            "log",
        ] {
            assert!(!may_be_secret(name), "{name}");
        }
    }

    #[test]
    fn knows_what_windows_cannot_have() {
        for name in [
            "con", "NUL.txt", "Com1", "lpt9.md", "a:b", "why?", "end.", "end ",
        ] {
            assert!(not_portable(name).is_some(), "{name}");
        }
        for name in [
            "console", "com", "com0", "com10", "null", "a.b", ".x", "ünï",
        ] {
            assert_eq!(not_portable(name), None, "{name}");
        }
    }
}
