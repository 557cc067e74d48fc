//! The bounds of everything that comes from outside. One place, so that client, server and
//! documentation agree.

/// The largest bundle that can be published: 50 MiB, as the hosted registry has it.
pub const MAX_BUNDLE_BYTES: u64 = 50 * 1024 * 1024;

/// The largest publish request: a full bundle, the manifest parts and some multipart framing.
pub const MAX_PUBLISH_REQUEST_BYTES: u64 = 58 * 1024 * 1024;

/// The largest `manifest`, `raw_manifest`, `checksum_manifest` or `sigstore_bundle` part: 1 MiB.
pub const MAX_MANIFEST_BYTES: u64 = 1024 * 1024;

/// The largest JSON body of any other request: 64 KiB.
pub const MAX_JSON_BODY_BYTES: usize = 64 * 1024;

/// What a bundle may unpack to, all files together: 512 MiB.
pub const MAX_UNPACKED_BYTES: u64 = 512 * 1024 * 1024;

/// The largest file of a bundle whose content is given as JSON: 1 MiB. Larger ones are given as
/// plain bytes.
pub const MAX_JSON_FILE_BYTES: u64 = 1024 * 1024;

/// How much of each file of a skill is searched for likely secrets before it is packed: 1 MiB.
pub const MAX_SCANNED_BYTES: u64 = 1024 * 1024;

/// How many likely secrets are reported of one file, and looked for on one line of it. Who has more
/// has no use for a longer list.
pub const MAX_SECRETS_PER_FILE: usize = 20;

/// How many entries (files and folders) a bundle may hold.
pub const MAX_ENTRIES: u64 = 10_000;

/// The longest path inside a bundle, in bytes.
pub const MAX_PATH_BYTES: usize = 512;

/// The longest single component of a path inside a bundle: `NAME_MAX` of the usual file systems.
pub const MAX_PATH_COMPONENT_BYTES: usize = 255;

/// How many folders deep a path inside a bundle may lie.
pub const MAX_PATH_DEPTH: usize = 32;

/// The longest tool name, in bytes.
pub const MAX_NAME_BYTES: usize = 200;

/// The longest segment of a tool name, in bytes.
pub const MAX_NAME_SEGMENT_BYTES: usize = 64;

/// The most segments a tool name may have.
pub const MAX_NAME_SEGMENTS: usize = 8;

/// The longest version, in bytes.
pub const MAX_VERSION_BYTES: usize = 128;

/// The longest range of versions, in bytes.
pub const MAX_RANGE_BYTES: usize = 256;

/// The longest description, in characters; existing clients enforce the same.
pub const MAX_DESCRIPTION_CHARS: usize = 1024;

/// The most tags of one tool.
pub const MAX_TAGS: usize = 50;

/// The longest tag, licence, link or reason for a yank, in characters; enough for an SPDX expression.
pub const MAX_SHORT_TEXT_CHARS: usize = 500;

/// The most words of a search query that are looked up; further ones are ignored.
pub const MAX_SEARCH_WORDS: usize = 8;

/// The longest search query that is looked at, in bytes; the rest is ignored.
pub const MAX_SEARCH_QUERY_BYTES: usize = 1024;

/// The most rows of one page of a listing.
pub const MAX_PAGE: u32 = 100;

/// Rows of a page when the caller does not say.
pub const DEFAULT_PAGE: u32 = 20;

/// The longest comment of a review or description of a report, in characters.
pub const MAX_COMMENT_CHARS: usize = 4_000;

/// The longest evidence of a report, in characters.
pub const MAX_EVIDENCE_CHARS: usize = 16_000;

/// The most reports that one user may file of one version.
pub const MAX_REPORTS_PER_USER: u64 = 20;

/// The most identities of one user's trust list.
pub const MAX_TRUSTED_AUDITORS: usize = 500;

/// The largest body of a submitted attestation: 256 KiB; real ones have about 10.
pub const MAX_ATTESTATION_BYTES: usize = 256 * 1024;

/// The most tokens that one user may have, dead ones that are still kept included.
pub const MAX_TOKENS_PER_USER: u64 = 100;

/// The most scopes of one token.
pub const MAX_SCOPES: usize = 50;

/// The longest name of a token, in characters.
pub const MAX_TOKEN_NAME_CHARS: usize = 100;

/// The longest life of a token, in days.
pub const MAX_TOKEN_DAYS: u64 = 366;

/// The largest token of an identity provider that is looked at: 8 KiB; real ones have 1 or 2.
pub const MAX_JWT_BYTES: usize = 8 * 1024;

/// The longest name of an identity provider or of somebody there, in bytes. Its standard allows
/// 255 for the latter.
pub const MAX_IDENTITY_BYTES: usize = 512;

/// The longest owner or name of a repository, and the longest name of a workflow's file, in bytes.
/// GitHub allows 100 for a repository.
pub const MAX_REPOSITORY_PART_BYTES: usize = 100;

/// The longest name of a branch or tag in full, in bytes. GitHub allows 250 or so.
pub const MAX_GIT_REF_BYTES: usize = 255;

/// The most rules of trusted publishing for one repository.
pub const MAX_PUBLISHERS_PER_REPOSITORY: usize = 10;

/// The most patterns of names in one such rule. Together with
/// [`MAX_PUBLISHERS_PER_REPOSITORY`] no more than [`MAX_SCOPES`].
pub const MAX_PUBLISHER_NAMES: usize = 5;

/// The longest text of one field of the audit log, in bytes; the rest is cut off. A provider's name and
/// its id of somebody have room in it.
pub const MAX_AUDIT_TEXT_BYTES: usize = 1_100;

/// The most rows of the audit log that are read at once.
pub const MAX_AUDIT_PAGE: u32 = 500;

const _: () = assert!(MAX_PUBLISHERS_PER_REPOSITORY * MAX_PUBLISHER_NAMES <= MAX_SCOPES);
