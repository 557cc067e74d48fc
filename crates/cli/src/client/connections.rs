//! The HTTP client underneath: connections that are used again, proxies, and whom to trust.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, ClientBuilder};

use super::error::{ApiError, ErrorKind, cause};
use crate::settings::{Proxies, Settings};

/// How long to wait for a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The largest file of certificates: all that a system trusts has about 200 KiB.
const MAX_CERTIFICATES_BYTES: u64 = 4 * 1024 * 1024;

/// A client for the registry of these settings, which can be reached by these proxies.
pub(super) fn open(settings: &Settings, proxies: &Proxies) -> Result<reqwest::Client, ApiError> {
    let root = settings.registry.join("/");
    let root = root.map_err(|error| ErrorKind::Setup(error.to_string()))?;
    if let Err(unusable) = proxies.on_the_way_to(&root) {
        return Err(ApiError::from(ErrorKind::Setup(unusable.message())).hint(unusable.hint()));
    }
    // Without the system's certificates no https: connection can be made, but a registry on this
    // machine needs none: a bare container has neither.
    let more = certificates(settings.network.ca_cert.as_deref())?;
    let builder = || client_builder().tls_certs_merge(more.iter().cloned());
    let http = builder().build().or_else(|error| {
        if settings.registry.is_https() {
            return Err(error);
        }
        client_builder()
            .tls_certs_only(more.iter().cloned())
            .build()
    });
    http.map_err(|error| {
        ApiError::from(ErrorKind::Setup(cause(error)))
            .hint("https needs certificates: install ca-certificates or set SSL_CERT_FILE")
    })
}

/// Redirects are followed by hand: a library's rules for the token are its own. And a body is hashed
/// as it is sent, so it must not be unpacked on the way, whatever features some other crate of the
/// program turns on.
fn client_builder() -> ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("enact/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_LIMIT)
        .redirect(reqwest::redirect::Policy::none())
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
}

/// The certificates in the file that the user named, if any.
fn certificates(path: Option<&Path>) -> Result<Vec<Certificate>, ApiError> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let unusable = |why: String| {
        let path = path.display();
        ApiError::from(ErrorKind::Setup(format!("ENACT_CA_CERT is {path}: {why}")))
            .hint("it should be a file with certificates in PEM")
    };
    let text = read(path).map_err(|error| unusable(error.to_string()))?;
    if text.len() as u64 > MAX_CERTIFICATES_BYTES {
        let why = format!("it has more than {MAX_CERTIFICATES_BYTES} bytes");
        return Err(unusable(why));
    }
    let certificates = Certificate::from_pem_bundle(&text);
    let certificates = certificates.map_err(|error| unusable(cause(error)))?;
    if certificates.is_empty() {
        return Err(unusable("there is no certificate in it".to_owned()));
    }
    Ok(certificates)
}

/// The file, or one byte more of it than it may have.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let file = File::open(path)?;
    file.take(MAX_CERTIFICATES_BYTES + 1)
        .read_to_end(&mut text)?;
    Ok(text)
}
