//! What the API is: made from the endpoints themselves, each of which describes itself in a
//! `#[utoipa::path]`. To describe a new one, name it in [`Document`].
//!
//! The names of skills have slashes, which a path of OpenAPI cannot have: `{name}` stands for one
//! or more segments here.

pub(crate) mod errors;
pub(crate) mod page;

use std::sync::LazyLock;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::routes;

static JSON: LazyLock<String> = LazyLock::new(|| {
    // It is made of literals, so it can be written.
    let mut text = Document::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
});

/// The document.
pub(crate) fn json() -> &'static str {
    &JSON
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Enact registry",
        description = "Publish, find and install agent skills. A name like `alice/greeter` or `@acme/tools/hammer` has two to eight segments, which stand in a path as they are; `{name}` is all of them.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        routes::tools::search::search,
        routes::tools::info::info,
        routes::tools::visibility::visibility,
        routes::tools::delete::delete,
        routes::tools::versions::versions,
        routes::tools::publish::publish,
        routes::tools::version::version,
        routes::tools::download::download,
        routes::tools::files::files,
        routes::tools::file::file,
        routes::tools::yank::yank,
        routes::tools::unyank::unyank,
        routes::tools::attestations::attestations,
        routes::tools::attest::attest,
        routes::tools::revoke::revoke,
        routes::tools::attestation::attestation,
        routes::tools::feedback::feedback,
        routes::tools::give_feedback::give_feedback,
        routes::tools::reviews::reviews,
        routes::tools::report::report,
        routes::orgs::create::create,
        routes::orgs::info::info,
        routes::orgs::tools::tools,
        routes::orgs::members::members,
        routes::orgs::add_member::add_member,
        routes::orgs::set_role::set_role,
        routes::orgs::remove_member::remove_member,
        routes::users::info::info,
        routes::users::profile::profile,
        routes::users::tools::tools,
        routes::users::trust::trust,
        routes::users::set_trust::set_trust,
        routes::auth::me::me,
        routes::auth::create_token::create_token,
        routes::auth::tokens::tokens,
        routes::auth::revoke_token::revoke_token,
        routes::auth::cli::cli,
        routes::auth::user::user,
        routes::auth::refresh::refresh,
        routes::auth::profiles::profiles,
        routes::health::health,
        routes::ready::ready,
        routes::openapi::openapi,
        routes::docs::docs,
    ),
    modifiers(&Tokens),
    security((), ("token" = []))
)]
struct Document;

/// A token is a bearer token; reading what is public needs none.
struct Tokens;

impl Modify for Tokens {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The document in `docs/` is the one that the server hands out, so that a change of the API is
    /// seen in the change itself. `ENACT_WRITE=1` writes it.
    #[test]
    fn the_document_that_is_checked_in_is_this_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        if std::env::var_os("ENACT_WRITE").is_some() {
            std::fs::write(&path, super::json()).unwrap();
        }
        assert!(
            std::fs::read_to_string(path).unwrap() == super::json(),
            "docs/openapi.json is not what the endpoints say: ENACT_WRITE=1 cargo test -p enact-server openapi"
        );
    }
}
