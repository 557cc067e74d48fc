//! Every behaviour, and the backends that it is tried on.

mod bundles;
mod copying;
mod failures;
mod listing;
mod objects;
mod parallel;
mod presigned;
mod ranges;
mod uploads;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::backends::{Backend, Context, Kind};

pub(crate) struct Behaviour {
    pub(crate) name: &'static str,
    pub(crate) run: fn(Context) -> BoxFuture<'static, anyhow::Result<()>>,
    on: On,
}

/// The backends that have a behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// All.
    All,
    /// Those that are reached over the network.
    S3,
    /// The local folder.
    Local,
    /// Those that do what S3 does also in the corners; see [`Backend::is_faithful`].
    Faithful,
    /// Of those, the ones that are reached over the network.
    FaithfulS3,
    /// Those that check the region of a signature.
    CheckedRegion,
}

impl Behaviour {
    pub(crate) fn applies_to(&self, backend: &Backend) -> bool {
        let local = backend.kind() == Kind::Local;
        match self.on {
            On::All => true,
            On::S3 => !local,
            On::Local => local,
            On::Faithful => backend.is_faithful(),
            On::FaithfulS3 => !local && backend.is_faithful(),
            On::CheckedRegion => backend.kind() == Kind::Minio,
        }
    }
}

macro_rules! behaviours {
    ($($on:ident: $module:ident::$name:ident,)*) => {
        vec![$(Behaviour {
            name: stringify!($name),
            run: |context| $module::$name(context).boxed(),
            on: On::$on,
        },)*]
    };
}

pub(crate) fn all() -> Vec<Behaviour> {
    behaviours![
        All: bundles::six_steps,
        All: bundles::the_same_bundle_again_succeeds,
        Faithful: bundles::another_bundle_under_the_same_key_is_refused,
        All: bundles::a_damaged_bundle_is_not_given_out,
        All: objects::overwriting_replaces_content_and_metadata,
        Faithful: objects::create_only_keeps_what_is_there,
        Faithful: objects::one_of_many_creators_wins,
        All: objects::metadata_round_trips,
        All: objects::absent_objects,
        All: objects::odd_keys,
        All: objects::upload_tells_url_etag_and_size,
        All: uploads::sizes_around_the_limits,
        All: uploads::a_long_stream_of_unknown_length,
        Faithful: uploads::large_create_only_keeps_what_is_there,
        Faithful: uploads::a_source_that_fails_leaves_nothing,
        Faithful: uploads::a_dropped_upload_leaves_nothing,
        All: uploads::what_is_not_a_file_is_refused,
        All: ranges::parts_of_an_object,
        All: ranges::ranges_past_the_end_fail,
        All: listing::lists_in_order_by_any_prefix,
        All: listing::lists_more_than_a_page,
        All: copying::copies_content_and_metadata,
        S3: presigned::presigned_get,
        S3: presigned::a_link_can_say_how_its_answer_is_labelled,
        S3: presigned::presigned_put,
        S3: presigned::an_expired_link_is_refused,
        S3: presigned::links_are_made_for_the_public_endpoint,
        All: presigned::the_expiry_is_bounded,
        Local: presigned::a_folder_has_no_links,
        S3: failures::wrong_secret,
        S3: failures::wrong_access_key,
        FaithfulS3: failures::wrong_bucket,
        CheckedRegion: failures::wrong_region,
        S3: failures::nothing_listens,
        S3: failures::host_does_not_resolve,
        All: failures::a_description_holds_no_secret,
        All: parallel::many_uploads_and_downloads,
    ]
}
