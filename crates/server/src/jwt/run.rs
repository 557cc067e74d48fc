//! What the token of a run of GitHub Actions says: <https://docs.github.com/actions/reference/security/oidc>.

use enact_registry::Run;
use enact_types::limits::MAX_GIT_REF_BYTES;
use enact_types::{Repository, WorkflowRef};

use super::Rejected;
use super::claims::Claims;

/// Reads the run out of verified claims.
pub(super) fn run(issuer: String, claims: &Claims) -> Result<Run, Rejected> {
    let text = |name: &'static str| claims.text(name).ok_or(Rejected::Run(name));
    let repository = Repository::parse(text("repository")?);
    let git_ref = text("ref")?;
    if git_ref.len() > MAX_GIT_REF_BYTES || git_ref.contains(char::is_control) {
        return Err(Rejected::Run("ref"));
    }
    let workflow = WorkflowRef::parse(text("workflow_ref")?);
    let run_id = claims.text("run_id");
    let run_id = run_id.filter(|id| id.len() <= 20 && id.bytes().all(|b| b.is_ascii_digit()));
    Ok(Run {
        issuer,
        repository: repository.map_err(|_| Rejected::Run("repository"))?,
        owner_id: text("repository_owner_id")?.to_owned(),
        workflow: workflow.ok_or(Rejected::Run("workflow_ref"))?,
        git_ref: git_ref.to_owned(),
        event: text("event_name")?.to_owned(),
        run_id: run_id.map(ToOwned::to_owned),
        expires_at: claims.expires_at,
    })
}
