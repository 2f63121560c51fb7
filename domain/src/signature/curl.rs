//! A line for a POSIX shell that signs a sample with `openssl` and sends it with `curl`.
//!
//! The line holds no secret: it reads the shell variable `SECRET` and says so when that is not set. Everything that
//! comes from the caller stands in single quotes.

use super::hmac_scheme::{HmacScheme, SignatureEncoding, TimestampUnit};
use super::preset;
use super::preset::Sample;
use super::scheme::{Protocol, VerificationScheme};
use super::secret::KeyFormat;
use super::template::Segment;

/// The line that sends `sample` to `url` with a signature that [`super::verify`] accepts.
///
/// It needs `sh`, `curl`, and for signatures `openssl`, `date +%s` and `od`: Linux and macOS have them. `openssl` and
/// `curl` get the secret as an argument, which other users of the same machine can see while they run.
pub fn curl_sample(scheme: &VerificationScheme, url: &str, sample: &Sample<'_>) -> String {
    let mut line = Line::new(sample.body);
    let keys = scheme.key_format();
    match scheme.protocol() {
        Protocol::Open => {}
        Protocol::Hmac(hmac) => line.sign_hmac(hmac, keys),
        Protocol::Stripe => {
            line.set_timestamp(TimestampUnit::Seconds);
            line.set_signature(preset::STRIPE_SIGNED, SignatureEncoding::Hex, keys);
            line.header(preset::STRIPE_SIGNATURE.as_str(), r#"'t='"$TS"',v1='"$SIG""#);
        }
        Protocol::StandardWebhooks => {
            let names = &preset::STANDARD_HEADERS;
            line.set_id();
            line.set_timestamp(TimestampUnit::Seconds);
            line.set_signature(preset::STANDARD_SIGNED, SignatureEncoding::Base64, keys);
            line.header(names.id.as_str(), r#""$ID""#);
            line.header(names.timestamp.as_str(), r#""$TS""#);
            line.header(names.signature.as_str(), r#"'v1,'"$SIG""#);
        }
        Protocol::Bearer => {
            line.need_secret();
            line.header(preset::AUTHORIZATION.as_str(), r#"'Bearer '"$SECRET""#);
        }
        Protocol::ApiKey(name) => {
            line.need_secret();
            line.header(name.as_str(), r#""$SECRET""#);
        }
        Protocol::Basic(username) => {
            line.need_secret();
            line.curl.push(format!("-u {}\"$SECRET\"", quote(&format!("{}:", username.as_str()))));
        }
    }
    if let Some(preset) = scheme.preset() {
        // The id is made when the line runs, so that running it twice is not taken for a retry.
        for (name, value) in preset.announcing_headers(sample.event_type, ID_PLACE) {
            if value == ID_PLACE {
                line.set_id();
                line.header(name.as_str(), r#""$ID""#);
            } else {
                line.header(name.as_str(), &quote(&value));
            }
        }
    }
    line.finish(url)
}

/// Stands for the delivery id until it is known where that goes; no event type has a NUL.
const ID_PLACE: &str = "\0";

/// A shell word that is `text` and nothing else.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The line as it grows: assignments first, then one pipe into curl.
struct Line {
    steps: Vec<String>,
    curl: Vec<String>,
}

impl Line {
    fn new(body: &str) -> Self {
        Self {
            steps: vec![format!("BODY={}", quote(body))],
            curl: vec!["-H 'content-type: application/json'".into()],
        }
    }

    fn need_secret(&mut self) {
        self.step(r#": "${SECRET:?is not set: put the secret of the receiver into it}""#);
    }

    fn set_id(&mut self) {
        self.step("ID=msg_$(openssl rand -hex 16)");
    }

    fn set_timestamp(&mut self, unit: TimestampUnit) {
        self.step(match unit {
            TimestampUnit::Seconds => "TS=$(date +%s)",
            // POSIX's date knows no milliseconds.
            TimestampUnit::Millis => "TS=$(date +%s)000",
        });
    }

    fn set_signature(&mut self, signed: &[Segment], encoding: SignatureEncoding, keys: KeyFormat) {
        self.need_secret();
        let key = match keys {
            KeyFormat::Bytes => r#"-hmac "$SECRET""#,
            KeyFormat::Whsec => {
                let decode =
                    r#"printf '%s' "${SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n'"#;
                self.step(&format!("KEY=$({decode})"));
                r#"-mac HMAC -macopt hexkey:"$KEY""#
            }
        };
        let text: String = signed
            .iter()
            .map(|segment| match segment {
                Segment::Literal(text) => quote(text),
                Segment::Timestamp => r#""$TS""#.into(),
                Segment::Id => r#""$ID""#.into(),
                Segment::Body => r#""$BODY""#.into(),
            })
            .collect();
        let encode = match encoding {
            SignatureEncoding::Hex => "-r | cut -d ' ' -f 1",
            SignatureEncoding::Base64 => "-binary | openssl base64 -A",
        };
        self.step(&format!("SIG=$(printf '%s' {text} | openssl dgst -sha256 {key} {encode})"));
    }

    fn sign_hmac(&mut self, scheme: &HmacScheme, keys: KeyFormat) {
        if let Some(rule) = &scheme.timestamp {
            self.set_timestamp(rule.unit);
            self.header(rule.header.as_str(), r#""$TS""#);
        }
        if let Some(name) = &scheme.id_header {
            self.set_id();
            self.header(name.as_str(), r#""$ID""#);
        }
        self.set_signature(scheme.signed.segments(), scheme.encoding, keys);
        let prefix = if scheme.prefix.is_empty() { String::new() } else { quote(&scheme.prefix) };
        self.header(scheme.header.as_str(), &format!("{prefix}\"$SIG\""));
    }

    /// `value` is shell text; the name is a token, which single quotes hold unless it has one itself.
    fn header(&mut self, name: &str, value: &str) {
        self.curl.push(format!("-H {}{value}", quote(&format!("{name}: "))));
    }

    fn step(&mut self, step: &str) {
        if !self.steps.iter().any(|done| done == step) {
            self.steps.push(step.to_owned());
        }
    }

    fn finish(self, url: &str) -> String {
        let Self { steps, curl } = self;
        let (steps, curl) = (steps.join("; "), curl.join(" "));
        // Through a pipe, because curl would read a body that begins with @ as a file's name.
        format!(r#"{steps}; printf '%s' "$BODY" | curl -sS -X POST {curl} --data-binary @- {}"#, quote(url))
    }
}
