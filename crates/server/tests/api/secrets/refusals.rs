//! What a server says that does not start with secrets that are wrong, or in the wrong place.

use std::error::Error;
use std::fmt::Write as _;

use enact_server::{Config, Options, Server};
use tokio::net::TcpListener;

use super::{expose, note};
use crate::backend::Data;

behaviours![a_server_that_does_not_start_says_why];

/// Variables and what they are set to.
type Settings = &'static [(&'static str, &'static str)];

/// A secret, and settings of which the first has it in it. `{silent}` is [`silent`].
const MISTAKES: &[(&str, Settings)] = &[
    (
        "password-of-nobody-1",
        &[(
            "DATABASE_URL",
            "postgres://me:password-of-nobody-1@{silent}/x",
        )],
    ),
    (
        "password-of-nobody-2",
        &[("DATABASE_URL", "postgres://me:password-of-nobody-2@[x/y")],
    ),
    (
        "password-of-nobody-3",
        &[(
            "DATABASE_URL",
            "postgres://x/y?password=password-of-nobody-3&port=z",
        )],
    ),
    (
        "password-of-nobody-4",
        &[("DATABASE_URL", "mysql://me:password-of-nobody-4@x/y")],
    ),
    ("a-short-key", &[("ENACT_REGISTRY_API_KEY", "a-short-key")]),
    (
        "key-of-another",
        &[("ENACT_REGISTRY_API_KEY", "eyJ0.key-of-another.x")],
    ),
    (
        "key-in-the-wrong-place",
        &[("ENACT_AUTH", "key-in-the-wrong-place")],
    ),
    (
        "a-short-jwt-secret",
        &[
            ("ENACT_JWT_SECRET", "a-short-jwt-secret"),
            ("ENACT_JWT_ISSUER", "x"),
            ("ENACT_JWT_AUDIENCE", "y"),
        ],
    ),
    (
        "a-key-without-its-id",
        &[
            ("R2_SECRET_ACCESS_KEY", "a-key-without-its-id"),
            ("R2_ENDPOINT", "http://x"),
        ],
    ),
    (
        "password-of-nobody-5",
        &[
            ("R2_ENDPOINT", "http://me:password-of-nobody-5@x:y"),
            ("R2_ACCESS_KEY_ID", "x"),
            ("R2_SECRET_ACCESS_KEY", "the-secret-key-of-nobody"),
        ],
    ),
];

/// The address of a server that hangs up on everybody.
async fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Until the test ends, and its runtime.
    tokio::spawn(async move {
        loop {
            drop(listener.accept().await);
        }
    });
    address.to_string()
}

async fn a_server_that_does_not_start_says_why() {
    let silent = silent().await;
    for (secret, settings) in MISTAKES {
        note("a secret in settings that are wrong", secret);
        let data = Data::new();
        let options = Options {
            host: "127.0.0.1".parse().unwrap(),
            port: 0,
            data_dir: data.path().to_owned(),
            redirect_downloads: false,
            open: false,
            tls_cert: None,
            tls_key: None,
        };
        let var = |asked: &str| {
            let found = settings.iter().find(|(name, _)| *name == asked);
            found.map(|(_, value)| value.replace("{silent}", &silent))
        };
        let said = match Config::resolve(options, var) {
            Err(error) => in_full(&error),
            Ok(config) => match Server::bind(config).await {
                Err(error) => in_full(&error),
                Ok(_) => panic!("it starts with {settings:?}"),
            },
        };
        expose(&format!("what is said of {}", settings[0].0), said);
    }
}

/// All that an error could say.
fn in_full(error: &dyn Error) -> String {
    let mut text = format!("{error:?}");
    let mut cause = Some(error);
    while let Some(error) = cause {
        write!(text, " {error} {error:?}").unwrap();
        cause = error.source();
    }
    text
}
