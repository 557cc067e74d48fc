//! Bundles to publish.

/// A good bundle.
pub(crate) fn bundle(tool: &str, number: &str) -> Vec<u8> {
    let text = format!("---\nname: \"{tool}\"\nversion: {number}\n---\n# Thing\n");
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(text.len() as u64);
    tar.append_data(&mut header, "SKILL.md", text.as_bytes())
        .unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}
