//! Trusted publishing: runs of workflows that publish by what they are, not by what they know.

use enact_catalog::{NewPublisher, PublisherAdded, PublisherRecord};
use enact_types::limits::{MAX_IDENTITY_BYTES, MAX_PUBLISHER_NAMES, MAX_PUBLISHERS_PER_REPOSITORY};
use enact_types::{
    Action, Namespace, OwnerName, Pattern, RefPattern, Repository, Scope, Scopes, Timestamp,
    WorkflowFile, WorkflowRef,
};

use crate::access::{Account, Caller, Refused, Via};
use crate::accounts::not_the_operator;
use crate::error::ErrorKind;
use crate::{Registry, RegistryError, Subject};

/// The events that only somebody who may write to a repository can cause. A pull request, a comment
/// or what follows from them can come from anybody, with a workflow that runs as the repository's.
const EVENTS: [&str; 5] = [
    "push",
    "release",
    "repository_dispatch",
    "schedule",
    "workflow_dispatch",
];

/// What a verified token says of the run that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Who signed the token.
    pub issuer: String,
    /// Where the workflow runs.
    pub repository: Repository,
    /// The provider's number of the repository's owner. An owner's name can be taken over.
    pub owner_id: String,
    /// The workflow that was started, whatever workflows it calls.
    pub workflow: WorkflowRef,
    /// The branch or tag that it runs for, in full.
    pub git_ref: String,
    /// What started it.
    pub event: String,
    /// The provider's number of the run.
    pub run_id: Option<String>,
    /// Until when the token is good.
    pub expires_at: Timestamp,
}

/// A rule of trusted publishing to be made.
#[derive(Debug, Clone)]
pub struct PublisherRule {
    /// As whom is published.
    pub username: OwnerName,
    /// Who signs the tokens of the workflow's runs.
    pub issuer: String,
    /// Where the workflow is.
    pub repository: Repository,
    /// The provider's number of the repository's owner; without one, the first run that publishes
    /// tells it.
    pub owner_id: Option<String>,
    /// Which workflow; any if there is none.
    pub workflow: Option<WorkflowFile>,
    /// For which branches and tags; any if there is none.
    pub git_ref: Option<RefPattern>,
    /// What may be published.
    pub names: Vec<Pattern>,
}

impl Registry {
    /// Whom a verified token of a run signs in: the user of the rules that the run fits, for
    /// publishing what they name and nothing else.
    pub async fn sign_in_run(&self, run: &Run) -> Result<Caller, RegistryError> {
        let repository = &run.repository;
        if run.workflow.repository != *repository {
            return Ok(refused(format!(
                "the workflow {} is not of the repository {repository}, in which it ran",
                run.workflow
            )));
        }
        if !EVENTS.contains(&run.event.as_str()) {
            return Ok(refused(format!(
                "runs may publish that were started by {}, and this one was started by another event",
                EVENTS.join(", ")
            )));
        }
        if !is_number(&run.owner_id) {
            return Ok(refused("the token does not number the repository's owner"));
        }
        let rules = self.rules_for(run).await?;
        let Some(first) = rules.first() else {
            return Ok(refused(format!(
                "no rule lets workflows of {repository} publish here"
            )));
        };
        let mine = rules.iter().filter(|rule| rule.profile == first.profile);
        let fits = |rule: &&PublisherRecord| {
            let workflow = rule.workflow.as_ref();
            let git_ref = rule.git_ref.as_ref();
            workflow.is_none_or(|file| *file == run.workflow.file)
                && git_ref.is_none_or(|pattern| pattern.matches(&run.git_ref))
        };
        let mine: Vec<_> = mine.filter(fits).collect();
        if mine.is_empty() {
            return Ok(refused(format!(
                "no rule for {repository} fits this run's workflow and ref"
            )));
        }
        if first.disabled {
            return Ok(Caller::Anonymous);
        }
        let scopes = mine.iter().flat_map(|rule| rule.scopes.iter().cloned());
        let scopes = Scopes::new(scopes).map_err(RegistryError::internal)?;
        if scopes == Scopes::ALL {
            // No scopes are all of them, which no rule may give.
            return Ok(Caller::Anonymous);
        }
        let caller = Caller::User(Account {
            profile: first.profile.clone(),
            scopes,
            via: Via::Workflow {
                workflow: run.workflow.to_string(),
                git_ref: run.git_ref.clone(),
                run_id: run.run_id.clone(),
                expires_at: run.expires_at,
            },
        });
        if !self.owner_agrees(run, &rules, &caller).await? {
            return Ok(refused(format!(
                "{repository} has another owner than the one whose workflows may publish here"
            )));
        }
        Ok(caller)
    }

    async fn rules_for(&self, run: &Run) -> Result<Vec<PublisherRecord>, RegistryError> {
        let catalog = &self.inner.catalog;
        Ok(catalog.publishers_of(&run.issuer, &run.repository).await?)
    }

    /// Whether the repository is still that of whom the rules are for. The first run to publish
    /// tells who that is, for all rules of the repository.
    async fn owner_agrees(
        &self,
        run: &Run,
        rules: &[PublisherRecord],
        caller: &Caller,
    ) -> Result<bool, RegistryError> {
        let known = |rules: &[PublisherRecord]| {
            let mut owners = rules.iter().filter_map(|rule| rule.owner_id.as_ref());
            owners.all(|owner| *owner == run.owner_id)
        };
        if !known(rules) {
            return Ok(false);
        }
        if rules.iter().all(|rule| rule.owner_id.is_some()) {
            return Ok(true);
        }
        // To its end, so that hanging up is no way around its row in the audit log.
        let (registry, first, caller) = (self.clone(), run.clone(), caller.clone());
        let pinned = self.finish(async move { registry.pin(&first, &caller).await });
        pinned.await.map_err(RegistryError::internal)??;
        // Another run may have told another one at the same time.
        Ok(known(&self.rules_for(run).await?))
    }

    /// Keeps whose the repository of a run is, and records it.
    async fn pin(&self, run: &Run, caller: &Caller) -> Result<(), RegistryError> {
        let catalog = &self.inner.catalog;
        let pinned = catalog.pin_owner(&run.issuer, &run.repository, &run.owner_id);
        if !pinned.await? {
            return Ok(());
        }
        let what = format!("{} of owner {}", run.repository, run.owner_id);
        let subject = Subject::default().with_detail(&what);
        self.record_brought_about(caller, Action::PublisherPin, &subject)
            .await
    }

    /// Makes a rule, as the operator. Gives its id.
    pub async fn add_publisher(&self, rule: PublisherRule) -> Result<String, RegistryError> {
        let what = format!("{} {}", rule.username, rule.repository);
        let subject = Subject::default().with_detail(&what);
        self.operate(Action::PublisherAdd, subject, async |subject| {
            let id = self.make_publisher(rule).await?;
            subject.target = Some(id.clone());
            Ok(id)
        })
        .await
    }

    async fn make_publisher(&self, rule: PublisherRule) -> Result<String, RegistryError> {
        not_the_operator(&rule.username)?;
        let profile = self.user(&rule.username).await?;
        if rule.issuer.is_empty() || rule.issuer.len() > MAX_IDENTITY_BYTES {
            return Err(RegistryError::invalid(
                "The issuer is no name of a provider",
            ));
        }
        if rule.owner_id.as_ref().is_some_and(|id| !is_number(id)) {
            return Err(RegistryError::invalid("The owner's id is not a number"));
        }
        if !(1..=MAX_PUBLISHER_NAMES).contains(&rule.names.len()) {
            return Err(RegistryError::invalid(format!(
                "A rule is for 1 to {MAX_PUBLISHER_NAMES} names, like alice/*"
            )));
        }
        for pattern in &rule.names {
            let Some(namespace) = pattern.namespace() else {
                return Err(RegistryError::invalid(
                    "A rule is for names that it says, like alice/*",
                ));
            };
            let yours = match namespace {
                Namespace::User(user) => user == profile.username,
                Namespace::Org(_) => self.role_in(&profile, namespace).await?.is_some(),
            };
            if !yours {
                return Err(RegistryError::invalid(format!(
                    "\"{}\" may not publish under \"{namespace}\"",
                    rule.username
                )));
            }
        }
        let scopes = Scopes::new(rule.names.into_iter().map(Scope::Publish));
        let scopes = scopes.map_err(RegistryError::internal)?;
        let id = self.new_id()?;
        let new = NewPublisher {
            id: &id,
            user_id: &profile.id,
            issuer: &rule.issuer,
            repository: &rule.repository,
            owner_id: rule.owner_id.as_deref(),
            workflow: rule.workflow.as_ref(),
            git_ref: rule.git_ref.as_ref(),
            scopes: &scopes,
            now: self.now(),
        };
        let most = MAX_PUBLISHERS_PER_REPOSITORY as u64;
        let why = match self.inner.catalog.add_publisher(&new, most).await? {
            PublisherAdded::Done => return Ok(id),
            PublisherAdded::OtherUser(other) => format!(
                "Workflows of {} publish as \"{other}\" already, and can publish as one user alone",
                rule.repository
            ),
            PublisherAdded::OtherOwner(other) => format!(
                "The other rules for {} are for the owner numbered {other}: remove them first if it has another now",
                rule.repository
            ),
            PublisherAdded::TooMany => format!(
                "{} has {MAX_PUBLISHERS_PER_REPOSITORY} rules, as many as there may be",
                rule.repository
            ),
        };
        Err(RegistryError::new(ErrorKind::Conflict, why))
    }

    /// All rules, by user.
    pub async fn publishers(&self) -> Result<Vec<PublisherRecord>, RegistryError> {
        Ok(self.inner.catalog.publishers().await?)
    }

    /// Takes a rule back, as the operator.
    pub async fn remove_publisher(&self, id: &str) -> Result<(), RegistryError> {
        self.operate(
            Action::PublisherRemove,
            Subject::default(),
            async |subject| {
                // Postgres has no NUL in its texts, and no id has one either.
                if !id.contains('\0') && self.inner.catalog.remove_publisher(id).await? {
                    subject.target = Some(id.to_owned());
                    return Ok(());
                }
                Err(RegistryError::new(
                    ErrorKind::NotFound,
                    "There is no such rule",
                ))
            },
        )
        .await
    }
}

fn is_number(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn refused(why: impl Into<String>) -> Caller {
    Caller::Refused(Refused::Because(why.into()))
}
