//! Where the programs of the real backends are, and what it means when one is not there.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The environment variable that turns an absent backend into a failure when it is `1`: set where
/// everything must be tested, unset on a laptop.
pub const REQUIRE_BACKENDS: &str = "ENACT_TEST_REQUIRE_BACKENDS";

/// Whether [`REQUIRE_BACKENDS`] is set.
pub(crate) fn required() -> bool {
    env::var_os(REQUIRE_BACKENDS).is_some_and(|value| value == "1")
}

/// What to answer when a backend's program was not found: nothing, or an error that says how to
/// get it where [`REQUIRE_BACKENDS`] is set.
pub(crate) fn absent<T>(program: &str, remedy: &str) -> Result<Option<T>> {
    if required() {
        bail!("{program} was not found, and {REQUIRE_BACKENDS}=1 asks for it: {remedy}");
    }
    Ok(None)
}

/// Where development tools are kept between runs: `enact-ci` in the user's cache folder.
pub fn cache_dir() -> PathBuf {
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        // The XDG base directory specification: a relative path is to be ignored.
        .filter(|path| path.is_absolute())
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))
        .unwrap_or_else(env::temp_dir);
    cache.join("enact-ci")
}

/// The `MinIO` program: `ENACT_TEST_MINIO`, else the one in [`cache_dir`], else the first in
/// `PATH`. Fails if `ENACT_TEST_MINIO` names something that is not there.
pub fn find_minio() -> Result<Option<PathBuf>> {
    if let Some(path) = env::var_os("ENACT_TEST_MINIO").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        if !path.is_file() {
            bail!("ENACT_TEST_MINIO is {}, which is no file", path.display());
        }
        return Ok(Some(path));
    }
    let cached = cache_dir().join("bin/minio");
    if cached.is_file() {
        return Ok(Some(cached));
    }
    Ok(in_path("minio"))
}

/// The existing client that this registry must keep working: `ENACT_TEST_OFFICIAL_CLIENT`, else the
/// one in [`cache_dir`]. Fails if it is in neither place and [`REQUIRE_BACKENDS`] is set.
pub fn find_official_client() -> Result<Option<PathBuf>> {
    let named = env::var_os("ENACT_TEST_OFFICIAL_CLIENT").filter(|path| !path.is_empty());
    let path = named.map_or_else(
        || cache_dir().join("node_modules/@enactprotocol/enact-linux-x64/bin/enact"),
        PathBuf::from,
    );
    if path.is_file() {
        return Ok(Some(path));
    }
    absent("the existing client", "run `cargo xtask official-client`")
}

/// The first file called `program` in `PATH`.
pub fn in_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}
