//! The bodies of the HTTP API. Field names and nullability are the contract of existing clients: what
//! they read without looking is never null here. Our client sends and reads requests and errors with
//! these types; answers it reads with more lenient ones of its own, since other servers differ.
//!
//! Each also describes itself for the OpenAPI document (`ToSchema`).

mod attestation;
mod change;
mod error;
mod feedback;
mod files;
mod health;
mod identity;
mod org;
mod search;
mod token;
mod tool;
mod user;
mod version;

pub use attestation::{
    Attestation, AttestationRequest, AttestationRevoked, Attestations, Verification,
};
pub use change::{Unyanked, VisibilityChanged, VisibilityRequest, YankRequest, Yanked};
pub use error::{ErrorBody, ErrorDetail};
pub use feedback::{Feedback, FeedbackRequest, Report, ReportRequest, Review, Reviews};
pub use files::{FileContent, FileEncoding, FileEntry, FileKind, FileList};
pub use health::{Health, Ready};
pub use identity::{
    Me, ProfileRow, RefreshRequest, Session, SignInKind, SignedInBy, UserMetadata, UserRecord,
};
pub use org::{
    Member, MemberChanged, MemberRemoved, MemberRequest, Members, OrgInfo, OrgRequest, OrgTool,
    OrgTools, RoleRequest,
};
pub use search::{SearchPage, SearchRow, TrustStatus};
pub use token::{TokenCreated, TokenInfo, TokenList, TokenRequest};
pub use tool::{Author, ToolInfo, VersionSummary};
pub use user::{
    TrustList, TrustListChanged, TrustRequest, TrustedAuditor, UserInfo, UserProfile, UserTool,
    UserTools,
};
pub use version::{BundleRef, Published, PublishedAttestation, VersionDetails, VersionList};
