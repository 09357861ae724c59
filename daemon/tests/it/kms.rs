//! A double of KMS with one Ed25519 key, for what a daemon does before it listens. It is no oracle
//! for signatures: those are tested against other programs, where `signing` is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{KeyPair, SigningKey as _};
use serde_json::{Value, json};
use verify::{PublicKey, base64};

use crate::signers::{ed25519, public};

/// How it answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    /// As it should.
    Well,
    /// It signs with another key than it shows.
    AnotherKey,
    /// With signatures that are none.
    Garbage,
    /// Without the right to sign.
    Denied,
    /// That it is asked too often.
    Throttled,
}

/// A double that listens.
pub(crate) struct Kms {
    address: SocketAddr,
    public_key: PublicKey,
}

struct Key {
    shown: KeyPair,
    signs: KeyPair,
    manner: Manner,
}

impl Kms {
    /// Starts one; its thread ends with the test's process.
    pub(crate) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shown = ed25519();
        let public_key = public(&shown);
        let signs = match manner {
            Manner::AnotherKey => ed25519(),
            _ => KeyPair::from_pem(&shown.serialize_pem()).unwrap(),
        };
        let key = Arc::new(Key {
            shown,
            signs,
            manner,
        });
        thread::spawn(move || {
            for stream in listener.incoming() {
                let key = Arc::clone(&key);
                thread::spawn(move || key.serve(&stream.unwrap()));
            }
        });
        Self {
            address,
            public_key,
        }
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The public half of its key.
    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.public_key
    }
}

impl Key {
    /// Answers requests until the other end closes.
    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some((operation, body)) = read(&mut reader) {
            let (status, answer) = self.answer(&operation, &body);
            let answer = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\n\
                 content-length: {}\r\n\r\n",
                answer.len()
            );
            let mut writer = stream;
            let written = writer.write_all((head + &answer).as_bytes());
            if written.is_err() {
                return;
            }
        }
    }

    fn answer(&self, operation: &str, body: &Value) -> (&'static str, Value) {
        let failed = |kind: &str| {
            (
                "400 Bad Request",
                json!({ "__type": kind, "message": "no" }),
            )
        };
        match (self.manner, operation) {
            (Manner::Throttled, _) => failed("ThrottlingException"),
            (_, "GetPublicKey") => {
                let der = public(&self.shown).to_spki_der();
                ("200 OK", json!({ "PublicKey": base64::encode(&der) }))
            }
            (Manner::Denied, _) => failed("AccessDeniedException"),
            (Manner::Garbage, _) => ("200 OK", json!({ "Signature": base64::encode(&[1; 64]) })),
            _ => {
                assert_eq!(body["MessageType"], "RAW");
                let message = base64::decode(body["Message"].as_str().unwrap()).unwrap();
                let signature = self.signs.sign(&message).unwrap();
                ("200 OK", json!({ "Signature": base64::encode(&signature) }))
            }
        }
    }
}

/// The next request: its operation and its body.
fn read(reader: &mut BufReader<&TcpStream>) -> Option<(String, Value)> {
    let (mut operation, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if let Some(value) = line.strip_prefix("x-amz-target: trentservice.") {
            operation = match value {
                "getpublickey" => "GetPublicKey".into(),
                other => other.to_owned(),
            };
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((operation, serde_json::from_slice(&body).unwrap()))
}
