//! Which setting wins, and where a token goes.

use super::*;

const CONFIG: &str = "\
version: 1.0.0
trust: {auditors: [github:alice], policy: prompt, minimum_attestations: 1}
cache: {maxSizeMb: 1024}
registry:
  url: https://config.example/functions/v1/
  authToken: config-token
";

fn resolve(
    flags: (Option<&str>, Option<&str>),
    vars: &[(&str, &str)],
    config: &str,
) -> Result<Settings, Failure> {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".enact")).unwrap();
    std::fs::write(home.path().join(".enact/config.yaml"), config).unwrap();
    let var = |name: &str| {
        let found = vars.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Settings::resolve(flags.0, flags.1, var, Some(home.path()))
}

fn token(settings: &Settings) -> Option<String> {
    let header = settings.token()?.header();
    Some(header.to_str().unwrap().to_owned())
}

#[test]
fn flag_wins_over_environment_over_file_over_default() {
    let vars = [
        ("ENACT_REGISTRY_URL", "http://env"),
        ("ENACT_AUTH_TOKEN", "e"),
    ];
    let all = resolve((Some("http://flag"), Some("f")), &vars, CONFIG).unwrap();
    assert_eq!(all.registry.to_string(), "http://flag");
    assert_eq!(token(&all).unwrap(), "Bearer f");

    let env = resolve((None, None), &vars, CONFIG).unwrap();
    assert_eq!(
        (env.registry.to_string(), env.registry.source()),
        ("http://env".to_owned(), Source::Env)
    );
    assert_eq!(token(&env).unwrap(), "Bearer e");

    let empty = [("ENACT_REGISTRY_URL", ""), ("ENACT_AUTH_TOKEN", "")];
    let file = resolve((None, None), &empty, CONFIG).unwrap();
    assert_eq!(
        file.registry.to_string(),
        "https://config.example/functions/v1"
    );
    assert_eq!(token(&file).unwrap(), "Bearer config-token");

    let none = resolve((None, None), &[], "").unwrap();
    assert_eq!(none.registry.to_string(), DEFAULT_REGISTRY);
    assert_eq!(token(&none), None);
    assert!(Settings::resolve(None, None, |_| None, None).is_ok());
}

#[test]
fn the_cache_has_a_size() {
    let size = |vars: &[(&str, &str)], config: &str| {
        resolve((None, None), vars, config).map(|settings| settings.cache_max_bytes)
    };
    let set = [("ENACT_CACHE_MAX_SIZE_MB", "7")];
    assert_eq!(size(&set, CONFIG).unwrap(), 7 << 20);
    assert_eq!(size(&[], "cache: {maxSizeMb: 5}").unwrap(), 5 << 20);
    assert_eq!(size(&[], "").unwrap(), 1 << 30);
    assert!(size(&[("ENACT_CACHE_MAX_SIZE_MB", "x")], "").is_err());
    assert!(size(&[], "cache: {maxSizeMb: x}").is_err());
}

#[test]
fn the_token_goes_along_to_no_other_registry() {
    let settings = resolve((Some("https://a.example/x"), Some("t")), &[], "").unwrap();
    let home = tempfile::tempdir().unwrap();
    let at = |url| {
        let registry = RegistryUrl::parse(url, Source::Lock).unwrap();
        settings.at(&registry, home.path()).unwrap()
    };
    assert!(token(&at("https://a.example/y")).is_some());
    assert_eq!(token(&at("http://a.example/x")), None);
    assert_eq!(token(&at("https://b.example/x")), None);
}

#[test]
fn the_token_of_the_file_goes_to_the_registry_of_the_file_alone() {
    let other = resolve((Some("https://other.example"), None), &[], CONFIG).unwrap();
    assert_eq!(token(&other), None);
    assert!(matches!(other.sign_in, SignIn::ForOther(_)));
    let same = resolve((Some("https://config.example/v2"), None), &[], CONFIG).unwrap();
    assert!(token(&same).is_some());
}

#[test]
fn reads_a_file_with_other_content_and_refuses_a_broken_one_without_showing_it() {
    for fine in [
        "",
        "# nothing\n",
        "registry:\n",
        "registry: {url: null}\ntrust: 7\n",
        "[1]",
    ] {
        assert!(resolve((None, None), &[], fine).is_ok(), "{fine:?}");
    }
    for broken in [
        "registry: {authToken: s3cret",
        "registry: {url: 7, authToken: s3cret}",
        "\ts3cret: :\n :",
    ] {
        let failure = resolve((None, None), &[], broken).unwrap_err();
        assert_eq!(failure.code(), "INVALID_CONFIG");
        assert!(
            !failure.message().contains("s3cret"),
            "{}",
            failure.message()
        );
    }
}

#[test]
fn refuses_urls_that_could_not_work_or_would_leak() {
    for url in [
        "localhost:3000",
        "ftp://x",
        "/x",
        "http://u:secret@x",
        "http://x/?a=b",
        "http://",
    ] {
        let failure = resolve((Some(url), None), &[], "").unwrap_err();
        assert!(
            !failure.message().contains("secret"),
            "{}",
            failure.message()
        );
    }
    let failure = resolve((None, Some("two words")), &[], "").unwrap_err();
    assert!(!failure.message().contains("words"));
}
