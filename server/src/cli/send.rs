//! `signalbox send`: signs a request as a provider would, sends it, and shows the answer.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use domain::id::EventId;
use domain::signature::{HeaderName, Message, SchemeKind, VerificationScheme, sample_headers};
use domain::time::Timestamp;
use gateway::clock::{Clock, SystemClock};
use zeroize::Zeroizing;

use super::secret_input;

/// The variable that is looked at when none is named: the one of the console's commands.
const SECRET_VARIABLE: &str = "SECRET";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What to send where.
#[derive(Debug, clap::Args)]
pub struct Send {
    /// The receiver's address
    #[arg(value_name = "URL", required_unless_present = "url")]
    address: Option<String>,
    /// The same, by name
    #[arg(long, conflicts_with = "address")]
    url: Option<String>,
    /// github, stripe, shopify, slack, standard_webhooks, bearer, none, or a scheme as the interface's JSON
    #[arg(long)]
    scheme: String,
    /// The environment variable with the receiver's secret [default: SECRET; when that is not set, standard input]
    #[arg(long, value_name = "VARIABLE")]
    secret_env: Option<String>,
    /// The event type, where the provider names it in a header [default: the sample's]
    #[arg(long)]
    event_type: Option<String>,
    /// The body [default: a sample in the provider's form]
    #[arg(long, conflicts_with = "file")]
    body: Option<String>,
    /// The file with the body, sent byte for byte
    #[arg(long)]
    file: Option<PathBuf>,
    /// One more header, as "name: value"; may be repeated
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
}

/// A request ready to go.
pub struct Signed {
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Signs `body` (or the scheme's sample) the way its provider does, under a message id of its own.
pub fn sign_request(
    scheme: &VerificationScheme,
    secret: &[u8],
    event_type: Option<&str>,
    body: Option<Vec<u8>>,
    now: Timestamp,
) -> anyhow::Result<Signed> {
    let sample = scheme.sample();
    let event_type = event_type.unwrap_or(sample.event_type);
    let body = body.unwrap_or_else(|| sample.body.as_bytes().to_vec());
    // A provider gives every event an id of its own; ours only have to differ.
    let id = format!("msg_{}", &EventId::new(now).as_str()[EventId::PREFIX.len()..]);
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let mut add = |name: HeaderName, value: String| headers.push((name.as_str().to_owned(), value));
    for (name, value) in sample_headers(scheme, secret, event_type, &Message { body: &body, id: &id }, now)? {
        add(name, value);
    }
    Ok(Signed { headers, body })
}

/// Runs `signalbox send`.
pub async fn run(arguments: &Send) -> anyhow::Result<ExitCode> {
    let scheme = parse_scheme(&arguments.scheme)?;
    let secret = secret_for(&scheme, arguments.secret_env.as_deref())?;
    let body = match (&arguments.body, &arguments.file) {
        (Some(text), _) => Some(text.clone().into_bytes()),
        (None, Some(path)) => {
            Some(std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?)
        }
        (None, None) => None,
    };
    let event_type = arguments.event_type.as_deref();
    let signed = sign_request(&scheme, secret.as_bytes(), event_type, body, SystemClock.now())?;
    let url = arguments.url.as_ref().or(arguments.address.as_ref()).context("give the receiver's address")?;
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .build()?;
    let mut request = client.post(url).body(signed.body);
    for (name, value) in signed.headers {
        request = request.header(name, value);
    }
    for line in &arguments.headers {
        let (name, value) =
            line.split_once(':').with_context(|| format!("\"{line}\" is not \"name: value\""))?;
        request = request.header(name.trim(), value.trim());
    }
    let response = request.send().await.with_context(|| format!("{url} did not answer"))?;
    let status = response.status();
    let text = response.text().await.context("the answer broke off")?;
    println!("{status}");
    println!("{text}");
    Ok(if status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn parse_scheme(text: &str) -> anyhow::Result<VerificationScheme> {
    let json =
        if text.trim_start().starts_with('{') { text.to_owned() } else { format!(r#"{{"type":"{text}"}}"#) };
    if let Ok(scheme) = serde_json::from_str(&json) {
        return Ok(scheme);
    }
    match text.parse::<SchemeKind>() {
        Ok(SchemeKind::HmacSha256) => {
            bail!(
                r#"this scheme has settings: --scheme '{{"type":"hmac_sha256","header":"x-signature","encoding":"hex"}}'"#
            )
        }
        Ok(SchemeKind::ApiKey) => {
            bail!(r#"this scheme has settings: --scheme '{{"type":"api_key","header":"x-api-key"}}'"#)
        }
        Ok(SchemeKind::Basic) => {
            bail!(r#"this scheme has settings: --scheme '{{"type":"basic","username":"ada"}}'"#)
        }
        _ => {
            let error =
                serde_json::from_str::<VerificationScheme>(&json).err().map(|error| error.to_string());
            bail!("the scheme cannot be understood: {}", error.unwrap_or_default())
        }
    }
}

fn secret_for(scheme: &VerificationScheme, variable: Option<&str>) -> anyhow::Result<Zeroizing<String>> {
    if !scheme.requires_secret() {
        return Ok(Zeroizing::default());
    }
    let default = std::env::var_os(SECRET_VARIABLE).map(|_| SECRET_VARIABLE);
    secret_input::read(variable.or(default), "secret")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::signature::{RequestView, SecretRef, TimestampWindow, verify};

    #[test]
    fn what_is_sent_verifies() {
        let now = Timestamp::from_seconds(1_790_000_000);
        for text in ["github", "stripe", "shopify", "slack", "bearer", r#"{"type":"basic","username":"ada"}"#]
        {
            let scheme = parse_scheme(text).unwrap();
            let signed = sign_request(&scheme, b"a-secret-of-enough-length", None, None, now).unwrap();
            let request = RequestView { headers: &signed.headers, body: &signed.body };
            let secrets = [SecretRef { value: b"a-secret-of-enough-length", expires_at: None }];
            assert!(verify(&scheme, &secrets, TimestampWindow::DEFAULT, &request, now).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_scheme_with_settings_says_how_to_give_them() {
        assert!(parse_scheme("hmac_sha256").unwrap_err().to_string().contains("\"header\""));
        assert!(parse_scheme("gitlab").is_err());
    }
}
