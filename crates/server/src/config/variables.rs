//! The variables of the environment that [`Config::resolve`](super::Config::resolve) reads, for those
//! who want to see them all. Those of the object store are `enact_storage::config::vars::ALL`.

use url::Url;

/// A variable of the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds if it is not set.
    pub default: VariableDefault,
}

/// What holds if a variable is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableDefault {
    /// The same as if it were set to this.
    Value(&'static str),
    /// What these words say.
    Words(&'static str),
    /// Nothing.
    Nothing,
}

impl Variable {
    const fn new(name: &'static str, default: VariableDefault) -> Self {
        Self { name, default }
    }

    /// Whether somebody may see this value of it, but for what a URL holds of passwords: it is no secret,
    /// and none that got into the wrong place.
    pub fn may_show(&self, value: &str) -> bool {
        match self.name {
            "ENACT_REGISTRY_API_KEY" | "ENACT_JWT_SECRET" => false,
            "ENACT_AUTH" => matches!(value, "tokens" | "open"),
            // Other programs take a list of words there, the password among them.
            "DATABASE_URL" => Url::parse(value).is_ok_and(|url| url.has_authority()),
            _ => true,
        }
    }
}

/// All of them, in the order of `docs/operating.md`.
pub const VARIABLES: [Variable; 27] = {
    use VariableDefault::{Nothing, Value, Words};
    [
        Variable::new("ENACT_REGISTRY_API_KEY", Nothing),
        Variable::new("ENACT_AUTH", Nothing),
        Variable::new("ENACT_JWT_SECRET", Nothing),
        Variable::new("ENACT_JWT_JWKS_URL", Nothing),
        Variable::new("ENACT_JWT_ISSUER", Nothing),
        Variable::new("ENACT_JWT_AUDIENCE", Nothing),
        Variable::new("ENACT_JWT_USERNAME_CLAIM", Nothing),
        Variable::new("ENACT_TRUSTED_PUBLISHING", Nothing),
        Variable::new("ENACT_TRUSTED_PUBLISHING_ISSUER", Nothing),
        Variable::new("DATABASE_URL", Words("registry.db in the data folder")),
        Variable::new("ENACT_REDIRECT_DOWNLOADS", Value("0")),
        Variable::new("ENACT_TLS_CERT", Nothing),
        Variable::new("ENACT_TLS_KEY", Nothing),
        Variable::new("ENACT_TRUSTED_PROXIES", Nothing),
        Variable::new("ENACT_CORS_ORIGINS", Value("*")),
        Variable::new(
            "ENACT_LIMITS",
            Words("on; off in open mode on this machine"),
        ),
        Variable::new("ENACT_LIMIT_SEARCH", Value("100")),
        Variable::new("ENACT_LIMIT_DOWNLOAD", Value("1000")),
        Variable::new("ENACT_LIMIT_READ", Value("1000")),
        Variable::new("ENACT_LIMIT_PUBLISH", Value("10")),
        Variable::new("ENACT_LIMIT_WRITE", Value("60")),
        Variable::new("ENACT_LIMIT_AUTH", Value("20")),
        Variable::new(
            "ENACT_MAX_CONNECTIONS_PER_ADDRESS",
            Words("128 where requests are limited, else off"),
        ),
        Variable::new("ENACT_QUOTA_TOOLS", Value("0")),
        Variable::new("ENACT_QUOTA_VERSIONS", Value("0")),
        Variable::new("ENACT_QUOTA_BYTES", Value("0")),
        Variable::new("ENACT_QUOTA_ORGS", Value("10")),
    ]
};

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use enact_storage::config::vars;

    use super::super::{Config, Options};
    use super::*;

    /// Resolves with these variables set on a host that others reach, and gives what was asked for.
    fn resolve(set: &[(&str, &str)]) -> (Config, BTreeSet<String>) {
        let options = Options {
            host: [0, 0, 0, 0].into(),
            port: 0,
            data_dir: "data".into(),
            redirect_downloads: false,
            open: false,
            tls_cert: None,
            tls_key: None,
        };
        let asked = RefCell::new(BTreeSet::new());
        let config = Config::resolve(options, |name| {
            asked.borrow_mut().insert(name.to_owned());
            let found = set.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        (config.unwrap(), asked.into_inner())
    }

    #[test]
    fn are_those_that_are_asked_for() {
        let listed: BTreeSet<String> = VARIABLES
            .iter()
            .map(|variable| variable.name)
            .chain(vars::ALL)
            .map(str::to_owned)
            .collect();
        let (_, asked) = resolve(&[("ENACT_AUTH", "tokens")]);
        assert_eq!(asked, listed);
        // What is only asked for if something else is set is known as well.
        let provider = [
            ("ENACT_JWT_SECRET", "0123456789abcdef0123456789abcdef"),
            ("ENACT_JWT_ISSUER", "https://issuer.example"),
            ("ENACT_JWT_AUDIENCE", "registry"),
            ("ENACT_TRUSTED_PUBLISHING", "registry"),
            ("R2_ACCESS_KEY_ID", "id"),
            ("R2_SECRET_ACCESS_KEY", "secret"),
            ("R2_ACCOUNT_ID", "0123456789abcdef0123456789abcdef"),
        ];
        let (_, asked) = resolve(&provider);
        assert!(asked.is_subset(&listed), "{asked:?}");
    }

    #[test]
    fn have_the_defaults_that_they_say() {
        let tokens = ("ENACT_AUTH", "tokens");
        let (without, _) = resolve(&[tokens]);
        for variable in VARIABLES {
            if let VariableDefault::Value(value) = variable.default {
                let (with, _) = resolve(&[tokens, (variable.name, value)]);
                assert_eq!(format!("{with:?}"), format!("{without:?}"), "{variable:?}");
            }
        }
    }

    #[test]
    fn are_those_of_the_documentation() {
        let table = include_str!("../../../../docs/operating.md");
        let (operating, sign_in) = (table, include_str!("../../../../docs/sign-in.md"));
        for Variable { name, .. } in VARIABLES {
            let quoted = format!("`{name}`");
            let place = if name.starts_with("ENACT_JWT_") || name.starts_with("ENACT_TRUSTED_PUB") {
                sign_in
            } else {
                operating
            };
            assert!(place.contains(&quoted), "{name} is not documented");
        }
        let rows = operating.lines().filter(|line| line.starts_with("| "));
        let documented = rows.filter_map(|row| row.split('|').nth(2));
        let names = documented.flat_map(|cell| cell.split('`').skip(1).step_by(2));
        for name in names.filter(|name| name.starts_with("ENACT_") && !name.ends_with('*')) {
            // What is logged is settled before the settings are.
            let known = name == "ENACT_LOG" || VARIABLES.iter().any(|one| one.name == name);
            assert!(known, "{name} is documented, and nobody reads it");
        }
    }
}
