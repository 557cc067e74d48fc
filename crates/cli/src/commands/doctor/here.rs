//! What is set on this machine.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::{Access, access};

use super::super::report::Report;
use crate::args::Global;
use crate::private::Distrust;
use crate::settings::secrets::shown_text;
use crate::settings::{self, Document, NETWORK_VARIABLES, Proxies, Settings};

/// Reads the settings; `None` if they do not work.
pub(super) fn settings(global: &Global, report: &mut Report<'_>) -> Option<Settings> {
    const NAME: &str = "settings";
    match super::super::settings(global) {
        Ok(mut settings) => {
            // Somebody is waiting.
            settings.network.retries = 0;
            let registry = &settings.registry;
            let found = format!("the registry is {registry}, {}", registry.source());
            report.ok(NAME, &found);
            Some(settings)
        }
        Err(failure) => {
            let fix = match failure.hints() {
                [] => "see all of them: enact config show".to_owned(),
                hints => hints.join("; or "),
            };
            report.fail(NAME, failure.message(), fix);
            None
        }
    }
}

/// Looks at the folder in which everything is kept, which need not be there yet.
pub(super) fn home(report: &mut Report<'_>) {
    const NAME: &str = "home folder";
    let Some(home) = settings::home() else {
        let fix = "export HOME=… with the folder in which settings and skills are kept";
        report.fail(NAME, "HOME is not set to a folder", fix);
        return;
    };
    let folder = home.join(".enact");
    let shown = folder.display().to_string();
    let used = if folder.exists() { &folder } else { &home };
    if let Err(error) = writable(used) {
        let place = used.display();
        let cause = format!("{place} cannot be written: {error}");
        report.fail(
            NAME,
            &cause,
            format!("check owner and permissions: ls -ld {place}"),
        );
        return;
    }
    for path in [folder.clone(), folder.join("hooks.json")] {
        let metadata = std::fs::metadata(&path).ok();
        if let Some(distrust) = metadata.and_then(|metadata| Distrust::of(&metadata)) {
            let found = format!("{}: {distrust}", path.display());
            report.warn(NAME, &found, distrust.fix(&path));
            return;
        }
    }
    if is_readable_secret(&home) {
        let file = Document::place(&home);
        let found = format!(
            "other users of this machine can read the token in {}",
            file.display()
        );
        report.warn(NAME, &found, format!("chmod 600 {}", file.display()));
        return;
    }
    report.ok(NAME, &shown);
}

/// Whether others can read a file that has a token in it.
fn is_readable_secret(home: &Path) -> bool {
    let others = std::fs::metadata(Document::place(home))
        .is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
    others
        && Document::read(home)
            .is_ok_and(|document| document.value().pointer("/registry/authToken").is_some())
}

/// Whether this process may make files in a folder.
pub(super) fn writable(folder: &Path) -> io::Result<()> {
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Tells which proxies are in force. One on the way to the registry must be one that can be used.
pub(super) fn proxies(settings: Option<&Settings>, report: &mut Report<'_>) {
    const NAME: &str = "proxies";
    let registry = settings.and_then(|settings| settings.registry.join("/").ok());
    if let Some(Err(unusable)) = registry.map(|url| Proxies::from_env().on_the_way_to(&url)) {
        report.fail(NAME, &unusable.message(), unusable.hint());
        return;
    }
    let is_proxy = |name: &str| name.to_ascii_uppercase().ends_with("_PROXY");
    tell(NAME, "none", is_proxy, report);
}

/// Tells which certificates are trusted besides those of the system.
pub(super) fn certificates(report: &mut Report<'_>) {
    const NAME: &str = "certificates";
    for name in ["ENACT_CA_CERT", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let Some(place) = std::env::var_os(name).filter(|place| !place.is_empty()) else {
            continue;
        };
        if let Err(error) = std::fs::metadata(&place) {
            let place = Path::new(&place).display();
            let cause = format!("{name} is {place}: {error}");
            report.fail(NAME, &cause, format!("correct the path, or unset {name}"));
            return;
        }
    }
    let is_asked = |name: &str| name == "ENACT_CA_CERT" || name.starts_with("SSL_CERT_");
    tell(NAME, "those of the system", is_asked, report);
}

/// Lists the variables that are set, as they may be shown.
fn tell(
    name: &'static str,
    otherwise: &str,
    is_asked: impl Fn(&str) -> bool,
    report: &mut Report<'_>,
) {
    let all = NETWORK_VARIABLES.into_iter().chain(["ENACT_CA_CERT"]);
    let set = all.filter(|name| is_asked(name)).filter_map(|name| {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
        Some(format!("{name}={}", shown_text(&value)))
    });
    let set: Vec<String> = set.collect();
    let found = if set.is_empty() {
        otherwise.to_owned()
    } else {
        set.join(", ")
    };
    report.ok(name, &found);
}
