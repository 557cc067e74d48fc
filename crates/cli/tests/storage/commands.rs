//! Every command but `doctor`, on every store.

use std::fs;

use serde_json::json;

use crate::Behaviour;
use crate::stores::{Kind, World};

pub(crate) const ALL: [(&str, Behaviour); 11] = [
    ("test_goes_through_six_steps", six_steps),
    ("put_and_get_are_byte_exact", round_trip),
    ("put_and_get_work_in_a_pipe", pipes),
    ("get_leaves_what_was_there_when_it_fails", failed_get),
    ("stat_and_ls_tell_what_is_there", stat_and_ls),
    ("create_only_refuses_to_replace", create_only),
    ("rm_deletes_and_takes_absence_for_done", rm),
    ("presigned_links_work_for_anybody", presign),
    ("init_sets_up_and_tells_what_is_missing", init),
    ("bench_measures_and_cleans_up", bench),
    ("wrong_usage_is_told_apart", usage),
];

fn six_steps(world: &World) {
    let text = world.succeed(&["test"]).stdout;
    let steps: Vec<&str> = text.lines().filter(|line| line.contains(" ms")).collect();
    let names = [
        "Upload test bundle",
        "Verify file exists",
        "Get metadata",
        "Download and verify content",
        "Delete bundle",
        "Verify deletion",
    ];
    assert_eq!(steps.len(), names.len(), "{text}");
    for (index, (step, name)) in steps.iter().zip(names).enumerate() {
        assert!(
            step.starts_with(&format!("✓ {}. {name} ", index + 1)),
            "{text}"
        );
    }
    let report = world.json(0, &["test"]);
    assert_eq!(report["ok"], true);
    assert_eq!(report["error"], json!(null));
    for (step, name) in report["steps"].as_array().unwrap().iter().zip(names) {
        assert_eq!((&step["name"], &step["ok"]), (&json!(name), &json!(true)));
        assert!(step["milliseconds"].as_f64().unwrap() >= 0.0);
    }
    assert!(world.keys().is_empty());
}

fn round_trip(world: &World) {
    // Nothing, one request, several parts.
    for size in [0, 1_500, 17 * 1024 * 1024 + 1] {
        let (file, data) = world.file("in.tar.gz", size);
        let put = world.succeed(&["put", file.to_str().unwrap(), "a/b.tar.gz"]);
        assert!(put.stdout.starts_with("Stored a/b.tar.gz ("), "{put:?}");
        assert!(put.stdout.contains(&size.to_string()), "{put:?}");
        assert_eq!(put.stderr, "", "no bar where nobody is watching");
        let got = world.json(0, &["get", "a/b.tar.gz", "out"]);
        assert_eq!(got["size"], size);
        assert_eq!(fs::read(world.path("out")).unwrap(), data);
    }
    world.succeed(&["get", "a/b.tar.gz"]);
    assert!(
        world.path("b.tar.gz").is_file(),
        "called as the end of its key"
    );
    fs::create_dir(world.path("folder")).unwrap();
    world.succeed(&["get", "a/b.tar.gz", "folder"]);
    assert!(world.path("folder/b.tar.gz").is_file());
}

fn pipes(world: &World) {
    let (file, data) = world.file("in", 300_000);
    let put = world.output(&["put", "-", "piped"], Some(&file));
    assert!(put.status.success(), "{put:?}");
    let got = world.output(&["get", "piped", "-"], None);
    assert!(got.status.success());
    assert!(got.stdout == data, "{} bytes", got.stdout.len());
}

fn failed_get(world: &World) {
    fs::write(world.path("kept"), "kept").unwrap();
    let ended = world.run(&["get", "no/such/object", "kept"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.stderr.contains("there is no such object"),
        "{ended:?}"
    );
    assert_eq!(fs::read_to_string(world.path("kept")).unwrap(), "kept");
    let error = world.json(1, &["get", "no/such/object", "kept"]);
    assert_eq!(error["error"]["code"], "DOWNLOAD_FAILED");
    let entries = fs::read_dir(world.folder.path()).unwrap();
    let drafts = entries.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with(".enact-")
    });
    assert_eq!(drafts.count(), 0);
}

fn stat_and_ls(world: &World) {
    let (file, _) = world.file("in", 1536);
    let file = file.to_str().unwrap();
    for key in ["a/1.tar.gz", "a/2", "b/3"] {
        world.succeed(&["put", file, key]);
    }
    let stat = world.json(0, &["stat", "a/1.tar.gz"]);
    assert_eq!(stat["size"], 1536);
    assert_eq!(stat["contentType"], "application/gzip");
    let text = world.succeed(&["stat", "a/1.tar.gz"]).stdout;
    assert!(text.contains("1.5 KiB, 1536 bytes"), "{text}");
    assert_eq!(world.keys(), ["a/1.tar.gz", "a/2", "b/3"]);
    let text = world.succeed(&["ls", "a/"]).stdout;
    let keys = text
        .lines()
        .filter_map(|line| line.split_whitespace().last());
    assert_eq!(keys.collect::<Vec<_>>(), ["a/1.tar.gz", "a/2"]);
    let some = world.json(0, &["ls", "--limit", "2"]);
    assert_eq!(some["objects"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&some["truncated"], &some["size"]),
        (&json!(true), &json!(3072))
    );
    let absent = world.json(1, &["stat", "a/none"]);
    assert_eq!(absent["error"]["code"], "METADATA_FAILED");
}

fn create_only(world: &World) {
    let (file, _) = world.file("in", 10);
    let file = file.to_str().unwrap();
    world.succeed(&["put", "--create-only", file, "once"]);
    let error = world.json(1, &["put", "--create-only", file, "once"]);
    assert_eq!(error["error"]["code"], "ALREADY_EXISTS");
}

fn rm(world: &World) {
    let (file, _) = world.file("in", 10);
    for key in ["a", "b", "c"] {
        world.succeed(&["put", file.to_str().unwrap(), key]);
    }
    let removed = world.json(0, &["rm", "a", "b", "never/was"]);
    assert_eq!(removed["deleted"], json!(["a", "b", "never/was"]));
    assert_eq!(world.keys(), ["c"]);
}

fn presign(world: &World) {
    let (file, data) = world.file("in", 5_000);
    world.succeed(&["put", file.to_str().unwrap(), "a/b"]);
    if world.kind == Kind::Local {
        let error = world.json(1, &["presign", "a/b"]);
        assert_eq!(error["error"]["code"], "PRESIGN_FAILED");
        return;
    }
    let link = world.succeed(&["presign", "a/b"]).stdout;
    assert!(link.contains("X-Amz-Expires=3600"), "{link}");
    let got = fetch(|http| http.get(link.trim()));
    assert_eq!(got, (200, data));
    let link = world.json(0, &["presign", "--put", "--expires", "15m", "new"]);
    assert_eq!(
        (&link["method"], &link["expiresInSeconds"]),
        (&json!("PUT"), &json!(900))
    );
    let put = fetch(|http| {
        http.put(link["url"].as_str().unwrap())
            .body("from a browser")
    });
    assert_eq!(put.0, 200);
    let got = world.output(&["get", "new", "-"], None);
    assert_eq!(got.stdout, b"from a browser");
    assert_eq!(world.run(&["presign", "a/b", "--expires", "8d"]).code, 1);
}

/// Sends a request with a client that knows nothing of S3.
pub(crate) fn fetch(
    request: impl FnOnce(reqwest::Client) -> reqwest::RequestBuilder,
) -> (u16, Vec<u8>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()
            .unwrap();
        let response = request(http).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.bytes().await.unwrap().to_vec())
    })
}

fn init(world: &World) {
    let mut world = World::new(world.kind, world.env.clone());
    if world.kind != Kind::Local {
        world.env.insert("R2_BUCKET", "made-by-init".to_owned());
    }
    let first = world.json(0, &["init"]);
    if world.kind != Kind::Local {
        assert_eq!(first["steps"][0]["outcome"], "created");
        let anybody = fetch(|http| http.get(format!("{}/made-by-init", world.env["R2_ENDPOINT"])));
        assert_eq!(anybody.0, 403, "world-readable");
    }
    let everything = [
        "init",
        "--versioning",
        "--encryption",
        "--abort-stale-uploads",
        "7",
        "--cors",
        "https://a.example",
        "http://localhost:8080",
    ];
    let expected: [&str; 5] = match world.kind {
        Kind::Minio => ["exists", "unsupported", "set", "unsupported", "unsupported"],
        _ => [
            "exists",
            "unsupported",
            "unsupported",
            "unsupported",
            "unsupported",
        ],
    };
    let outcomes = |report: serde_json::Value| -> Vec<String> {
        let steps = report["steps"].as_array().unwrap().iter();
        steps
            .map(|step| step["outcome"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(outcomes(world.json(0, &everything)), expected);
    let again = outcomes(world.json(0, &["init", "--versioning"]));
    let kept = match world.kind {
        Kind::Minio => "alreadySet",
        _ => "unsupported",
    };
    assert_eq!(again, ["exists", kept]);
    let text = world.succeed(&everything).stdout;
    assert!(text.contains("– CORS: "), "{text}");
    world.succeed(&["test"]);
}

fn bench(world: &World) {
    let arguments = [
        "bench",
        "--size",
        "20KiB",
        "--count",
        "12",
        "--concurrency",
        "4",
    ];
    let text = world.succeed(&arguments).stdout;
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let [_, heading, put, get] = &rows[..] else {
        panic!("{text}");
    };
    assert_eq!(heading[0], "MiB/s");
    assert_eq!((put[0], get[0]), ("put", "get"));
    assert_eq!((put.len(), get.len()), (8, 8), "{text}");
    let report = world.json(0, &arguments);
    assert_eq!(report["objectSize"], 20 * 1024);
    for pass in report["passes"].as_array().unwrap() {
        assert_eq!(pass["objects"], 12);
        let latency = &pass["latencyMilliseconds"];
        let [p50, p99, max] = ["p50", "p99", "max"].map(|name| latency[name].as_f64().unwrap());
        assert!(0.0 < p50 && p50 <= p99 && p99 <= max, "{pass}");
        assert!(pass["bytesPerSecond"].as_f64().unwrap() > 0.0);
    }
    // Larger than the data that is made for it, and than one request.
    world.succeed(&["bench", "--size", "17MiB", "--count", "2"]);
    assert!(world.keys().is_empty());
}

fn usage(world: &World) {
    for arguments in [
        &["get", "../escape"][..],
        &["put", "in"],
        &["presign", "a", "--expires", "soon"],
        &["bench", "--size", "8MB"],
        &["bench", "--count", "0"],
        &["init", "--cors", "a.example"],
        &["rm"],
    ] {
        let ended = world.run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {ended:?}");
    }
    let both = world.json(2, &["get", "a", "-"]);
    assert_eq!(both["error"]["code"], "USAGE");
    let nowhere = world.json(1, &["ls", "--data", "no-such-folder"]);
    assert_eq!(nowhere["error"]["code"], "NO_STORE");
    assert!(!world.path("no-such-folder").exists());
    let missing = world.run(&["put", "no-such-file", "a"]);
    assert!(missing.code == 1 && missing.stderr.contains("no-such-file"));
}
