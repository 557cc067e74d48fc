//! Starting, stopping, and starting again.

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fixture::{App, archive, bundle, manifest, noise, send};

behaviours![
    what_was_acknowledged_is_there_after_a_restart,
    stopping_lets_a_download_finish,
    a_client_that_leaves_in_mid_publish_leaves_all_or_nothing,
    downloads_that_were_handed_over_are_counted,
];

async fn what_was_acknowledged_is_there_after_a_restart() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let me = app.get("/auth/me").await.json();
    let data = app.stop().await;
    let app = App::start_in(data, &[]).await;
    assert_eq!(
        app.get("/tools/a/b/versions/1.0.0/download").await.bytes,
        bundle("a/b", "1.0.0")
    );
    assert_eq!(app.get("/auth/me").await.json(), me);
}

async fn stopping_lets_a_download_finish() {
    let app = App::open().await;
    let data = noise(8 << 20);
    let bytes = archive(&[("SKILL.md", b"x"), ("data.bin", &data)]);
    assert_eq!(
        app.publish(&manifest("a/b", "1.0.0"), bytes.clone())
            .await
            .status,
        201
    );
    // More than the system's buffers hold, so the server is still sending when it is told to stop.
    let mut stream = TcpStream::connect(app.url.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let request = "GET /tools/a/b/versions/1.0.0/download HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = vec![0; 1000];
    stream.read_exact(&mut received).await.unwrap();
    let url = app.url.clone();
    let stopping = tokio::spawn(app.stop());
    while reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(format!("{url}/health"))
        .send()
        .await
        .is_ok()
    {}
    stream.read_to_end(&mut received).await.unwrap();
    assert!(received.ends_with(&bytes), "the download was cut off");
    stopping.await.unwrap();
}

async fn a_client_that_leaves_in_mid_publish_leaves_all_or_nothing() {
    let app = App::open().await;
    for n in 0..20 {
        let name = format!("a/t{n}");
        let bytes = archive(&[("SKILL.md", b"x"), ("data.bin", &noise(200_000))]);
        let form = crate::fixture::form(&manifest(&name, "1.0.0"), bytes.clone())
            .text("visibility", "public");
        let request = app
            .request(Method::POST, &format!("/tools/{name}/versions"))
            .multipart(form);
        let task = tokio::spawn(send(request));
        for _ in 0..n * 3 {
            tokio::task::yield_now().await;
        }
        task.abort();
        let _ = task.await;
    }
    let data = app.stop().await;
    let app = App::start_in(data, &[]).await;
    for n in 0..20 {
        let info = app.get(&format!("/tools/a/t{n}")).await;
        if info.status == 200 {
            let download = app
                .get(&format!("/tools/a/t{n}/versions/1.0.0/download"))
                .await;
            assert_eq!(
                download.bytes,
                archive(&[("SKILL.md", b"x"), ("data.bin", &noise(200_000))])
            );
        }
        // Whatever became of the first, a second attempt ends in the version being there.
        let again = app
            .publish(
                &manifest(&format!("a/t{n}"), "1.0.0"),
                archive(&[("SKILL.md", b"x")]),
            )
            .await;
        assert!(matches!(again.status.as_u16(), 201 | 409), "{again:?}");
        assert_eq!(app.get(&format!("/tools/a/t{n}")).await.status, 200);
    }
}

async fn downloads_that_were_handed_over_are_counted() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let path = "/tools/a/b/versions/1.0.0/download";
    for _ in 0..3 {
        assert_eq!(app.get(path).await.status, 200);
    }
    // Neither of these hands anything over.
    assert_eq!(send(app.request(Method::HEAD, path)).await.status, 200);
    let known = app.request(Method::GET, path).header("if-none-match", "*");
    assert_eq!(send(known).await.status, 304);
    let data = app.stop().await;
    let app = App::start_in(data, &[]).await;
    let info = app.get("/tools/a/b").await.json();
    assert_eq!(
        (&info["total_downloads"], &info["versions"][0]["downloads"]),
        (&3.into(), &3.into())
    );
    assert_eq!(
        app.get("/tools/a/b/versions/1.0.0").await.json()["downloads"],
        3
    );
    assert_eq!(
        app.get("/tools/search?q=b").await.json()["tools"][0]["downloads"],
        3
    );
}
