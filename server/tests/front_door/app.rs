//! The fixture: a server on a free port, and people and programs that ask it.

use std::sync::Arc;
use std::time::Duration;

use domain::id::NodeId;
use domain::id::OrganizationId;
use domain::user::Role;
use gateway::Services;
use gateway::access::{Access, Actor, Principal};
use gateway::accounts::{self, users::NewUser};
use gateway::clock::SharedClock;
use gateway::seal::{MasterKey, Sealer};
use gateway::services::Settings;
use gateway::testing::{MockClock, TestStore};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::connections::ConnectionLimits;
use server::server::{Server, WebOptions, listen};

pub const PASSWORD: &str = "PLANTED-password-of-everybody";

/// A running server over a database of its own.
pub struct TestApp {
    pub server: Server,
    pub url: String,
    pub http: reqwest::Client,
    pub database: TestStore,
}

/// How a test's server differs from others.
#[derive(Default)]
pub struct Options {
    pub public_url: Option<String>,
    pub metrics_token: Option<String>,
    pub trust_forwarded_for: bool,
    pub connections: ConnectionLimits,
    pub environment: Option<domain::environment::InstallationEnvironment>,
    /// Else a clock at a fixed time.
    pub clock: Option<SharedClock>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A problem document with this status and code.
    pub fn expect_problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status.as_u16(), self.header("content-type")),
            (status, "application/problem+json"),
            "{}",
            self.text
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        for member in ["title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} of {problem}");
        }
        let detail = problem["detail"].as_str().unwrap();
        assert!(!detail.starts_with(char::is_lowercase) && detail.ends_with('.'), "a sentence: {detail}");
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{problem}");
        problem
    }
}

/// Whoever asks: nobody, a person with a session, or a program with a key.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    pub cookie: Option<String>,
    pub key: Option<String>,
    pub organization: Option<OrganizationId>,
}

impl TestApp {
    pub async fn start(database: TestStore) -> Self {
        Self::with(database, Options::default()).await
    }

    pub async fn with(database: TestStore, options: Options) -> Self {
        // Somebody else in this process may have installed it already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = options.clock.unwrap_or_else(|| MockClock::shared());
        let listener = listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            public_url: options.public_url.unwrap_or_else(|| url.clone()),
            version: "test".into(),
            environment: options.environment,
            allow_private_destinations: true,
            attempt_timeout: Duration::from_secs(5),
            node: NodeId::new(clock.now()),
        };
        let web = WebOptions {
            metrics_token: options.metrics_token.map(Into::into),
            trust_forwarded_for: options.trust_forwarded_for,
            connections: options.connections,
        };
        let sealer = Arc::new(Sealer::new(MasterKey::parse(&"5a".repeat(32)).unwrap(), Vec::new()));
        let server =
            Server::start(listener, database.store.clone(), clock, sealer, settings, web).await.unwrap();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self { server, url, http, database }
    }

    pub fn services(&self) -> &Services {
        &self.server.services
    }

    /// An organization, made on the command line.
    pub async fn organization(&self, slug: &str) -> OrganizationId {
        let root = Principal { actor: Actor::CommandLine, global_admin: true, memberships: Vec::new() };
        let new = serde_json::from_value(json!({ "name": slug, "slug": slug })).unwrap();
        accounts::organizations::create(self.services(), &root, new).await.unwrap().id
    }

    pub fn access(&self, organization: &OrganizationId) -> Access {
        Access::of_command_line(organization.clone())
    }

    /// An account; its address is its name.
    pub async fn user(&self, name: &str, organization: Option<(&str, Role)>, global_admin: bool) {
        let (slug, role) = organization.unzip();
        let new = NewUser {
            email: format!("{name}@example.com"),
            name: name.into(),
            password: PASSWORD.into(),
            organization: slug.map(str::to_owned),
            role: role.unwrap_or(Role::Viewer),
            global_admin,
        };
        accounts::users::create(self.services(), new).await.unwrap();
    }

    /// Signs in by the console's own function.
    pub async fn sign_in(&self, name: &str) -> Caller {
        let answer = self.login(&format!("{name}@example.com"), PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        Caller { cookie: Some(cookie), ..Caller::default() }
    }

    pub async fn login(&self, email: &str, password: &str) -> Answer {
        let body = json!({ "request": { "email": email, "password": password } });
        self.ask(&Caller::default(), Method::POST, "/rpc/login", Some(&body)).await
    }

    /// An account and its session.
    pub async fn signed_in(&self, name: &str, slug: &str, role: Role) -> Caller {
        self.user(name, Some((slug, role)), false).await;
        self.sign_in(name).await
    }

    /// A program's key.
    pub async fn key(&self, organization: &OrganizationId, role: Role) -> Caller {
        let new = serde_json::from_value(json!({ "name": "program", "role": role })).unwrap();
        let made =
            accounts::api_keys::create(self.services(), &self.access(organization), new).await.unwrap();
        Caller { key: Some(made.secret), ..Caller::default() }
    }

    /// A request as a browser's script or a program makes it.
    pub fn request(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(cookie) = &caller.cookie {
            request = request.header("cookie", cookie).header("origin", &self.url);
        }
        if let Some(key) = &caller.key {
            request = request.bearer_auth(key);
        }
        if let Some(organization) = &caller.organization {
            request = request.header("signalbox-organization", organization.as_str());
        }
        match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        }
    }

    pub async fn ask(&self, caller: &Caller, method: Method, path: &str, body: Option<&Value>) -> Answer {
        send(self.request(caller, method, path, body)).await
    }

    pub async fn get(&self, caller: &Caller, path: &str) -> Answer {
        self.ask(caller, Method::GET, path, None).await
    }

    pub async fn post(&self, caller: &Caller, path: &str, body: Value) -> Answer {
        self.ask(caller, Method::POST, path, Some(&body)).await
    }

    pub async fn stop(self) {
        self.server.stop().await;
    }
}

pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned() }
}

/// A header's value for a request of a test's own.
pub fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap()
}
