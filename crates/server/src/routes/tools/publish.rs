//! `POST /tools/N/versions`, `POST /tools/N` — signed in. Publishes a version from a multipart
//! form.

use axum::Json;
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry};
use enact_types::ToolName;
use enact_types::wire::Published;

use crate::error::ApiError;
use crate::http::publish_form;
use crate::http::upload::Upload;

pub(crate) async fn publish(
    registry: &Registry,
    caller: &Caller,
    name: ToolName,
    head: &Parts,
    body: Body,
) -> Result<Response, ApiError> {
    let upload = Upload::new(body);
    match receive_and_publish(registry, caller, name, &head.headers, &upload).await {
        Ok(published) => Ok((StatusCode::CREATED, Json(published)).into_response()),
        Err(error) => {
            upload.drain().await;
            Err(error)
        }
    }
}

async fn receive_and_publish(
    registry: &Registry,
    caller: &Caller,
    name: ToolName,
    headers: &axum::http::HeaderMap,
    upload: &Upload,
) -> Result<Published, ApiError> {
    let slot = registry.begin_publish(caller, &name).await?;
    let publish = publish_form::receive(registry, name, headers, upload).await?;
    Ok(registry.publish(slot, publish).await?)
}
