//! Somebody who asks the proxy.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use reqwest::{Certificate, Identity, Method};
use serde_json::Value;

use super::{As, PATIENCE};

/// Somebody who asks the proxy.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
}

/// What the proxy answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) request_id: String,
    pub(crate) retry_after: Option<u64>,
}

impl Client {
    /// One who trusts `root` in `folder`, where its own certificate is too.
    pub(crate) fn new(folder: &Path, root: &str, proxy: SocketAddr, who: As) -> Self {
        let ca = fs::read(folder.join(root)).unwrap();
        let mut builder = reqwest::Client::builder()
            .tls_certs_only([Certificate::from_pem(&ca).unwrap()])
            .no_proxy()
            .timeout(PATIENCE);
        if let As::Certificate(stem) = who {
            let read = |ending| fs::read(folder.join(format!("{stem}.{ending}"))).unwrap();
            let pem = [read("pem"), read("key")].concat();
            builder = builder.identity(Identity::from_pem(&pem).unwrap());
        }
        let key = match who {
            As::Key(name) => Some(format!("{name}-key")),
            As::Nobody | As::Certificate(_) => None,
        };
        Self {
            http: builder.build().unwrap(),
            base: format!("https://localhost:{}", proxy.port()),
            key,
        }
    }

    /// One who asks over plain HTTP, with this API key.
    pub(crate) fn plain(proxy: SocketAddr, key: &str) -> Self {
        let builder = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
        Self {
            http: builder.build().unwrap(),
            base: format!("http://{proxy}"),
            key: Some(key.to_owned()),
        }
    }

    /// A request that is not sent yet.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// Sends it.
    pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let (status, request_id) = (response.status().as_u16(), header("x-request-id"));
        let retry_after = header("retry-after").map(|seconds| seconds.parse().unwrap());
        let text = response.text().await.unwrap();
        Answer {
            status,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
            request_id: request_id.unwrap_or_default(),
            retry_after,
        }
    }

    /// `GET`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Self::send(self.request(Method::GET, path)).await
    }

    /// `POST` of JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Self::send(self.request(Method::POST, path).json(body)).await
    }
}
