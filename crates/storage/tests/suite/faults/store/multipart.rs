//! Uploads in parts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::wire::{Answer, Request};
use super::{Kind, State, Upload};

impl State {
    /// Answers what belongs to an upload in parts.
    pub(super) fn answer_in_parts(&mut self, request: &Request) -> Answer {
        let state = self;
        let key = request.key.clone();
        match request.kind() {
            Kind::Start => {
                state.next_upload += 1;
                let id = format!("upload-{}", state.next_upload);
                let upload = Upload {
                    key,
                    object: request.object(),
                    parts: BTreeMap::new(),
                };
                state.uploads.insert(id.clone(), upload);
                let xml = format!(
                    "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
                );
                Answer::new(200, xml.into())
            }
            Kind::Part => {
                let number = request.query("partNumber").parse().unwrap();
                match state.uploads.get_mut(&request.query("uploadId")) {
                    Some(upload) => {
                        upload.parts.insert(number, request.body.clone());
                        Answer::new(200, Vec::new()).with("etag", &format!("\"part-{number}\""))
                    }
                    None => Answer::error(404, "NoSuchUpload"),
                }
            }
            Kind::Complete => {
                let id = request.query("uploadId");
                if request.headers.contains_key("if-none-match") && state.objects.contains_key(&key)
                {
                    return Answer::error(412, "PreconditionFailed");
                }
                let Some(Upload {
                    mut object, parts, ..
                }) = state.uploads.remove(&id)
                else {
                    return Answer::error(404, "NoSuchUpload");
                };
                object.body = parts.into_values().collect::<Vec<_>>().concat();
                let etag = object.etag();
                state.objects.insert(key, object);
                let xml = format!(
                    "<CompleteMultipartUploadResult><ETag>{etag}</ETag></CompleteMultipartUploadResult>"
                );
                Answer::new(200, xml.into())
            }
            Kind::Uploads => {
                let mut xml = String::from("<ListMultipartUploadsResult>");
                for (id, upload) in &state.uploads {
                    let key = &upload.key;
                    let _ = write!(
                        xml,
                        "<Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiated>2026-11-23T10:00:00.000Z</Initiated></Upload>"
                    );
                }
                xml.push_str("</ListMultipartUploadsResult>");
                // An hour later.
                Answer::new(200, xml.into()).with("date", "Mon, 23 Nov 2026 11:00:00 GMT")
            }
            Kind::Abort => match state.uploads.remove(&request.query("uploadId")) {
                Some(_) => Answer::new(204, Vec::new()),
                None => Answer::error(404, "NoSuchUpload"),
            },
            other => panic!("not of an upload in parts: {other:?}"),
        }
    }
}
