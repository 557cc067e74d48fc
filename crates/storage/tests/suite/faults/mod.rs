//! What the client does when a store misbehaves. After each fault either the operation succeeded
//! with the right bytes, or it failed with the right code and within its limits; and no multipart
//! upload is left behind.

mod downloads;
mod others;
mod store;
mod uploads;

use std::time::Duration;

use enact_storage::{Key, Retries, StorageClient, StorageConfig, Timeouts};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use libtest_mimic::Trial;

use self::store::{Fault, Kind, Store};

/// Tries after the first.
const RETRIES: u32 = 2;

struct Bench {
    store: Store,
    client: StorageClient,
    key: Key,
}

impl Bench {
    async fn new() -> anyhow::Result<Self> {
        let store = Store::start().await?;
        let client = StorageClient::new(Self::config(&store))?;
        Ok(Self {
            store,
            client,
            key: Key::parse("folder/object")?,
        })
    }

    /// Short limits, so that silence is soon over.
    fn config(store: &Store) -> StorageConfig {
        let mut config =
            StorageConfig::new("enact", "enact123456", "bundles").with_endpoint(&*store.endpoint);
        config.timeouts = Timeouts {
            connect: Duration::from_secs(2),
            idle: Duration::from_millis(300),
        };
        config.retries = Retries {
            max: RETRIES,
            initial_backoff: Duration::from_millis(1),
            max_backoff: Duration::from_millis(5),
        };
        config
    }

    fn order(&self, kind: Kind, fault: Fault) {
        self.store.order(kind, fault);
    }

    /// Nothing of an upload is left. Aborts of dropped uploads run beside their caller.
    async fn nothing_left(&self) -> anyhow::Result<()> {
        for _ in 0..200 {
            if self.store.unfinished() == 0 {
                assert_eq!(self.store.orders_left(), 0, "a fault was not met");
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("an upload is left behind")
    }
}

type Run = fn(Bench) -> BoxFuture<'static, anyhow::Result<()>>;

macro_rules! cases {
    ($($module:ident::$name:ident,)*) => {
        [$((stringify!($name), (|bench| $module::$name(bench).boxed()) as Run),)*]
    };
}

pub(crate) fn trials() -> Vec<Trial> {
    let cases = cases![
        uploads::a_put_is_tried_again,
        uploads::a_put_gives_up_within_its_limits,
        uploads::a_put_that_no_retry_can_mend_is_not_tried_again,
        uploads::a_create_whose_answer_was_lost_succeeds,
        uploads::a_create_that_met_another_is_refused,
        uploads::a_conflict_without_an_object_is_tried_again,
        uploads::a_part_is_tried_again,
        uploads::a_part_that_fails_aborts_the_upload,
        uploads::a_part_that_fails_ends_a_waiting_upload,
        uploads::an_error_inside_a_success_is_an_error,
        uploads::a_completion_whose_answer_was_lost_succeeds,
        uploads::a_lost_upload_is_no_absent_object,
        uploads::a_large_create_that_met_another_is_refused,
        uploads::a_store_without_conditional_completion_is_used_without,
        uploads::starting_an_upload_is_not_repeated_blindly,
        uploads::an_upload_whose_start_was_lost_is_swept,
        uploads::a_dropped_upload_is_aborted,
        uploads::parts_are_bounded_in_number,
        uploads::a_slow_upload_that_moves_is_not_cut_off,
        downloads::a_get_is_tried_again,
        downloads::a_get_gives_up_within_its_limits,
        downloads::a_cut_body_is_resumed,
        downloads::a_cut_range_is_resumed,
        downloads::a_stalled_body_is_resumed,
        downloads::a_body_that_is_always_cut_fails,
        downloads::a_body_that_never_comes_fails,
        downloads::an_object_that_was_replaced_is_not_mixed,
        downloads::a_slow_drip_comes_through,
        downloads::a_closed_idle_connection_goes_unnoticed,
        others::each_operation_is_tried_again,
        others::each_operation_fails_with_its_code,
        others::another_region_is_named,
        others::a_missing_bucket_is_no_missing_object,
        others::a_404_of_another_kind_is_no_missing_object,
        others::a_hostile_answer_is_not_repeated_as_it_is,
        others::a_forbidden_head_says_why,
        others::what_is_no_s3_is_told,
        others::foreign_metadata_does_not_hide_an_object,
        others::a_listing_that_never_gets_on_ends,
        others::only_what_is_configured_is_asked_for,
        others::https_needs_no_setup,
        others::an_untrusted_certificate_is_named_and_not_tried_again,
    ];
    cases
        .into_iter()
        .map(|(name, run)| {
            Trial::test(format!("faults::{name}"), move || {
                crate::runtime::run(async move { run(Bench::new().await?).await })
            })
        })
        .collect()
}
