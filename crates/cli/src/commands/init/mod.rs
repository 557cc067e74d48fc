//! `enact init`: makes a new skill, which can be published as it is.

mod template;
mod write;

use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use enact_types::ToolName;
use serde::Serialize;

use crate::args::{NewSkill, Template};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::question::{ask, can_ask};

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Output<'a> {
    name: &'a ToolName,
    template: String,
    /// The skill's folder, as it was given.
    folder: &'a Path,
    /// Inside the folder.
    files: Vec<&'a str>,
}

/// What `--json --list-templates` prints.
#[derive(Debug, Serialize)]
struct Templates {
    templates: Vec<TemplateOutput>,
}

/// One template.
#[derive(Debug, Serialize)]
struct TemplateOutput {
    name: String,
    description: String,
}

/// Runs the command.
pub(super) fn run(args: NewSkill, printer: &Printer) -> Result<(), Failure> {
    if args.list_templates {
        list(printer);
        return Ok(());
    }
    let into_new_folder = args.name.is_some();
    let given = args.name.or(args.here);
    let text = match &given {
        Some(name) => name.clone(),
        None => folder_name(args.dir.as_deref().unwrap_or(Path::new(".")))?,
    };
    let name = full_name(&text, args.namespace.as_deref(), printer)?;
    let folder = args.dir.unwrap_or_else(|| {
        PathBuf::from(if into_new_folder {
            name.short_name()
        } else {
            "."
        })
    });
    let files = template::files(args.template, &name);
    write::write(&folder, &files)?;

    printer.success(&format!("Made {name} in {}", folder.display()));
    let paths: Vec<&str> = files.iter().map(|file| file.path).collect();
    printer.details(&[("Files", paths.join(", "))]);
    printer.note(&next_steps(&folder));
    printer.json(&Output {
        name: &name,
        template: label(args.template).0,
        folder: &folder,
        files: paths,
    });
    Ok(())
}

fn next_steps(folder: &Path) -> String {
    let there = folder.display();
    format!(
        "Next: write {}, look at it with `enact validate {there}`, and `enact publish {there}`.",
        folder.join("SKILL.md").display()
    )
}

/// The full name of the skill. Asks whose it is if that is not said and somebody is there to answer.
fn full_name(text: &str, namespace: Option<&str>, printer: &Printer) -> Result<ToolName, Failure> {
    let full = match namespace {
        Some(owner) => format!("{owner}/{text}"),
        None if text.contains('/') => text.to_owned(),
        None if can_ask(printer) => {
            let question = format!("Whose skill is {text}? Your user name, or @organisation:");
            format!("{}/{text}", ask(&question, printer)?)
        }
        None => {
            let message = format!("whose skill is {text}? Its full name has its owner in front");
            return Err(usage(message)
                .hint(format!("write it like: enact init alice/{text}"))
                .hint("or say whose it is by --namespace alice, or --namespace @acme"));
        }
    };
    ToolName::parse(&full).map_err(|error| usage(format!("{full:?} is no name: {error}")))
}

/// The name of the folder that becomes a skill.
fn folder_name(folder: &Path) -> Result<String, Failure> {
    let nameless = || {
        usage("the folder has no name that the skill could have".to_owned())
            .hint("name the skill: enact init alice/greeter")
    };
    // A folder that is still to be made has no other name than the one that was given.
    let path = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).ok_or_else(nameless)
}

fn usage(message: String) -> Failure {
    Failure::new("USAGE", message).with_exit(Exit::Usage)
}

fn list(printer: &Printer) {
    let labels = Template::value_variants().iter().copied().map(label);
    let labels: Vec<_> = labels.collect();
    let rows: Vec<_> = labels
        .iter()
        .map(|(name, description)| vec![name.clone(), description.clone()])
        .collect();
    printer.table(&["TEMPLATE", "WHAT IT STARTS WITH"], &rows);
    printer.json(&Templates {
        templates: labels
            .into_iter()
            .map(|(name, description)| TemplateOutput { name, description })
            .collect(),
    });
}

/// The name of a template, and what its help says.
fn label(template: Template) -> (String, String) {
    let Some(value) = template.to_possible_value() else {
        return (String::new(), String::new());
    };
    let help = value.get_help().map(ToString::to_string);
    (value.get_name().to_owned(), help.unwrap_or_default())
}
