//! `POST /tools/N/versions`, `POST /tools/N` — signed in. Publishes a version from a multipart
//! form.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use enact_registry::{Caller, Subject};
use enact_types::ToolName;
use enact_types::wire::{ErrorBody, Published};

use crate::error::ApiError;
use crate::http::publish_form;
use crate::http::upload::Upload;
use crate::openapi::errors::{BadBody, Denied, Failures, Missing, Taken};
use crate::state::AppState;

/// The parts of the form, for the API's description; `http/publish_form.rs` reads them.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes a body, is never one")]
pub(crate) struct PublishForm {
    /// The manifest, a JSON object with at least `name` and `version`
    manifest: String,
    /// The `tar.gz`, at most 50 MiB
    #[schema(value_type = String, format = Binary)]
    bundle: Vec<u8>,
    /// The text of SKILL.md
    raw_manifest: Option<String>,
    /// `public`, `unlisted` or `private`, which is what it is if absent. A skill that is there
    /// already keeps its visibility if the caller may not change it: that takes the scope `manage`,
    /// and of a skill of an organisation its admins. The answer's `visibility` tells
    visibility: Option<String>,
    /// The list of the bundle's files, a JSON object; together with `sigstore_bundle`
    checksum_manifest: Option<String>,
    /// The signature of that list, a JSON object
    sigstore_bundle: Option<String>,
}

#[utoipa::path(
    post,
    path = "/tools/{name}/versions",
    tag = "Versions",
    summary = "Publish a version",
    description = "A POST to `/tools/{name}` does the same, for older clients.",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter")),
    request_body(
        content = PublishForm,
        content_type = "multipart/form-data",
        description = "The parts may come in any order"
    ),
    responses(
        (status = 201, body = Published),
        (status = 413, description = "BUNDLE_TOO_LARGE: `details` tell `size` and `maxSize`", body = ErrorBody),
        Failures,
        Missing,
        Denied,
        BadBody,
        Taken
    )
)]
pub(crate) async fn publish(
    state: &AppState,
    caller: &Caller,
    name: ToolName,
    head: &Parts,
    body: Body,
) -> Result<Response, ApiError> {
    let upload = Upload::new(body);
    match receive_and_publish(state, caller, name, head, &upload).await {
        Ok(published) => {
            let subject = Extension(Subject::found(&published.version));
            Ok((StatusCode::CREATED, subject, Json(published)).into_response())
        }
        Err(error) => {
            upload.drain().await;
            Err(error)
        }
    }
}

async fn receive_and_publish(
    state: &AppState,
    caller: &Caller,
    name: ToolName,
    head: &Parts,
    upload: &Upload,
) -> Result<Published, ApiError> {
    let registry = &state.registry;
    let slot = registry.begin_publish(caller, &name).await?;
    let publish = publish_form::receive(registry, name, &head.headers, upload).await?;
    // A large body takes minutes, in which a token may be revoked.
    let caller = state.auth.caller(registry, head).await?;
    Ok(registry.publish(slot, &caller, publish).await?)
}
