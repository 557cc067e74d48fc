//! `enact serve`: what it refuses to start with, and TLS.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use enact_testkit::{Certificate, EnactServer, enact_command};

use crate::sandbox::Sandbox;

fn serve(sandbox: &Sandbox, args: &[&str]) -> EnactServer {
    let mut command = enact_command(Path::new(env!("CARGO_BIN_EXE_enact")));
    command.args(["serve", "--port", "0", "--data"]);
    command.arg(sandbox.path("data")).args(args);
    EnactServer::spawn(command).unwrap()
}

#[test]
fn it_serves_others_only_with_a_key_or_when_told_to_be_open() {
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    let args = ["serve", "--port", "0", "--host", "0.0.0.0"];
    let ended = sandbox.enact_with(&[], &args);
    assert_eq!(ended.code, 1, "{ended:?}");
    for word in ["refusing", "ENACT_REGISTRY_API_KEY", "--open", "127.0.0.1"] {
        assert!(ended.stderr.contains(word), "{word}: {ended:?}");
    }
    assert_eq!(sandbox.tree(), before, "nothing was made");

    let open = serve(&sandbox, &["--host", "0.0.0.0", "--open"]);
    let said = open.output();
    assert!(
        said.contains("everybody who reaches this server may"),
        "{said}"
    );
}

#[test]
fn a_registry_with_tokens_is_not_opened_without_a_word() {
    let sandbox = Sandbox::new();
    let data = sandbox.path("data");
    let data = data.to_str().unwrap();
    for args in [
        &["db", "migrate"][..],
        &["user", "add", "alice"],
        &["token", "create", "--user", "alice"],
    ] {
        let args = [args, &["--data", data]].concat();
        sandbox.enact_with(&[], &args).success();
    }
    let args = ["serve", "--port", "0", "--data", data];
    let ended = sandbox.enact_with(&[], &args);
    assert_eq!(ended.code, 1, "{ended:?}");
    for word in ["ENACT_AUTH=tokens", "ENACT_AUTH=open"] {
        assert!(ended.stderr.contains(word), "{word}: {ended:?}");
    }
    // Said in words, it is.
    serve(&sandbox, &["--open"]);
}

/// The files and folders below a folder, and their modes if others may do anything with them.
fn open_to_others(folder: &Path, seen: &mut Vec<String>) -> Vec<String> {
    let mut open = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        let path = entry.path();
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            open.push(format!("{mode:o} {}", path.display()));
        }
        seen.push(path.display().to_string());
        if metadata.is_dir() {
            open.extend(open_to_others(&path, seen));
        }
    }
    open
}

#[test]
fn what_it_keeps_in_a_folder_that_others_can_look_into_is_its_own() {
    let sandbox = Sandbox::new();
    let data = sandbox.path("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let args = ["db", "migrate", "--data", data.to_str().unwrap()];
    sandbox.enact_with(&[], &args).success();
    let server = serve(&sandbox, &[]);
    sandbox.write("greeter/SKILL.md", "# Greeter\n");
    let package = "name: a/greeter\nversion: 1.0.0\ndescription: Greets\n";
    sandbox.write("greeter/skill.package.yml", package);
    let skill = sandbox.path("greeter");
    let args = ["publish", skill.to_str().unwrap()];
    sandbox.enact(&server.url, &args).success();

    let mut seen = Vec::new();
    assert_eq!(open_to_others(&data, &mut seen), [""; 0]);
    for kept in ["registry.db", ".tar.gz"] {
        assert!(seen.iter().any(|path| path.ends_with(kept)), "{seen:?}");
    }
    let said = server.output();
    assert!(
        said.contains("mode=\"755\"") && said.contains("chmod 700"),
        "{said}"
    );
    // One of its own is nothing to warn of.
    let server = serve(&Sandbox::new(), &[]);
    assert!(!server.output().contains("chmod"), "{}", server.output());
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    let key = ("ENACT_REGISTRY_API_KEY", "0123456789abcdef");
    for (vars, args, word) in [
        (&[key][..], &["--open"][..], "--open"),
        (&[], &["--tls-cert", "x.pem"], "--tls-key"),
        (&[("ENACT_TLS_KEY", "x.pem")], &[], "ENACT_TLS_CERT"),
        (&[("ENACT_LIMIT_SEARCH", "0")], &[], "ENACT_LIMIT_SEARCH"),
        (
            &[("ENACT_TRUSTED_PROXIES", "x")],
            &[],
            "ENACT_TRUSTED_PROXIES",
        ),
        (&[("ENACT_CORS_ORIGINS", "x")], &[], "ENACT_CORS_ORIGINS"),
    ] {
        let args = [&["serve", "--port", "0"], args].concat();
        let ended = sandbox.enact_with(vars, &args);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.stderr.contains(word), "{word}: {ended:?}");
    }
    let args = [
        "serve",
        "--port",
        "0",
        "--tls-cert",
        "no.pem",
        "--tls-key",
        "no.pem",
    ];
    let ended = sandbox.enact_with(&[], &args);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("no.pem"), "{ended:?}");
    assert_eq!(sandbox.tree(), before, "nothing was made");
}

#[test]
fn a_renewed_certificate_is_read_on_sighup() {
    let sandbox = Sandbox::new();
    let certificate = Certificate::new().unwrap();
    let (path, key) = (certificate.path(), certificate.key());
    let (path, key) = (path.to_str().unwrap(), key.to_str().unwrap());
    let server = serve(&sandbox, &["--tls-cert", path, "--tls-key", key]);
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let search = || {
        let vars = [
            ("ENACT_REGISTRY_URL", &*server.url),
            ("SSL_CERT_FILE", path),
        ];
        sandbox.enact_with(&vars, &["search", "x"])
    };
    search().success();

    certificate.replace().unwrap();
    let ended = search();
    assert_ne!(ended.code, 0, "the server's is another one: {ended:?}");
    let hangup = Command::new("kill")
        .args(["-s", "HUP", &server.pid.to_string()])
        .status();
    assert!(hangup.unwrap().success());
    // Soon: a signal has no answer.
    while search().code != 0 {}
    let said = server.output();
    assert!(said.contains("read the certificate again"), "{said}");
    assert!(server.stop().unwrap().success());
}
