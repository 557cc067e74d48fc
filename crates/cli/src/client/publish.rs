//! The form of a publish.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use enact_types::Visibility;
use futures_util::{Stream, TryStreamExt as _, stream};
use indicatif::ProgressBar;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::multipart::{Form, Part};

use super::activity::Activity;

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
    /// The bundle, from the beginning of the file.
    pub(crate) bundle: Arc<File>,
    /// How many bytes there are in that file.
    pub(crate) size: u64,
    /// Told how much of it was sent.
    pub(crate) progress: ProgressBar,
}

impl Upload {
    /// The form, in the order in which clients have always sent it, and what tells whether it
    /// still moves. It can be made again, to be sent again.
    pub(super) fn form(&self) -> (Form, Arc<Activity>) {
        let activity = Arc::new(Activity::new());
        let (watched, progress) = (Arc::clone(&activity), self.progress.clone());
        let mut sent = 0;
        let stream = pieces(Arc::clone(&self.bundle)).inspect_ok(move |chunk| {
            watched.touch();
            sent += chunk.len() as u64;
            progress.set_position(sent);
        });
        let gzip = HeaderValue::from_static("application/gzip");
        let bundle = Part::stream_with_length(reqwest::Body::wrap_stream(stream), self.size)
            .file_name("bundle.tar.gz")
            .headers(HeaderMap::from_iter([(CONTENT_TYPE, gzip)]));
        let mut form = Form::new()
            .text("manifest", self.manifest.clone())
            .part("bundle", bundle);
        if let Some(text) = &self.raw_manifest {
            form = form.text("raw_manifest", text.clone());
        }
        (form.text("visibility", self.visibility.as_str()), activity)
    }
}

/// A file from its beginning. It is read by position: what an earlier try left unread may still be read
/// meanwhile, and the two must not move each other.
fn pieces(file: Arc<File>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(0, move |offset| {
        let file = Arc::clone(&file);
        async move {
            let reading = tokio::task::spawn_blocking(move || piece(&file, offset));
            let piece = reading.await.map_err(io::Error::other)??;
            let next = offset + piece.len() as u64;
            Ok((!piece.is_empty()).then_some((piece, next)))
        }
    })
}

/// Up to [`CHUNK_BYTES`] of a file from `offset` on; nothing at its end.
fn piece(file: &File, offset: u64) -> io::Result<Bytes> {
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        match file.read_at(&mut buffer, offset) {
            Ok(read) => {
                buffer.truncate(read);
                return Ok(buffer.into());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
