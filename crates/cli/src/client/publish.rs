//! The form of a publish.

use std::fs::File;
use std::sync::Arc;

use enact_types::Visibility;
use futures_util::TryStreamExt as _;
use indicatif::ProgressBar;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::multipart::{Form, Part};
use tokio_util::io::ReaderStream;

use super::transport::Activity;

/// How much of the bundle is in memory at a time, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;

/// What is published.
#[derive(Debug)]
pub(crate) struct Upload {
    /// The manifest, as JSON.
    pub(crate) manifest: String,
    /// The text of SKILL.md.
    pub(crate) raw_manifest: Option<String>,
    /// Who may see the tool.
    pub(crate) visibility: Visibility,
    /// The bundle, read from where the file stands.
    pub(crate) bundle: File,
    /// How many bytes are left in that file.
    pub(crate) size: u64,
    /// Told about every piece that is sent.
    pub(crate) progress: ProgressBar,
}

impl Upload {
    /// The form, in the order in which clients have always sent it, and what tells whether it
    /// still moves.
    pub(super) fn into_form(self) -> (Form, Arc<Activity>) {
        let activity = Arc::new(Activity::new());
        let (watched, progress) = (Arc::clone(&activity), self.progress);
        let file = tokio::fs::File::from_std(self.bundle);
        let stream = ReaderStream::with_capacity(file, CHUNK_BYTES).inspect_ok(move |chunk| {
            watched.touch();
            progress.inc(chunk.len() as u64);
        });
        let gzip = HeaderValue::from_static("application/gzip");
        let bundle = Part::stream_with_length(reqwest::Body::wrap_stream(stream), self.size)
            .file_name("bundle.tar.gz")
            .headers(HeaderMap::from_iter([(CONTENT_TYPE, gzip)]));
        let mut form = Form::new()
            .text("manifest", self.manifest)
            .part("bundle", bundle);
        if let Some(text) = self.raw_manifest {
            form = form.text("raw_manifest", text);
        }
        (form.text("visibility", self.visibility.as_str()), activity)
    }
}
