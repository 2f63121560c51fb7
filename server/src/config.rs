//! What this process is set to: flags over `SIGNALBOX_*` environment over `signalbox.toml` over defaults.
//!
//! Players: [`layers`] finds the text of every setting and where it came from, this file turns texts into values.
//!
//! Invariants: a key that nobody knows, a variable that is nearly a setting's and a value that cannot be read are errors that name the key, never guesses;
//! secrets are read from the environment or the file only (arguments are seen by everybody on the machine) and are
//! never printed.

mod layers;

use std::net::SocketAddr;
use std::path::PathBuf;

use domain::environment::{InstallationEnvironment, InvalidEnvironment};
use url::Url;
use zeroize::Zeroizing;

pub use layers::{Flags, Layers, Name, Source};

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file has a key that no version of this program has.
    #[error("{file}: unknown key `{key}`; known keys are {known}")]
    UnknownKey {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// Every key there is.
        known: String,
    },
    /// A variable is nearly that of a setting.
    #[error("{variable} is no setting; {near} is meant? Correct it or unset it")]
    UnknownVariable {
        /// The variable.
        variable: String,
        /// The variable that it resembles.
        near: &'static str,
    },
    /// The file could not be read.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value cannot be read.
    #[error("{key} ({source_name}): {reason}")]
    Value {
        /// The setting.
        key: &'static str,
        /// Where the value came from.
        source_name: String,
        /// What would do.
        reason: String,
    },
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for machines.
    Json,
}

/// Where the master key comes from.
#[derive(Clone)]
pub enum KeyOrigin {
    /// Given as text.
    Given(Zeroizing<String>),
    /// A file that only its owner may read; made at the first start.
    File(PathBuf),
}

/// Every setting, ready for use.
#[derive(Clone)]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where people and senders reach it, without a slash at the end; `None` follows the address listened on.
    pub public_url: Option<Url>,
    /// Where everything is kept that is not in an external database.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`.
    pub database: Zeroizing<String>,
    /// The key that seals secrets.
    pub key: KeyOrigin,
    /// Keys that only open what they sealed.
    pub old_keys: Vec<Zeroizing<String>>,
    /// Whether deliveries may go to private addresses.
    pub allow_private_destinations: bool,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines there are, as tracing's filter directives.
    pub log_level: String,
    /// What `/metrics` needs as a bearer token; `None` leaves it open.
    pub metrics_token: Option<Zeroizing<String>>,
    /// Whether a proxy in front sets `X-Forwarded-For`.
    pub trust_forwarded_for: bool,
    /// What the installation is for; `None` when nobody said.
    pub environment: Option<InstallationEnvironment>,
    layers: Layers,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.describe().into_iter().map(|line| (line.name.key(), line.value))).finish()
    }
}

/// One setting as `doctor` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Which.
    pub name: Name,
    /// Its value; secrets only say whether they are set.
    pub value: String,
    /// Where it came from.
    pub source: Source,
}

impl Config {
    /// Reads flags, this process's environment and the file.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        // What is not text is no setting's value, and names that are not text are not ours.
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self::from_layers(Layers::read(flags, &environment)?)
    }

    /// Turns texts into values.
    pub fn from_layers(layers: Layers) -> Result<Self, ConfigError> {
        let reader = Reader(&layers);
        let data_dir = PathBuf::from(reader.text(Name::DataDir, "./signalbox-data"));
        let database = reader.text(Name::Database, &default_database(&data_dir));
        if !["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| database.starts_with(scheme)) {
            return Err(
                reader.bad(Name::Database, "use sqlite://path/to/file or postgres://user@host/database")
            );
        }
        let key = match layers.find(Name::Key) {
            Some(text) => KeyOrigin::Given(Zeroizing::new(text.to_owned())),
            None => KeyOrigin::File(data_dir.join("signalbox.key")),
        };
        let old_keys = layers.find(Name::OldKeys).unwrap_or_default();
        let metrics_token = layers.find(Name::MetricsToken).map(|text| Zeroizing::new(text.to_owned()));
        if metrics_token.as_ref().is_some_and(|token| token.is_empty()) {
            return Err(reader
                .bad(Name::MetricsToken, "an empty token protects nothing; leave it out to open /metrics"));
        }
        Ok(Self {
            listen: reader.parse(
                Name::Listen,
                "127.0.0.1:7700",
                "use an address and a port, like 127.0.0.1:7700",
            )?,
            public_url: reader.public_url()?,
            database: Zeroizing::new(database),
            key,
            old_keys: old_keys
                .split(',')
                .map(str::trim)
                .filter(|key| !key.is_empty())
                .map(|key| Zeroizing::new(key.to_owned()))
                .collect(),
            allow_private_destinations: reader.switch(Name::AllowPrivateDestinations)?,
            log_format: match reader.text(Name::LogFormat, "text").as_str() {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                _ => return Err(reader.bad(Name::LogFormat, "use text or json")),
            },
            log_level: reader.log_level()?,
            metrics_token,
            trust_forwarded_for: reader.switch(Name::TrustForwardedFor)?,
            environment: reader.environment()?,
            data_dir,
            layers,
        })
    }

    /// Variables that look like settings and are none: ignored, which somebody should be told.
    pub fn strangers(&self) -> &[String] {
        self.layers.strangers()
    }

    /// Where a setting came from.
    pub fn source(&self, name: Name) -> Source {
        self.layers.source(name)
    }

    /// The same for an installation that keeps everything in `folder` and delivers on this machine.
    pub fn living_in(&self, folder: &std::path::Path) -> Self {
        Self {
            data_dir: folder.to_owned(),
            database: Zeroizing::new(default_database(folder)),
            key: KeyOrigin::File(folder.join("signalbox.key")),
            old_keys: Vec::new(),
            allow_private_destinations: true,
            ..self.clone()
        }
    }

    /// The URL to reach the server by when it listens on `address`.
    pub fn public_url_at(&self, address: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None if address.ip().is_unspecified() => format!("http://localhost:{}", address.port()),
            None => format!("http://{address}"),
        }
    }

    /// Every setting with its value and its source, in the order of the documentation.
    pub fn describe(&self) -> Vec<Described> {
        let line = |name: Name| {
            let value = match name {
                Name::Listen => self.listen.to_string(),
                Name::PublicUrl => self.public_url_at(self.listen),
                Name::DataDir => self.data_dir.display().to_string(),
                Name::Database => without_password(&self.database),
                Name::Key => match &self.key {
                    KeyOrigin::Given(_) => "set".to_owned(),
                    KeyOrigin::File(path) => format!("file {}", path.display()),
                },
                Name::OldKeys => format!("{} keys", self.old_keys.len()),
                Name::AllowPrivateDestinations => self.allow_private_destinations.to_string(),
                Name::LogFormat => match self.log_format {
                    LogFormat::Text => "text".to_owned(),
                    LogFormat::Json => "json".to_owned(),
                },
                Name::LogLevel => self.log_level.clone(),
                Name::MetricsToken => if self.metrics_token.is_some() { "set" } else { "not set" }.to_owned(),
                Name::TrustForwardedFor => self.trust_forwarded_for.to_string(),
                Name::Environment => match &self.environment {
                    Some(environment) => environment.to_string(),
                    None => "not set".to_owned(),
                },
            };
            Described { name, value, source: self.layers.source(name) }
        };
        Name::ALL.iter().copied().map(line).collect()
    }
}

fn default_database(data_dir: &std::path::Path) -> String {
    format!("sqlite://{}", data_dir.join("signalbox.db").display())
}

/// A database's address with its password struck out.
fn without_password(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return address.to_owned() };
    let hidden = url.password().is_some() && url.set_password(Some("***")).is_ok();
    if hidden { url.to_string() } else { address.to_owned() }
}

/// Parses texts and says which setting was wrong.
struct Reader<'a>(&'a Layers);

impl Reader<'_> {
    fn bad(&self, name: Name, reason: impl Into<String>) -> ConfigError {
        ConfigError::Value {
            key: name.key(),
            source_name: self.0.source(name).to_string(),
            reason: reason.into(),
        }
    }

    fn text(&self, name: Name, default: &str) -> String {
        self.0.find(name).unwrap_or(default).to_owned()
    }

    fn parse<T: std::str::FromStr>(&self, name: Name, default: &str, what: &str) -> Result<T, ConfigError> {
        self.text(name, default).parse().map_err(|_| self.bad(name, what))
    }

    fn switch(&self, name: Name) -> Result<bool, ConfigError> {
        match self.text(name, "false").as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(self.bad(name, "use true or false")),
        }
    }

    fn environment(&self) -> Result<Option<InstallationEnvironment>, ConfigError> {
        let read = |text: &str| {
            text.parse().map_err(|error: InvalidEnvironment| self.bad(Name::Environment, error.to_string()))
        };
        self.0.find(Name::Environment).map(read).transpose()
    }

    fn log_level(&self) -> Result<String, ConfigError> {
        let text = self.text(Name::LogLevel, "info");
        match tracing_subscriber::EnvFilter::try_new(&text) {
            Ok(_) => Ok(text),
            Err(error) => {
                Err(self.bad(Name::LogLevel, format!("use error, warn, info, debug or trace ({error})")))
            }
        }
    }

    fn public_url(&self) -> Result<Option<Url>, ConfigError> {
        let Some(text) = self.0.find(Name::PublicUrl) else { return Ok(None) };
        let bad = |reason: &str| self.bad(Name::PublicUrl, reason);
        let url =
            Url::parse(text).map_err(|_| bad("use a whole address, like https://signalbox.example.com"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(bad("use an http or https address"));
        }
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !plain || !url.username().is_empty() || url.password().is_some() {
            return Err(bad("use scheme, host and port only: Signalbox lives at the root of its address"));
        }
        Ok(Some(url))
    }
}
