//! The lists of what a project and a user asked for.

use std::io;
use std::path::{Path, PathBuf};

use enact_types::ToolName;
use serde_json::{Map, Value, json};

use super::alias::Alias;
use super::replace::{CONFLICT, has_conflict, read, replace};
use crate::exit::Failure;
use crate::tool_request::Wanted;

/// The largest list that is read, in bytes; 10,000 skills fit.
const MAX_LIST_BYTES: u64 = 4 * 1024 * 1024;

/// A list of installed skills: `{"tools": {"alice/greeter": "1.0.0"}, "aliases": {}}`.
#[derive(Debug)]
pub(crate) struct List {
    path: PathBuf,
    /// Whether there is a file.
    exists: bool,
    fields: Map<String, Value>,
    skills: Vec<(ToolName, Wanted)>,
    /// What is in it and can be in no registry, like a skill that the existing client installed from a
    /// folder.
    strangers: Vec<String>,
    changed: bool,
}

impl List {
    /// Reads the list at `path`; an empty one if there is no such file.
    pub(super) fn open(path: PathBuf) -> Result<Self, Failure> {
        let invalid = |problem: String| {
            let message = format!("cannot use {}: {problem}", path.display());
            Failure::new("INVALID_LIST", message).hint("correct the file or move it away")
        };
        let text = read(&path, MAX_LIST_BYTES).map_err(invalid)?;
        let fields = text.as_deref().map_or(Ok(Map::new()), parse);
        let fields = fields.map_err(invalid)?;
        let (skills, strangers) = skills(&fields).map_err(invalid)?;
        Ok(Self {
            exists: text.is_some(),
            skills,
            strangers,
            fields,
            changed: false,
            path,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a file.
    pub(crate) fn exists(&self) -> bool {
        self.exists
    }

    /// The skills and which versions of them will do, in the order of the file.
    pub(crate) fn skills(&self) -> &[(ToolName, Wanted)] {
        &self.skills
    }

    /// Names in it that are none of a skill in a registry. They stay in the file.
    pub(crate) fn strangers(&self) -> &[String] {
        &self.strangers
    }

    /// Which versions of a skill will do; `None` if it is not in the list.
    pub(crate) fn wanted(&self, name: &ToolName) -> Option<&Wanted> {
        let mut skills = self.skills.iter();
        skills.find_map(|(skill, wanted)| (skill == name).then_some(wanted))
    }

    /// The short names of a skill, which the existing client keeps.
    pub(crate) fn aliases(&self, name: &ToolName) -> Vec<&str> {
        let aliases = self.fields.get("aliases").and_then(Value::as_object);
        let aliases = aliases.into_iter().flatten();
        aliases
            .filter(|(_, skill)| skill.as_str() == Some(name.as_str()))
            .map(|(alias, _)| alias.as_str())
            .collect()
    }

    /// Fails if a short name is another skill's already.
    pub(crate) fn check_alias(&self, alias: &Alias, name: &ToolName) -> Result<(), Failure> {
        let aliases = self.fields.get("aliases").and_then(Value::as_object);
        match aliases.and_then(|aliases| aliases.get(alias.as_str())) {
            Some(other) if other.as_str() != Some(name.as_str()) => {
                let other = other.as_str().unwrap_or("something else");
                let path = self.path.display();
                let message = format!("the alias {alias} in {path} stands for {other} already");
                Err(Failure::new("ALIAS_TAKEN", message)
                    .hint(format!("choose another one, or take it out of {path}")))
            }
            _ => Ok(()),
        }
    }

    /// Gives a skill a short name, unless that is another one's.
    pub(crate) fn set_alias(&mut self, alias: &Alias, name: &ToolName) -> Result<(), Failure> {
        self.check_alias(alias, name)?;
        let aliases = self.fields.entry("aliases").or_insert_with(|| json!({}));
        if !aliases.is_object() {
            *aliases = json!({});
        }
        if let Value::Object(aliases) = aliases
            && aliases
                .insert(alias.to_string(), json!(name.as_str()))
                .is_none()
        {
            self.changed = true;
        }
        Ok(())
    }

    /// Puts a skill into the list, or gives it another version; whatever else is in it stays, in its
    /// order.
    pub(crate) fn set(&mut self, name: &ToolName, wanted: &Wanted) {
        if self.wanted(name) == Some(wanted) {
            return;
        }
        self.changed = true;
        self.skills.retain(|(skill, _)| skill != name);
        self.skills.push((name.clone(), wanted.clone()));
        let tools = self.fields.entry("tools").or_insert_with(|| json!({}));
        if let Value::Object(tools) = tools {
            tools.insert(name.to_string(), json!(wanted));
        }
        self.fields.entry("aliases").or_insert_with(|| json!({}));
    }

    /// Takes a skill off the list, and its aliases.
    pub(crate) fn remove(&mut self, name: &ToolName) {
        let before = self.skills.len();
        self.skills.retain(|(skill, _)| skill != name);
        if self.skills.len() == before {
            return;
        }
        self.changed = true;
        if let Some(Value::Object(tools)) = self.fields.get_mut("tools") {
            tools.shift_remove(name.as_str());
        }
        if let Some(Value::Object(aliases)) = self.fields.get_mut("aliases") {
            aliases.retain(|_, skill| skill.as_str() != Some(name.as_str()));
        }
    }

    /// Replaces the file at once, if something was changed.
    pub(super) fn save(&mut self) -> Result<(), Failure> {
        if !self.changed {
            return Ok(());
        }
        let text = serde_json::to_vec_pretty(&self.fields).map_err(io::Error::from);
        let text = text.map(|text| [text.as_slice(), b"\n"].concat());
        text.and_then(|text| replace(&self.path, &text))
            .map_err(|error| {
                Failure::io(format!("cannot write {}", self.path.display()), &error)
            })?;
        self.changed = false;
        self.exists = true;
        Ok(())
    }
}

fn parse(text: &[u8]) -> Result<Map<String, Value>, String> {
    serde_json::from_slice(text).map_err(|error| {
        if has_conflict(text) {
            return format!("{CONFLICT}: keep what you want of both sides");
        }
        format!("it should be a JSON object: {error}")
    })
}

/// The skills that a list has, and the names in it that are none of a skill.
type Skills = (Vec<(ToolName, Wanted)>, Vec<String>);

/// What the field `tools` says. The existing client takes a version that is empty for the latest.
fn skills(fields: &Map<String, Value>) -> Result<Skills, String> {
    let (mut skills, mut strangers) = (Vec::new(), Vec::new());
    let tools = match fields.get("tools") {
        None | Some(Value::Null) => return Ok((skills, strangers)),
        Some(Value::Object(tools)) => tools,
        Some(_) => return Err("its field \"tools\" should be an object".to_owned()),
    };
    for (name, wanted) in tools {
        let Ok(name) = ToolName::parse(name) else {
            strangers.push(name.clone());
            continue;
        };
        let wanted = match wanted {
            Value::Null => Wanted::Latest,
            Value::String(text) if text.is_empty() => Wanted::Latest,
            Value::String(text) => {
                Wanted::parse(text).map_err(|error| format!("the version of {name}: {error}"))?
            }
            _ => return Err(format!("the version of {name} should be a text")),
        };
        skills.push((name, wanted));
    }
    Ok((skills, strangers))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn name(text: &str) -> ToolName {
        ToolName::parse(text).unwrap()
    }

    fn wanted(text: &str) -> Wanted {
        Wanted::parse(text).unwrap()
    }

    /// Opens a list with this text, changes it, and answers what is in the file.
    fn changed(text: Option<&str>, change: impl FnOnce(&mut List)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agents/skills.json");
        if let Some(text) = text {
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        }
        let mut list = List::open(path.clone()).unwrap();
        change(&mut list);
        list.save().unwrap();
        let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 1, "more than the list is there");
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn starts_a_list_and_keeps_what_is_in_one() {
        let started = changed(None, |list| list.set(&name("a/b"), &wanted("1.0.0")));
        let expected = "{\n  \"tools\": {\n    \"a/b\": \"1.0.0\"\n  },\n  \"aliases\": {}\n}\n";
        assert_eq!(started, expected);

        let text = r#"{"zz": 1, "tools": {"z/z": "9.0.0", "a/b": "1.0.0"}, "aa": [2]}"#;
        let kept = changed(Some(text), |list| {
            list.set(&name("a/b"), &wanted("2.0.0"));
            list.set(&name("a/a"), &wanted("1.0.0"));
        });
        let kept: String = kept.split_whitespace().collect();
        let expected =
            r#"{"zz":1,"tools":{"z/z":"9.0.0","a/b":"2.0.0","a/a":"1.0.0"},"aa":[2],"aliases":{}}"#;
        assert_eq!(kept, expected);
    }

    #[test]
    fn takes_a_skill_off_with_its_aliases() {
        let text = r#"{"tools":{"z/z":"9.0.0","a/b":"1.0.0","a/c":"1.0.0"},"aliases":{"b":"a/b","c":"a/c"}}"#;
        let left = changed(Some(text), |list| list.remove(&name("a/b")));
        let left: String = left.split_whitespace().collect();
        let expected = r#"{"tools":{"z/z":"9.0.0","a/c":"1.0.0"},"aliases":{"c":"a/c"}}"#;
        assert_eq!(left, expected);
    }

    #[test]
    fn keeps_one_skill_to_an_alias() {
        let alias = "b".parse().unwrap();
        let text = r#"{"tools":{"a/b":"1.0.0"},"aliases":{"c":"a/c"}}"#;
        let with = changed(Some(text), |list| {
            list.set_alias(&alias, &name("a/b")).unwrap();
            list.set_alias(&alias, &name("a/b")).unwrap();
            let taken = list.set_alias(&alias, &name("a/c")).unwrap_err();
            assert_eq!(taken.code(), "ALIAS_TAKEN");
        });
        let with: String = with.split_whitespace().collect();
        let expected = r#"{"tools":{"a/b":"1.0.0"},"aliases":{"c":"a/c","b":"a/b"}}"#;
        assert_eq!(with, expected);
    }

    #[test]
    fn a_list_that_stays_the_same_is_not_written() {
        let text = r#"{"tools":{"a/b":"1.0.0"}}"#;
        let same = changed(Some(text), |list| {
            list.set(&name("a/b"), &wanted("1.0.0"));
            list.remove(&name("a/c"));
        });
        assert_eq!(same, text);
    }

    #[test]
    fn reads_versions_ranges_and_nothing() {
        let text = r#"{"tools": {"a/a": "1.0.0", "a/b": "^1.2", "a/c": "", "a/d": null}}"#;
        changed(Some(text), |list| {
            let read: Vec<_> = list.skills().iter().map(|(_, w)| w.to_string()).collect();
            assert_eq!(read, ["1.0.0", "^1.2", "latest", "latest"]);
        });
    }

    #[test]
    fn what_can_be_in_no_registry_is_passed_by_and_stays() {
        let text = r#"{"tools": {"local": "0.0.0", "../x": 7, "a/b": "1.0.0"}}"#;
        let left = changed(Some(text), |list| {
            assert_eq!(list.strangers(), ["local", "../x"]);
            list.remove(&name("a/b"));
        });
        let left: String = left.split_whitespace().collect();
        assert_eq!(left, r#"{"tools":{"local":"0.0.0","../x":7}}"#);
    }

    #[test]
    fn a_broken_list_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("skills.json");
        for text in [
            "{",
            "[]",
            r#"{"tools": []}"#,
            r#"{"tools": {"a/b": 7}}"#,
            r#"{"tools": {"a/b": "next"}}"#,
        ] {
            fs::write(&path, text).unwrap();
            let failure = List::open(path.clone()).unwrap_err();
            assert_eq!(failure.code(), "INVALID_LIST");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
