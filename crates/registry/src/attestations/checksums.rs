//! The checksum manifest that comes with a locally signed publish: the list of its files, with a
//! digest of that list over its canonical form.

use enact_catalog::FileRecord;
use enact_types::{Digest, ToolName, Version};
use serde_json::{Map, Value};

/// The digest of a checksum manifest, if what it says of the tool, of its files and of itself is
/// true of this publish. Paths are compared as they are.
pub(crate) fn verify(
    text: &str,
    name: &ToolName,
    version: &Version,
    files: &[FileRecord],
) -> Option<Digest> {
    let manifest: Value = serde_json::from_str(text).ok()?;
    let tool = &manifest["tool"];
    if tool["name"] != name.as_str() || tool["version"] != version.as_str() {
        return None;
    }
    let mut listed = manifest["files"]
        .as_array()?
        .iter()
        .map(|file| {
            Some((
                file["path"].as_str()?,
                file["size"].as_u64()?,
                file["sha256"].as_str()?.to_owned(),
            ))
        })
        .collect::<Option<Vec<_>>>()?;
    let mut held = files
        .iter()
        .filter(|file| !file.folder)
        .map(|file| Some((file.path.as_str(), file.size, file.sha256?.to_hex())))
        .collect::<Option<Vec<_>>>()?;
    listed.sort_unstable();
    held.sort_unstable();
    if listed != held {
        return None;
    }
    digest_of(text)
}

/// The digest that a checksum manifest states, if it is its own: SHA-256 over its JSON with sorted
/// keys, without spaces and without the digest.
pub(crate) fn digest_of(text: &str) -> Option<Digest> {
    let mut manifest: Map<String, Value> = serde_json::from_str(text).ok()?;
    let hash = manifest.remove("manifestHash")?;
    if hash["algorithm"] != "sha256" {
        return None;
    }
    let stated = hash["digest"].as_str()?.to_owned();
    let mut canonical = Value::Object(manifest);
    canonical.sort_all_objects();
    let digest = Digest::of(canonical.to_string().as_bytes());
    (digest.to_hex() == stated).then_some(digest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_manifest_is_believed_only_if_every_part_of_it_is_true() {
        let files = [FileRecord {
            path: "SKILL.md".to_owned(),
            folder: false,
            size: 8,
            executable: false,
            sha256: Some(Digest::of(b"# Thing\n")),
        }];
        let sha256 = Digest::of(b"# Thing\n").to_hex();
        let (name, version) = ("a/b".parse().unwrap(), "1.0.0".parse().unwrap());
        let unsigned = format!(
            r#"{{"files":[{{"path":"SKILL.md","sha256":"{sha256}","size":8}}],"tool":{{"name":"a/b","version":"1.0.0"}},"version":"1.0"}}"#
        );
        let digest = Digest::of(unsigned.as_bytes());
        let with = |change: &dyn Fn(&mut Value)| {
            // Another order of keys, and spaces.
            let mut manifest = json!({ "version": "1.0", "tool": { "version": "1.0.0", "name": "a/b" },
                "files": [{ "size": 8, "path": "SKILL.md", "sha256": sha256 }],
                "manifestHash": { "algorithm": "sha256", "digest": digest.to_hex() } });
            change(&mut manifest);
            verify(
                &serde_json::to_string_pretty(&manifest).unwrap(),
                &name,
                &version,
                &files,
            )
        };
        assert_eq!(with(&|_| ()), Some(digest));
        assert_eq!(with(&|m| m["tool"]["name"] = json!("a/c")), None);
        assert_eq!(with(&|m| m["tool"]["version"] = json!("2.0.0")), None);
        assert_eq!(with(&|m| m["files"][0]["path"] = json!("./SKILL.md")), None);
        assert_eq!(with(&|m| m["files"][0]["size"] = json!(9)), None);
        assert_eq!(with(&|m| m["files"] = json!([])), None);
        assert_eq!(with(&|m| m["files"][0]["sha256"] = json!("01")), None);
        assert_eq!(with(&|m| m["manifestHash"]["digest"] = json!("00")), None);
        assert_eq!(with(&|m| *m = json!([])), None);
        assert_eq!(digest_of("{"), None);
    }
}
