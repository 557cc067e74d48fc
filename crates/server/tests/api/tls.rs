//! A server that speaks TLS itself.

use enact_testkit::Certificate;
use reqwest::Client;

use crate::backend::Data;
use crate::fixture::{App, send};

behaviours![a_server_with_a_certificate_speaks_tls_and_nothing_else];

async fn a_server_with_a_certificate_speaks_tls_and_nothing_else() {
    let certificate = Certificate::new().unwrap();
    let mut app = App::start_with(Data::new(), &[], |options| {
        options.tls_cert = Some(certificate.path());
        options.tls_key = Some(certificate.key());
    })
    .await;
    assert!(app.url.starts_with("https://"), "{}", app.url);
    assert!(app.client.get(&app.url).send().await.is_err(), "trusted");

    let pem = std::fs::read(certificate.path()).unwrap();
    let root = reqwest::Certificate::from_pem(&pem).unwrap();
    let client = Client::builder().no_proxy().tls_certs_only([root]);
    app.client = client.build().unwrap();
    app.given("a/b", "1.0.0").await;
    for (path, status) in [
        ("/health", 200),
        ("/tools/a/b/versions/1.0.0/download", 200),
        ("/no/such/route", 404),
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(
            answer.header("strict-transport-security"),
            "max-age=31536000"
        );
    }
    // Pages of the server itself are no other site's.
    let own = app.client.get(format!("{}/auth/me", app.url));
    assert_eq!(send(own.header("origin", &app.url)).await.status, 200);

    let plain = app.url.replace("https://", "http://");
    assert!(app.client.get(plain).send().await.is_err());
    assert_eq!(app.get("/health").await.status, 200);
}
