//! No secret is found where it does not belong.
//!
//! Every secret that the suite uses is noted where it is made or sent, most of them by the fixture; and
//! whatever others may read is kept: all that the servers log (our crates to the last word, their
//! dependencies from debug on), their settings as `Debug` shows them, JSON and pages that they answer, and
//! their databases with the audit log. After the last test each secret is looked for in each text.
//!
//! Left out: answers that are to hold the secret, a new token and a link to the store; what is logged by
//! the S3 store of the tests, which is no part of the product; and what dependencies tell the crate `log`
//! (reqwest does), since the program has nothing that listens to it.

mod log;
mod refusals;
mod watch;

use std::process::ExitCode;
use std::sync::LazyLock;

use libtest_mimic::Trial;

use self::log::Log;
pub(crate) use self::refusals::ALL;
use self::watch::Watch;

static WATCH: LazyLock<Watch> = LazyLock::new(Watch::new);

/// From now on all that is logged in this process is kept.
pub(crate) fn listen() {
    tracing::subscriber::set_global_default(Log(&WATCH)).unwrap();
}

/// Notes a secret: what kind of secret it is, and the secret.
pub(crate) fn note(kind: &'static str, secret: &str) {
    WATCH.note(kind, secret);
}

/// Notes what a request signs in with, whatever it is, unless it is too short to be a secret.
pub(crate) fn note_bearer(token: &str) {
    // Of a provider's token the signature is the secret: without it, it is good for nothing.
    if let Some((_, signature)) = token.rsplit_once('.').filter(|(_, end)| end.len() >= 16) {
        note("the signature of a provider's token", signature);
    } else if token.len() >= 16 {
        note("what a request signed in with", token);
    }
}

/// Keeps a text that others may read, and where it was.
pub(crate) fn expose(place: &str, text: impl AsRef<[u8]>) {
    WATCH.expose(place, text.as_ref());
}

/// Looks for every secret in everything that was kept; fails if one is found.
#[expect(clippy::print_stderr, reason = "this is a test's report")]
pub(crate) fn look(tests: ExitCode) -> ExitCode {
    let found = WATCH.look();
    for (kind, place) in &found {
        eprintln!("SECRET FOUND: {kind}, in {place}");
    }
    if found.is_empty() {
        return tests;
    }
    ExitCode::FAILURE
}

/// That this would find something.
pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("secrets::what_is_exposed_is_found", || {
            let watch = Watch::new();
            watch.expose("one", b"before it was known: s3cret-number-one");
            watch.note("a key", "s3cret-number-one");
            watch.note("a token", "t0ken-number-two");
            watch.expose("two", b"x t0ken-number-twos3cret-number-one x");
            watch.expose("three", b"t0ken-number-tw0 and s3cret-number-");
            let found: Vec<_> = watch.look().into_iter().collect();
            let text = |text: &str| text.to_owned();
            let expected = [
                ("a key", text("one")),
                ("a key", text("two")),
                ("a token", text("two")),
            ];
            assert_eq!(found, expected);
            Ok(())
        }),
        Trial::test("secrets::what_is_logged_is_kept", || {
            let watch: &'static Watch = Box::leak(Box::new(Watch::new()));
            for secret in [
                "in-a-message",
                "in-a-field",
                "in-a-text",
                "in-a-span",
                "later",
            ] {
                watch.note(secret, secret);
            }
            tracing::subscriber::with_default(Log(watch), || {
                tracing::info!("said in-a-message");
                tracing::trace!(token = ?Some("in-a-field"));
                tracing::error!(token = "in-a-text", "x");
                let span = tracing::debug_span!(
                    "request",
                    token = "in-a-span",
                    more = tracing::field::Empty
                );
                span.record("more", "later");
                tracing::trace!(target: "somebody_else", "not kept: in-a-message");
            });
            let found = watch.look();
            assert_eq!(found.len(), 5, "{found:?}");
            assert!(
                found
                    .iter()
                    .all(|(_, place)| !place.contains("somebody_else")),
                "{found:?}"
            );
            Ok(())
        }),
    ]
}
