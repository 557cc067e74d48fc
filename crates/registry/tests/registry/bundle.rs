//! Bundles to publish.

/// A good bundle.
pub(crate) fn bundle(tool: &str, number: &str) -> Vec<u8> {
    bundle_with(tool, number, &[])
}

/// One with these files besides: paths and texts.
pub(crate) fn bundle_with(tool: &str, number: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let text = format!("---\nname: \"{tool}\"\nversion: {number}\n---\n# Thing\n");
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    for (path, text) in [("SKILL.md", &*text)].iter().chain(others) {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}
