//! Keeps what is logged: events, and the fields of spans.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::watch::Watch;

/// The S3 store of the tests.
const STORE: &str = "s3s";

pub(super) struct Log(pub(super) &'static Watch);

impl Log {
    fn keep(&self, place: &str, record: impl FnOnce(&mut Text)) {
        let mut text = Text(String::new());
        record(&mut text);
        if !text.0.is_empty() {
            self.0.expose(place, text.0.as_bytes());
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let ours = target.starts_with("enact_") || target.starts_with("api");
        !target.starts_with(STORE) && (ours || *metadata.level() <= Level::DEBUG)
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let place = format!("the log of {} at {}", metadata.target(), metadata.level());
        self.keep(&place, |text| event.record(text));
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        // Only to tell one from another.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let metadata = span.metadata();
        let place = format!("a span {} of {}", metadata.name(), metadata.target());
        self.keep(&place, |text| span.record(text));
        Id::from_u64(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.keep("a span", |text| values.record(text));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Text(String);

impl Visit for Text {
    fn record_str(&mut self, _: &Field, value: &str) {
        // As it is: what is escaped could be found no more.
        self.0.push_str(value);
        self.0.push(' ');
    }

    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        write!(self.0, "{value:?} ").unwrap();
    }

    fn record_error(&mut self, _: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut error = Some(value);
        while let Some(cause) = error {
            write!(self.0, "{cause} {cause:?} ").unwrap();
            error = cause.source();
        }
    }
}
