//! Opens a page in the browser of whoever is at this machine.

use std::env;
use std::io::Write as _;
use std::process::{Command, Stdio};

use tempfile::NamedTempFile;
use url::Url;

/// A file that leads to the page; needed until the browser has read it.
pub(super) struct Opened {
    _file: NamedTempFile,
}

/// Opens `page`, if there seems to be a browser. Others on this machine can see command lines, and the
/// address holds what only this user may know: so the browser is given a file that leads there, and
/// that nobody else can read. That it does not work is no failure: the address is shown too.
pub(super) fn open(page: &Url) -> Option<Opened> {
    let program = program()?;
    // Made for its user alone.
    let mut file = tempfile::Builder::new()
        .prefix("enact-sign-in-")
        .suffix(".html")
        .tempfile()
        .ok()?;
    // Nothing to escape: a URL has none of the characters that mean something in HTML but "&", which
    // stands before "state".
    let address = page.as_str().replace('&', "&amp;");
    let text = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Sign in</title>\
         <meta name=\"referrer\" content=\"no-referrer\">\
         <meta http-equiv=\"refresh\" content=\"0;url={address}\">\
         <p><a href=\"{address}\">Sign in</a>\n"
    );
    file.write_all(text.as_bytes()).ok()?;
    let started = Command::new(program)
        .arg(file.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    started.ok()?;
    Some(Opened { _file: file })
}

/// What opens pages here: the program that `BROWSER` names, or the system's. On a machine without a
/// screen there is nothing to open one on.
fn program() -> Option<String> {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(browser) = set("BROWSER") {
        return Some(browser);
    }
    if cfg!(target_os = "macos") {
        return Some("open".to_owned());
    }
    set("DISPLAY").or_else(|| set("WAYLAND_DISPLAY"))?;
    Some("xdg-open".to_owned())
}
