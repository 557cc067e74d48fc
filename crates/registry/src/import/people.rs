//! Taking over people and organisations.

use enact_catalog::upstream::{BEFORE_THE_FIRST, Numbered, Upstream, UpstreamOrg};
use enact_catalog::{ImportedProfile, Member};
use enact_types::OwnerName;

use super::{Import, ImportError, Report, RowKind, Tally};
use crate::{Registry, RegistryError};

impl Registry {
    pub(super) async fn import_people(
        &self,
        import: &Import<'_>,
        source: &mut Upstream,
        report: &mut Report,
    ) -> Result<(), ImportError> {
        let mut after = BEFORE_THE_FIRST;
        while let Some(Numbered { row, content }) = source.profile(after).await? {
            match content {
                Ok(profile) => {
                    let made = self.import_person(&profile, import.dry_run).await?;
                    if !counted(&mut report.people, made) {
                        let reason = "there is an organisation of that name here".to_owned();
                        report.refuse(RowKind::Person, profile.username, reason);
                    }
                }
                Err(refused) => report.refuse(RowKind::Person, refused.what, refused.reason),
            }
            after = row;
        }
        Ok(())
    }

    async fn import_person(
        &self,
        profile: &ImportedProfile,
        dry_run: bool,
    ) -> Result<Option<bool>, RegistryError> {
        let catalog = &self.inner.catalog;
        if !dry_run {
            return Ok(catalog.import_profile(&self.new_id()?, profile).await?);
        }
        if catalog
            .org(&owner_name(&profile.username)?)
            .await?
            .is_some()
        {
            return Ok(None);
        }
        Ok(Some(catalog.profile(&profile.username).await?.is_none()))
    }

    pub(super) async fn import_orgs(
        &self,
        import: &Import<'_>,
        source: &mut Upstream,
        report: &mut Report,
    ) -> Result<(), ImportError> {
        let mut after = BEFORE_THE_FIRST;
        while let Some(Numbered { row, content }) = source.org(after).await? {
            match content {
                Ok(org) => self.import_org(import, org, report).await?,
                Err(refused) => report.refuse(RowKind::Organization, refused.what, refused.reason),
            }
            after = row;
        }
        Ok(())
    }

    async fn import_org(
        &self,
        import: &Import<'_>,
        found: UpstreamOrg,
        report: &mut Report,
    ) -> Result<(), RegistryError> {
        let UpstreamOrg {
            org,
            members,
            refused,
        } = found;
        let what = format!("@{}", org.name);
        for refused in refused {
            report.refuse(RowKind::Member, refused.what, refused.reason);
        }
        let mut known: Vec<Member> = Vec::with_capacity(members.len());
        for member in members {
            if self.is_known(&member.username, import, report).await? {
                known.push(member);
            } else {
                let what = format!("{} of {what}", member.username);
                let reason = "the person was not taken over".to_owned();
                report.refuse(RowKind::Member, what, reason);
            }
        }
        let reason = if !self.is_known(&org.created_by, import, report).await? {
            "whoever made it was not taken over"
        } else if !known.iter().any(|member| member.role == "owner") {
            "nobody would own it"
        } else {
            let catalog = &self.inner.catalog;
            let made = if import.dry_run {
                match catalog.profile(&org.name).await? {
                    Some(_) => None,
                    None => Some(catalog.org(&owner_name(&org.name)?).await?.is_none()),
                }
            } else {
                catalog.import_org(&self.new_id()?, &org, &known).await?
            };
            if counted(&mut report.organizations, made) {
                return Ok(());
            }
            "there is a person of that name here"
        };
        report.refuse(RowKind::Organization, what, reason.to_owned());
        Ok(())
    }

    /// Whether there is such a person, or in a dry run: would be.
    async fn is_known(
        &self,
        username: &str,
        import: &Import<'_>,
        report: &Report,
    ) -> Result<bool, RegistryError> {
        if import.dry_run {
            return Ok(!report.has_refused(username));
        }
        Ok(self.inner.catalog.profile(username).await?.is_some())
    }
}

/// Counts what was made, or was there already; false if it was neither.
fn counted(tally: &mut Tally, made: Option<bool>) -> bool {
    match made {
        Some(true) => tally.taken += 1,
        Some(false) => tally.already += 1,
        None => return false,
    }
    true
}

/// The reader of the source lets no other names through.
fn owner_name(text: &str) -> Result<OwnerName, RegistryError> {
    OwnerName::parse(text).map_err(RegistryError::internal)
}
