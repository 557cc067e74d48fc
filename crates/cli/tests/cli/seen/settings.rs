//! What somebody sees who sets things up.

use super::Story;

#[test]
fn settings() {
    let mut story = Story::new();
    for args in [
        &["config", "path"][..],
        &["config", "list"],
        &["config", "get", "registry.url"],
        &["config", "set", "registry.url", "https://registry.example"],
        &["config", "set", "registry.url", "registry.example"],
        &["config", "set", "registry.authToken", "a-token"],
        &["config", "set", "trust.policy", "never"],
        &[
            "config",
            "set",
            "trust",
            "{\"policy\": \"prompt\", \"minimum\": 1}",
        ],
        &["config", "set", "trust.policy", "allow"],
        &["config", "set", "a..b", "1"],
        &["config", "get", "registry"],
        &["config", "get", ""],
        &["config", "list"],
        &["config", "show"],
        &["config", "show", "--everything"],
    ] {
        story.run(args);
    }
    story
        .served
        .sandbox
        .write("home/.enact/config.yaml", "registry: [");
    story.run(&["config", "list"]);
    story.run_with(&[("HOME", "")], &["config", "path"]);
    story.end("settings");
}

#[test]
fn looking_for_what_is_wrong() {
    let mut story = Story::new();
    story.run(&["doctor"]);
    let data = story.served.sandbox.path("data");
    story.run(&["doctor", "--data", data.to_str().unwrap()]);
    story.run(&["doctor", "--registry", "http://127.0.0.1:9"]);
    story.end("doctor");
}

#[test]
fn shells() {
    let mut story = Story::new();
    for shell in ["bash", "zsh", "fish"] {
        story.run_unseen(&[], &["completions", shell]);
    }
    story.run(&["completions", "csh"]);
    story.run_unseen(&[], &["man"]);
    story.run(&["man", "/dev/null/man"]);
    story.end("shells");
}

#[test]
fn keeping() {
    let mut story = Story::new();
    story.run(&["cache", "info"]);
    story.run(&["cache", "clean"]);
    let size = [("ENACT_CACHE_MAX_SIZE_MB", "large")];
    story.run_with(&size, &["cache", "info"]);
    story.run_with(&size, &["cache", "clean"]);
    story.run(&["list", "-g"]);
    story
        .served
        .sandbox
        .write("project/agents/skills.json", "{");
    story.run(&["list"]);
    story.end("keeping");
}

#[test]
fn asking() {
    let mut story = Story::new();
    for args in [
        &["search", "greet", "--limit", "0"][..],
        &["learn", "alice/utils/missing"],
        &["inspect", "alice/utils/missing"],
        &["unyank", "alice/utils/greeter@9.9.9"],
        &["update", "alice/utils/missing"],
        &["init", "new", "-t", "gone"],
        &["org", "create", "acme"],
        &["user", "add", "bob"],
        &["org", "add-member", "acme", "bob"],
        &["org", "set-role", "acme", "bob", "admin"],
        &["org", "set-role", "acme", "nobody", "admin"],
        &["org", "remove-member", "acme", "bob"],
        &["org", "remove-member", "acme", "bob"],
        &["org", "info", "nobody"],
    ] {
        match args {
            ["user", ..] => drop(story.operate(args)),
            args => story.run(args),
        }
    }
    story.end("asking");
}
