//! Storing a bundle under a reservation that is kept alive meanwhile.

use std::io::Seek as _;
use std::time::Duration;

use enact_catalog::Reservation;
use enact_storage::{Body, ObjectKey, StorageErrorKind};
use enact_types::Version;

use crate::check::Checked;
use crate::{Registry, RegistryError};

/// How long a reservation holds without being renewed. It is renewed while the upload goes on, so
/// an expired one belongs to a process that died, and its version can be published again soon.
pub(crate) const RESERVATION_TTL: Duration = Duration::from_mins(1);

/// How often a reservation is renewed.
const RENEWAL_PERIOD: Duration = Duration::from_secs(15);

/// How long an upload to the store may take: no client waits longer.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(5);

/// Why a bundle was not stored.
pub(crate) enum Upload {
    /// There is an object of that key, which this attempt did not write.
    Taken,
    /// Anything else.
    Failed(RegistryError),
}

impl From<RegistryError> for Upload {
    fn from(error: RegistryError) -> Self {
        Self::Failed(error)
    }
}

impl Registry {
    /// Stores the bundle, keeping the reservation alive meanwhile.
    pub(crate) async fn upload(
        &self,
        checked: &Checked,
        reservation: &Reservation,
        object: &ObjectKey<'_>,
    ) -> Result<(), Upload> {
        let mut file = checked
            .publish
            .bundle
            .file
            .try_clone()
            .map_err(RegistryError::from)?;
        file.rewind().map_err(RegistryError::from)?;
        let key = object.key();
        let options = object.upload_options().create_only(true);
        let upload = self.inner.storage.upload(&key, Body::File(file), options);
        tokio::select! {
            uploaded = tokio::time::timeout(UPLOAD_TIMEOUT, upload) => match uploaded {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) if error.kind() == StorageErrorKind::AlreadyExists => Err(Upload::Taken),
                Ok(Err(error)) => Err(RegistryError::from(error).into()),
                Err(_) => Err(RegistryError::busy("The bundle store is too slow right now, try again later").into()),
            },
            lost = self.keep(reservation) => Err(lost.into()),
        }
    }

    /// Renews the reservation now and again; returns only when it is lost.
    async fn keep(&self, reservation: &Reservation) -> RegistryError {
        loop {
            tokio::time::sleep(RENEWAL_PERIOD).await;
            let expires_at = self.now().plus(RESERVATION_TTL);
            match self.inner.catalog.renew(reservation, expires_at).await {
                Ok(true) => {}
                Ok(false) => return in_progress(&reservation.version),
                // The next turn may succeed, and the commit tells in any case.
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "could not renew a reservation");
                }
            }
        }
    }
}

/// The answer to whoever lost, or has not got, the right to publish a version.
pub(crate) fn in_progress(version: &Version) -> RegistryError {
    RegistryError::new(
        crate::ErrorKind::Conflict,
        format!("Version \"{version}\" is being published by somebody else right now"),
    )
}
