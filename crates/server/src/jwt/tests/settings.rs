//! What is set in the environment.

use super::*;

const GOOD: [(&str, &str); 3] = [
    ("ENACT_JWT_SECRET", SECRET),
    ("ENACT_JWT_ISSUER", ISSUER),
    ("ENACT_JWT_AUDIENCE", AUDIENCE),
];

/// [`GOOD`] with these instead.
fn with(changes: &[(&'static str, &'static str)]) -> Result<JwtSettings, JwtSettingsError> {
    let kept = GOOD.into_iter();
    let kept = kept.filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    settings(&kept.chain(changes.iter().copied()).collect::<Vec<_>>())
}

#[test]
fn nobody_is_trusted_unless_it_is_set() {
    assert!(!settings(&[]).unwrap().is_set());
    assert!(!settings(&[("ENACT_JWT_SECRET", "")]).unwrap().is_set());
    assert!(settings(&GOOD).unwrap().is_set());
    let publishing = settings(&[("ENACT_TRUSTED_PUBLISHING", "enact.example")]).unwrap();
    assert!(publishing.is_set());
    let publishing = publishing.publishing.unwrap();
    assert_eq!(
        publishing.issuer,
        "https://token.actions.githubusercontent.com"
    );
    assert_eq!(
        publishing.jwks.as_str(),
        "https://token.actions.githubusercontent.com/.well-known/jwks"
    );
}

#[test]
fn what_does_not_fit_together_is_refused_with_what_to_do() {
    let jwks = ("ENACT_JWT_JWKS_URL", "https://id.example/jwks");
    let long: &'static str = Box::leak("x".repeat(513).into_boxed_str());
    for (changes, says) in [
        (&[jwks][..], "both set"),
        (&[("ENACT_JWT_ISSUER", "")], "ENACT_JWT_ISSUER is not"),
        (&[("ENACT_JWT_AUDIENCE", "")], "ENACT_JWT_AUDIENCE is not"),
        (&[("ENACT_JWT_SECRET", "")], "ENACT_JWT_ISSUER is set"),
        (&[("ENACT_JWT_SECRET", "short")], "5 bytes"),
        (&[("ENACT_JWT_ISSUER", long)], "ENACT_JWT_ISSUER is longer"),
        (&[("ENACT_JWT_AUDIENCE", "a\nb")], "ENACT_JWT_AUDIENCE"),
        (
            &[("ENACT_TRUSTED_PUBLISHING_ISSUER", "https://ghe.example")],
            "ENACT_TRUSTED_PUBLISHING is not",
        ),
        (
            &[
                ("ENACT_TRUSTED_PUBLISHING", "a"),
                ("ENACT_TRUSTED_PUBLISHING_ISSUER", ISSUER),
            ],
            "the same",
        ),
        (
            &[
                ("ENACT_TRUSTED_PUBLISHING", "a"),
                ("ENACT_TRUSTED_PUBLISHING_ISSUER", "http://ghe.example"),
            ],
            "https://",
        ),
    ] {
        let error = with(changes).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn keys_come_from_where_nobody_else_can_answer() {
    let of = |url| with(&[("ENACT_JWT_SECRET", ""), ("ENACT_JWT_JWKS_URL", url)]);
    for url in [
        "https://id.example/.well-known/jwks.json",
        "http://127.0.0.1:9000/jwks",
        "http://localhost/jwks",
        "http://[::1]:1/",
    ] {
        assert!(of(url).is_ok(), "{url}");
    }
    for url in [
        "http://id.example/jwks",
        "http://localhost.evil.example/jwks",
        "http://127.0.0.1.evil.example/",
        "https://user:password@id.example/",
        "file:///etc/passwd",
        "data:application/json,{}",
        "id.example",
    ] {
        assert!(of(url).is_err(), "{url}");
    }
}

#[test]
fn a_secret_is_not_shown() {
    let shown = format!("{:?}", settings(&GOOD).unwrap());
    assert!(!shown.contains("secret, all") && shown.contains("Secret(…)"));
    let short = with(&[("ENACT_JWT_SECRET", "hunter2")]).unwrap_err();
    assert!(!format!("{short} {short:?}").contains("hunter2"));
}
