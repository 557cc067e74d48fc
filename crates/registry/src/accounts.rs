//! Accounts: made, closed and opened again by the operator, who runs this beside the server.

use enact_catalog::{UserAdded, UserRecord};
use enact_types::{Action, OwnerName};

use crate::error::ErrorKind;
use crate::members::not_found;
use crate::{Registry, RegistryError, Subject};

/// The user whom the registry's key and open mode stand for.
pub(crate) const OPERATOR: &str = "admin";

impl Registry {
    /// Makes an account.
    pub async fn add_user(&self, username: &OwnerName) -> Result<(), RegistryError> {
        let subject = Subject::target(username);
        self.operate(Action::UserAdd, subject, async |_| {
            self.make_user(username).await
        })
        .await
    }

    async fn make_user(&self, username: &OwnerName) -> Result<(), RegistryError> {
        not_the_operator(username)?;
        let id = self.new_id()?;
        let taken = match self
            .inner
            .catalog
            .add_user(username, &id, self.now())
            .await?
        {
            UserAdded::Done => return Ok(()),
            UserAdded::Exists => format!("There is a user \"{username}\" already"),
            UserAdded::IsOrg => format!("\"{username}\" is an organisation"),
        };
        Err(RegistryError::new(ErrorKind::Conflict, taken))
    }

    /// All accounts, by name.
    pub async fn users(&self) -> Result<Vec<UserRecord>, RegistryError> {
        Ok(self.inner.catalog.users(self.now()).await?)
    }

    /// Whether somebody has a token that is good.
    pub async fn has_tokens(&self) -> Result<bool, RegistryError> {
        Ok(self.inner.catalog.has_live_tokens(self.now()).await?)
    }

    /// Closes an account: all its tokens count for nothing from now on, on every server. What its
    /// user published stays.
    pub async fn disable_user(&self, username: &OwnerName) -> Result<(), RegistryError> {
        let subject = Subject::target(username);
        self.operate(Action::UserDisable, subject, async |_| {
            not_the_operator(username)?;
            self.set_disabled(username, true).await
        })
        .await
    }

    /// Opens a closed account again, with the tokens that it had.
    pub async fn enable_user(&self, username: &OwnerName) -> Result<(), RegistryError> {
        let subject = Subject::target(username);
        self.operate(Action::UserEnable, subject, async |_| {
            self.set_disabled(username, false).await
        })
        .await
    }

    async fn set_disabled(&self, username: &OwnerName, closed: bool) -> Result<(), RegistryError> {
        let at = closed.then(|| self.now());
        if self.inner.catalog.set_disabled(username, at).await? {
            Ok(())
        } else {
            Err(not_found(username))
        }
    }
}

/// Nobody may become the operator by having an account of that name.
pub(crate) fn not_the_operator(username: &OwnerName) -> Result<(), RegistryError> {
    if username.as_str() == OPERATOR {
        return Err(RegistryError::new(
            ErrorKind::Forbidden,
            format!(
                "\"{OPERATOR}\" is the operator, who signs in with the key of the registry and has no tokens"
            ),
        ));
    }
    Ok(())
}
