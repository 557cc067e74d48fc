//! An identity provider for tests: keys that are made when they are asked for, tokens signed with
//! them, and a server that publishes them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use ring::{hmac, rsa};
use serde_json::{Value, json};

/// A key that signs tokens.
pub struct SigningKey {
    /// Its `kid`.
    pub id: String,
    key: Key,
}

enum Key {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Secret(hmac::Key),
}

impl SigningKey {
    /// A new key for ES256.
    pub fn p256(id: &str) -> Result<Self> {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random)
            .map_err(|_| anyhow!("no key for ES256"))?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random)?;
        Ok(Self {
            id: id.to_owned(),
            key: Key::P256(key),
        })
    }

    /// A key for RS256: the one of RFC 7515, A.2, since nothing here makes RSA keys.
    pub fn rsa(id: &str) -> Result<Self> {
        let part = |text: &str| URL_SAFE_NO_PAD.decode(text);
        let components = rsa::KeyPairComponents {
            public_key: rsa::PublicKeyComponents {
                n: part(RSA_N)?,
                e: part(RSA_E)?,
            },
            d: part(RSA_D)?,
            p: part(RSA_P)?,
            q: part(RSA_Q)?,
            dP: part(RSA_DP)?,
            dQ: part(RSA_DQ)?,
            qInv: part(RSA_QI)?,
        };
        Ok(Self {
            id: id.to_owned(),
            key: Key::Rsa(RsaKeyPair::from_components(&components)?),
        })
    }

    /// A secret for HS256.
    pub fn secret(id: &str, secret: &[u8]) -> Self {
        Self {
            id: id.to_owned(),
            key: Key::Secret(hmac::Key::new(hmac::HMAC_SHA256, secret)),
        }
    }

    /// The algorithm that it is for.
    pub fn algorithm(&self) -> &'static str {
        match self.key {
            Key::P256(_) => "ES256",
            Key::Rsa(_) => "RS256",
            Key::Secret(_) => "HS256",
        }
    }

    /// A token as a provider makes one.
    pub fn token(&self, claims: &Value) -> Result<String> {
        let header = json!({ "alg": self.algorithm(), "typ": "JWT", "kid": self.id });
        self.sign(&header, claims)
    }

    /// A token with that header, whatever it says, signed with this key.
    pub fn sign(&self, header: &Value, claims: &Value) -> Result<String> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let (message, random) = (signed.as_bytes(), SystemRandom::new());
        let failed = |_| anyhow!("signing failed");
        let signature = match &self.key {
            Key::P256(key) => key
                .sign(&random, message)
                .map_err(failed)?
                .as_ref()
                .to_vec(),
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(failed)?;
                signature
            }
            Key::Secret(key) => hmac::sign(key, message).as_ref().to_vec(),
        };
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// What a provider publishes of it; of a secret nothing but its name.
    pub fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.key {
            Key::P256(key) => {
                // 04, x, y: the uncompressed form.
                let point = key.public_key().as_ref();
                json!({
                    "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
                    "x": text(&point[1..33]), "y": text(&point[33..]),
                })
            }
            Key::Rsa(_) => json!({
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
                "n": RSA_N, "e": RSA_E,
            }),
            Key::Secret(_) => json!({ "kty": "oct", "kid": self.id }),
        }
    }
}

/// The document that publishes these keys.
pub fn jwks<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> String {
    let keys: Vec<_> = keys.into_iter().map(SigningKey::jwk).collect();
    json!({ "keys": keys }).to_string()
}

/// What the server answers to every request.
#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    headers: String,
    body: String,
}

#[derive(Debug)]
struct Shared {
    answer: Mutex<Answer>,
    requests: AtomicUsize,
    stopped: AtomicBool,
}

/// A server that publishes keys; every path leads to them. Stopped when this value is dropped.
#[derive(Debug)]
pub struct KeyServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl KeyServer {
    /// Publishes these keys.
    pub fn start<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let shared = Arc::new(Shared {
            answer: Mutex::new(Answer {
                status: 200,
                headers: String::new(),
                body: jwks(keys),
            }),
            requests: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        });
        let (address, served) = (listener.local_addr()?, shared.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if served.stopped.load(Ordering::SeqCst) {
                    break;
                }
                // A client that goes away is no concern of this server.
                let _ = stream.map_err(Into::into).and_then(|s| answer(&s, &served));
            }
        });
        Ok(Self {
            address,
            shared,
            thread: Some(thread),
        })
    }

    /// Where it is, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests it has had.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Publishes these keys instead.
    pub fn publish<'a>(&self, keys: impl IntoIterator<Item = &'a SigningKey>) {
        self.answer(200, "", jwks(keys));
    }

    /// Answers like this from now on; `headers` are lines that end with `\r\n`.
    pub fn answer(&self, status: u16, headers: &str, body: impl Into<String>) {
        *self.lock() = Answer {
            status,
            headers: headers.to_owned(),
            body: body.into(),
        };
    }

    fn lock(&self) -> MutexGuard<'_, Answer> {
        let answer = self.shared.answer.lock();
        answer.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread, which waits for a connection.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(mut stream: &TcpStream, shared: &Shared) -> Result<()> {
    let mut head = BufReader::new(stream);
    let mut line = String::new();
    while !matches!(line.as_str(), "\r\n") {
        line.clear();
        if head.read_line(&mut line)? == 0 {
            return Ok(());
        }
    }
    shared.requests.fetch_add(1, Ordering::SeqCst);
    let answer = shared.answer.lock();
    let Answer {
        status,
        headers,
        body,
    } = answer.unwrap_or_else(PoisonError::into_inner).clone();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes()).context("the body")
}

const RSA_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const RSA_E: &str = "AQAB";
const RSA_D: &str = "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ";
const RSA_P: &str = "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc";
const RSA_Q: &str = "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc";
const RSA_DP: &str = "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0";
const RSA_DQ: &str = "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU";
const RSA_QI: &str = "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U";
