//! What each request leaves in the audit log.

pub(crate) mod abuse;
pub(crate) mod actions;
pub(crate) mod callers;
pub(crate) mod reading;

use enact_catalog::AuditRecord;
use enact_registry::Grant;
use enact_types::Scopes;
use reqwest::{Method, RequestBuilder};

use crate::backend::Data;
use crate::fixture::{App, bundle, form, manifest};
use crate::secrets;

const KEY: &str = "a-key-that-is-long-enough";

/// A registry with users, whose tokens [`World::tokens`] are, in this order.
struct World {
    app: App,
    tokens: Vec<(String, String)>,
}

impl World {
    async fn new(users: &[&str], vars: &[(&str, &str)]) -> Self {
        let mut all = vec![("ENACT_REGISTRY_API_KEY", KEY), ("ENACT_LIMITS", "off")];
        all.extend_from_slice(vars);
        let app = App::start(&all).await;
        let registry = app.data.registry().await;
        let mut tokens = Vec::new();
        for user in users {
            let user = user.parse().unwrap();
            registry.add_user(&user).await.unwrap();
            let grant = Grant {
                name: None,
                scopes: Scopes::ALL,
                lifetime: None,
            };
            let created = registry.grant_token(&user, grant).await.unwrap();
            secrets::note("a new token", &created.token);
            tokens.push((created.info.id.clone(), created.token));
        }
        registry.close().await;
        Self { app, tokens }
    }

    /// A request of the first user.
    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let request = self.app.request(method.parse().unwrap(), path);
        request.bearer_auth(&self.tokens[0].1)
    }

    /// The rows of requests.
    async fn rows(&self) -> Vec<AuditRecord> {
        requests(&self.app.data).await
    }
}

/// The rows of requests; what the operator did beside the server is left out.
async fn requests(data: &Data) -> Vec<AuditRecord> {
    let mut rows = data.audit().await;
    rows.retain(|row| row.via != "operator");
    rows
}

fn publish(app: &App, name: &str, visibility: &'static str) -> RequestBuilder {
    let form = form(&manifest(name, "1.0.0"), bundle(name, "1.0.0"));
    app.request(Method::POST, &format!("/tools/{name}/versions"))
        .multipart(form.text("visibility", visibility))
}

/// What a row says of what was done to what: action, tool, version, target, detail and result.
fn said(row: &AuditRecord) -> String {
    let text = |text: &Option<String>| text.as_deref().unwrap_or("-").to_owned();
    let texts = [&row.tool, &row.version, &row.target, &row.detail].map(text);
    format!("{} {} {}", row.action, texts.join(" "), row.result)
}
