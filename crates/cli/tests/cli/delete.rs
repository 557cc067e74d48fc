//! `enact delete`.

use serde_json::json;

use crate::registry::{Answer, Registry};
use crate::sandbox::Sandbox;
use crate::served::Served;
use crate::terminal::answer;

const NAME: &str = "alice/utils/greeter";

fn is_there(served: &Served) -> bool {
    served.enact(&["info", NAME]).code == 0
}

#[test]
fn a_deleted_skill_is_gone_and_its_name_stays_taken() {
    let (served, skill) = Served::with_example("greeter");
    let ended = served.enact(&["delete", NAME, "--yes", "--json"]).success();
    assert_eq!(ended.json(), json!({"name": NAME, "deleted": true}));
    assert!(!is_there(&served));
    let again = served.enact(&["delete", NAME, "--yes"]);
    assert_eq!(again.code, 1, "{again:?}");
    let path = skill.path();
    let taken = served.enact(&["publish", path.to_str().unwrap()]);
    assert_eq!(taken.code, 1, "{taken:?}");
}

#[test]
fn a_script_has_to_say_that_it_is_meant() {
    let sandbox = Sandbox::new();
    let registry = Registry::start(|_| Answer::json(500, &json!({})));
    for args in [&["delete", NAME][..], &["delete", NAME, "--json"]] {
        let ended = sandbox.enact(&registry.url, args);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains("--yes"), "{ended:?}");
    }
    assert!(registry.log().is_empty());
}

#[test]
fn a_person_types_the_name_once_more() {
    let (served, _) = Served::with_example("greeter");
    let vars = [("ENACT_REGISTRY_URL", served.server.url.as_str())];
    let command = || served.sandbox.command(&vars, &["delete", NAME]);
    for wrong in ["", "y", "alice/utils"] {
        let ended = answer(command(), wrong);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.stderr.contains("nothing was deleted"), "{ended:?}");
        assert!(
            ended
                .stderr
                .contains("nobody can publish under this name again"),
            "{ended:?}"
        );
    }
    assert!(is_there(&served));
    let ended = answer(command(), NAME);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(!is_there(&served));
}
