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
