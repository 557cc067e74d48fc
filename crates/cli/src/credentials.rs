//! The tokens that `enact login` keeps: one for each registry, and none of them is ever sent to
//! another.
//!
//! `~/.enact/credentials.json` says for which registries there are tokens. A token itself is in the
//! keyring of the operating system, or in that file if there is no keyring. So the keyring, which may
//! want to be unlocked, is asked only for what is known to be in it.

mod file;
mod keyring;
mod lock;

use std::path::{Path, PathBuf};

use crate::exit::Failure;
use crate::settings::{RegistryUrl, Token};
use file::{Entries, Entry};
pub(crate) use keyring::Keyring;

/// The tokens in the home folder of a user.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// `~/.enact`
    folder: PathBuf,
}

/// Where a token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The keyring of the operating system.
    Keyring,
    /// `~/.enact/credentials.json`.
    File,
}

/// What there is for a registry.
#[derive(Debug)]
pub(crate) enum Found {
    /// Its token.
    Token(Token, Place),
    /// Nothing.
    Nothing,
    /// A token in a keyring that does not give it; holds why.
    OutOfReach(String),
}

impl Credentials {
    /// Those in `home`. Reads nothing yet.
    pub(crate) fn in_home(home: &Path) -> Self {
        Self {
            folder: home.join(".enact"),
        }
    }

    /// What there is for the registry. Fails if the file cannot be used.
    pub(crate) fn find(&self, registry: &RegistryUrl) -> Result<Found, Failure> {
        let Some(entry) = Entries::read(&self.folder)?.take(registry) else {
            return Ok(Found::Nothing);
        };
        let (text, place) = match entry {
            Entry::File { token, .. } => (token, Place::File),
            Entry::Keyring { .. } => match Keyring::find().and_then(|keys| keys.get(registry)) {
                Ok(token) => (token, Place::Keyring),
                Err(why) => return Ok(Found::OutOfReach(why)),
            },
        };
        let token = Token::parse(&text, &file::path(&self.folder).display().to_string())?;
        Ok(Found::Token(token, place))
    }

    /// Keeps the token of `user`, in place of another one for the registry: in `keyring`, or in the
    /// file if there is none. Dropped while the keyring has not taken it, it has kept nothing.
    pub(crate) async fn keep(
        &self,
        registry: &RegistryUrl,
        user: &str,
        token: &Token,
        keyring: Option<Keyring>,
    ) -> Result<(), Failure> {
        let user = user.to_owned();
        let was_in_keyring = matches!(
            Entries::read(&self.folder)?.take(registry),
            Some(Entry::Keyring { .. })
        );
        let is_in_file = keyring.is_none();
        let entry = if let Some(keyring) = keyring {
            let (registry, token) = (registry.clone(), token.clone());
            let kept = keyring.ask(move |keyring| keyring.set(&registry, token.expose()));
            kept.await.map_err(|why| {
                Failure::new(
                    "KEYRING_ERROR",
                    format!("the keyring does not take it: {why}"),
                )
            })?;
            Entry::Keyring { user }
        } else {
            let token = token.expose().to_owned();
            Entry::File { user, token }
        };
        self.change(|entries| entries.put(registry, entry))?;
        if is_in_file && was_in_keyring {
            // Of no use any more; the keyring may be why the file was chosen.
            let _ = remove_from_keyring(registry).await;
        }
        Ok(())
    }

    /// Forgets the token for the registry. Gives whom it signed in, if there was one. Dropped while the
    /// keyring has not forgotten it, it still knows of it.
    pub(crate) async fn forget(&self, registry: &RegistryUrl) -> Result<Option<String>, Failure> {
        // Nothing is made if there is nothing to forget.
        match Entries::read(&self.folder)?.take(registry) {
            None => return Ok(None),
            Some(Entry::File { .. }) => {}
            Some(Entry::Keyring { .. }) => {
                let removed = remove_from_keyring(registry).await;
                removed.map_err(|why| {
                    let message = format!("the keyring does not forget the token: {why}");
                    Failure::new("KEYRING_ERROR", message)
                        .hint("unlock the keyring and try again, or remove the token in it by hand")
                })?;
            }
        }
        let entry = self.change(|entries| entries.take(registry))?;
        Ok(entry.map(|entry| match entry {
            Entry::File { user, .. } | Entry::Keyring { user } => user,
        }))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Entries) -> T) -> Result<T, Failure> {
        file::make_folder(&self.folder)?;
        let _lock = lock::acquire(&self.folder)?;
        let mut entries = Entries::read(&self.folder)?;
        let result = change(&mut entries);
        entries.write(&self.folder)?;
        Ok(result)
    }
}

/// Removes the token for the registry from the keyring. Says why it cannot.
async fn remove_from_keyring(registry: &RegistryUrl) -> Result<(), String> {
    let registry = registry.clone();
    let removed = Keyring::find()?.ask(move |keyring| keyring.remove(&registry));
    removed.await
}
