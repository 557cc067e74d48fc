//! Secrets, and texts in which they should not be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Seek as _, Write as _};
use std::sync::Mutex;

use aho_corasick::AhoCorasick;

/// Both are kept to the end, when all secrets are known; the texts in a file, since they are many.
pub(super) struct Watch {
    /// The kind of each secret.
    secrets: Mutex<BTreeMap<String, &'static str>>,
    /// Place and text by turns, each on a line.
    texts: Mutex<BufWriter<File>>,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            secrets: Mutex::default(),
            texts: Mutex::new(BufWriter::new(tempfile::tempfile().unwrap())),
        }
    }

    pub(super) fn note(&self, kind: &'static str, secret: &str) {
        assert!(!secret.is_empty() && !secret.contains('\n'), "{kind}");
        // So much of one is as bad as all of it, and found sooner.
        let telling = &secret[..secret.floor_char_boundary(64)];
        let mut secrets = self.secrets.lock().unwrap();
        secrets.entry(telling.to_owned()).or_insert(kind);
    }

    pub(super) fn expose(&self, place: &str, text: &[u8]) {
        // No secret has a line break in it.
        let text = text
            .split(|byte| *byte == b'\n')
            .collect::<Vec<_>>()
            .join(&b' ');
        let mut texts = self.texts.lock().unwrap();
        for line in [place.as_bytes(), &text] {
            texts.write_all(line).unwrap();
            texts.write_all(b"\n").unwrap();
        }
    }

    /// Which secrets are in which places: their kinds, never the secrets.
    pub(super) fn look(&self) -> BTreeSet<(&'static str, String)> {
        let secrets = self.secrets.lock().unwrap();
        let kinds: Vec<_> = secrets.values().copied().collect();
        let searcher = AhoCorasick::new(secrets.keys()).unwrap();
        let mut texts = self.texts.lock().unwrap();
        texts.flush().unwrap();
        let file = texts.get_mut();
        file.rewind().unwrap();
        let mut lines = BufReader::new(file).split(b'\n').map(Result::unwrap);
        let mut found = BTreeSet::new();
        while let (Some(place), Some(text)) = (lines.next(), lines.next()) {
            for secret in searcher.find_overlapping_iter(&text) {
                let place = String::from_utf8_lossy(&place).into_owned();
                found.insert((kinds[secret.pattern()], place));
            }
        }
        found
    }
}
