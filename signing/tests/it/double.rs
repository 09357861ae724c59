//! An HTTP server on loopback that answers as it is told, and goes wrong as it is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, LOCATION};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What the next request meets.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// The answer that belongs to it.
    Good,
    /// This status and body.
    Answer(u16, String),
    /// No answer, ever.
    Hang,
    /// A connection that ends.
    Reset,
    /// Half an answer, and a connection that ends.
    Torn,
    /// The way to another server.
    Redirect(String),
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

type Respond = dyn Fn(&Seen) -> (u16, Value) + Send + Sync;

#[derive(Clone)]
pub(crate) struct Double {
    pub(crate) address: SocketAddr,
    /// What the next requests meet; good answers once it is empty.
    script: Arc<Mutex<VecDeque<Act>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Double {
    /// Starts one; it ends with the runtime of the test.
    pub(crate) async fn start(
        tls: Option<TlsAcceptor>,
        respond: impl Fn(&Seen) -> (u16, Value) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let double = Self {
            address: listener.local_addr().unwrap(),
            script: Arc::default(),
            seen: Arc::default(),
        };
        tokio::spawn(double.clone().serve(listener, tls, Arc::new(respond)));
        double
    }

    /// The next requests meet `acts`, one each.
    pub(crate) fn will(&self, acts: &[Act]) {
        self.script.lock().extend(acts.iter().cloned());
    }

    /// What came in since the last time, and what of the script is left is forgotten.
    pub(crate) fn taken(&self) -> Vec<Seen> {
        self.script.lock().clear();
        std::mem::take(&mut *self.seen.lock())
    }

    async fn serve(self, listener: TcpListener, tls: Option<TlsAcceptor>, respond: Arc<Respond>) {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (double, tls, respond) = (self.clone(), tls.clone(), respond.clone());
            tokio::spawn(async move {
                match tls {
                    None => double.connection(stream, respond).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            double.connection(stream, respond).await;
                        }
                    }
                }
            });
        }
    }

    async fn connection(self, stream: impl AsyncRead + AsyncWrite + Unpin, respond: Arc<Respond>) {
        let service = service_fn(|request| self.answer(request, respond.clone()));
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        respond: Arc<Respond>,
    ) -> Result<Response<Full<Bytes>>, Gone> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let seen = Seen {
            path: parts.uri.to_string(),
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        };
        let act = self.script.lock().pop_front().unwrap_or(Act::Good);
        self.seen.lock().push(seen.clone());
        let (status, body) = match act {
            Act::Good => {
                let (status, body) = respond(&seen);
                (status, body.to_string())
            }
            Act::Answer(status, body) => (status, body),
            Act::Hang => std::future::pending().await,
            Act::Reset => return Err(Gone),
            Act::Torn => return Ok(torn()),
            Act::Redirect(to) => return Ok(redirect(&to)),
        };
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(response)
    }
}

fn torn() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(r#"{"kid":"k","signature":"AA"#));
    let length = hyper::header::HeaderValue::from_static("4096");
    response
        .headers_mut()
        .insert(hyper::header::CONTENT_LENGTH, length);
    response
}

fn redirect(to: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(LOCATION, to.parse().unwrap());
    response
}

/// Makes hyper close the connection.
#[derive(Debug)]
struct Gone;

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("gone")
    }
}

impl std::error::Error for Gone {}
