//! What is to be installed, and carrying it out whatever others do meanwhile.

use enact_types::{Clock as _, SystemClock, ToolName};

use super::fetch::Step;
use super::{Installed, Installer};
use crate::exit::Failure;
use crate::installed::{Place, Records, exclusively_if_used};

/// How often other processes may come in between.
const TRIES: u32 = 5;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// What is to be installed.
    pub(crate) steps: Vec<Step>,
    /// What is to be taken off the lock.
    pub(crate) forget: Vec<ToolName>,
    /// What to write down.
    pub(crate) record: Record,
}

/// What to write down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    /// The list and the lock.
    Both,
    /// Nothing: both say already what is installed.
    Nothing,
}

/// Why nothing was put in its place.
#[derive(Debug)]
pub(super) enum Unapplied {
    /// Another process has changed meanwhile what the plan was made from, or what was found in place.
    Outdated,
    /// Anything else.
    Failed(Failure),
}

impl From<Failure> for Unapplied {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Installer<'_> {
    /// Installs all that `outlook` plans or nothing, and writes that down. Answers what was planned too.
    ///
    /// Plans again when another process has changed the records meanwhile, so that it is as if this had
    /// begun after that.
    pub(crate) async fn carry_out(
        &self,
        outlook: impl Fn(&Records) -> Result<Plan, Failure>,
        records: &mut Records,
    ) -> Result<(Plan, Vec<Installed>), Failure> {
        for _ in 0..TRIES {
            let plan = outlook(records)?;
            self.sweep(&plan).await?;
            let ready = self.ready(plan.steps.clone(), records).await?;
            match self.apply(ready, &plan, &outlook, records).await {
                Ok(installed) => return Ok((plan, installed)),
                Err(Unapplied::Failed(failure)) => return Err(failure),
                Err(Unapplied::Outdated) => records.refresh()?,
            }
        }
        let message =
            "other processes keep changing what is installed; nothing was installed by this one";
        Err(Failure::new("CHANGED_MEANWHILE", message).hint("run the command again"))
    }

    /// Removes what killed processes left beside the places, while nobody puts anything there.
    async fn sweep(&self, plan: &Plan) -> Result<(), Failure> {
        let Some(_held) = exclusively_if_used(self.home()).await? else {
            return Ok(());
        };
        let place = |step: &Step| Place::of(self.home(), step.name());
        let places: Vec<_> = plan.steps.iter().map(place).collect();
        let now = SystemClock.now().into();
        enact_bundle::remove_left_over(places.iter().map(Place::path), now);
        Ok(())
    }
}
