//! The command line of `enact storage`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand};
use enact_storage::{Key, StorageError};

/// `enact storage`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact storage doctor                 Find out why it does not work
  enact storage test                   Write, read and delete an object
  enact storage init --abort-stale-uploads 7
  enact storage ls bundles/alice/

The store is the one that `enact serve` would use: the S3-compatible store of the R2_* variables, \
or else the local folder `objects` in the folder that --data names.")]
pub(crate) struct Storage {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Operate,
    /// Use the local store in this folder, whatever R2_* variables are set
    ///
    /// Without it and without R2_* variables: ./enact-data, if that is there.
    #[arg(short, long, global = true, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
}

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub(crate) enum Operate {
    /// Find out what is wrong with the store or its settings
    Doctor,
    /// Store an object, look at it, read it back and delete it
    Test,
    /// Make the bucket if it is missing, and set it up
    Init(Init),
    /// Store a file
    Put(Put),
    /// Fetch an object
    Get(Get),
    /// Show what the store knows of an object
    Stat(Stat),
    /// List objects
    Ls(Ls),
    /// Delete objects
    Rm(Rm),
    /// Make a link that works without credentials for a while
    Presign(Presign),
    /// Measure how fast the store is
    Bench(Bench),
}

/// `enact storage init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact storage init
  enact storage init --versioning --encryption --abort-stale-uploads 7
  enact storage init --cors https://skills.example.org

A store that lacks one of these is told, and is no failure. CORS and lifecycle rules that the \
bucket has already are never replaced.")]
pub(crate) struct Init {
    /// Let pages of these origins read objects through presigned links
    #[arg(long, value_name = "ORIGIN", num_args = 1.., value_parser = origin)]
    pub(crate) cors: Vec<String>,
    /// Keep what is overwritten or deleted as an older version
    #[arg(long)]
    pub(crate) versioning: bool,
    /// Encrypt objects by default: as `R2_SSE` says, or else with the store's own keys
    #[arg(long)]
    pub(crate) encryption: bool,
    /// Remove multipart uploads that are not finished after so many days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=365))]
    pub(crate) abort_stale_uploads: Option<u32>,
}

/// `enact storage put`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact storage put greeter.tar.gz bundles/alice/greeter/1.0.0.tar.gz
  tar cz greeter | enact storage put - backups/greeter.tar.gz")]
pub(crate) struct Put {
    /// The file; - reads stdin
    pub(crate) file: PathBuf,
    /// The key to store it under
    #[arg(value_parser = key)]
    pub(crate) key: Key,
    /// The media type; application/gzip for .tar.gz and .tgz when not given
    #[arg(long, value_name = "TYPE")]
    pub(crate) content_type: Option<String>,
    /// Fail if there is an object under the key
    #[arg(long)]
    pub(crate) create_only: bool,
}

/// `enact storage get`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact storage get bundles/alice/greeter/1.0.0.tar.gz
  enact storage get bundles/alice/greeter/1.0.0.tar.gz - | tar tz")]
pub(crate) struct Get {
    /// The key
    #[arg(value_parser = key)]
    pub(crate) key: Key,
    /// The file or folder to write to, replacing a file that is there; - writes to stdout
    ///
    /// The last part of the key, in this folder, when not given.
    pub(crate) file: Option<PathBuf>,
}

/// `enact storage stat`.
#[derive(Debug, Args)]
pub(crate) struct Stat {
    /// The key
    #[arg(value_parser = key)]
    pub(crate) key: Key,
}

/// `enact storage ls`.
#[derive(Debug, Args)]
pub(crate) struct Ls {
    /// Only objects whose keys start so
    #[arg(default_value = "")]
    pub(crate) prefix: String,
    /// The most objects to show
    #[arg(short, long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) limit: u32,
}

/// `enact storage rm`.
#[derive(Debug, Args)]
pub(crate) struct Rm {
    /// The keys; one that is absent counts as deleted
    #[arg(required = true, value_name = "KEY", value_parser = key)]
    pub(crate) keys: Vec<Key>,
}

/// `enact storage presign`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  curl -O \"$(enact storage presign bundles/alice/greeter/1.0.0.tar.gz)\"
  curl -T notes.txt \"$(enact storage presign --put --expires 15m notes.txt)\"

Whoever has the link can use it until it expires.")]
pub(crate) struct Presign {
    /// The key
    #[arg(value_parser = key)]
    pub(crate) key: Key,
    /// How long it works, from 1s to 7d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    pub(crate) expires: Duration,
    /// A link to write the object instead of reading it
    #[arg(long)]
    pub(crate) put: bool,
    /// The media type that the writer has to send
    #[arg(long, value_name = "TYPE", requires = "put")]
    pub(crate) content_type: Option<String>,
}

/// `enact storage bench`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  enact storage bench
  enact storage bench --size 100KiB --count 1000 --concurrency 16

Stores --count objects of --size, reads them back and deletes them.")]
pub(crate) struct Bench {
    /// The size of each object
    #[arg(long, default_value = "8MiB")]
    pub(crate) size: Size,
    /// How many objects
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) count: u32,
    /// How many at the same time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,
}

/// A number of bytes, written as `8MiB`, `100KiB`, `1GiB` or `1000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(u64);

impl Size {
    /// The largest object that S3 takes: 5 TiB.
    const MAX: u64 = 5 << 40;

    /// In bytes.
    pub(crate) fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRITTEN: &str = "a size is written like 8MiB, 100KiB or 1000, and at most 5TiB";
        let units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("B", 0)];
        let (number, shift) = units
            .iter()
            .find_map(|&(unit, shift)| Some((text.strip_suffix(unit)?, shift)))
            .unwrap_or((text, 0));
        let number: u64 = number.trim_end().parse().map_err(|_| WRITTEN)?;
        number
            .checked_mul(1 << shift)
            .filter(|bytes| *bytes <= Self::MAX)
            .map(Self)
            .ok_or(WRITTEN)
    }
}

/// Clap adds what was given in front, so that the rule alone is left to say.
fn key(text: &str) -> Result<Key, String> {
    Key::parse(text).map_err(|error: StorageError| error.message().to_owned())
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    const WRITTEN: &str = "a time is written like 30s, 15m, 1h or 7d";
    let (number, seconds) = match text.char_indices().last() {
        Some((end, 's')) => (&text[..end], 1),
        Some((end, 'm')) => (&text[..end], 60),
        Some((end, 'h')) => (&text[..end], 3600),
        Some((end, 'd')) => (&text[..end], 24 * 3600),
        _ => return Err(WRITTEN),
    };
    let number: u32 = number.parse().map_err(|_| WRITTEN)?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

/// An origin: scheme, host and port, or `*` for all.
fn origin(text: &str) -> Result<String, &'static str> {
    if text == "*" {
        return Ok(text.to_owned());
    }
    match url::Url::parse(text) {
        // Browsers send it without a slash at its end and without the default port.
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.path() == "/" => {
            Ok(url.origin().ascii_serialization())
        }
        _ => Err("an origin is written like https://skills.example.org, or * for all"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let bytes = |text: &str| text.parse().map(Size::bytes);
        assert_eq!(bytes("8MiB"), Ok(8 << 20));
        assert_eq!(bytes("100 KiB"), Ok(100 << 10));
        assert_eq!(bytes("1000"), Ok(1000));
        assert_eq!(bytes("0B"), Ok(0));
        for wrong in ["", "MiB", "-1", "8MB", "1.5MiB", "6TiB", "99999999999TiB"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("7d"), Ok(Duration::from_hours(7 * 24)));
        for wrong in ["", "1", "h", "1w", "-1h", "1é", "99999999999s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn origins() {
        assert_eq!(origin("https://a.example/"), Ok("https://a.example".into()));
        assert_eq!(
            origin("http://localhost:8080"),
            Ok("http://localhost:8080".into())
        );
        for wrong in ["a.example", "https://a.example/x", "ftp://a.example", ""] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
