//! Why there is no connection, or none that speaks HTTP: in words, with what to do about it.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::error::{ApiError, ErrorKind, cause};
use crate::settings::{Proxy, RegistryUrl, Source};

/// Where a certificate authority of one's own is named.
const TRUST: &str =
    "set SSL_CERT_FILE or ENACT_CA_CERT to its authority's certificate (a file in PEM)";

/// How the HTTP library begins what it says about a proxy that it asks for a way through to `https:`.
const TUNNEL: &str = "tunnel error: ";

/// A request that got no answer; `proxy` is the one on its way.
pub(super) fn unreached(
    error: reqwest::Error,
    registry: &RegistryUrl,
    proxy: Option<&Proxy>,
) -> ApiError {
    let tunnel = tunnel_problem(&error);
    if let Some(proxy) = proxy
        && tunnel.as_deref() == Some("proxy authorization required")
    {
        return sign_in(proxy);
    }
    // Beyond the tunnel is the registry itself.
    let failing = proxy.filter(|_| tunnel.is_some() || !registry.is_https());
    if let Some(problem) = tls_problem(&error).filter(|_| error.is_connect()) {
        let (why, hint) = in_words(problem, registry);
        let why = why.unwrap_or_else(|| cause(error));
        return connect(why, registry, failing).hint(hint);
    }
    if !error.is_connect() {
        return broken(cause(error), registry, proxy);
    }
    if let Some(proxy) = failing {
        let why = if tunnel.as_deref() == Some("unsuccessful") {
            "the proxy does not let the request through".to_owned()
        } else {
            cause(error)
        };
        let hint = proxy.avoid(&registry.host());
        return connect(why, registry, failing).hint(hint);
    }
    let error = connect(cause(error), registry, None).hint(
        "name another by --registry URL, ENACT_REGISTRY_URL or registry.url in ~/.enact/config.yaml",
    );
    if registry.source() == Source::Default {
        return error.hint("or start one on this machine: enact serve");
    }
    error
}

/// What a proxy answers that wants to know who asks.
pub(super) fn sign_in(proxy: &Proxy) -> ApiError {
    let variable = proxy.variable();
    let what = if proxy.has_login() {
        "does not take the user name and password that are set for it"
    } else {
        "wants a user name and a password"
    };
    ApiError::from(ErrorKind::Proxy(proxy.to_string(), what)).hint(format!(
        "put them into {variable}, as in http://USER:PASSWORD@{}:{}",
        proxy.host(),
        proxy.port()
    ))
}

fn connect(why: String, registry: &RegistryUrl, proxy: Option<&Proxy>) -> ApiError {
    let source = registry.source();
    let mut place = format!("{registry} ({source})");
    if let Some(proxy) = proxy {
        place = format!("{place} through the proxy {proxy}");
    }
    ErrorKind::Connect(place, why).into()
}

fn broken(how: String, registry: &RegistryUrl, proxy: Option<&Proxy>) -> ApiError {
    // What a server that speaks TLS sends to one that does not is no HTTP.
    let is_no_http = !registry.is_https() && how.starts_with("invalid HTTP");
    let error = ApiError::from(ErrorKind::Broken(how));
    if let Some(proxy) = proxy {
        return error.hint(format!(
            "it went through the proxy {proxy}, which may be what broke it"
        ));
    }
    if is_no_http {
        return error.hint(format!("if it speaks TLS, try {}", other_scheme(registry)));
    }
    error
}

/// What is wrong, if there is a better word for it than the library's, and what to do.
fn in_words(problem: &rustls::Error, registry: &RegistryUrl) -> (Option<String>, String) {
    use CertificateError as Certificate;
    let rustls::Error::InvalidCertificate(problem) = problem else {
        let hint = match problem {
            // What came was no TLS at all.
            rustls::Error::InvalidMessage(_) => {
                format!("if it does not speak TLS, try {}", other_scheme(registry))
            }
            _ => "whoever operates the registry can see more in its log".to_owned(),
        };
        return (None, hint);
    };
    let words = |words: &str| Some(words.to_owned());
    match problem {
        Certificate::UnknownIssuer | Certificate::BadSignature => (
            words("no authority that this machine trusts has signed its certificate"),
            TRUST.to_owned(),
        ),
        Certificate::Expired | Certificate::ExpiredContext { .. } => (
            words("its certificate has expired"),
            "whoever operates the registry renews it; or is this machine's clock wrong?".to_owned(),
        ),
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => (
            words("its certificate is not valid yet"),
            "is this machine's clock right?".to_owned(),
        ),
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => (
            words("its certificate is for another name than that one"),
            "use the name that the certificate is for".to_owned(),
        ),
        // Trusting it does not help: it would sign others and be none itself.
        other if other.to_string().contains("CaUsedAsEndEntity") => (
            words("its certificate is an authority's, and not one for a server"),
            format!(
                "have the server use one that is none (`openssl req -x509` takes -addext \
                 basicConstraints=critical,CA:FALSE), and {TRUST}"
            ),
        ),
        _ => (None, TRUST.to_owned()),
    }
}

/// What the HTTP library says about the way through a proxy, if that is what failed.
fn tunnel_problem(error: &reqwest::Error) -> Option<String> {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let mut texts = causes.map(ToString::to_string);
    texts.find_map(|text| text.strip_prefix(TUNNEL).map(str::to_owned))
}

/// The TLS library's error in the chain of causes, if there is one.
fn tls_problem(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(found) = unwrapped(error) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// An I/O error hides what it wraps from those who ask for its cause.
fn unwrapped<'e>(mut error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    while let Some(wrapped) = error.downcast_ref::<io::Error>() {
        error = wrapped.get_ref()?;
    }
    error.downcast_ref()
}

fn other_scheme(registry: &RegistryUrl) -> String {
    let url = registry.to_string();
    match url.strip_prefix("https:") {
        Some(rest) => format!("http:{rest}"),
        None => url.replacen("http:", "https:", 1),
    }
}
