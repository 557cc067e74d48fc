//! The existing client, version 2.3.8, unchanged: what either side publishes, the other installs.
//! Found at `ENACT_TEST_OFFICIAL_CLIENT` or in the cache folder of the development tasks.

use enact_testkit::{find_official_client, skills};

use crate::world::World;

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
    let user = world.person("user", &server);
    std::fs::create_dir_all(user.home.join(".enact")).unwrap();
    let trusting = "trust:\n  policy: allow\n  minimum_attestations: 0\n";
    std::fs::write(user.home.join(".enact/config.yaml"), trusting).unwrap();
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
