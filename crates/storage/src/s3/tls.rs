//! TLS.

/// Makes sure that rustls has cryptography to use. The HTTP client is built without any, since
/// its default one is a minute of C to compile; whichever provider is there already stays.
pub(super) fn install_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails only if another thread was faster, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
