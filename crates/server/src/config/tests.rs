//! Which settings fit together.

use super::*;

fn resolve(host: &str, vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
    resolve_with(host, vars, |_| {})
}

fn resolve_with(
    host: &str,
    vars: &[(&str, &str)],
    change: impl FnOnce(&mut Options),
) -> Result<Config, ConfigError> {
    let mut options = Options {
        host: host.parse().unwrap(),
        port: 0,
        data_dir: "data".into(),
        redirect_downloads: false,
        open: false,
        tls_cert: None,
        tls_key: None,
    };
    change(&mut options);
    Config::resolve(options, |name| {
        vars.iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn loopback_is_open_and_everything_else_needs_tokens_or_a_key_or_a_word() {
    let access = |host, open, vars| match resolve_with(host, vars, |options| options.open = open)
        .map(|config| config.access)
    {
        Ok(Access::Open { .. }) => "open",
        Ok(Access::OpenToAll) => "open to all",
        Ok(Access::Closed { key: None }) => "tokens",
        Ok(Access::Closed { key: Some(_) }) => "tokens and key",
        Err(error) => {
            assert!(error.hint().is_some());
            match error {
                ConfigError::OpenToOthers(_) => "refused",
                ConfigError::Contradiction { .. } => "contradiction",
                ConfigError::Auth => "unknown",
                other => panic!("{other}"),
            }
        }
    };
    let key = ("ENACT_REGISTRY_API_KEY", "0123456789abcdef");
    let auth = |value| ("ENACT_AUTH", value);
    let workflows = ("ENACT_TRUSTED_PUBLISHING", "registry.example");
    for (vars, here, elsewhere, in_words) in [
        (&[][..], "open", "refused", "open to all"),
        (&[auth("")], "open", "refused", "open to all"),
        (&[auth("open")], "open", "refused", "open to all"),
        (&[auth("tokens")], "tokens", "tokens", "contradiction"),
        (&[key], "tokens and key", "tokens and key", "contradiction"),
        (
            &[key, auth("tokens")],
            "tokens and key",
            "tokens and key",
            "contradiction",
        ),
        (
            &[key, auth("open")],
            "contradiction",
            "contradiction",
            "contradiction",
        ),
        (&[workflows], "tokens", "tokens", "contradiction"),
        (
            &[workflows, auth("open")],
            "contradiction",
            "contradiction",
            "contradiction",
        ),
        (&[auth("Tokens")], "unknown", "unknown", "unknown"),
        (&[key, auth("none")], "unknown", "unknown", "unknown"),
    ] {
        assert_eq!(access("127.0.0.1", false, vars), here, "{vars:?}");
        assert_eq!(access("::1", false, vars), here, "{vars:?}");
        assert_eq!(access("0.0.0.0", false, vars), elsewhere, "{vars:?}");
        assert_eq!(access("0.0.0.0", true, vars), in_words, "{vars:?}");
        // On this machine alone it adds nothing.
        let in_words = in_words.replace("open to all", "open");
        assert_eq!(access("127.0.0.1", true, vars), in_words, "{vars:?}");
    }
    let hint = resolve("0.0.0.0", &[]).unwrap_err().hint().unwrap();
    for way in ["ENACT_REGISTRY_API_KEY", "ENACT_AUTH=tokens", "--open"] {
        assert!(hint.contains(way), "{hint}");
    }
}

#[test]
fn a_proxy_has_others_reach_what_is_open() {
    let proxies = ("ENACT_TRUSTED_PROXIES", "127.0.0.1");
    for vars in [&[proxies][..], &[proxies, ("ENACT_AUTH", "open")]] {
        let error = resolve("127.0.0.1", vars).unwrap_err();
        assert!(matches!(error, ConfigError::OpenBehindProxy), "{error}");
        assert!(error.hint().unwrap().contains("ENACT_AUTH=tokens"));
    }
    let config = resolve_with("127.0.0.1", &[proxies], |options| options.open = true).unwrap();
    assert!(matches!(config.access, Access::OpenToAll));
    assert!(config.limits.is_some(), "others reach it");
    let tokens = [proxies, ("ENACT_AUTH", "tokens")];
    assert!(resolve("127.0.0.1", &tokens).is_ok());
}

#[test]
fn a_short_key_is_refused_and_a_key_is_never_shown() {
    let error = resolve("0.0.0.0", &[("ENACT_REGISTRY_API_KEY", "secret")]).unwrap_err();
    assert!(matches!(error, ConfigError::WeakKey(6)));
    let config = resolve(
        "127.0.0.1",
        &[
            ("ENACT_REGISTRY_API_KEY", "hunter2-hunter2-hunter2"),
            ("DATABASE_URL", "postgres://u:hunter2@h/d"),
            ("R2_ACCESS_KEY_ID", "id"),
            ("R2_SECRET_ACCESS_KEY", "hunter2-storage"),
            ("R2_ENDPOINT", "http://127.0.0.1:9000"),
        ],
    )
    .unwrap();
    assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
}

#[test]
fn redirecting_is_yes_or_no() {
    let of = |value| resolve("127.0.0.1", &[("ENACT_REDIRECT_DOWNLOADS", value)]);
    assert!(of("1").unwrap().redirect_downloads);
    assert!(!of("false").unwrap().redirect_downloads);
    assert!(!of("").unwrap().redirect_downloads);
    assert!(of("perhaps").unwrap_err().hint().is_some());
}

#[test]
fn storage_variables_select_s3_and_must_be_complete() {
    assert!(matches!(
        resolve("127.0.0.1", &[]).unwrap().store,
        Store::Local
    ));
    let error = resolve("127.0.0.1", &[("R2_ENDPOINT", "http://127.0.0.1:9000")])
        .unwrap_err()
        .to_string();
    assert!(error.contains("R2_ACCESS_KEY_ID"), "{error}");
}

#[test]
fn origins_are_written_as_browsers_write_them() {
    let of =
        |value| resolve("127.0.0.1", &[("ENACT_CORS_ORIGINS", value)]).map(|config| config.cors);
    assert_eq!(of("").unwrap(), Cors::Any);
    assert_eq!(of("*").unwrap(), Cors::Any);
    assert_eq!(of("none").unwrap(), Cors::None);
    let Cors::These(origins) = of("https://app.example, http://localhost:5173").unwrap() else {
        panic!("not a list");
    };
    assert_eq!(origins, ["https://app.example", "http://localhost:5173"]);
    for wrong in [
        "app.example",
        "https://app.example/",
        "https://app.example:443",
        "https://app.example,",
        "https://a.example,*",
        "file:///x",
        "null",
    ] {
        assert!(
            of(wrong)
                .unwrap_err()
                .to_string()
                .contains("ENACT_CORS_ORIGINS"),
            "{wrong}"
        );
    }
}

#[test]
fn limits_are_on_unless_only_this_machine_is_served() {
    let key = ("ENACT_REGISTRY_API_KEY", "0123456789abcdef");
    let limits = |vars: &[(&str, &str)]| resolve("127.0.0.1", vars).unwrap().limits;
    assert_eq!(limits(&[]), None);
    assert_eq!(limits(&[key, ("ENACT_LIMITS", "off")]), None);
    assert_eq!(limits(&[key]), limits(&[("ENACT_LIMITS", "on")]));
    let set = limits(&[
        key,
        ("ENACT_LIMIT_SEARCH", "7"),
        ("ENACT_LIMIT_READ", "off"),
    ])
    .unwrap();
    assert_eq!(set.search, NonZeroU32::new(7));
    assert_eq!(set.read, None);
    let known = [set.download, set.publish, set.auth].map(|limit| limit.unwrap().get());
    assert_eq!(known, [1000, 10, 20]);
}

#[test]
fn a_limit_is_a_number_that_makes_sense() {
    for name in ["ENACT_LIMIT_SEARCH", "ENACT_MAX_CONNECTIONS_PER_ADDRESS"] {
        for value in ["0", "-1", "1.5", "many", "4294967296", "1 "] {
            let error = resolve("127.0.0.1", &[(name, value)]).unwrap_err();
            let error = error.to_string();
            assert!(error.contains(name) && error.contains(value), "{error}");
        }
    }
    assert!(resolve("127.0.0.1", &[("ENACT_LIMIT_AUTH", "1000001")]).is_err());
    assert!(resolve("127.0.0.1", &[("ENACT_LIMITS", "yes")]).is_err());
    assert!(resolve("127.0.0.1", &[("ENACT_TRUSTED_PROXIES", "nginx")]).is_err());
}

#[test]
fn connections_of_one_address_are_limited_where_requests_are() {
    let connections = |vars: &[(&str, &str)]| {
        let config = resolve("127.0.0.1", vars).unwrap();
        config.connections_per_address.map(NonZeroU32::get)
    };
    let (limits, name) = (("ENACT_LIMITS", "on"), "ENACT_MAX_CONNECTIONS_PER_ADDRESS");
    assert_eq!(connections(&[]), None);
    assert_eq!(connections(&[limits]), Some(128));
    assert_eq!(connections(&[limits, (name, "off")]), None);
    assert_eq!(connections(&[(name, "5")]), Some(5));
}

#[test]
fn a_certificate_comes_with_its_key() {
    let (cert, key) = (("ENACT_TLS_CERT", "a.pem"), ("ENACT_TLS_KEY", "b.pem"));
    let tls = |vars: &[(&str, &str)]| resolve("127.0.0.1", vars).map(|config| config.tls);
    assert_eq!(tls(&[]).unwrap(), None);
    let both = tls(&[cert, key]).unwrap().unwrap();
    assert_eq!(both.certificate, Path::new("a.pem"));
    assert_eq!(both.key, Path::new("b.pem"));
    for half in [cert, key] {
        let error = tls(&[half]).unwrap_err();
        assert!(error.hint().unwrap().contains("--tls-key"));
    }
    // The command line wins.
    let config = resolve_with("127.0.0.1", &[cert, key], |options| {
        options.tls_cert = Some("c.pem".into());
    });
    assert_eq!(config.unwrap().tls.unwrap().certificate, Path::new("c.pem"));
}

#[test]
fn a_quota_is_a_number_and_none_is_no_limit() {
    let quota = |vars: &[(&str, &str)]| resolve("127.0.0.1", vars).map(|config| config.quota);
    let orgs = quota(&[]).unwrap().orgs.unwrap();
    assert_eq!(orgs.get(), 10);
    for none in ["ENACT_QUOTA_TOOLS", "ENACT_QUOTA_BYTES"] {
        let unlimited = quota(&[(none, "0"), ("ENACT_QUOTA_ORGS", "0")]).unwrap();
        assert_eq!(unlimited, Quota::default());
    }
    let set = quota(&[("ENACT_QUOTA_TOOLS", "5"), ("ENACT_QUOTA_VERSIONS", "50")]).unwrap();
    assert_eq!(set.tools.unwrap().get(), 5);
    assert_eq!(set.versions.unwrap().get(), 50);
    for (text, bytes) in [("1000", 1000), ("3KiB", 3 << 10), ("2GiB", 2 << 30)] {
        let set = quota(&[("ENACT_QUOTA_BYTES", text)]).unwrap();
        assert_eq!(set.bytes.unwrap().get(), bytes, "{text}");
    }
    for wrong in [
        "-1",
        "1.5GiB",
        "1GB",
        "GiB",
        "1 GiB",
        "9223372036854775808",
        "99999999TiB",
    ] {
        let error = quota(&[("ENACT_QUOTA_BYTES", wrong)]).unwrap_err();
        assert!(error.to_string().contains("ENACT_QUOTA_BYTES"), "{error}");
    }
    assert!(quota(&[("ENACT_QUOTA_TOOLS", "1KiB")]).is_err());
}
