//! `enact whoami`: who is signed in to the registry, and by what.

use serde::Serialize;

use super::settings;
use crate::args::Global;
use crate::client::{Client, Me, SignedInBy, Time};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings::{SignIn, TokenSource};

/// What `--json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    registry: String,
    username: &'a str,
    email: Option<&'a str>,
    /// The names that may be published under.
    namespaces: &'a [String],
    /// Where the token comes from: `flag`, `env`, `keyring`, `file` or `config`; null without one.
    token_source: Option<&'static str>,
    /// What the registry takes for the sign-in; null if it does not say.
    signed_in_by: Option<&'a SignedInBy>,
}

/// Runs the command.
pub(super) async fn run(global: &Global, printer: &Printer) -> Result<(), Failure> {
    let settings = settings(global)?;
    let registry = settings.registry.clone();
    let source = match &settings.sign_in {
        SignIn::By(_, source) => Some(*source),
        SignIn::Nothing | SignIn::ForOther(_) | SignIn::OutOfReach(_) => None,
    };
    let client = Client::new(settings)?;
    // Without a token too: a registry in open mode takes everybody for its operator.
    let me = client.me().await?;
    printer.facts(&facts(&me, &registry.to_string(), source));
    printer.json(&Output {
        registry: registry.to_string(),
        username: &me.username,
        email: me.email.as_deref(),
        namespaces: &me.namespaces,
        token_source: source.map(TokenSource::as_str),
        signed_in_by: me.signed_in_by.as_ref(),
    });
    Ok(())
}

fn facts(me: &Me, registry: &str, source: Option<TokenSource>) -> Vec<(&'static str, String)> {
    let by = me.signed_in_by.as_ref();
    let scopes = by.map(|by| match &*by.scopes {
        [] => "everything that the user may do".to_owned(),
        scopes => scopes.join(" "),
    });
    let expires = by.and_then(|by| by.expires_at);
    let known = [
        ("User", Some(me.username.clone())),
        ("E-mail", me.email.clone()),
        ("Registry", Some(registry.to_owned())),
        ("Signed in by", by.map(|by| kind(&by.kind).to_owned())),
        ("Token from", source.map(|source| source.to_string())),
        ("Token ID", by.and_then(|by| by.id.clone())),
        ("For", scopes),
        (
            "Good until",
            expires.map(|at| format!("{} UTC", Time::minute(at))),
        ),
        ("Namespaces", Some(me.namespaces.join(", "))),
    ];
    let known = known.into_iter();
    known
        .filter_map(|(label, value)| Some((label, value?)))
        .collect()
}

/// For people; in the registry's own word if it is a new one.
fn kind(kind: &str) -> &str {
    match kind {
        "token" => "a token of the registry",
        "key" => "the key of the registry",
        "open" => "nothing: the registry is open",
        "identity" => "a token of an identity provider",
        "workflow" => "a token of a run of a workflow",
        other => other,
    }
}
