//! `enact org`: organisations and their members.

use enact_types::wire::{Member, OrgInfo, OrgRequest};
use enact_types::{OwnerName, Role, Timestamp};
use serde_json::json;

use super::client;
use crate::args::{Global, ManageOrgs, Orgs};
use crate::client::Client;
use crate::exit::Failure;
use crate::printer::Printer;

/// Runs the command. `--json` prints what the registry answers, with the registry's own names.
pub(super) async fn run(args: Orgs, global: &Global, printer: &Printer) -> Result<(), Failure> {
    let client = client(global)?;
    match args.command {
        ManageOrgs::Create {
            org,
            display_name,
            description,
        } => {
            let request = OrgRequest {
                name: org.to_string(),
                display_name,
                description,
            };
            let made = client.create_org(&request).await?;
            printer.success(&format!("Made the organisation {org}, which you own"));
            printer.note(&format!(
                "Its skills are called @{org}/…; `enact org add-member {org} USER` takes others in."
            ));
            printer.json(&made);
        }
        ManageOrgs::Info { org } => info(&client, &org, printer).await?,
        ManageOrgs::AddMember { org, user, role } => {
            let changed = client.add_member(&org, &user, role).await?;
            printer.success(&format!("{user} is now {} of {org}", with_article(role)));
            printer.json(&changed);
        }
        ManageOrgs::SetRole { org, user, role } => {
            let changed = client.set_role(&org, &user, role).await?;
            printer.success(&format!("{user} is now {} of {org}", with_article(role)));
            printer.json(&changed);
        }
        ManageOrgs::RemoveMember { org, user } => {
            let removed = client.remove_member(&org, &user).await?;
            printer.success(&format!("{user} is no longer a member of {org}"));
            printer.json(&removed);
        }
    }
    Ok(())
}

async fn info(client: &Client, org: &OwnerName, printer: &Printer) -> Result<(), Failure> {
    let info = client.org(org).await?;
    let members = client.members(org).await?.members;
    print(&info, &members, printer);
    printer.json(&json!({ "org": info, "members": members }));
    Ok(())
}

fn print(info: &OrgInfo, members: &[Member], printer: &Printer) {
    printer.heading(&format!("@{}", info.name));
    if let Some(description) = &info.description {
        printer.line(description);
    }
    printer.line("");
    let mut facts = vec![
        ("Skills", info.tool_count.to_string()),
        ("Members", info.member_count.to_string()),
        ("Created", day(info.created_at)),
    ];
    if let Some(name) = &info.display_name {
        facts.insert(0, ("Name", name.clone()));
    }
    printer.facts(&facts);
    printer.line("");
    let cells = |member: &Member| {
        vec![
            member.username.clone(),
            member.role.to_string(),
            day(member.added_at),
        ]
    };
    let rows: Vec<_> = members.iter().map(cells).collect();
    printer.table(&["MEMBER", "ROLE", "SINCE"], &rows);
}

fn with_article(role: Role) -> &'static str {
    match role {
        Role::Member => "a member",
        Role::Admin => "an admin",
        Role::Owner => "an owner",
    }
}

fn day(time: Timestamp) -> String {
    let text = time.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}
