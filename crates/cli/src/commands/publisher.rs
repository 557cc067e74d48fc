//! `enact publisher`: which workflows publish what, as whom.

use enact_catalog::PublisherRecord;
use enact_registry::{ErrorKind, PublisherRule, Registry};
use enact_server::GITHUB_ACTIONS;
use enact_types::Scope;
use serde_json::{Value, json};

use super::database::{Choice, variable};
use crate::args::{AddPublisher, OperatePublishers, Publishers};
use crate::exit::Failure;
use crate::printer::Printer;

/// Runs the command.
pub(super) async fn run(args: Publishers, printer: &Printer) -> Result<(), Failure> {
    let choice = Choice::new(&args.data.folder, |name| std::env::var(name).ok())?;
    let choice = &choice;
    choice
        .with_accounts(async |registry| match args.command {
            OperatePublishers::Add(args) => add(args, registry, choice, printer).await,
            OperatePublishers::List => list(registry, choice, printer).await,
            OperatePublishers::Remove { id } => remove(&id, registry, choice, printer).await,
        })
        .await
}

async fn add(
    args: AddPublisher,
    registry: &Registry,
    choice: &Choice,
    printer: &Printer,
) -> Result<(), Failure> {
    let (user, repository) = (args.user.clone(), args.repository.clone());
    let issuer = args
        .issuer
        .or_else(|| variable("ENACT_TRUSTED_PUBLISHING_ISSUER"))
        .unwrap_or_else(|| GITHUB_ACTIONS.to_owned());
    let rule = PublisherRule {
        username: args.user,
        issuer: issuer.clone(),
        repository: args.repository,
        owner_id: args.owner_id,
        workflow: args.workflow,
        git_ref: args.git_ref,
        names: args.names,
    };
    let id = registry.add_publisher(rule).await.map_err(|error| {
        let failure = choice.refused(&error);
        match error.kind() {
            ErrorKind::NotFound => {
                failure.hint(format!("`enact user add {user}` makes the account"))
            }
            ErrorKind::Conflict => failure.hint("`enact publisher list` shows the rules"),
            _ => failure,
        }
    })?;
    printer.success(&format!("Workflows of {repository} publish as {user}"));
    printer.details(&[("Issuer", issuer)]);
    printer.note(&format!("To take that back: enact publisher remove {id}"));
    if variable("ENACT_TRUSTED_PUBLISHING").is_none() {
        printer.note("It counts on servers that have ENACT_TRUSTED_PUBLISHING set.");
    }
    printer.json(&json!({ "id": id }));
    Ok(())
}

async fn list(registry: &Registry, choice: &Choice, printer: &Printer) -> Result<(), Failure> {
    let rules = registry.publishers().await;
    let rules = rules.map_err(|error| choice.refused(&error))?;
    let rows: Vec<_> = rules.iter().map(cells).collect();
    printer.table(
        &[
            "ID",
            "REPOSITORY",
            "WORKFLOW",
            "REF",
            "AS",
            "MAY PUBLISH",
            "OWNER",
            "ISSUER",
            "STATE",
        ],
        &rows,
    );
    let rules: Vec<_> = rules.iter().map(shown).collect();
    printer.json(&json!({ "publishers": rules }));
    Ok(())
}

fn cells(rule: &PublisherRecord) -> Vec<String> {
    let any = |text: Option<String>| text.unwrap_or_else(|| "any".to_owned());
    vec![
        rule.id.clone(),
        rule.repository.to_string(),
        any(rule.workflow.as_ref().map(ToString::to_string)),
        any(rule.git_ref.as_ref().map(ToString::to_string)),
        rule.profile.username.clone(),
        names(rule).join(" "),
        rule.owner_id
            .clone()
            .unwrap_or_else(|| "not known yet".to_owned()),
        rule.issuer.clone(),
        if rule.disabled {
            "user disabled"
        } else {
            "good"
        }
        .to_owned(),
    ]
}

fn shown(rule: &PublisherRecord) -> Value {
    json!({
        "id": rule.id,
        "username": rule.profile.username,
        "user_disabled": rule.disabled,
        "issuer": rule.issuer,
        "repository": rule.repository,
        "owner_id": rule.owner_id,
        "workflow": rule.workflow,
        "ref": rule.git_ref,
        "names": names(rule),
        "created_at": rule.created_at,
    })
}

/// What may be published: a rule has scopes of this kind alone.
fn names(rule: &PublisherRecord) -> Vec<String> {
    let patterns = rule.scopes.iter().filter_map(|scope| match scope {
        // As it stands behind the word "publish" in a scope.
        Scope::Publish(pattern) => Some(pattern.to_string().trim_start_matches(':').to_owned()),
        _ => None,
    });
    patterns.collect()
}

async fn remove(
    id: &str,
    registry: &Registry,
    choice: &Choice,
    printer: &Printer,
) -> Result<(), Failure> {
    registry.remove_publisher(id).await.map_err(|error| {
        let failure = choice.refused(&error);
        match error.kind() {
            ErrorKind::NotFound => failure.hint("`enact publisher list` shows the IDs"),
            _ => failure,
        }
    })?;
    printer.success(&format!("Removed the rule {id}"));
    printer.json(&json!({ "id": id, "removed": true }));
    Ok(())
}
