//! What every combination of stores must be able to do.

use enact_testkit::skills::{self, Skill};

use crate::world::{Person, World};

/// Author, user, operator: publish, install, yank, hide, restart.
pub(crate) fn tell(world: &World) {
    let skills = skills::examples().unwrap();
    assert_eq!(skills.len(), 5);
    let server = world.serve();
    let author = world.person("author", &server);
    publish_all(&author, &skills);
    let user = world.person("user", &server);
    find_and_install_all(&user, &skills);
    yank_and_unyank(&author, &user);
    hide(&author, &user);
    assert!(
        server.stop().unwrap().success(),
        "the server did not stop cleanly"
    );

    let server = world.serve();
    let newcomer = world.person("newcomer", &server);
    for skill in &skills {
        install(&newcomer, skill, &[]);
    }
    assert!(
        server.stop().unwrap().success(),
        "the server did not stop cleanly"
    );
}

fn publish_all(author: &Person, skills: &[Skill]) {
    for skill in skills {
        let folder = skill.path();
        let folder = folder.to_str().unwrap();
        let plan = author.expect(0, &["publish", folder, "--dry-run"]);
        assert!(plan.contains("SKILL.md"), "{plan}");
        author.expect(0, &["publish", folder, "--public"]);
        let refused = author.expect(1, &["publish", folder, "--public"]);
        assert!(refused.contains("already exists"), "{refused}");
    }
}

fn find_and_install_all(user: &Person, skills: &[Skill]) {
    for skill in skills {
        let found = user.json(&["search", skill.name.rsplit('/').next().unwrap()]);
        let names: Vec<_> = found["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].clone())
            .collect();
        assert!(
            names.contains(&skill.name.clone().into()),
            "{} is not among {names:?}",
            skill.name
        );
        let info = user.json(&["info", &skill.name]);
        assert_eq!(info["latestVersion"], skill.version, "{info}");
        install(user, skill, &[]);
    }
    let listed = std::fs::read_to_string(user.project.join("agents/skills.json")).unwrap();
    for skill in skills {
        assert!(
            listed.contains(&skill.name),
            "{} is not in {listed}",
            skill.name
        );
    }
    install(user, &skills[0], &["--global", "--force"]);
    assert!(user.home.join(".enact/tools.json").is_file());
}

fn install(user: &Person, skill: &Skill, options: &[&str]) {
    let wanted = format!("{}@{}", skill.name, skill.version);
    user.expect(0, &[&["install", &wanted], options].concat());
    skills::compare(&skill.path(), &user.installed(&skill.name)).unwrap();
}

fn yank_and_unyank(author: &Person, user: &Person) {
    let wanted = "alice/utils/greeter@1.0.0";
    author.expect(0, &["yank", wanted, "--reason", "it is rude"]);
    let refused = user.expect(1, &["install", wanted, "--force"]);
    assert!(refused.contains("it is rude"), "{refused}");
    user.expect(0, &["install", wanted, "--force", "--allow-yanked"]);
    author.expect(0, &["unyank", wanted]);
    user.expect(0, &["install", wanted, "--force"]);
}

fn hide(author: &Person, user: &Person) {
    let total = |visibility: &str| {
        author.expect(0, &["visibility", "bob/changelog", visibility]);
        user.json(&["search", "changelog"])["total"].clone()
    };
    assert_eq!(total("private"), 0);
    assert_eq!(total("public"), 1);
}
