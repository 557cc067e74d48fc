//! Bundles to serve, good and bad.

use enact_types::Digest;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tar::{EntryType, Header};

/// A version of a skill, as a registry has it.
#[derive(Debug, Clone)]
pub(crate) struct Bundle {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) yanked: bool,
}

impl Bundle {
    /// `alice/greeter` in the given version, with a script in a folder.
    pub(crate) fn greeter(version: &str) -> Self {
        let manifest = format!(
            "name: alice/greeter\nversion: {version}\nhooks:\n  postinstall: touch $HOME/hook-ran\n"
        );
        Self::holding(
            version,
            &[
                entry("SKILL.md", 0o644, b"# Greeter\n"),
                entry("scripts/greet.sh", 0o755, b"#!/bin/sh\necho hello\n"),
                entry("skill.package.yml", 0o644, manifest.as_bytes()),
            ],
        )
    }

    /// `alice/greeter` in the given version, with these entries.
    pub(crate) fn holding(version: &str, entries: &[Vec<u8>]) -> Self {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        for entry in entries {
            std::io::Write::write_all(&mut gzip, entry).unwrap();
        }
        std::io::Write::write_all(&mut gzip, &[0; 1024]).unwrap();
        Self::of(version, gzip.finish().unwrap())
    }

    /// `alice/greeter` in the given version, whatever these bytes are.
    pub(crate) fn of(version: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: "alice/greeter".to_owned(),
            version: version.to_owned(),
            bytes,
            yanked: false,
        }
    }

    pub(crate) fn yanked(mut self) -> Self {
        self.yanked = true;
        self
    }

    /// `GET /tools/N`.
    pub(crate) fn info(&self) -> Value {
        json!({
            "name": self.name, "description": "Greets", "tags": ["hello"], "license": "MIT",
            "author": {"username": "alice"}, "visibility": "public",
            "created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-02T00:00:00.000Z",
            "latest_version": self.version,
            "versions": [{
                "version": self.version, "published_at": "2026-01-01T00:00:00.000Z",
                "downloads": 3, "bundle_hash": Digest::of(&self.bytes),
                "bundle_size": self.bytes.len(), "yanked": self.yanked,
            }],
            "versions_total": 1, "total_downloads": 3,
        })
    }

    /// `GET /tools/N/versions/V`.
    pub(crate) fn details(&self) -> Value {
        json!({
            "name": self.name, "version": self.version, "description": "Greets", "license": "MIT",
            "yanked": self.yanked,
            "yank_reason": self.yanked.then_some("it is rude"),
            "yank_replacement": self.yanked.then_some("1.0.1"),
            "manifest": {},
            "rawManifest": null,
            "bundle": {
                "hash": Digest::of(&self.bytes), "size": self.bytes.len(), "download_url": "/x",
            },
            "attestations": [], "published_by": {"username": "alice"},
            "published_at": "2026-01-01T00:00:00.000Z", "downloads": 3,
        })
    }
}

/// A regular file as tar has it. The path is not checked.
pub(crate) fn entry(path: &str, mode: u32, data: &[u8]) -> Vec<u8> {
    raw_entry(path, EntryType::Regular, mode, data)
}

/// A symbolic link as tar has it.
pub(crate) fn link(path: &str, target: &str) -> Vec<u8> {
    let mut bytes = raw_entry(path, EntryType::Symlink, 0o777, b"");
    let mut header = Header::new_ustar();
    header.as_mut_bytes().copy_from_slice(&bytes);
    header.set_link_name_literal(target).unwrap();
    header.set_cksum();
    bytes.copy_from_slice(header.as_bytes());
    bytes
}

/// Anything as tar has it: the path and the type are not checked.
pub(crate) fn raw_entry(path: &str, kind: EntryType, mode: u32, data: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(data.len() as u64);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    let padding = data.len().next_multiple_of(512) - data.len();
    [header.as_bytes().as_slice(), data, &vec![0; padding]].concat()
}
