//! The client of a signing proxy, spoken over HTTPS.

use ledger::Digest;
use reqwest::{Client, Method, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use verify::{Kid, hex};

use crate::error::{Fault, SignerError};
use crate::limits::{ANSWER_MAX, CANONICAL_MAX};
use crate::retry::{Patience, millis};
use crate::text::excerpt;

mod answer;
mod tls;

pub(crate) use answer::Signed;
pub use answer::{Anchor, Anchored};

#[cfg(test)]
mod tests;

/// A signing proxy.
#[derive(Clone, Debug)]
pub struct ProxyConfig {
    /// Where it is, for instance `https://signer.internal:8443`. Plain HTTP works outside
    /// production only.
    pub url: Box<str>,
    /// The one authority whose certificates are trusted, as PEM. HTTPS needs it.
    pub ca_pem: Option<Box<str>>,
    /// How we show who we are.
    pub identity: ProxyIdentity,
    /// Time-outs and attempts.
    pub patience: Patience,
}

/// How a signing proxy knows us.
#[derive(Clone, Debug)]
pub enum ProxyIdentity {
    /// By a client certificate.
    MutualTls {
        /// Certificate and its chain, as PEM.
        chain_pem: Box<str>,
        /// Private key, as PEM.
        key_pem: SecretString,
    },
    /// By `Authorization: Bearer <key>`.
    ApiKey(SecretString),
}

/// What a proxy that has signed nothing of a chain says, so that it is told from a proxy that keeps
/// no anchors.
const NO_ANCHOR: &str = "\"no_anchor\"";

enum Answer {
    Json(Value),
    NotFound(String),
}

/// A client of one signing proxy.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    client: Client,
    base: Url,
    api_key: Option<SecretString>,
    name: Box<str>,
    patience: Patience,
}

impl Proxy {
    /// A client; nothing is asked yet.
    pub(crate) fn open(config: &ProxyConfig) -> Result<Self, SignerError> {
        let name = format!("signing proxy `{}`", config.url);
        let wrong = |why: String| SignerError::new(name.as_str(), Fault::Setting(why.into()));
        let base =
            Url::parse(&config.url).map_err(|e| wrong(format!("this is no address: {e}")))?;
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(config.patience.connect)
            .timeout(config.patience.attempt);
        if base.query().is_some() || base.fragment().is_some() || !base.username().is_empty() {
            return Err(wrong("an address has no user, query or fragment".into()));
        }
        match base.scheme() {
            "https" => {
                let tls =
                    tls::client(config).map_err(|fault| SignerError::new(name.as_str(), fault))?;
                builder = builder.https_only(true).tls_backend_preconfigured(tls);
            }
            "http" => {}
            other => return Err(wrong(format!("`{other}` is neither `https` nor `http`"))),
        }
        let client = builder.build().map_err(|e| wrong(e.to_string()))?;
        let api_key = match &config.identity {
            ProxyIdentity::ApiKey(key) => Some(key.clone()),
            ProxyIdentity::MutualTls { .. } => None,
        };
        Ok(Self {
            client,
            base,
            api_key,
            name: name.into(),
            patience: config.patience,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Signs a row of the chain: the proxy hashes it itself and refuses a second digest at its
    /// place.
    pub(crate) async fn sign_seal(
        &self,
        canonical: &[u8],
        prev: Option<Digest>,
        digest: Digest,
    ) -> Result<Signed, SignerError> {
        let canonical = self.text(canonical)?;
        let prev_hex = prev.map(|prev| hex::encode(&prev.0));
        let body = json!({ "canonical": canonical, "prev_hex": prev_hex });
        let answer = self.ask(Method::POST, "/sign/seal", Some(&body)).await?;
        self.signed(&answer, Some(digest))
    }

    /// Signs a digest that the proxy has to take on trust.
    pub(crate) async fn sign_hash(&self, kid: &Kid, digest: Digest) -> Result<Signed, SignerError> {
        let body = json!({ "digest_hex": hex::encode(&digest.0), "kid": kid });
        let answer = self.ask(Method::POST, "/sign/hash", Some(&body)).await?;
        self.signed(&answer, Some(digest))
    }

    /// Signs SHA-256 of `text`.
    pub(crate) async fn sign_canonical(
        &self,
        kid: &Kid,
        text: &[u8],
    ) -> Result<Signed, SignerError> {
        let canonical = self.text(text)?;
        let body = json!({ "canonical": canonical, "kid": kid });
        let answer = self.ask(Method::POST, "/sign/canonical", Some(&body));
        self.signed(&answer.await?, Some(Digest::of(text)))
    }

    /// Signs a note: with Ed25519 its bytes, with RSA their SHA-256.
    pub(crate) async fn sign_note(&self, kid: &Kid, note: &[u8]) -> Result<Signed, SignerError> {
        let note = self.text(note)?;
        let body = json!({ "kid": kid, "note": note });
        let answer = self.ask(Method::POST, "/sign/note", Some(&body)).await?;
        self.signed(&answer, None)
    }

    /// Whether it says that it is well.
    pub(crate) async fn health(&self) -> Result<(), SignerError> {
        let answer = self.ask(Method::GET, "/health", None).await?;
        match &answer {
            Answer::Json(answer) if answer.get("status").is_some_and(|s| s == "ok") => Ok(()),
            _ => Err(self.error(Fault::Unavailable("`/health` does not say `ok`".into()))),
        }
    }

    /// The last head that it signed of the chain called `origin`.
    pub(crate) async fn anchor(&self, origin: &str) -> Result<Anchored, SignerError> {
        let query = url_query(&self.base, origin);
        let path = format!("/anchor?{query}");
        let answer = match self.ask(Method::GET, &path, None).await? {
            Answer::Json(answer) => answer,
            Answer::NotFound(body) if body.contains(NO_ANCHOR) => return Ok(Anchored::Nothing),
            Answer::NotFound(_) => return Ok(Anchored::NotKept),
        };
        Anchor::read(&answer)
            .map(Anchored::Head)
            .map_err(|fault| self.error(fault))
    }

    fn signed(&self, answer: &Answer, digest: Option<Digest>) -> Result<Signed, SignerError> {
        match answer {
            Answer::Json(answer) => Signed::read(answer, digest),
            Answer::NotFound(body) => Err(Fault::Refused(
                format!("status 404: {}", excerpt(body)).into(),
            )),
        }
        .map_err(|fault| self.error(fault))
    }

    fn text<'a>(&self, bytes: &'a [u8]) -> Result<&'a str, SignerError> {
        if bytes.len() > CANONICAL_MAX {
            return Err(self.error(Fault::TooLong {
                bytes: bytes.len(),
                most: CANONICAL_MAX,
            }));
        }
        std::str::from_utf8(bytes)
            .map_err(|_| self.error(Fault::Setting("what is to be signed is no text".into())))
    }

    fn error(&self, fault: Fault) -> SignerError {
        SignerError::new(self.name.as_ref(), fault)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, SignerError> {
        let base = self.base.as_str().trim_end_matches('/');
        let url = Url::parse(&format!("{base}{path}"))
            .map_err(|e| self.error(Fault::Setting(e.to_string().into())))?;
        let attempt = || self.attempt(method.clone(), url.clone(), body);
        self.patience.ask(&self.name, attempt).await
    }

    async fn attempt(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Answer, Fault> {
        let mut request = self.client.request(method, url);
        if let Some(key) = &self.api_key {
            request = request.bearer_auth(key.expose_secret());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = request.send().await.map_err(|e| self.lost(&e))?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| self.lost(&e))? {
            if bytes.len() + chunk.len() > ANSWER_MAX {
                let why = format!("it is longer than {ANSWER_MAX} bytes");
                return Err(Fault::Garbage(why.into()));
            }
            bytes.extend_from_slice(&chunk);
        }
        match status {
            StatusCode::OK => serde_json::from_slice(&bytes)
                .map(Answer::Json)
                .map_err(|_| Fault::Garbage(excerpt(&String::from_utf8_lossy(&bytes)))),
            StatusCode::NOT_FOUND => Ok(Answer::NotFound(
                String::from_utf8_lossy(&bytes).into_owned(),
            )),
            _ => Err(refusal(status, &bytes)),
        }
    }

    fn lost(&self, error: &reqwest::Error) -> Fault {
        if error.is_timeout() {
            return Fault::TimedOut(millis(self.patience.attempt));
        }
        let mut text = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Fault::Unavailable(excerpt(&text))
    }
}

/// What a status other than success means.
fn refusal(status: StatusCode, body: &[u8]) -> Fault {
    let text = || {
        let body = String::from_utf8_lossy(body);
        let text = excerpt(&body);
        Box::from(format!("status {}: {text}", status.as_u16()))
    };
    match status {
        StatusCode::CONFLICT => Fault::Equivocation(text()),
        StatusCode::TOO_MANY_REQUESTS => Fault::Throttled,
        StatusCode::REQUEST_TIMEOUT => Fault::Unavailable(text()),
        _ if status.is_server_error() => Fault::Unavailable(text()),
        _ if status.is_redirection() => {
            Fault::Refused("it redirects elsewhere, which is never followed".into())
        }
        _ if status.is_success() => Fault::Garbage(text()),
        _ => Fault::Refused(text()),
    }
}

fn url_query(base: &Url, origin: &str) -> String {
    let mut url = base.clone();
    url.query_pairs_mut().clear().append_pair("origin", origin);
    url.query().unwrap_or_default().to_owned()
}
