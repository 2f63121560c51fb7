//! The binary itself: what it prints, what it refuses, how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use app::model::receiver_form::ReceiverForm;
use app::model::sample::sample_commands;
use domain::signature::SchemeKind;
use gateway::on_both_databases;
use gateway::store::{MigrationState, StoreError};

/// The binary in a folder of its own, with nothing of the developer's environment.
fn signalbox(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SIGNALBOX_")) {
        command.env_remove(name);
    }
    command.env_remove("SECRET");
    command.current_dir(folder).env("SIGNALBOX_LISTEN", "127.0.0.1:0").stdin(Stdio::null());
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn refuses(command: &mut Command, because: &str) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains(because), "{:?} is not in {}", because, text(&output));
}

/// A server that has said that it is ready.
struct Running {
    process: Child,
    said: Vec<String>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut running = Self { process, said: Vec::new() };
        let lines = BufReader::new(running.process.stdout.take().unwrap()).lines();
        for line in lines {
            running.said.push(line.unwrap());
            if running.said.last().is_some_and(|line| line.starts_with("Signalbox is ready on ")) {
                return running;
            }
        }
        let mut rest = String::new();
        running.process.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
        panic!("it ended without being ready: {:?} {rest}", running.said);
    }

    fn url(&self) -> &str {
        self.said.last().unwrap().strip_prefix("Signalbox is ready on ").unwrap()
    }

    fn stop(mut self, signal: &str) -> std::process::ExitStatus {
        let killed = Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(killed.success());
        self.process.wait().unwrap()
    }
}

/// A test that fails must not leave a server behind.
impl Drop for Running {
    fn drop(&mut self) {
        // After `stop` there is nothing left to end, and that is fine as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn serve_says_how_to_get_in_and_ends_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-TERM", "-INT"] {
        let server = Running::start(signalbox(folder.path()).arg("serve"));
        let url = server.url().to_owned();
        let link = &server.said[0];
        let token = link
            .strip_prefix(&format!("Set up Signalbox: {url}/setup?token="))
            .unwrap_or_else(|| panic!("{link}"));
        assert!(token.len() >= 43, "{link}");
        // A second one keeps out.
        refuses(signalbox(folder.path()).arg("serve"), "in use by another signalbox");
        let address = url.strip_prefix("http://").unwrap();
        refuses(
            signalbox(folder.path()).args(["serve", "--data-dir", "other", "--listen", address]),
            "cannot be listened on",
        );
        assert!(!folder.path().join("other").exists(), "a start that fails leaves nothing");
        assert!(server.stop(signal).success());
    }
    let key = folder.path().join("signalbox-data/signalbox.key");
    assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_node_keeps_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let id = || std::fs::read_to_string(folder.path().join("signalbox-data/node-id")).unwrap();
    assert!(Running::start(signalbox(folder.path()).arg("serve")).stop("-TERM").success());
    let first = id();
    assert!(Running::start(signalbox(folder.path()).arg("serve")).stop("-TERM").success());
    assert_eq!(id(), first);
}

#[test]
fn keys_that_cannot_be_trusted_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    refuses(signalbox(folder.path()).arg("serve").env("SIGNALBOX_KEY", "short"), "a key is 32 bytes");
    let key = folder.path().join("signalbox-data/signalbox.key");
    std::fs::write(&key, "a".repeat(64)).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    refuses(signalbox(folder.path()).arg("serve"), "can be read by others");
    refuses(signalbox(folder.path()).arg("doctor"), "can be read by others");
}

on_both_databases! {
    async fn a_database_of_a_newer_version_is_refused(db: TestStore) {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(db.store.migration_state().await.unwrap(), MigrationState::Current);
        let output = signalbox(folder.path()).args(["doctor", "--database", &db.address]).output().unwrap();
        assert!(text(&output).contains("answers and is up to date"), "{}", text(&output));
        db.store.pretend_newer().await.unwrap();
        for command in ["serve", "migrate", "doctor"] {
            let mut run = signalbox(folder.path());
            refuses(run.args([command, "--database", &db.address]), "written by a newer version");
        }
        assert!(matches!(db.store.migration_state().await, Err(StoreError::NewerDatabase { .. })));
    }
}

#[test]
fn doctor_tells_good_from_bad_and_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    refuses(signalbox(folder.path()).args(["doctor", "--listen", &address]), "FAIL  port");
    drop(free);
    let output = signalbox(folder.path()).args(["doctor", "--listen", &address]).output().unwrap();
    let printed = text(&output);
    assert!(output.status.success() && printed.ends_with("Signalbox can start.\n"), "{printed}");
    for what in ["config", "data folder", "key", "disk", "database", "port", "clock"] {
        assert!(printed.contains(&format!("pass  {what}")), "{what} is not in {printed}");
    }
    assert!(printed.contains(&format!("listen                       {address} (flag)")), "{printed}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking makes nothing");
    let mut doctor = signalbox(folder.path());
    doctor.args(["doctor", "--listen", &address]);
    let printed = text(&doctor.env("SIGNALBOX_PORT", "tcp://10.0.0.1:7700").output().unwrap());
    assert!(printed.contains("warn  environment  SIGNALBOX_PORT is no setting"), "{printed}");
    for command in ["doctor", "serve"] {
        refuses(
            signalbox(folder.path()).arg(command).env("SIGNALBOX_LISTN", "x"),
            "SIGNALBOX_LISTEN is meant?",
        );
    }
    std::fs::write(folder.path().join("signalbox.toml"), "nonsense = 1").unwrap();
    refuses(signalbox(folder.path()).arg("doctor"), "unknown key `nonsense`");
}

#[test]
fn people_and_programs_are_made_beside_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(signalbox(folder.path()).arg("serve"));
    let create = [
        "user",
        "create",
        "--email",
        "ada@example.com",
        "--name",
        "Ada",
        "--global-admin",
        "--password-env",
        "SECRET_WORD",
    ];
    refuses(signalbox(folder.path()).args(create), "SECRET_WORD is not set");
    refuses(signalbox(folder.path()).args(create).env("SECRET_WORD", "short"), "at least 12 characters");
    let output =
        signalbox(folder.path()).args(create).env("SECRET_WORD", "long enough, surely").output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(!text(&output).contains("surely"));
    refuses(signalbox(folder.path()).args(["user", "setup-link"]), "set up already");
    refuses(
        signalbox(folder.path()).args(["apikey", "create", "--organization", "nowhere", "--name", "k"]),
        "no organization",
    );
    assert!(server.stop("-TERM").success());
}

#[test]
fn send_signs_and_tells_what_it_heard() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(signalbox(folder.path()).arg("serve"));
    let url = format!("{}/api/v1/integration/webhooks/nobody/receive", server.url());
    let output = signalbox(folder.path())
        .args(["send", &url, "--scheme", "github"])
        .env("SECRET", "s3cret-of-the-door")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output);
    assert!(printed.starts_with("404 Not Found\n") && printed.contains("unknown_connector"), "{printed}");
    refuses(
        signalbox(folder.path()).args(["send", &url, "--scheme", "github", "--secret-env", "UNSET_WORD"]),
        "UNSET_WORD is not set",
    );
    refuses(signalbox(folder.path()).args(["send", &url, "--scheme", "github"]), "no secret was given");
    refuses(
        signalbox(folder.path()).args(["send", &url, "--scheme", "github"]).env("SECRET", ""),
        "SECRET is empty",
    );
    assert!(server.stop("-TERM").success());
}

#[test]
fn the_demo_lives_where_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let demo = || {
        let mut demo = signalbox(folder.path());
        demo.arg("demo");
        demo
    };
    refuses(demo().args(["--database", "sqlite://x.db"]), "a database of its own");
    // A variable is about the server, whose data the demo must not touch.
    let mut told = demo();
    told.args(["--data-dir", "show"]).env("SIGNALBOX_DATA_DIR", "earnest");
    for _ in 0..2 {
        assert!(Running::start(&mut told).stop("-TERM").success());
        assert!(folder.path().join("show/signalbox.db").exists());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "and nowhere else");
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    refuses(demo().args(["--data-dir", "mine"]), "is not the demo's");
}

/// What stands in the README and what the console hands out is pasted as it is, into a shell that was told `SECRET`.
#[test]
fn the_commands_that_people_are_told_find_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let server = Running::start(signalbox(folder.path()).arg("serve"));
    let programs = Path::new(env!("CARGO_BIN_EXE_signalbox")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let paste = |script: &str| {
        let mut shell = Command::new("bash");
        shell.args(["-c", script]).env_remove("SECRET").env("PATH", &path).current_dir(folder.path());
        let mut shell =
            shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(b"s3cret-of-the-door\n").unwrap();
        text(&shell.wait_with_output().unwrap())
    };
    // Nobody made the connector here: whoever hears so has signed and sent.
    let readme = include_str!("../../../README.md");
    let section = readme.split("## Your first webhook").nth(1).unwrap();
    let script = section.split("```sh").nth(1).unwrap().split("```").next().unwrap();
    assert!(script.contains("http://127.0.0.1:7700/"), "{script}");
    let printed = paste(&script.replace("http://127.0.0.1:7700", server.url()));
    assert!(printed.starts_with("404 Not Found\n"), "{printed}");

    let url = format!("{}/api/v1/integration/webhooks/github/receive", server.url());
    let commands = sample_commands(&ReceiverForm::blank(SchemeKind::Github), &url).unwrap();
    for command in [&commands.signalbox, &commands.curl] {
        for told in ["read -rs SECRET", "read -rs SECRET && export SECRET"] {
            let printed = paste(&format!("{told}\n{command}"));
            assert!(printed.contains("unknown_connector"), "{told}; {command}: {printed}");
        }
    }
    assert!(paste(&commands.signalbox).contains("SECRET is empty"));
    assert!(server.stop("-TERM").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_is_alive_from_the_first_screen_on() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody reads the log, and a full pipe would hold the demo up.
    let demo = Running::start(signalbox(folder.path()).args(["demo", "--log-level", "error"]));
    let password = demo.said[0].strip_prefix("Sign in with demo@signalbox.example and ").unwrap();
    // Another test in this process may have installed it already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = serde_json::json!({ "request": { "email": "demo@signalbox.example", "password": password } });
    let login = http.post(format!("{}/rpc/login", demo.url())).json(&body).send().await.unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let info: serde_json::Value = serde_json::from_str(&login.text().await.unwrap()).unwrap();
    let organizations = info["organizations"].as_array().unwrap();
    assert_eq!(organizations.len(), 2);
    for access in organizations {
        let organization = access["organization"]["id"].as_str().unwrap();
        let list = async |what: &str| {
            let url = format!("{}/api/v1/integration/{what}limit=500", demo.url());
            let asked =
                http.get(url).header("cookie", &cookie).header("signalbox-organization", organization);
            let page: serde_json::Value =
                serde_json::from_str(&asked.send().await.unwrap().text().await.unwrap()).unwrap();
            page["items"].as_array().unwrap_or_else(|| panic!("{page}")).clone()
        };
        // Each comes on its own, from the burst; the answers to the questions are what time passes with.
        type Wanted = (&'static str, &'static str, fn(&serde_json::Value) -> bool);
        let wanted: [Wanted; 5] = [
            ("delivered at once", "deliveries?status=delivered&", |row| row["attempts"] == 1),
            ("refused with 422", "deliveries?status=failed&", |row| row["response_code"] == 422),
            ("healed by a retry", "deliveries?status=delivered&", |row| row["attempts"] == 2),
            ("a forged signature", "rejections?", |row| row["reason"] == "signature_mismatch"),
            ("half a body", "rejections?", |row| row["reason"] == "malformed_json"),
        ];
        for (name, what, is_it) in wanted {
            let comes = async { while !list(what).await.iter().any(is_it) {} };
            let came = tokio::time::timeout(std::time::Duration::from_secs(60), comes).await;
            assert!(came.is_ok(), "{name} never came in {organization}");
        }
    }
    assert!(demo.stop("-TERM").success());

    // The second start has a world of its own again, and only ever in a folder that is the demo's.
    let again = Running::start(signalbox(folder.path()).arg("demo"));
    assert!(again.stop("-TERM").success());
    std::fs::remove_dir_all(folder.path().join("signalbox-demo")).unwrap();
    std::fs::create_dir(folder.path().join("signalbox-demo")).unwrap();
    refuses(signalbox(folder.path()).arg("demo"), "is not the demo's");
}

#[test]
fn the_interface_is_described_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let output = signalbox(folder.path()).arg("openapi").output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["paths"]["/api/v1/integration/connectors"].is_object());
}
