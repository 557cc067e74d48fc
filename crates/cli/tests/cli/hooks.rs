//! Post-install hooks, which run only if the user says so.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use enact_testkit::until_gone;
use serde_json::json;

use crate::bundles::{Bundle, entry};
use crate::published::Published;
use crate::registry::Registry;
use crate::sandbox::{Ended, Sandbox};
use crate::terminal::{answer, answer_after, terminal};

const CONSENTS: &str = "home/.enact/hooks.json";

/// A registry with a skill that has this hook.
fn hooked(version: &str, hook: &str) -> Registry {
    let manifest = format!("hooks: {{postinstall: {hook}}}\n");
    let entries = [
        entry("SKILL.md", 0o644, b"# Greeter\n"),
        entry("skill.package.yml", 0o644, manifest.as_bytes()),
    ];
    Registry::with(&Bundle::holding(version, &entries), |_| None)
}

/// Installs at a terminal where `typed` is typed.
fn answering(sandbox: &Sandbox, registry: &str, typed: &str) -> Ended {
    let vars = [("ENACT_REGISTRY_URL", registry)];
    let command = sandbox.command(&vars, &["install", "alice/greeter", "--force"]);
    answer(command, typed)
}

#[test]
fn are_not_run_by_themselves() {
    let sandbox = Sandbox::new();
    let registry = hooked("1.0.0", "touch ran");
    let args = ["install", "alice/greeter"];
    let ended = sandbox.enact(&registry.url, &args).success();
    assert!(
        ended.stderr.contains("was not run:\n  $ touch ran\n"),
        "{ended:?}"
    );
    assert!(ended.stderr.contains("--run-hooks"), "{ended:?}");
    assert!(
        !sandbox
            .path("home/.agents/skills/alice/greeter/ran")
            .exists()
    );
    assert!(!sandbox.path(CONSENTS).exists());
}

#[test]
fn are_run_in_the_skills_folder_when_they_are_asked_for() {
    let sandbox = Sandbox::new();
    let registry = hooked(
        "1.0.0",
        "[touch ran, 'echo out; echo \"$ENACT_AUTH_TOKEN\" > token']",
    );
    let args = ["install", "alice/greeter", "--run-hooks", "--json"];
    let ended = sandbox.enact(&registry.url, &args).success();
    assert_eq!(ended.json()["hook"], "ran", "stdout is JSON alone");
    assert!(ended.stderr.contains("out"), "{ended:?}");
    let skill = "home/.agents/skills/alice/greeter";
    assert!(sandbox.path(&format!("{skill}/ran")).exists());
    assert_eq!(sandbox.read(&format!("{skill}/token")), "\n");
    assert!(!sandbox.path(CONSENTS).exists(), "that was for this time");
    // What is in its place has nothing to run.
    let again = sandbox.enact(&registry.url, &args).success();
    assert_eq!(again.json()["hook"], json!(null));
    let told = sandbox.enact(&registry.url, &args[..3]).success();
    let expected = "its hook is not run again: add --force";
    assert!(told.stderr.contains(expected), "{told:?}");
    let plain = sandbox.enact(&registry.url, &args[..2]).success();
    assert!(!plain.stderr.contains("hook"), "{plain:?}");
}

#[test]
fn are_asked_about_at_a_terminal() {
    let sandbox = Sandbox::new();
    let ran = sandbox.path("home/.agents/skills/alice/greeter/ran");
    let registry = hooked("1.0.0", "touch ran");
    for (answer, runs) in [("", false), ("n", false), ("what?", false), ("y", true)] {
        let ended = answering(&sandbox, &registry.url, answer).success();
        assert!(ended.stderr.contains("  $ touch ran\r\n"), "{ended:?}");
        assert_eq!(ran.exists(), runs, "{answer:?}");
        assert!(!sandbox.path(CONSENTS).exists(), "{answer:?}");
    }
}

#[test]
fn an_answer_for_ever_is_for_the_same_skill_of_the_same_registry() {
    let sandbox = Sandbox::new();
    let ran = sandbox.path("home/.agents/skills/alice/greeter/ran");
    let registry = hooked("1.0.0", "touch ran");
    answering(&sandbox, &registry.url, "a").success();
    assert!(ran.exists());
    let args = ["install", "alice/greeter", "--force"];
    sandbox.enact(&registry.url, &args).success();
    assert!(ran.exists(), "it was agreed to before");
    for other in [
        hooked("1.0.0", "touch ran"),
        hooked("1.0.1", "touch ran ran-too"),
    ] {
        let ended = sandbox.enact(&other.url, &args).success();
        assert!(ended.stderr.contains("was not run"), "{ended:?}");
        assert!(!ran.exists());
    }
    let consents: serde_json::Value = serde_json::from_str(&sandbox.read(CONSENTS)).unwrap();
    assert_eq!(consents["allowed"].as_array().unwrap().len(), 1);
    assert_eq!(consents["allowed"][0]["name"], "alice/greeter");
    assert_eq!(consents["allowed"][0]["registry"], registry.url);
}

#[test]
fn one_that_fails_is_told_and_the_skill_stays() {
    let sandbox = Sandbox::new();
    let registry = hooked("1.0.0", "exit 7");
    let args = ["install", "alice/greeter", "--run-hooks", "--json"];
    let ended = sandbox.enact(&registry.url, &args);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(ended.json()["error"]["code"], "HOOK_FAILED");
    assert!(ended.stderr.contains("failed with 7: exit 7"), "{ended:?}");
    sandbox.enact(&registry.url, &["verify"]).success();
}

#[test]
fn one_that_runs_ends_with_the_install() {
    let sandbox = Sandbox::new();
    let registry = hooked(
        "1.0.0",
        "sleep 1000 & echo $! > id && mv id running && wait",
    );
    let args = ["install", "alice/greeter", "--run-hooks"];
    let mut running = sandbox.start(&registry.url, &args);
    let id = "home/.agents/skills/alice/greeter/running";
    running.until(|| sandbox.path(id).exists());
    running.signal("TERM");
    assert_eq!(running.wait().code, 130);
    // The end of an orphan is noticed by whoever takes it over, at any time after the signal.
    until_gone(sandbox.read(id).trim());
}

#[test]
fn an_answer_for_ever_is_for_one_version() {
    let registry = Published::new();
    let manifest = "---\nhooks: {postinstall: sh run.sh}\n---\n# Greeter\n";
    let publish = |version: &str| {
        let files = [("SKILL.md", manifest), ("run.sh", "touch ran\n")];
        registry.publish("alice/greeter", version, &files);
    };
    publish("1.0.0");
    let sandbox = Sandbox::new();
    let ended = answering(&sandbox, &registry.url, "a").success();
    assert!(
        ended.stderr.contains("[a]lways for this version"),
        "{ended:?}"
    );
    let again = ["install", "alice/greeter", "--force"];
    let ended = sandbox.enact(&registry.url, &again).success();
    assert!(ended.stderr.contains("Running"), "{ended:?}");
    publish("1.0.1");
    let ended = sandbox.enact(&registry.url, &again).success();
    assert!(
        ended.stderr.contains("was not run:\n  $ sh run.sh\n"),
        "{ended:?}"
    );
}

#[test]
fn nobody_is_asked_who_cannot_see_the_question() {
    let sandbox = Sandbox::new();
    let registry = hooked("1.0.0", "touch ran");
    let (_person, program) = terminal();
    let vars = [("ENACT_REGISTRY_URL", &*registry.url)];
    let mut command = sandbox.command(&vars, &["install", "alice/greeter"]);
    let output = command.stdin(program).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("was not run:\n  $ touch ran\n"), "{stderr}");
}

#[test]
fn see_no_secrets_of_the_environment() {
    let sandbox = Sandbox::new();
    let registry = hooked("1.0.0", "env > seen");
    let vars = [
        ("ENACT_REGISTRY_URL", &*registry.url),
        ("ENACT_AUTH_TOKEN", "t0ken"),
        ("R2_SECRET_ACCESS_KEY", "t0ken"),
        ("AWS_SECRET_ACCESS_KEY", "t0ken"),
        ("DATABASE_URL", "postgres://me:t0ken@db/x"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t0ken"),
        ("SOME_API_KEY", "t0ken"),
        ("NO_PROXY", "localhost,127.0.0.1"),
        ("LC_ALL", "C"),
    ];
    let args = ["install", "alice/greeter", "--run-hooks"];
    let output = sandbox.command(&vars, &args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let seen = sandbox.read("home/.agents/skills/alice/greeter/seen");
    assert!(!seen.contains("t0ken"), "{seen}");
    for name in [
        "PATH=",
        "HOME=",
        "NO_PROXY=localhost,127.0.0.1\n",
        "LC_ALL=C\n",
    ] {
        assert!(seen.contains(name), "{name}: {seen}");
    }
}

#[test]
fn one_that_does_not_want_to_end_is_made_to() {
    let sandbox = Sandbox::new();
    let hook = "\"trap '' TERM; touch running; sleep 1000\"";
    let registry = hooked("1.0.0", hook);
    let args = ["install", "alice/greeter", "--run-hooks"];
    let mut running = sandbox.start(&registry.url, &args);
    let there = sandbox.path("home/.agents/skills/alice/greeter/running");
    running.until(|| there.exists());
    running.signal("TERM");
    assert_eq!(running.wait().code, 130);
}

/// As the system stops what is not in a terminal's foreground and reads from there.
#[test]
fn one_that_is_stopped_is_ended_and_told() {
    let sandbox = Sandbox::new();
    let registry = hooked("1.0.0", "\"echo $$ > id; kill -s STOP $$\"");
    let args = ["install", "alice/greeter", "--run-hooks"];
    let ended = sandbox.enact(&registry.url, &args);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(
        ended.stderr.contains("at the terminal, or was stopped"),
        "{ended:?}"
    );
    until_gone(sandbox.read("home/.agents/skills/alice/greeter/id").trim());
}

#[test]
fn every_line_that_would_run_is_shown_as_one() {
    let hook = r#""echo building docs # nothing else\ntouch ran""#;
    let registry = hooked("1.0.0", hook);
    let lines = ["  $ echo building docs # nothing else", "  > touch ran"];
    let sandbox = Sandbox::new();
    let asked = answering(&sandbox, &registry.url, "n").success();
    assert!(asked.stderr.contains(&lines.join("\r\n")), "{asked:?}");
    for args in [&["--force"][..], &["--force", "--run-hooks"]] {
        let args = [&["install", "alice/greeter"], args].concat();
        let told = sandbox.enact(&registry.url, &args).success();
        assert!(told.stderr.contains(&lines.join("\n")), "{told:?}");
    }
}

#[test]
fn one_that_is_too_long_for_a_terminal_says_so() {
    let many = "true\\n".repeat(15);
    let registry = hooked("1.0.0", &format!("\"touch ran\\n{many}\""));
    let asked = answering(&Sandbox::new(), &registry.url, "n").success();
    let expected = "These are 16 lines: scroll up";
    assert!(asked.stderr.contains(expected), "{asked:?}");
}

#[test]
fn one_that_is_not_seen_as_it_is_never_runs() {
    for (hook, code) in [
        (r#""echo a\rtouch ran""#, "U+000D"),
        (r#""touch ran #\e[2K""#, "U+001B"),
        (r#"[true, "touch ran \u202e"]"#, "U+202E"),
        (r#""touch ran \u061c""#, "U+061C"),
        (r#""touch ran \x7f""#, "U+007F"),
    ] {
        let registry = hooked("1.0.0", hook);
        let sandbox = Sandbox::new();
        let ended = answering(&sandbox, &registry.url, "y").success();
        assert!(ended.stderr.contains(code), "{ended:?}");
        assert!(!ended.stderr.contains("Run it?"), "{ended:?}");
        let args = [
            "install",
            "alice/greeter",
            "--force",
            "--run-hooks",
            "--json",
        ];
        let ended = sandbox.enact(&registry.url, &args);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert_eq!(ended.json()["error"]["code"], "HOOK_REFUSED");
        let ran = sandbox.path("home/.agents/skills/alice/greeter/ran");
        assert!(!ran.exists(), "{hook}");
        sandbox.enact(&registry.url, &["verify"]).success();
    }
}

/// A registry with two versions of a skill, whose hook runs a script that tells which one it is of.
fn two_versions() -> Published {
    let registry = Published::new();
    for version in ["1.0.0", "2.0.0"] {
        let manifest = "---\nhooks: {postinstall: sh setup.sh}\n---\n# Greeter\n";
        let script = format!("touch $HOME/ran-{version}\n");
        let files = [("SKILL.md", manifest), ("setup.sh", &script)];
        registry.publish("alice/greeter", version, &files);
    }
    registry
}

#[test]
fn what_was_agreed_to_is_not_run_of_another_version_that_came_meanwhile() {
    let registry = two_versions();
    let sandbox = Sandbox::new();
    let vars = [("ENACT_REGISTRY_URL", &*registry.url)];
    let command = sandbox.command(&vars, &["install", "alice/greeter@1.0.0"]);
    let ended = answer_after(command, "y", || {
        let args = ["install", "alice/greeter@2.0.0"];
        sandbox.enact(&registry.url, &args).success();
    });
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("setup.sh: changed"), "{ended:?}");
    for version in ["1.0.0", "2.0.0"] {
        let ran = sandbox.path(&format!("home/ran-{version}"));
        assert!(!ran.exists(), "{version}");
    }
}

#[test]
fn the_second_command_is_not_run_in_a_folder_that_came_during_the_first() {
    let sandbox = Sandbox::new();
    let hook = "['cp -r . ../new && mv ../greeter ../old && mv ../new ../greeter', touch ran]";
    let registry = hooked("1.0.0", hook);
    let args = ["install", "alice/greeter", "--run-hooks"];
    let ended = sandbox.enact(&registry.url, &args);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("another one"), "{ended:?}");
    for folder in ["greeter", "old"] {
        let ran = format!("home/.agents/skills/alice/{folder}/ran");
        assert!(!sandbox.path(&ran).exists(), "{folder}");
    }
}

#[test]
fn one_may_install_something_itself() {
    let registry = Published::new();
    registry.publish("bob/waver", "1.0.0", &[("SKILL.md", "# Waver\n")]);
    let program = env!("CARGO_BIN_EXE_enact");
    let url = &registry.url;
    let manifest = format!(
        "---\nhooks: {{postinstall: ['{program} install -g bob/waver --registry {url}', touch ran]}}\n---\n"
    );
    registry.publish("alice/greeter", "1.0.0", &[("SKILL.md", &manifest)]);
    let sandbox = Sandbox::new();
    let args = ["install", "alice/greeter", "--run-hooks"];
    sandbox.enact(url, &args).success();
    for there in ["alice/greeter/ran", "bob/waver/SKILL.md"] {
        let there = format!("home/.agents/skills/{there}");
        assert!(sandbox.path(&there).exists(), "{there}");
    }
}

#[test]
fn what_one_has_started_is_made_to_end_too() {
    let sandbox = Sandbox::new();
    // What it starts takes no notice of being asked to end; itself it does.
    let hook = "\"trap '' TERM; sleep 1000 >/dev/null 2>&1 & trap - TERM; \
                echo $! > id && mv id running; wait\"";
    let registry = hooked("1.0.0", hook);
    let args = ["install", "alice/greeter", "--run-hooks"];
    let mut running = sandbox.start(&registry.url, &args);
    let id = "home/.agents/skills/alice/greeter/running";
    running.until(|| sandbox.path(id).exists());
    running.signal("TERM");
    assert_eq!(running.wait().code, 130);
    until_gone(sandbox.read(id).trim());
}

#[test]
fn what_one_leaves_running_when_it_ends_by_itself_stays() {
    let sandbox = Sandbox::new();
    let hook = "\"sleep 1000 >/dev/null 2>&1 & echo $! > id\"";
    let registry = hooked("1.0.0", hook);
    let args = ["install", "alice/greeter", "--run-hooks"];
    sandbox.enact(&registry.url, &args).success();
    let id = sandbox.read("home/.agents/skills/alice/greeter/id");
    // It is there to be ended.
    let ended = Command::new("kill")
        .args(["-s", "KILL", id.trim()])
        .status();
    assert!(ended.unwrap().success());
}

#[test]
fn an_answer_that_others_may_have_given_counts_for_nothing() {
    let sandbox = Sandbox::new();
    let ran = sandbox.path("home/.agents/skills/alice/greeter/ran");
    let registry = hooked("1.0.0", "touch ran");
    answering(&sandbox, &registry.url, "a").success();
    let consents = sandbox.path(CONSENTS);
    let again = ["install", "alice/greeter", "--force"];
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(&consents, Permissions::from_mode(mode)).unwrap();
        let ended = sandbox.enact(&registry.url, &again).success();
        assert!(!ran.exists(), "{mode:o}");
        let warning = "hooks.json is not used: other users of this machine can write it";
        assert!(ended.stderr.contains(warning), "{ended:?}");
    }
    let doctor = sandbox.enact(&registry.url, &["doctor"]);
    assert!(
        doctor.stdout.contains("hooks.json: other users"),
        "{doctor:?}"
    );
    // An answer makes the file anew.
    answering(&sandbox, &registry.url, "a").success();
    sandbox.enact(&registry.url, &again).success();
    assert!(ran.exists());
}

#[test]
fn what_decides_over_them_is_private_under_any_umask() {
    let sandbox = Sandbox::new();
    let registry = hooked("1.0.0", "touch ran");
    let vars = [("ENACT_REGISTRY_URL", &*registry.url)];
    let args = ["install", "alice/greeter"];
    answer(sandbox.careless_command(&vars, &args), "a").success();
    for (path, expected) in [
        ("home/.enact", 0o700),
        ("home/.enact/cache", 0o700),
        ("home/.enact/cache/bundles", 0o700),
        ("home/.enact/cache/bundles.lock", 0o600),
        ("home/.enact/lists.lock", 0o600),
        (CONSENTS, 0o600),
    ] {
        let mode = fs::metadata(sandbox.path(path))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, expected, "{path}: {mode:o}");
    }
}
