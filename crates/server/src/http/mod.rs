//! What is about HTTP itself rather than about the registry.

pub(crate) mod bare_errors;
pub(crate) mod caching;
pub(crate) mod client_address;
pub(crate) mod conditions;
pub(crate) mod connections;
pub(crate) mod cors;
pub(crate) mod descriptors;
pub(crate) mod json_body;
pub(crate) mod large_answer;
pub(crate) mod late_body;
pub(crate) mod listener;
pub(crate) mod media;
pub(crate) mod normalize;
pub(crate) mod publish_form;
pub(crate) mod query;
pub(crate) mod range;
pub(crate) mod request_log;
pub(crate) mod security_headers;
pub(crate) mod segment;
pub(crate) mod slow_clients;
pub(crate) mod tls;
pub(crate) mod tool_path;
pub(crate) mod upload;
