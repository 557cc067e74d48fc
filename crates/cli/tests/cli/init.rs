//! `enact init`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use enact_testkit::skills;
use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::served::Served;
use crate::terminal::answer;

/// No registry is asked.
const NOBODY: &str = "http://127.0.0.1:9";

const TEMPLATES: [&str; 3] = ["basic", "script", "python"];

#[test]
fn what_every_template_makes_is_published_and_installed_as_it_is() {
    let served = Served::new();
    for template in TEMPLATES {
        let name = format!("alice/new-{template}");
        served.enact(&["init", &name, "-t", template]).success();
        let folder = format!("new-{template}");
        let validated = served.enact(&["validate", &folder, "--json"]).success();
        // Nothing but that its author has not said yet what it does.
        let problems = validated.json()["problems"].clone();
        let problems = problems.as_array().unwrap();
        for file in ["SKILL.md", "skill.package.yml"] {
            assert!(
                problems.iter().any(|problem| problem["file"] == file),
                "{problems:#?}"
            );
        }
        let placeholder = |problem: &Value| problem["rule"] == "placeholder";
        assert!(problems.iter().all(placeholder), "{problems:#?}");
        served.enact(&["publish", &folder, "--public"]).success();
        served.enact(&["install", &name]).success();
        let made = served.sandbox.path("project").join(&folder);
        // Hidden, and so not in the bundle.
        fs::remove_file(made.join(".enactignore")).unwrap();
        let installed = served.sandbox.path("home/.agents/skills").join(&name);
        skills::compare(&made, &installed).unwrap();
    }
}

#[test]
fn the_scripts_of_the_templates_run() {
    let sandbox = Sandbox::new();
    for (template, script, expected) in [
        ("script", "scripts/run.sh", "Hello, Ada!\n"),
        (
            "python",
            "scripts/main.py",
            "{\"message\": \"Hello, Ada!\"}\n",
        ),
    ] {
        let args = ["init", "alice/x", "--dir", template, "-t", template];
        sandbox.enact(NOBODY, &args).success();
        let script = sandbox.path("project").join(template).join(script);
        let run = |args: &[&str]| std::process::Command::new(&script).args(args).output();
        let output = match run(&["Ada"]) {
            Ok(output) => output,
            // Its interpreter is not on this machine.
            Err(error) if template == "python" && error.kind() == std::io::ErrorKind::NotFound => {
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            expected,
            "{output:?}"
        );
        assert_eq!(run(&[]).unwrap().status.code(), Some(2));
    }
}

#[test]
fn says_what_it_made_and_what_comes_next() {
    let sandbox = Sandbox::new();
    let ended = sandbox
        .enact(NOBODY, &["init", "@acme/tools/csv-lint"])
        .success();
    assert_eq!(
        ended.stdout,
        "Made @acme/tools/csv-lint in csv-lint\n  Files  SKILL.md, skill.package.yml, .enactignore\n"
    );
    assert!(ended.stderr.contains("enact publish csv-lint"), "{ended:?}");
    let text = sandbox.read("project/csv-lint/SKILL.md");
    assert!(
        text.contains("name: csv-lint\n") && text.contains("# Csv lint\n"),
        "{text}"
    );
    assert!(!text.contains('%'), "{text}");
    let manifest = sandbox.read("project/csv-lint/skill.package.yml");
    assert!(
        manifest.contains("name: \"@acme/tools/csv-lint\"\n"),
        "{manifest}"
    );

    let args = ["init", "alice/x", "-t", "script", "--json"];
    assert_eq!(
        sandbox.enact(NOBODY, &args).success().json(),
        json!({
            "name": "alice/x", "template": "script", "folder": "x",
            "files": ["SKILL.md", "skill.package.yml", "scripts/run.sh", ".enactignore"],
        })
    );
    let script = sandbox.path("project/x/scripts/run.sh");
    assert_ne!(script.metadata().unwrap().permissions().mode() & 0o100, 0);
}

#[test]
fn a_skill_in_this_folder_is_called_like_it() {
    let sandbox = Sandbox::new();
    sandbox
        .enact(NOBODY, &["init", "--namespace", "alice"])
        .success();
    let manifest = sandbox.read("project/skill.package.yml");
    assert!(manifest.contains("name: alice/project\n"), "{manifest}");

    // As with the existing client.
    let sandbox = Sandbox::new();
    sandbox
        .enact(NOBODY, &["init", "-n", "bob/other"])
        .success();
    let manifest = sandbox.read("project/skill.package.yml");
    assert!(manifest.contains("name: bob/other\n"), "{manifest}");
}

#[test]
fn nothing_is_overwritten() {
    let sandbox = Sandbox::new();
    sandbox.write("project/x/SKILL.md", "precious");
    sandbox.write("project/x/scripts/run.sh", "precious");
    let before = sandbox.tree();
    let ended = sandbox.enact(NOBODY, &["init", "alice/x", "-t", "script", "--json"]);
    assert_eq!(ended.code, 1);
    assert_eq!(ended.json()["error"]["code"], "EXISTS");
    for word in ["x/SKILL.md", "x/scripts/run.sh", "--dir"] {
        assert!(ended.stderr.contains(word), "{word}: {ended:?}");
    }
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn nothing_is_left_behind_when_something_cannot_be_written() {
    let sandbox = Sandbox::new();
    // A file where a folder has to be.
    sandbox.write("project/x/scripts", "");
    let before = sandbox.tree();
    let ended = sandbox.enact(NOBODY, &["init", "alice/x", "-t", "script"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn a_name_needs_its_owner() {
    let sandbox = Sandbox::new();
    let before = sandbox.tree();
    for (args, word) in [
        (&["init", "greeter"][..], "enact init alice/greeter"),
        (&["init"], "--namespace"),
        (&["init", "Alice/Greeter"], "a-z"),
        (&["init", "x", "--namespace", "al ice"], "a-z"),
        (&["init", "alice/x", "-t", "rust"], "python"),
        (&["init", "alice/x", "-n", "alice/y"], "cannot be used with"),
    ] {
        let ended = sandbox.enact(NOBODY, args);
        assert_eq!(ended.code, 2, "{args:?}: {ended:?}");
        assert!(ended.stderr.contains(word), "{args:?}: {ended:?}");
    }
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn a_person_is_asked_whose_it_is() {
    let sandbox = Sandbox::new();
    let ended = answer(sandbox.command(&[], &["init", "greeter"]), "alice");
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended.stderr.contains("Whose skill is greeter?"),
        "{ended:?}"
    );
    let manifest = sandbox.read("project/greeter/skill.package.yml");
    assert!(manifest.contains("name: alice/greeter\n"), "{manifest}");

    let ended = answer(sandbox.command(&[], &["init", "other"]), "no/t: a name");
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(!Path::new(&sandbox.path("project/other")).exists());
}

#[test]
fn lists_its_templates() {
    let sandbox = Sandbox::new();
    let text = sandbox
        .enact(NOBODY, &["init", "--list-templates"])
        .success()
        .stdout;
    let json = sandbox
        .enact(NOBODY, &["init", "--list-templates", "--json"])
        .success()
        .json();
    for (at, template) in TEMPLATES.into_iter().enumerate() {
        assert!(text.contains(template), "{text}");
        assert_eq!(json["templates"][at]["name"], template);
        assert_ne!(json["templates"][at]["description"], "");
    }
}
