//! Likely secrets in what would be packed. None of these was ever a real one; they are put together
//! here, so that no scanner takes this file for a leak.

use std::path::Path;

use enact_bundle::{Rule, SkillFolder};
use enact_types::Token;
use enact_types::limits::MAX_SCANNED_BYTES;

use crate::packing::write;

const SKILL: &str = "---\nname: alice/greeter\nversion: 1.0.0\ndescription: Greets\n---\nText\n";

fn skill() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "SKILL.md", SKILL);
    dir
}

/// Random letters and digits that are always the same.
fn body(length: usize, alphabet: &str) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = 7_u32;
    let letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        letters[(state >> 16) as usize % letters.len()]
    };
    std::iter::repeat_with(letter).take(length).collect()
}

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";

/// `path:line:column message` of each likely secret.
fn found(dir: &Path) -> Vec<String> {
    let problems = SkillFolder::validate(dir).unwrap().problems;
    problems
        .into_iter()
        .map(|problem| {
            assert_eq!(problem.rule, Rule::LikelySecret, "{problem:?}");
            let place = problem.place.unwrap();
            let file = problem.file.unwrap();
            format!("{file}:{}:{} {}", place.line, place.column, problem.message)
        })
        .collect()
}

fn found_in(text: &str) -> Vec<String> {
    let dir = skill();
    write(dir.path(), "x", text);
    found(dir.path())
}

/// Each with what it is taken for.
fn tokens() -> Vec<(String, &'static str)> {
    let part = |length| body(length, ALNUM);
    let jwt = format!("eyJ{}.eyJ{}.{}", part(20), part(40), part(43));
    vec![
        (
            Token::new(*b"twenty-four random bytes").expose().to_owned(),
            "an Enact token",
        ),
        (
            format!("AKIA{}", body(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
            "an AWS access key",
        ),
        (format!("ghp_{}", part(36)), "a GitHub token"),
        (
            format!("github_pat_{}_{}", part(22), part(59)),
            "a GitHub token",
        ),
        (format!("glpat-{}", part(20)), "a GitLab token"),
        (
            format!("xoxb-{}-{}", body(12, "0123456789"), part(24)),
            "a Slack token",
        ),
        (
            format!(
                "https://hooks.slack.com/services/T{}/B{}/{}",
                part(8),
                part(8),
                part(24)
            ),
            "a Slack webhook",
        ),
        (format!("sk_live_{}", part(24)), "a Stripe key"),
        (format!("sk-ant-api03-{}AA", part(93)), "an Anthropic key"),
        (format!("sk-proj-{}", part(80)), "an OpenAI key"),
        (format!("npm_{}", part(36)), "an npm token"),
        (format!("pypi-AgEIcHlwaS5vcmc{}", part(80)), "a PyPI token"),
        (format!("AIza{}", part(35)), "a Google API key"),
        (format!("hf_{}", part(34)), "a Hugging Face token"),
        (format!("dop_v1_{}", body(64, HEX)), "a DigitalOcean token"),
        (format!("SG.{}.{}", part(22), part(43)), "a SendGrid key"),
        (jwt, "a JSON Web Token"),
        (
            format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}", part(70)),
            "a private key",
        ),
        (
            format!("-----BEGIN RSA PRIVATE KEY-----\\n{}\\n", part(64)),
            "a private key",
        ),
        (
            format!("postgres://app:{}@db.internal/app", part(12)),
            "a password in a URL",
        ),
        (
            format!("postgres://bob:s3cr3t{}@db.example.com/x", "Pa55"),
            "a password in a URL",
        ),
        (
            format!("-----BEGIN PRIVATE KEY-----\nMII{}\n-----END", "EvQIBADAN")
                + " PRIVATE KEY-----",
            "a private key",
        ),
        (
            format!(
                "curl -H 'Authorization: Bearer {}' https://api.example.com",
                body(40, HEX)
            ),
            "a bearer token",
        ),
        (
            format!("{{\"authorization\": \"bearer {}\"}}", part(32)),
            "a bearer token",
        ),
        (
            // bob:s3cr3tPa55
            format!("Authorization: Basic {}", "Ym9iOnMzY3IzdFBhNTU="),
            "a password for basic authentication",
        ),
        (
            format!("password = \"{}\"", part(12)),
            "a secret: password = …",
        ),
        (
            format!("\"apiKey\": '{}',", part(20)),
            "a secret: apiKey = …",
        ),
        (
            format!("export DB_PASSWORD={}", body(20, HEX)),
            "a secret: DB_PASSWORD = …",
        ),
        (
            format!("client_secret: {} # of the test account", part(24)),
            "a secret: client_secret = …",
        ),
    ]
}

#[test]
fn finds_each_kind_and_never_shows_it() {
    for (secret, kind) in tokens() {
        let found = found_in(&format!("first\n{secret}\n"));
        assert_eq!(found.len(), 1, "{kind}: {found:?}");
        let message = &found[0];
        assert!(message.starts_with("x:2:"), "{message}");
        assert!(message.contains(kind), "{kind}: {message}");
        let windows = secret.as_bytes().windows(12);
        let random = windows.filter(|part| part.iter().all(u8::is_ascii_alphanumeric));
        for part in random {
            let part = std::str::from_utf8(part).unwrap();
            assert!(!message.contains(part), "{kind}: {message}");
        }
    }
}

#[test]
fn tells_the_column_in_characters() {
    let token = format!("npm_{}", body(36, ALNUM));
    let found = found_in(&format!("ü → \"{token}\""));
    assert_eq!(found, ["x:1:6 this looks like an npm token: npm_…"]);
}

#[test]
fn says_nothing_of_examples_names_and_what_is_filled_in() {
    let npm = format!("npm_{}", "x".repeat(36));
    let enact = format!("enact_{}", body(56, HEX));
    let digest = body(64, HEX);
    for text in [
        "AKIAIOSFODNN7EXAMPLE",
        npm.as_str(),
        // Its checksum is wrong.
        enact.as_str(),
        digest.as_str(),
        "-----BEGIN PRIVATE KEY-----\n…\n",
        "grep -q 'BEGIN RSA PRIVATE KEY' file",
        "https://user:password@example.com/",
        "postgres://postgres:postgres@localhost:5432/app",
        "f\"postgres://{user}:{password}@{host}/db\"",
        "mysql://root:my-secret-pw@db/app and redis://:p4ssw0rd@cache",
        "amqp://guest:guest@localhost or ftp://USER:PASSWORD@host or http://u:****@h",
        "https://bob:<password>@host, https://bob:your-password@host, https://a:b...z@host",
        "git@github.com:owner/name.git and ssh://git@github.com:22/owner/name and a:b@c",
        "Authorization: Bearer <token>, Bearer $TOKEN, Bearer ${TOKEN_1}, Bearer {token}",
        "Authorization: Bearer YOUR_ACCESS_TOKEN_2024 or Bearer my-access-token-number-42",
        "Authorization: Bearer abcdefghijklmnop123456 or Bearer 0123456789abcdef01234567",
        "Authorization: Bearer mF_9.B5f-4.1JqM",
        "Authorization: Bearer 9f8e7d6c5b4a39281706f5...",
        "Authorization: Bearer 9f8e7d6c5b4a39281706f5…",
        "'Bearer ' + token_from_environment_1",
        "The bearer authentication-and-authorization2 of OAuth 2.0 (RFC 6750).",
        "Basic understanding of authentication; basic configuration/options2025.",
        // user:pass, and the example of RFC 7617.
        "Authorization: Basic dXNlcjpwYXNz or Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "-----BEGIN PRIVATE KEY-----\nYourPrivateKeyHere\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "from '-----BEGIN PRIVATE KEY-----' to '-----END PRIVATE KEY-----'",
        "https://$USER:${PASSWORD}@host1/",
        "password = os.environ[\"DB_PASSWORD_2\"]",
        "token: ${{ secrets.GITHUB_TOKEN_1 }}",
        "token_name = \"my-token-name-1\"",
        "password: str = getpass(\"Password 1: \")",
        "tokenizer = \"bert-base-uncased-v2\"",
        "secret == \"a1b2c3d4e5\"",
        "PASSWORD=changeme123",
        "api_key = \"your-api-key-1\"",
        "if (token.length > 10 && password2 != other3) {",
        "token = tokens[index1] + lookahead2",
        "sk-circle-fade-dot-loader-animation-with-long-name-v2",
        "passwordFile: '/run/secrets/db_1_password'",
    ] {
        assert_eq!(found_in(text), [""; 0], "{text}");
    }
}

#[test]
fn a_comment_excuses_a_line_or_the_next() {
    let token = format!("ghp_{}", body(36, ALNUM));
    let text =
        format!("x = '{token}' # enact:allow-secret\n# enact:allow-secret\n{token}\n{token}\n");
    let found = found_in(&text);
    assert_eq!(found, ["x:4:1 this looks like a GitHub token: ghp_…"]);
}

#[test]
fn looks_at_texts_and_at_their_first_mebibyte() {
    let token = format!("ghp_{}\n", body(36, ALNUM));
    assert_eq!(found_in(&format!("\0{token}")), [""; 0]);

    let dir = skill();
    let size = usize::try_from(MAX_SCANNED_BYTES).unwrap();
    let mut large = "a line of text\n".repeat(size / 15 + 1);
    large.push_str(&token);
    write(dir.path(), "large", &large);
    write(dir.path(), "exact", vec![b'\n'; size]);
    let validation = SkillFolder::validate(dir.path()).unwrap();
    assert!(validation.problems.is_empty());
    assert_eq!(validation.partly_scanned, ["large"]);
}

#[test]
fn a_file_full_of_secrets_does_not_fill_the_screen() {
    let token = format!("ghp_{}\n", body(36, ALNUM));
    assert_eq!(found_in(&token.repeat(1000)).len(), 20);
}

#[test]
fn what_is_left_out_is_not_looked_at() {
    let dir = skill();
    let token = format!("ghp_{}\n", body(36, ALNUM));
    write(dir.path(), ".env", &token);
    write(dir.path(), "ignored", &token);
    write(dir.path(), ".enactignore", "ignored\n");
    assert_eq!(found(dir.path()), [""; 0]);
}
