//! Settings: which layer wins, what is refused, what is never shown.

use std::collections::BTreeMap;

use server::config::{Config, ConfigError, Flags, Layers, Name, Source};

fn load(file: Option<&str>, environment: &[(&str, &str)], flags: Flags) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    // Always a file of the test's own, so that no signalbox.toml of a developer's is read.
    let path = folder.path().join("signalbox.toml");
    std::fs::write(&path, file.unwrap_or_default()).unwrap();
    let environment =
        environment.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let flags = Flags { config: Some(path), ..flags };
    Config::from_layers(Layers::read(&flags, &environment)?)
}

fn source(config: &Config, name: Name) -> Source {
    config.describe().into_iter().find(|line| line.name == name).unwrap().source
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let file = "listen = \"127.0.0.1:1\"\npublic_url = \"http://file.example\"\nlog_format = \"json\"\nallow_private_destinations = true";
    let environment = [
        ("SIGNALBOX_LISTEN", "127.0.0.1:2"),
        ("SIGNALBOX_PUBLIC_URL", "http://env.example"),
        ("SIGNALBOX_DATA_DIR", ""),
    ];
    let flags = Flags { listen: Some("127.0.0.1:3".into()), ..Flags::default() };
    let config = load(Some(file), &environment, flags).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(source(&config, Name::Listen), Source::Flag);
    assert_eq!(config.public_url_at(config.listen), "http://env.example");
    assert_eq!(source(&config, Name::PublicUrl), Source::Environment("SIGNALBOX_PUBLIC_URL"));
    assert!(config.allow_private_destinations);
    assert!(matches!(source(&config, Name::LogFormat), Source::File(_)));
    assert_eq!(source(&config, Name::DataDir), Source::Default, "empty is not set");
    assert_eq!(config.database.as_str(), "sqlite://./signalbox-data/signalbox.db");
    assert_eq!(
        load(None, &[], Flags::default()).unwrap().public_url_at(([127, 0, 0, 1], 7700).into()),
        "http://127.0.0.1:7700"
    );
}

#[test]
fn what_cannot_be_read_names_its_key() {
    let unknown = load(Some("listn = 1"), &[], Flags::default()).unwrap_err();
    assert!(matches!(&unknown, ConfigError::UnknownKey { key, .. } if key == "listn"), "{unknown}");
    assert!(unknown.to_string().contains("listen, public_url"), "{unknown}");
    for (variable, text) in [
        ("SIGNALBOX_LISTEN", "7700"),
        ("SIGNALBOX_PUBLIC_URL", "box.example.com"),
        ("SIGNALBOX_PUBLIC_URL", "https://box.example.com/path"),
        ("SIGNALBOX_PUBLIC_URL", "ftp://box.example.com"),
        ("SIGNALBOX_DATABASE", "mysql://x"),
        ("SIGNALBOX_LOG_FORMAT", "xml"),
        ("SIGNALBOX_LOG_LEVEL", "signalbox=loud"),
        ("SIGNALBOX_ALLOW_PRIVATE_DESTINATIONS", "perhaps"),
        ("SIGNALBOX_ENVIRONMENT", "staging"),
    ] {
        let error = load(None, &[(variable, text)], Flags::default()).unwrap_err();
        assert!(matches!(&error, ConfigError::Value { .. }), "{error}");
        assert!(error.to_string().contains(variable), "{error}");
    }
    let missing = Flags { config: Some("/nowhere/signalbox.toml".into()), ..Flags::default() };
    let error = Layers::read(&missing, &BTreeMap::new()).err().unwrap();
    assert!(error.to_string().contains("/nowhere/signalbox.toml"), "{error}");
}

#[test]
fn a_variable_that_is_nearly_a_setting_is_refused() {
    for (slip, meant) in [
        ("SIGNALBOX_LISTN", "SIGNALBOX_LISTEN"),
        ("SIGNALBOX_KYE", "SIGNALBOX_KEY"),
        ("SIGNALBOX_DATADIR", "SIGNALBOX_DATA_DIR"),
        ("SIGNALBOX_METRIC_TOKEN", "SIGNALBOX_METRICS_TOKEN"),
        ("SIGNALBOX_ALLOW_PRIVATE_DESTINATION", "SIGNALBOX_ALLOW_PRIVATE_DESTINATIONS"),
    ] {
        let error = load(None, &[(slip, "x")], Flags::default()).unwrap_err();
        assert!(
            matches!(&error, ConfigError::UnknownVariable { variable, near } if variable == slip && *near == meant),
            "{error}"
        );
    }
    // What Kubernetes sets for a service, what the project's own tests read, and what is not set.
    let others =
        ["SIGNALBOX_PORT", "SIGNALBOX_SERVICE_HOST", "SIGNALBOX_PORT_7700_TCP_ADDR", "SIGNALBOX_PG_BIN"];
    let mut environment: Vec<_> = others.iter().map(|name| (*name, "x")).collect();
    environment.extend([("SIGNALBOX_LISTN", ""), ("SIGNALBOX_LISTEN", "127.0.0.1:2"), ("LISTN", "x")]);
    let config = load(None, &environment, Flags::default()).unwrap();
    let mut strangers = config.strangers().to_vec();
    strangers.sort();
    let mut expected = others.to_vec();
    expected.sort_unstable();
    assert_eq!(strangers, expected);
    assert_eq!(config.listen.port(), 2);
}

#[test]
fn secrets_are_neither_printed_nor_quoted() {
    let environment = [
        ("SIGNALBOX_KEY", "PLANTED-key"),
        ("SIGNALBOX_OLD_KEYS", "PLANTED-old-1, PLANTED-old-2"),
        ("SIGNALBOX_METRICS_TOKEN", "PLANTED-token"),
        ("SIGNALBOX_DATABASE", "postgres://box:PLANTED-password@db.example/signalbox"),
    ];
    let config = load(None, &environment, Flags::default()).unwrap();
    assert_eq!(config.old_keys.len(), 2);
    let printed = format!("{config:?} {:?}", config.describe());
    assert!(!printed.contains("PLANTED"), "{printed}");
    assert!(printed.contains("postgres://box:***@db.example/signalbox"), "{printed}");
    let error = load(Some("key = \"PLANTED-key\nlisten"), &[], Flags::default()).unwrap_err();
    assert!(!error.to_string().contains("PLANTED"), "{error}");
}
