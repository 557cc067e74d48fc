//! The one reader of archives: everything that looks into a bundle goes through here, so that what
//! was validated is what gets extracted.

use std::collections::BTreeSet;
use std::io::Read;

use enact_types::Hasher;
use enact_types::limits::{MAX_MANIFEST_BYTES, MAX_PATH_BYTES};

use crate::error::{BundleError, EntryRule};
use crate::header::{Header, Kind, padding};
use crate::limits::{Budget, Limits};
use crate::manifest::{self, ManifestError, ManifestProblem, Manifests};
use crate::names::Names;
use crate::path::{BundlePath, PathRule, quote};
use crate::pax::{MAX_PAX_BYTES, Pax, PaxRule};
use crate::source::Source;
use crate::{Contents, FileEntry};

/// The most zero padding that is read after the end mark, in bytes. `tar` pads to a multiple of its
/// blocking factor, 10 KiB unless told otherwise.
const MAX_PADDING: usize = 1024 * 1024;

/// The longest GNU long-name record: a path with `./` before it, `/` and a NUL after it.
const MAX_LONG_NAME_BYTES: u64 = MAX_PATH_BYTES as u64 + 4;

/// How many bytes are handed on at a time. With what inflating takes, that is less than glibc's allocator
/// returns to the system whenever it is freed (128 KiB, `M_TRIM_THRESHOLD`), to get it back for the next.
const CHUNK: usize = 32 * 1024;

/// Takes what an archive holds, in its order.
pub(crate) trait Sink {
    /// A folder that was not there yet, after the folder that it lies in.
    fn folder(&mut self, path: &str) -> Result<(), BundleError>;
    /// A file begins; the folder that it lies in was announced.
    fn file(&mut self, path: &BundlePath, executable: bool) -> Result<(), BundleError>;
    /// The next bytes of the file.
    fn data(&mut self, chunk: &[u8]) -> Result<(), BundleError>;
    /// The file is complete.
    fn file_end(&mut self) -> Result<(), BundleError>;
    /// Whether the rest of the archive need not be read.
    fn is_done(&self) -> bool {
        false
    }
}

/// Keeps nothing.
pub(crate) struct Discard;

impl Sink for Discard {
    fn folder(&mut self, _: &str) -> Result<(), BundleError> {
        Ok(())
    }
    fn file(&mut self, _: &BundlePath, _: bool) -> Result<(), BundleError> {
        Ok(())
    }
    fn data(&mut self, _: &[u8]) -> Result<(), BundleError> {
        Ok(())
    }
    fn file_end(&mut self) -> Result<(), BundleError> {
        Ok(())
    }
}

/// Reads `archive` to its end, applies every rule, and hands each entry to `sink` as soon as its
/// name is known to be good. An error may come after entries were handed over, so the sink's work
/// counts only once this returns.
pub(crate) fn walk<R: Read, S: Sink>(
    archive: R,
    limits: &Limits,
    sink: &mut S,
) -> Result<Contents, BundleError> {
    let mut walker = Walker::new(archive, limits, sink)?;
    walker.entries()?;
    let Walker {
        mut files,
        folders,
        manifests,
        ..
    } = walker;
    if !manifests.any() {
        return Err(BundleError::NoManifest);
    }
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(Contents {
        unpacked_bytes: files.iter().map(|file| file.size).sum(),
        stated: manifests.stated()?,
        manifest: manifests.fields()?,
        folders: folders.into_iter().collect(),
        files,
    })
}

/// As [`walk`], for a sink that may not want all of it: ends where the sink is done. What the bundle
/// states is not looked at.
pub(crate) fn visit<R: Read, S: Sink>(
    archive: R,
    limits: &Limits,
    sink: &mut S,
) -> Result<(), BundleError> {
    Walker::new(archive, limits, sink)?.entries()
}

struct Walker<'s, R, S> {
    source: Source<R>,
    budget: Budget,
    names: Names,
    files: Vec<FileEntry>,
    /// Those with an entry of their own.
    folders: BTreeSet<String>,
    manifests: Manifests,
    chunk: Box<[u8]>,
    sink: &'s mut S,
}

impl<'s, R: Read, S: Sink> Walker<'s, R, S> {
    fn new(archive: R, limits: &Limits, sink: &'s mut S) -> Result<Self, BundleError> {
        Ok(Self {
            source: Source::new(archive)?,
            budget: Budget::new(*limits),
            names: Names::default(),
            files: Vec::new(),
            folders: BTreeSet::new(),
            manifests: Manifests::default(),
            chunk: vec![0; CHUNK].into_boxed_slice(),
            sink,
        })
    }

    fn entries(&mut self) -> Result<(), BundleError> {
        // What an extension record says about the entry that must follow it.
        let mut extension: Option<Pax> = None;
        let mut empty = true;
        while let Some(header) = self.next_header()? {
            empty = false;
            self.budget.entry()?;
            let kind = header
                .kind
                .clone()
                .map_err(|rule| refuse(&header.path, rule))?;
            if extension.is_some() && !matches!(kind, Kind::File | Kind::Folder) {
                return Err(refuse(&header.path, EntryRule::StrayExtension));
            }
            match kind {
                Kind::LongName => extension = Some(self.long_name(&header)?),
                Kind::Pax => extension = Some(self.pax(&header)?),
                Kind::GlobalPax => self
                    .pax(&header)?
                    .check_global()
                    .map_err(|rule| refuse(&header.path, rule))?,
                Kind::File | Kind::Folder => self.entry(kind, header, extension.take())?,
            }
            if self.sink.is_done() {
                return Ok(());
            }
        }
        match (extension, empty) {
            (None, false) => self.end(),
            (None, true) => Err(BundleError::Empty),
            (Some(pax), _) => Err(refuse(
                &pax.path.unwrap_or_default(),
                EntryRule::StrayExtension,
            )),
        }
    }

    /// The next header; `None` at the first zero block.
    fn next_header(&mut self) -> Result<Option<Header>, BundleError> {
        let offset = self.source.offset();
        let Some(block) = self.source.block()? else {
            return Err(match offset {
                0 => BundleError::NotTar,
                _ => BundleError::TarCutOff,
            });
        };
        if is_zero(&block) {
            return Ok(None);
        }
        match Header::parse(&block) {
            Ok(header) => Ok(Some(header)),
            Err(_) if offset == 0 => Err(BundleError::NotTar),
            Err(problem) => Err(BundleError::TarDamaged { offset, problem }),
        }
    }

    /// Reads on from the first zero block to the end of the gzip data, whose checksum comes last.
    fn end(&mut self) -> Result<(), BundleError> {
        match self.source.block()? {
            None => return Err(BundleError::TarCutOff),
            Some(block) if !is_zero(&block) => return Err(BundleError::TrailingData),
            Some(_) => {}
        }
        let mut padding = 0;
        loop {
            let read = self.source.fill(&mut self.chunk)?;
            if !is_zero(&self.chunk[..read]) {
                return Err(BundleError::TrailingData);
            }
            padding += read;
            if padding > MAX_PADDING {
                return Err(BundleError::TrailingPadding);
            }
            if read < self.chunk.len() {
                return Ok(());
            }
        }
    }

    fn long_name(&mut self, header: &Header) -> Result<Pax, BundleError> {
        let wrong = || refuse(&header.path, EntryRule::LongName);
        if header.size > MAX_LONG_NAME_BYTES {
            return Err(wrong());
        }
        let mut path = self.record(header)?;
        // Some readers stop at the first NUL and some at the size.
        if path.pop() != Some(0) || path.contains(&0) {
            return Err(wrong());
        }
        Ok(Pax {
            path: Some(path),
            size: None,
        })
    }

    fn pax(&mut self, header: &Header) -> Result<Pax, BundleError> {
        if header.size > MAX_PAX_BYTES {
            return Err(refuse(&header.path, PaxRule::TooLarge));
        }
        let data = self.record(header)?;
        Pax::parse(&data).map_err(|rule| refuse(&header.path, rule))
    }

    /// The data of an extension record, whose size is known to be small.
    fn record(&mut self, header: &Header) -> Result<Vec<u8>, BundleError> {
        self.budget.bytes(header.size)?;
        let mut data = Vec::new();
        self.data(&header.path, header.size, |_, chunk| {
            data.extend_from_slice(chunk);
            Ok(())
        })?;
        Ok(data)
    }

    fn entry(
        &mut self,
        mut kind: Kind,
        header: Header,
        extension: Option<Pax>,
    ) -> Result<(), BundleError> {
        let Pax { path, size } = extension.unwrap_or_default();
        let raw = path.unwrap_or(header.path);
        if size.is_some_and(|size| size != header.size) {
            return Err(refuse(&raw, PaxRule::Size));
        }
        // The oldest tar had no type for folders and wrote files whose path ends with a slash.
        if kind == Kind::File && raw.ends_with(b"/") {
            if header.size > 0 {
                return Err(refuse(&raw, EntryRule::FileWithSlash));
            }
            kind = Kind::Folder;
        }
        if kind == Kind::Folder {
            return self.folder(&raw, header.size);
        }
        let path = raw.strip_prefix(b"./").unwrap_or(&raw);
        let path = BundlePath::parse(path).map_err(|rule| refuse(&raw, rule))?;
        let new = self
            .names
            .add_file(&path)
            .map_err(|clash| refuse(&raw, clash))?;
        for folder in new {
            self.budget.entry()?;
            self.sink.folder(folder)?;
        }
        self.file(&path, header.size, header.executable)
    }

    fn folder(&mut self, raw: &[u8], size: u64) -> Result<(), BundleError> {
        if size > 0 {
            return Err(refuse(raw, EntryRule::FolderWithData));
        }
        if matches!(raw, b"." | b"./") {
            return Ok(());
        }
        if raw == b"/" {
            return Err(refuse(raw, PathRule::Absolute));
        }
        let path = raw.strip_prefix(b"./").unwrap_or(raw);
        let path = path.strip_suffix(b"/").unwrap_or(path);
        let path = BundlePath::parse(path).map_err(|rule| refuse(raw, rule))?;
        let new = self
            .names
            .add_folder(&path)
            .map_err(|clash| refuse(raw, clash))?;
        for folder in new {
            // The entry itself has been counted.
            if folder != path.as_str() {
                self.budget.entry()?;
            }
            self.sink.folder(folder)?;
        }
        self.folders.insert(path.as_str().to_owned());
        Ok(())
    }

    fn file(&mut self, path: &BundlePath, size: u64, executable: bool) -> Result<(), BundleError> {
        self.budget.bytes(size)?;
        let name = path.as_str().as_bytes();
        let manifest = manifest::name_of(path.as_str());
        if let Some(file) = manifest
            && size > MAX_MANIFEST_BYTES
        {
            return Err(ManifestError::new(file, ManifestProblem::TooLarge).into());
        }
        self.sink.file(path, executable)?;
        let mut text = Vec::new();
        let mut hasher = Hasher::default();
        self.data(name, size, |sink, chunk| {
            hasher.update(chunk);
            if manifest.is_some() {
                text.extend_from_slice(chunk);
            }
            sink.data(chunk)
        })?;
        self.sink.file_end()?;
        if let Some(file) = manifest {
            self.manifests.add(file, text);
        }
        self.files.push(FileEntry {
            path: path.as_str().to_owned(),
            size,
            executable,
            sha256: hasher.finish(),
        });
        Ok(())
    }

    /// Reads `size` bytes and the padding to a whole block, and hands the bytes to `take`.
    fn data(
        &mut self,
        name: &[u8],
        size: u64,
        mut take: impl FnMut(&mut S, &[u8]) -> Result<(), BundleError>,
    ) -> Result<(), BundleError> {
        let cut_off = || BundleError::EntryCutOff { entry: quote(name) };
        let mut left = size;
        while left > 0 {
            let want = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
            let chunk = &mut self.chunk[..want];
            if self.source.fill(chunk)? < want {
                return Err(cut_off());
            }
            take(self.sink, chunk)?;
            left -= want as u64;
        }
        let padding = &mut self.chunk[..padding(size)];
        if self.source.fill(padding)? < padding.len() {
            return Err(cut_off());
        }
        Ok(())
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

fn refuse(path: &[u8], rule: impl Into<EntryRule>) -> BundleError {
    BundleError::Entry {
        entry: quote(path),
        rule: rule.into(),
    }
}
