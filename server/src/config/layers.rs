//! Where the text of every setting comes from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ConfigError;

/// The file that is read when it is there and none is named.
const DEFAULT_FILE: &str = "signalbox.toml";

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $env:literal;)*) => {
        /// A setting.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Name { $($(#[$doc])* $name),* }

        impl Name {
            /// Every setting, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its key in `signalbox.toml`.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key),* }
            }

            /// Its variable in the environment.
            pub const fn variable(self) -> &'static str {
                match self { $(Self::$name => $env),* }
            }
        }
    };
}

names! {
    /// Where the server listens.
    Listen = "listen", "SIGNALBOX_LISTEN";
    /// Where people and senders reach it.
    PublicUrl = "public_url", "SIGNALBOX_PUBLIC_URL";
    /// Where data is kept.
    DataDir = "data_dir", "SIGNALBOX_DATA_DIR";
    /// The database's address.
    Database = "database", "SIGNALBOX_DATABASE";
    /// The key that seals secrets.
    Key = "key", "SIGNALBOX_KEY";
    /// Keys that were used before.
    OldKeys = "old_keys", "SIGNALBOX_OLD_KEYS";
    /// Whether deliveries may go to private addresses.
    AllowPrivateDestinations = "allow_private_destinations", "SIGNALBOX_ALLOW_PRIVATE_DESTINATIONS";
    /// How log lines look.
    LogFormat = "log_format", "SIGNALBOX_LOG_FORMAT";
    /// Which log lines there are.
    LogLevel = "log_level", "SIGNALBOX_LOG_LEVEL";
    /// What `/metrics` needs.
    MetricsToken = "metrics_token", "SIGNALBOX_METRICS_TOKEN";
    /// Whether a proxy in front tells who asks.
    TrustForwardedFor = "trust_forwarded_for", "SIGNALBOX_TRUST_FORWARDED_FOR";
    /// What the installation is for.
    Environment = "environment", "SIGNALBOX_ENVIRONMENT";
}

/// The settings that may stand on the command line; those that are secrets may not.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Settings (also SIGNALBOX_… variables and signalbox.toml)")]
pub struct Flags {
    /// The file with settings [default: signalbox.toml, when it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:7700]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Where people and senders reach this server [default: http:// and the address it listens on]
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// The folder for data [default: ./signalbox-data; of the demo ./signalbox-demo]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// sqlite://file or postgres://user@host/database [default: signalbox.db in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Let deliveries go to private and loopback addresses
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub allow_private_destinations: Option<String>,
    /// text or json [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// error, warn, info, debug, trace or filter directives [default: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// Take the sender's address from X-Forwarded-For; only behind a proxy that sets it
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub trust_forwarded_for: Option<String>,
    /// What the console's badge says: production or sandbox, perhaps with a name, like "sandbox: Staging EU"
    #[arg(long, global = true, value_name = "KIND[: NAME]")]
    pub environment: Option<String>,
}

impl Flags {
    fn find(&self, name: Name) -> Option<&String> {
        match name {
            Name::Listen => self.listen.as_ref(),
            Name::PublicUrl => self.public_url.as_ref(),
            Name::DataDir => self.data_dir.as_ref(),
            Name::Database => self.database.as_ref(),
            Name::AllowPrivateDestinations => self.allow_private_destinations.as_ref(),
            Name::LogFormat => self.log_format.as_ref(),
            Name::LogLevel => self.log_level.as_ref(),
            Name::TrustForwardedFor => self.trust_forwarded_for.as_ref(),
            Name::Environment => self.environment.as_ref(),
            Name::Key | Name::OldKeys | Name::MetricsToken => None,
        }
    }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag,
    /// A variable of the environment.
    Environment(&'static str),
    /// The file.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(variable) => f.write_str(variable),
            Self::File(path) => path.display().fmt(f),
            Self::Default => f.write_str("default"),
        }
    }
}

/// What the variables of settings begin with.
const PREFIX: &str = "SIGNALBOX_";

/// The text of every setting that somebody said something about.
#[derive(Clone, Default)]
pub struct Layers {
    values: BTreeMap<Name, (String, Source)>,
    strangers: Vec<String>,
}

impl Layers {
    /// Reads all layers; `environment` is every variable there is.
    pub fn read(flags: &Flags, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let strangers = strangers(environment)?;
        let mut values = match &flags.config {
            Some(path) => read_file(path)?,
            None if Path::new(DEFAULT_FILE).exists() => read_file(Path::new(DEFAULT_FILE))?,
            None => BTreeMap::new(),
        };
        for &name in Name::ALL {
            // An empty variable is how shells and service files say "not set".
            if let Some(text) = environment.get(name.variable()).filter(|text| !text.is_empty()) {
                values.insert(name, (text.clone(), Source::Environment(name.variable())));
            }
            if let Some(text) = flags.find(name) {
                values.insert(name, (text.clone(), Source::Flag));
            }
        }
        Ok(Self { values, strangers })
    }

    /// Variables that look like settings and are none.
    pub fn strangers(&self) -> &[String] {
        &self.strangers
    }

    /// The text of a setting; none leaves the default.
    pub fn find(&self, name: Name) -> Option<&str> {
        self.values.get(&name).map(|(text, _)| text.as_str())
    }

    /// Where a setting came from.
    pub fn source(&self, name: Name) -> Source {
        self.values.get(&name).map_or(Source::Default, |(_, source)| source.clone())
    }
}

/// The variables that begin like settings and are none. One that is nearly a setting's is a slip and an error. Others
/// may be somebody else's: Kubernetes sets `SIGNALBOX_PORT` and more for a service of that name.
fn strangers(environment: &BTreeMap<String, String>) -> Result<Vec<String>, ConfigError> {
    let mut strangers = Vec::new();
    for (variable, text) in environment {
        let Some(word) = variable.strip_prefix(PREFIX) else { continue };
        if text.is_empty() || Name::ALL.iter().any(|name| name.variable() == variable) {
            continue;
        }
        let near = Name::ALL.iter().map(|name| name.variable()).find(|known| {
            let slips = strsim::osa_distance(word, &known[PREFIX.len()..]);
            // Every third letter may be wrong.
            slips * 3 <= word.len()
        });
        if let Some(near) = near {
            return Err(ConfigError::UnknownVariable { variable: variable.clone(), near });
        }
        strangers.push(variable.clone());
    }
    Ok(strangers)
}

fn read_file(path: &Path) -> Result<BTreeMap<Name, (String, Source)>, ConfigError> {
    let file = path.display().to_string();
    let failed = |reason: String| ConfigError::File { file: path.display().to_string(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    // The parser's own message quotes the line, which may hold a secret.
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
        failed(format!("line {line}: {}", error.message()))
    })?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let Some(&name) = Name::ALL.iter().find(|name| name.key() == key) else {
            let known: Vec<_> = Name::ALL.iter().map(|name| name.key()).collect();
            return Err(ConfigError::UnknownKey { file, key, known: known.join(", ") });
        };
        let text = text_of(&value).ok_or_else(|| ConfigError::Value {
            key: name.key(),
            source_name: file.clone(),
            reason: "use a text, a number, true or false, or a list of texts".into(),
        })?;
        values.insert(name, (text, Source::File(path.to_owned())));
    }
    Ok(values)
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Array(items) => {
            items.iter().map(|item| item.as_str()).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        _ => None,
    }
}
