//! Builds archives byte by byte, honest and hostile.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

/// A manifest that every rule is content with.
pub(crate) const MANIFEST: &str = "name: alice/greeter\nversion: 1.0.0\n";

/// One header, field by field.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: u8,
    pub(crate) mode: Vec<u8>,
    pub(crate) owner: Vec<u8>,
    pub(crate) size: Vec<u8>,
    pub(crate) time: Vec<u8>,
    pub(crate) magic: [u8; 8],
    pub(crate) prefix: Vec<u8>,
}

impl Head {
    pub(crate) fn new(kind: u8, name: impl AsRef<[u8]>, size: u64) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            kind,
            mode: b"0000644\0".to_vec(),
            owner: b"0000000\0".to_vec(),
            time: b"00000000000\0".to_vec(),
            size: format!("{size:011o}\0").into_bytes(),
            magic: *b"ustar\x0000",
            prefix: Vec::new(),
        }
    }

    fn block(&self) -> [u8; 512] {
        let mut block = [0; 512];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.name[..self.name.len().min(100)]);
        put(100, &self.mode);
        put(108, &self.owner);
        put(116, &self.owner);
        put(124, &self.size);
        put(136, &self.time);
        put(148, b"        ");
        put(156, &[self.kind]);
        put(257, &self.magic);
        put(345, &self.prefix);
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }
}

/// An archive in the making.
#[derive(Clone, Default)]
pub(crate) struct Archive(Vec<u8>);

impl Archive {
    /// Holds a valid manifest.
    pub(crate) fn new() -> Self {
        Self::default().file("skill.package.yml", MANIFEST)
    }

    pub(crate) fn file(self, path: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Self {
        self.entry(b'0', path, data)
    }

    /// An entry of any type whose header agrees with its data.
    pub(crate) fn entry(self, kind: u8, path: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Self {
        let data = data.as_ref();
        self.head(&Head::new(kind, path, data.len() as u64), data)
    }

    /// Any header, and data that need not agree with it.
    pub(crate) fn head(mut self, head: &Head, data: impl AsRef<[u8]>) -> Self {
        self.0.extend(head.block());
        self.0.extend(data.as_ref());
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(crate) fn bytes(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.extend(bytes.as_ref());
        self
    }

    /// The tar archive with its end mark.
    pub(crate) fn tar(self) -> Vec<u8> {
        self.bytes([0; 1024]).0
    }

    /// The whole bundle.
    pub(crate) fn gz(self) -> Vec<u8> {
        gzip(&self.tar())
    }

    /// The bundle without an end mark.
    pub(crate) fn gz_without_end(self) -> Vec<u8> {
        gzip(&self.0)
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// One pax record.
pub(crate) fn pax(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}
