//! Requests and answers as they go over the wire.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Kind, Object, Store};

pub(super) struct Request {
    pub(super) method: String,
    pub(super) key: String,
    pub(super) query: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) async fn read(
        stream: &mut TcpStream,
        buffer: &mut Vec<u8>,
        store: &Store,
    ) -> anyhow::Result<Option<Self>> {
        let end = loop {
            if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            if stream.read_buf(buffer).await? == 0 {
                return Ok(None);
            }
        };
        let head = {
            let rest = buffer.split_off(end + 4);
            String::from_utf8(std::mem::replace(buffer, rest))?
        };
        let mut lines = head.lines();
        let mut first = lines.next().unwrap().split(' ');
        let method = first.next().unwrap().to_owned();
        let target = first.next().unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let key = path.splitn(3, '/').nth(2).unwrap_or_default().to_owned();
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut request = Self {
            method,
            key,
            query: query.to_owned(),
            headers,
            body: Vec::new(),
        };
        let length = request.headers.get("content-length");
        let length: usize = length.map_or(Ok(0), |length| length.parse())?;
        let is_part = request.kind() == Kind::Part;
        if is_part {
            let mut state = store.state();
            state.parts_in_flight += 1;
            state.most_parts_in_flight = state.most_parts_in_flight.max(state.parts_in_flight);
        }
        while buffer.len() < length {
            if stream.read_buf(buffer).await? == 0 {
                return Ok(None);
            }
        }
        if is_part {
            store.state().parts_in_flight -= 1;
        }
        let rest = buffer.split_off(length);
        request.body = std::mem::replace(buffer, rest);
        Ok(Some(request))
    }

    pub(super) fn kind(&self) -> Kind {
        let asks = |name: &str| {
            self.query
                .split('&')
                .any(|pair| pair.split('=').next() == Some(name))
        };
        match self.method.as_str() {
            "HEAD" => Kind::Head,
            "GET" if asks("list-type") => Kind::List,
            "GET" if asks("uploads") => Kind::Uploads,
            "GET" => Kind::Get,
            "PUT" if asks("partNumber") => Kind::Part,
            "PUT" if self.headers.contains_key("x-amz-copy-source") => Kind::Copy,
            "PUT" => Kind::Put,
            "POST" if asks("uploads") => Kind::Start,
            "POST" => Kind::Complete,
            "DELETE" if asks("uploadId") => Kind::Abort,
            "DELETE" => Kind::Delete,
            other => panic!("a request that is not expected: {other} {}", self.query),
        }
    }

    pub(super) fn query(&self, name: &str) -> String {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
            .unwrap_or_default()
    }

    pub(super) fn object(&self) -> Object {
        Object {
            body: self.body.clone(),
            sent: self.headers.clone(),
            headers: self
                .headers
                .iter()
                .filter(|(name, _)| name.starts_with("x-amz-meta-") || *name == "content-type")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        }
    }
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: String::new(),
            body,
        }
    }

    pub(super) fn error(status: u16, code: &str) -> Self {
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>on order</Message></Error>"
        );
        Self::new(status, xml.into())
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.header(name, value);
        self
    }

    pub(super) fn header(&mut self, name: &str, value: &str) {
        let _ = write!(self.headers, "{name}: {value}\r\n");
    }

    pub(super) fn head(&self) -> Vec<u8> {
        let Self {
            status, headers, ..
        } = self;
        let length = self.body.len();
        format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n").into()
    }

    pub(super) async fn send(
        &self,
        stream: &mut TcpStream,
        request: &Request,
    ) -> anyhow::Result<()> {
        let mut bytes = self.head();
        if request.method != "HEAD" {
            bytes.extend_from_slice(&self.body);
        }
        stream.write_all(&bytes).await?;
        Ok(())
    }
}
