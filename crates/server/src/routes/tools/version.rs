//! `GET /tools/N/versions/V` — whoever may see the tool. One version with its manifest; `latest`
//! is an alias.

use axum::response::Response;
use enact_registry::{Caller, Selector};
use enact_types::ToolName;

use crate::error::ApiError;
use crate::state::AppState;

pub(crate) async fn version(
    state: &AppState,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
) -> Result<Response, ApiError> {
    let details = state
        .registry
        .version_details(caller, name, version)
        .await?;
    let turn = state.large_answers.turn(details.text_bytes()).await?;
    turn.json(&details.read().await?)
}
