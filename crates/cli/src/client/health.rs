//! Whether a registry is there at all.

use enact_types::wire::{Health as HealthBody, Ready};
use reqwest::header::DATE;

use super::body::MAX_JSON_BYTES;
use super::{ApiError, Client, ErrorKind};

/// `GET /health`.
#[derive(Debug)]
pub(crate) struct Health {
    /// The version of the program that answers.
    pub(crate) version: String,
    /// The time there, as it is written in HTTP.
    pub(crate) date: Option<String>,
}

impl Client {
    /// `GET /health`. Fails if what answers is no registry.
    pub(crate) async fn health(&self) -> Result<Health, ApiError> {
        let answer = self.transport.get("/health", &[]).await?;
        let date = answer.headers().get(DATE);
        let date = date.and_then(|date| date.to_str().ok()).map(str::to_owned);
        let body = answer.collect(MAX_JSON_BYTES).await?;
        let body: HealthBody = serde_json::from_slice(&body)
            .map_err(|_| ErrorKind::Answer("it is not that of a registry".to_owned()))?;
        Ok(Health {
            version: body.version,
            date,
        })
    }

    /// `GET /ready`. Fails if the registry cannot reach its database or its store of bundles.
    pub(crate) async fn ready(&self) -> Result<(), ApiError> {
        let _: Ready = self.transport.get_json("/ready", &[]).await?;
        Ok(())
    }
}
