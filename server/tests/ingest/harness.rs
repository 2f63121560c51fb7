//! A gateway behind a listening socket, and requests to it.

use bytes::Bytes;
use domain::connector::Environment;
use domain::event::PayloadView;
use domain::page::PageQuery;
use domain::receiver::Receiver;
use domain::rejection::Rejection;
use domain::signature::{Message, VerificationScheme, sign};
use domain::status::DeliveryStatus;
use gateway::clock::Clock;
use gateway::store;
use gateway::testing::{TestGate, TestStore};

/// The secret that receivers of these tests have.
pub const SECRET: &str = "Its-a-Secret-to-Everybody";

/// A gateway that listens.
pub struct Ingest {
    pub gate: TestGate,
    pub base: String,
    pub client: reqwest::Client,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<String>,
    pub content_type: String,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
    pub fn event_id(&self) -> String {
        self.json()["event_id"].as_str().unwrap_or_else(|| panic!("no event: {}", self.text)).to_owned()
    }
}

impl Ingest {
    /// Listens, with a production connector `github` and a receiver in GitHub's scheme.
    pub async fn with_github(db: TestStore) -> (Self, Receiver) {
        let ingest = Self::over(db).await;
        let connector = ingest.gate.connector("github", Environment::Production, None).await;
        let new = ingest.gate.new_receiver(&connector, VerificationScheme::Github {}, SECRET);
        let receiver = ingest.gate.create(new).await;
        (ingest, receiver)
    }

    pub async fn over(db: TestStore) -> Self {
        // Another test of this process may have installed it already, which is as good.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let gate = TestGate::over(db).await;
        let router = server::http::ingest::routes().with_state(gate.services.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
            axum::serve(listener, service).await
        });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { gate, base, client }
    }

    pub fn url(&self, code: &str) -> String {
        format!("{}/api/v1/integration/webhooks/{code}/receive", self.base)
    }

    /// Sends a body with headers, a millisecond after the one before: ids, and so lists, are in the order of time.
    pub async fn send(&self, code: &str, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Answer {
        self.gate.clock.advance(1_000);
        let mut request = self.client.post(self.url(code)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Answer {
            status: response.status().as_u16(),
            retry_after: header("retry-after"),
            content_type: header("content-type").unwrap_or_default(),
            text: response.text().await.unwrap(),
        }
    }

    /// Sends a body signed as `scheme` with [`SECRET`], at the gateway's time.
    pub async fn signed(
        &self,
        code: &str,
        scheme: &VerificationScheme,
        extra: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let headers = self.signature(scheme, body);
        let mut all: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend_from_slice(extra);
        if !all.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            all.push(("content-type", "application/json"));
        }
        self.send(code, &all, body.to_vec()).await
    }

    /// The headers that sign `body`.
    pub fn signature(&self, scheme: &VerificationScheme, body: &[u8]) -> Vec<(String, String)> {
        let message = Message { body, id: "msg_test" };
        let headers = sign(scheme, SECRET.as_bytes(), &message, self.gate.clock.now()).unwrap();
        headers.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
    }

    /// A push event signed as GitHub does.
    pub async fn github(&self, delivery: &str, body: &[u8]) -> Answer {
        let extra = [("x-github-event", "push"), ("x-github-delivery", delivery)];
        self.signed("github", &VerificationScheme::Github {}, &extra, body).await
    }

    /// How many events and deliveries there are.
    pub async fn deliveries(&self) -> Vec<domain::delivery::Delivery> {
        let mut tx = self.gate.services.store.read().await.unwrap();
        let page = PageQuery { limit: 500, cursor: None };
        let filter = domain::filter::DeliveryFilter::default();
        store::deliveries::list(&mut tx, &self.gate.organization, &filter, &page).await.unwrap().items
    }

    pub async fn rejections(&self) -> Vec<Rejection> {
        let mut tx = self.gate.services.store.read().await.unwrap();
        let page = PageQuery { limit: 500, cursor: None };
        store::rejections::list_filtered(&mut tx, &self.gate.organization, &Default::default(), &page)
            .await
            .unwrap()
            .items
    }

    /// The newest refusal, read back by its id.
    pub async fn last_rejection(&self) -> Rejection {
        let newest = self.rejections().await.into_iter().next().expect("a refusal is kept");
        let mut tx = self.gate.services.store.read().await.unwrap();
        let found = store::rejections::find(&mut tx, &self.gate.organization, &newest.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&newest));
        newest
    }

    pub async fn payload(&self, id: &domain::id::PayloadId) -> PayloadView {
        gateway::replay::payload(&self.gate.services, &self.gate.access(), id).await.unwrap()
    }

    /// Asserts that the answer refuses with `status` and `code`, as a problem document, and that it is kept.
    pub async fn assert_refused(&self, answer: &Answer, status: u16, code: &str) -> Rejection {
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text);
        assert_eq!(answer.content_type, "application/problem+json");
        assert_eq!(answer.json()["status"], status);
        assert_ne!(answer.json()["title"], serde_json::Value::Null);
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.len() > 10, "says what happened: {detail}");
        assert!(!detail.starts_with(char::is_lowercase) && detail.ends_with('.'), "a sentence: {detail}");
        let rejection = self.last_rejection().await;
        assert_eq!(rejection.reason.as_str(), code);
        assert_eq!(rejection.detail, detail);
        rejection
    }

    /// Delivers everything and returns the only delivery.
    pub async fn delivered(&self) -> domain::delivery::Delivery {
        self.gate.deliver().await;
        let mut all = self.deliveries().await;
        assert_eq!(all.len(), 1);
        let only = all.remove(0);
        assert_eq!(only.status, DeliveryStatus::Delivered, "{only:?}");
        only
    }
}

/// Bytes that never end the connection early.
pub fn chunked(chunks: Vec<Bytes>) -> reqwest::Body {
    reqwest::Body::wrap_stream(futures_util::stream::iter(
        chunks.into_iter().map(Ok::<_, std::convert::Infallible>),
    ))
}
