//! `enact install`: installs skills by their names, or again what a project has locked.

mod restore;

use std::path::Path;

use enact_types::{Digest, ToolName, Version};
use serde::Serialize;

use super::{home, records, settings};
use crate::args::{Global, Install};
use crate::exit::{Exit, Failure};
use crate::installed::{Records, Scope};
use crate::installer::{
    Hook, Installed, Installer, Options, Origin, Plan, Record, Step, run_hooks,
};
use crate::printer::Printer;
use crate::text::bytes;

/// What `--json` prints of each skill; alone, if one was named.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    /// Always true: afterwards it is installed.
    installed: bool,
    /// Whether it was installed before, so that nothing was changed.
    already_installed: bool,
    tool: &'a ToolName,
    version: &'a Version,
    /// The skill's folder.
    location: &'a Path,
    scope: Scope,
    /// `sha256:` and 64 hexadecimal digits.
    hash: Digest,
    /// The size of the bundle, in bytes.
    size: u64,
    /// Whether the bundle was found to have that hash; false if none was needed.
    verified: bool,
    /// `registry` or `cache`; null if none was needed.
    source: Option<Origin>,
    /// Whether its post-install hook was run, `ran` or `skipped`; null if it has none, or was installed
    /// before.
    hook: Option<Hook>,
}

/// What `--json` prints unless one skill was named.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outputs<'a> {
    /// How many are installed now.
    installed: usize,
    /// Always 0: all are installed or none is.
    failed: usize,
    /// How many there are.
    total: usize,
    /// In the order of the list or of the command line.
    skills: Vec<Output<'a>>,
}

/// Runs the command.
pub(super) async fn run(args: Install, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let home = home()?;
    let mut records = records(args.global, &home)?;
    check_alias(&args, &records)?;
    let options = Options {
        force: args.force,
        allow_yanked: args.allow_yanked,
        offline: args.offline,
    };
    let installer = Installer::new(home, settings(global)?, options, printer);
    let named = !args.tools.is_empty();
    if !named {
        restore::note_strangers(&records, printer);
    }
    let outlook = |records: &Records| {
        if named {
            return Ok(named_plan(&args, &installer));
        }
        restore::plan(records, args.frozen, &installer)
    };
    let (plan, done) = installer.carry_out(outlook, &mut records).await?;
    if plan.steps.is_empty() && plan.forget.is_empty() {
        printer.note(&format!("There is nothing in {}.", records.scope.list()));
        printer.note("Install a skill with: enact install NAME");
    }
    if let (Some(alias), [one]) = (&args.alias, &done[..]) {
        let named = records.change(|records| records.list.set_alias(alias, &one.name));
        named.await?;
    }
    for name in &plan.forget {
        let list = records.scope.list();
        printer.note(&format!("{name} is not in {list} any more; its files stay"));
    }
    let single = args.tools.len() == 1;
    let scope = records.scope;
    match &done[..] {
        [one] if single => report_one(one, scope, printer),
        _ => report_all(&done, &records, printer),
    }
    let hooks = run_hooks(&done, args.run_hooks, installer.home(), printer).await?;
    if args.run_hooks {
        tell_of_old_hooks(&done, printer);
    }
    let outputs = done.iter().zip(hooks);
    let mut outputs: Vec<_> = outputs
        .map(|(one, hook)| output(one, hook, scope))
        .collect();
    match outputs.pop() {
        Some(output) if single => printer.json(&output),
        last => {
            outputs.extend(last);
            printer.json(&Outputs {
                installed: outputs.len(),
                failed: 0,
                total: outputs.len(),
                skills: outputs,
            });
        }
    }
    Ok(())
}

/// Refuses an alias that cannot be given, before anything is installed.
fn check_alias(args: &Install, records: &Records) -> Result<(), Failure> {
    match (&args.alias, &args.tools[..]) {
        (None, _) => Ok(()),
        (Some(alias), [tool]) => records.list.check_alias(alias, &tool.name),
        (Some(alias), _) => {
            let message = format!("the alias {alias} can stand for one skill alone");
            Err(Failure::new("USAGE", message)
                .hint("install the skills one by one to give them aliases")
                .with_exit(Exit::Usage))
        }
    }
}

fn named_plan(args: &Install, installer: &Installer<'_>) -> Plan {
    let step = |request: &crate::tool_request::ToolRequest| Step::Resolve {
        name: request.name.clone(),
        wanted: request.wanted.clone(),
        registry: installer.registry().clone(),
    };
    Plan {
        steps: args.tools.iter().map(step).collect(),
        forget: Vec::new(),
        record: Record::Both,
    }
}

fn report_one(one: &Installed, scope: Scope, printer: &Printer) {
    let Installed { name, version, .. } = one;
    if one.origin.is_none() {
        printer.success(&format!("{name}@{version} is already installed"));
        return;
    }
    printer.success(&format!("Installed {name}@{version}"));
    let of = match scope {
        Scope::Project => "project",
        Scope::Global => "global",
    };
    printer.details(&[
        ("Location", one.folder.display().to_string()),
        ("Scope", format!("{of} ({})", scope.list())),
        ("Size", bytes(one.size)),
        ("Hash", one.hash.to_string()),
    ]);
}

fn report_all(installed: &[Installed], records: &Records, printer: &Printer) {
    let new: Vec<_> = installed
        .iter()
        .filter(|one| one.origin.is_some())
        .collect();
    if new.is_empty() {
        if !installed.is_empty() {
            let all = match installed.len() {
                1 => "The one skill is".to_owned(),
                count => format!("All {count} skills are"),
            };
            printer.success(&format!("{all} installed already"));
        }
        return;
    }
    let rows = new.iter().map(|one| {
        let origin = match one.origin {
            Some(Origin::Cache) => "cache".to_owned(),
            _ => one.registry.to_string(),
        };
        let (name, version) = (one.name.to_string(), one.version.to_string());
        vec![name, version, bytes(one.size), origin]
    });
    printer.report(
        &["NAME", "VERSION", "SIZE", "FROM"],
        &rows.collect::<Vec<_>>(),
    );
    let (count, old) = (new.len(), installed.len() - new.len());
    let skills = if count == 1 { "skill" } else { "skills" };
    let rest = match old {
        0 => String::new(),
        old => format!("; {old} installed already"),
    };
    printer.success(&format!("Installed {count} {skills}{rest}"));
    printer.note(&format!(
        "{} has what is installed.",
        records.lock.path().display()
    ));
}

/// Who asks for hooks is told of those that did not run because nothing was installed.
fn tell_of_old_hooks(installed: &[Installed], printer: &Printer) {
    let old = installed.iter().filter(|one| one.origin.is_none());
    for Installed { name, folder, .. } in old {
        // A manifest that cannot be read has nothing to run.
        let manifest = enact_bundle::manifest_fields(folder).unwrap_or_default();
        if !enact_bundle::post_install(&manifest).is_empty() {
            printer.note(&format!(
                "{name} was installed before, so its hook is not run again: add --force"
            ));
        }
    }
}

fn output(one: &Installed, hook: Option<Hook>, scope: Scope) -> Output<'_> {
    Output {
        installed: true,
        already_installed: one.origin.is_none(),
        tool: &one.name,
        version: &one.version,
        location: &one.folder,
        scope,
        hash: one.hash,
        size: one.size,
        verified: one.origin.is_some(),
        source: one.origin,
        hook,
    }
}
