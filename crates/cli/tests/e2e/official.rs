//! The existing client, version 2.3.8, unchanged: what either side publishes, the other installs.
//! Found at `ENACT_TEST_OFFICIAL_CLIENT` or in the cache folder of the development tasks.

use enact_testkit::{EnactServer, find_official_client, skills};

use crate::world::{Person, World};

/// Whether the client is missing, and may be.
pub(crate) fn is_to_be_ignored() -> bool {
    matches!(find_official_client(), Ok(None))
}

/// It installs only names of two segments, as its own check of the manifest demands.
pub(crate) fn both_ways(world: &World) {
    let client = find_official_client().unwrap().unwrap();
    let server = world.serve();
    let skills: Vec<_> = skills::examples()
        .unwrap()
        .into_iter()
        .filter(|skill| skill.name.matches('/').count() == 1)
        .collect();
    let (ours, theirs) = skills.split_at(skills.len() / 2);
    let author = world.person("author", &server);
    for skill in ours {
        author.expect(0, &["publish", skill.path().to_str().unwrap(), "--public"]);
    }
    for skill in theirs {
        let output = author.run(
            &client,
            &["publish", skill.path().to_str().unwrap(), "--public"],
        );
        assert!(output.status.success(), "{output:?}");
    }
    let user = trusting(world, &server);
    for skill in ours {
        let output = user.run(&client, &["install", &skill.name]);
        assert!(output.status.success(), "{output:?}");
        skills::compare(&skill.path(), &user.installed(&skill.name)).unwrap();
    }
    for skill in theirs {
        user.expect(0, &["install", &skill.name]);
        skills::compare(&skill.path(), &user.installed(&skill.name)).unwrap();
    }
    let listed = user.run(&client, &["list"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    for skill in &skills {
        assert!(
            listed.contains(&skill.name),
            "{} is not in\n{listed}",
            skill.name
        );
    }
}

/// What either client installed, the other lists; and this one locks, restores and verifies it.
pub(crate) fn one_list(world: &World) {
    let client = find_official_client().unwrap().unwrap();
    let server = world.serve();
    let author = world.person("author", &server);
    let name = |number: u32| format!("alice/skill-{number}");
    let publish = |number: u32, version: &str| {
        let folder = author.project.join("skill");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let name = name(number);
        let manifest = format!("name: {name}\nversion: {version}\ndescription: {version}\n");
        std::fs::write(folder.join("skill.package.yml"), &manifest).unwrap();
        std::fs::write(
            folder.join("SKILL.md"),
            format!("---\n{manifest}---\n# x\n"),
        )
        .unwrap();
        author.expect(0, &["publish", "skill", "--public"]);
    };
    for number in 0..4 {
        publish(number, "1.0.0");
        publish(number, "1.1.0");
    }
    let user = trusting(world, &server);
    let theirs = |arguments: &[&str]| {
        let output = user.run(&client, arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let versions = |listed: &serde_json::Value| {
        let mut pairs: Vec<_> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["name"].to_string(), row["version"].to_string()))
            .collect();
        pairs.sort();
        pairs
    };
    theirs(&["install", &format!("{}@1.0.0", name(0))]);
    theirs(&["install", &name(1)]);
    user.expect(0, &["install", &format!("{}@^1.0", name(2))]);
    user.expect(0, &["install", &format!("{}@1.0.0", name(3))]);
    let by_them: serde_json::Value = serde_json::from_str(&theirs(&["list", "--json"])).unwrap();
    let by_us = user.json(&["list"]);
    assert_eq!(versions(&by_them), versions(&by_us));
    assert_eq!(by_us.as_array().unwrap().len(), 4);
    for row in by_us.as_array().unwrap() {
        assert_eq!(row["version"], row["installedVersion"], "{row}");
    }

    // What they installed is not locked yet.
    user.expect(1, &["verify"]);
    user.expect(1, &["install", "--frozen"]);
    user.expect(0, &["install"]);
    user.expect(0, &["verify"]);
    user.expect(0, &["install", "--frozen", "--offline"]);
    // They go to another version, and know of no lock.
    theirs(&["install", &format!("{}@1.1.0", name(3)), "--force"]);
    let refused = user.expect(1, &["install", "--frozen"]);
    assert!(
        refused.contains("wants 1.1.0, locked is 1.0.0"),
        "{refused}"
    );
    user.expect(0, &["install"]);
    user.expect(0, &["verify"]);
    // And everything again from the list that both have written.
    std::fs::remove_dir_all(user.home.join(".agents")).unwrap();
    theirs(&["install", "--force"]);
    user.expect(0, &["verify"]);
}

/// What `enact init` makes, published as it is by either client, is installed by the other.
pub(crate) fn new_skills(world: &World) {
    let client = find_official_client().unwrap().unwrap();
    let server = world.serve();
    let author = world.person("author", &server);
    let user = trusting(world, &server);
    for template in ["basic", "script", "python"] {
        let name = |by: &str| format!("alice/{by}-{template}");
        let folder = |by: &str| format!("{by}-{template}");
        for by in ["ours", "theirs"] {
            author.expect(0, &["init", &name(by), "--template", template]);
        }
        author.expect(0, &["publish", &folder("ours"), "--public"]);
        let output = author.run(&client, &["publish", &folder("theirs"), "--public"]);
        assert!(output.status.success(), "{output:?}");

        let output = user.run(&client, &["install", &name("ours")]);
        assert!(output.status.success(), "{output:?}");
        user.expect(0, &["install", &name("theirs")]);
        for by in ["ours", "theirs"] {
            let made = author.project.join(folder(by));
            // Hidden, and so in no bundle.
            std::fs::remove_file(made.join(".enactignore")).unwrap();
            skills::compare(&made, &user.installed(&name(by))).unwrap();
        }
    }
}

/// A person whose existing client installs what nobody has attested.
fn trusting(world: &World, server: &EnactServer) -> Person {
    let user = world.person("user", server);
    std::fs::create_dir_all(user.home.join(".enact")).unwrap();
    let trusting = "trust:\n  policy: allow\n  minimum_attestations: 0\n";
    std::fs::write(user.home.join(".enact/config.yaml"), trusting).unwrap();
    user
}
