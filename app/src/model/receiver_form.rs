//! A receiver as its form holds it: text in fields, and what of it would be created or changed.

use domain::connector::Environment;
use domain::error::FieldProblem;
use domain::event::EventTypePattern;
use domain::id::ConnectorId;
use domain::receiver::{NewReceiver, Receiver, ReceiverLimits, ReceiverPatch, ReceiverSources, SchemaMode};
use domain::signature::{HeaderName, JsonPointer, SchemeKind, Source, VerificationScheme};

use super::connector_form::sentence;
use super::scheme_form::{SchemeForm, is_preset};

/// Where a fact of an event is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourcePlace {
    /// Where the scheme's preset knows it; nowhere when there is none.
    Preset,
    /// From a header.
    Header,
    /// From the body.
    Pointer,
}

impl SourcePlace {
    /// Every place, in the order of the choice.
    pub const ALL: [Self; 3] = [Self::Preset, Self::Header, Self::Pointer];
}

/// Where one fact stands, while it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceForm {
    /// Where.
    pub place: SourcePlace,
    /// The header's name or the pointer.
    pub text: String,
}

impl Default for SourceForm {
    fn default() -> Self {
        Self { place: SourcePlace::Preset, text: String::new() }
    }
}

impl SourceForm {
    fn of(source: Option<&Source>) -> Self {
        match source {
            None => Self::default(),
            Some(Source::Header { name }) => Self { place: SourcePlace::Header, text: name.to_string() },
            Some(Source::Pointer { pointer }) => {
                Self { place: SourcePlace::Pointer, text: pointer.as_str().to_owned() }
            }
        }
    }

    /// Where the event type most likely stands: most systems that define their own webhooks call it `type`.
    fn of_event_type(kind: SchemeKind) -> Self {
        if is_preset(kind) {
            Self::default()
        } else {
            Self { place: SourcePlace::Pointer, text: "/type".into() }
        }
    }

    fn source(&self) -> Result<Option<Source>, String> {
        let text = self.text.trim();
        match self.place {
            SourcePlace::Preset => Ok(None),
            SourcePlace::Header => match text.parse::<HeaderName>() {
                Ok(name) => Ok(Some(Source::Header { name })),
                Err(error) => Err(sentence(&error.to_string())),
            },
            SourcePlace::Pointer if text.is_empty() => {
                Err("Write where it stands in the body, for example /data/id.".into())
            }
            SourcePlace::Pointer => match text.parse::<JsonPointer>() {
                Ok(pointer) => Ok(Some(Source::Pointer { pointer })),
                Err(error) => Err(sentence(&error.to_string())),
            },
        }
    }
}

/// The fields of the form.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiverForm {
    /// See [`Receiver::name`].
    pub name: String,
    /// See [`Receiver::event_type`].
    pub event_type: String,
    /// See [`Receiver::scheme`].
    pub scheme: SchemeForm,
    /// The secret of a new receiver; empty to have one made. Never read back, so it counts as no change.
    pub secret: String,
    /// See [`ReceiverSources::event_type`].
    pub event_type_source: SourceForm,
    /// See [`ReceiverSources::source_record_id`].
    pub record_source: SourceForm,
    /// See [`ReceiverSources::delivery_id`].
    pub delivery_source: SourceForm,
    /// See [`Receiver::schema_mode`].
    pub schema_mode: SchemaMode,
    /// The schema as JSON text; empty for none.
    pub schema: String,
    /// See [`ReceiverLimits::body_bytes`], in KiB.
    pub body_kib: String,
    /// See [`ReceiverLimits::requests_per_minute`].
    pub requests_per_minute: String,
    /// See [`ReceiverLimits::timestamp_window_s`].
    pub timestamp_window_s: String,
    /// See [`ReceiverLimits::dedupe_window_s`].
    pub dedupe_window_s: String,
    /// See [`Receiver::active`].
    pub active: bool,
}

impl Default for ReceiverForm {
    fn default() -> Self {
        Self::blank(SchemeKind::HmacSha256)
    }
}

impl std::fmt::Debug for ReceiverForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiverForm").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What the fields mean, once they make sense.
struct Settings {
    name: String,
    event_type: EventTypePattern,
    scheme: VerificationScheme,
    sources: ReceiverSources,
    schema: Option<serde_json::Value>,
    limits: ReceiverLimits,
}

impl ReceiverForm {
    /// The form of a new receiver.
    pub fn blank(kind: SchemeKind) -> Self {
        let limits = ReceiverLimits::default();
        Self {
            name: "Events".into(),
            event_type: "*".into(),
            scheme: SchemeForm::of_kind(kind),
            secret: String::new(),
            event_type_source: SourceForm::of_event_type(kind),
            record_source: SourceForm::default(),
            delivery_source: SourceForm::default(),
            schema_mode: SchemaMode::Off,
            schema: String::new(),
            body_kib: kib(limits.body_bytes),
            requests_per_minute: limits.requests_per_minute.to_string(),
            timestamp_window_s: limits.timestamp_window_s.to_string(),
            dedupe_window_s: limits.dedupe_window_s.to_string(),
            active: true,
        }
    }

    /// The form of a stored receiver.
    pub fn of(receiver: &Receiver) -> Self {
        Self {
            name: receiver.name.clone(),
            event_type: receiver.event_type.to_string(),
            scheme: SchemeForm::of(&receiver.scheme),
            secret: String::new(),
            event_type_source: SourceForm::of(receiver.sources.event_type.as_ref()),
            record_source: SourceForm::of(receiver.sources.source_record_id.as_ref()),
            delivery_source: SourceForm::of(receiver.sources.delivery_id.as_ref()),
            schema_mode: receiver.schema_mode,
            schema: receiver.schema.as_ref().map(pretty).unwrap_or_default(),
            body_kib: kib(receiver.limits.body_bytes),
            requests_per_minute: receiver.limits.requests_per_minute.to_string(),
            timestamp_window_s: receiver.limits.timestamp_window_s.to_string(),
            dedupe_window_s: receiver.limits.dedupe_window_s.to_string(),
            active: receiver.active,
        }
    }

    /// Chooses the scheme of a new receiver. Where the event type stands follows, unless somebody has said it.
    pub fn propose(&mut self, kind: SchemeKind) {
        if self.event_type_source == SourceForm::of_event_type(self.scheme.kind) {
            self.event_type_source = SourceForm::of_event_type(kind);
        }
        self.scheme.kind = kind;
    }

    /// What is wrong with it on a connector of that environment.
    pub fn check(&self, environment: Environment) -> Vec<FieldProblem> {
        self.settings(environment, &ReceiverLimits::default()).err().unwrap_or_default()
    }

    /// What would be created.
    ///
    /// # Errors
    /// The fields at fault.
    pub fn create(
        &self,
        connector_id: ConnectorId,
        environment: Environment,
    ) -> Result<NewReceiver, Vec<FieldProblem>> {
        let settings = self.settings(environment, &ReceiverLimits::default())?;
        Ok(NewReceiver {
            connector_id,
            name: settings.name,
            event_type: settings.event_type,
            scheme: settings.scheme,
            secret: Some(self.secret.clone()).filter(|secret| !secret.is_empty()),
            sources: settings.sources,
            schema_mode: self.schema_mode,
            schema: settings.schema,
            limits: settings.limits,
        })
    }

    /// What would change about `saved`; `None` when nothing would.
    ///
    /// # Errors
    /// The fields at fault.
    pub fn patch(
        &self,
        saved: &Receiver,
        environment: Environment,
    ) -> Result<Option<ReceiverPatch>, Vec<FieldProblem>> {
        if self.changes(Some(saved)).is_empty() {
            return Ok(None);
        }
        let settings = self.settings(environment, &saved.limits)?;
        Ok(Some(ReceiverPatch {
            name: (settings.name != saved.name).then_some(settings.name),
            event_type: (settings.event_type != saved.event_type).then_some(settings.event_type),
            scheme: (settings.scheme != saved.scheme).then_some(settings.scheme),
            sources: (settings.sources != saved.sources).then_some(settings.sources),
            schema_mode: (self.schema_mode != saved.schema_mode).then_some(self.schema_mode),
            schema: if settings.schema == saved.schema { None } else { settings.schema },
            limits: (settings.limits != saved.limits).then_some(settings.limits),
            active: (self.active != saved.active).then_some(self.active),
        }))
    }

    /// The words for what differs from `saved`; a receiver that is not stored yet is one change as a whole.
    pub fn changes(&self, saved: Option<&Receiver>) -> Vec<&'static str> {
        let Some(saved) = saved else { return vec!["new receiver"] };
        let before = Self::of(saved);
        let sources = self.event_type_source != before.event_type_source
            || self.record_source != before.record_source
            || self.delivery_source != before.delivery_source;
        [
            (self.name != before.name, "receiver name"),
            (self.event_type != before.event_type, "event type"),
            (self.scheme != before.scheme, "verification"),
            (sources, "where facts stand"),
            (self.schema_mode != before.schema_mode || self.schema != before.schema, "schema"),
            (self.body_kib != before.body_kib, "body limit"),
            (self.requests_per_minute != before.requests_per_minute, "rate limit"),
            (self.timestamp_window_s != before.timestamp_window_s, "timestamp window"),
            (self.dedupe_window_s != before.dedupe_window_s, "duplicate window"),
            (self.active != before.active, "receiver active"),
        ]
        .into_iter()
        .filter_map(|(changed, word)| changed.then_some(word))
        .collect()
    }

    fn settings(
        &self,
        environment: Environment,
        before: &ReceiverLimits,
    ) -> Result<Settings, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut problem = |pointer: &str, detail: String| {
            problems.push(FieldProblem { pointer: pointer.to_owned(), detail });
        };
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 {
            problem("/name", "Give it a name of 1 to 100 characters.".into());
        }
        let event_type = self.event_type.trim().parse::<EventTypePattern>();
        if let Err(error) = &event_type {
            problem("/event_type", sentence(&error.to_string()));
        }
        if self.scheme.kind == SchemeKind::None && environment == Environment::Production {
            problem(
                "/scheme",
                "Production needs verification: choose a scheme, or make it a sandbox.".into(),
            );
        }
        let sources = [
            ("/sources/event_type", &self.event_type_source),
            ("/sources/source_record_id", &self.record_source),
            ("/sources/delivery_id", &self.delivery_source),
        ]
        .map(|(pointer, source)| source.source().map_err(|why| problem(pointer, why)).ok().flatten());
        let schema = match self.schema.trim() {
            "" if self.schema_mode == SchemaMode::Off => None,
            "" => {
                problem("/schema", "Paste a JSON Schema, or switch it off.".into());
                None
            }
            text => serde_json::from_str::<serde_json::Value>(text)
                .map_err(|error| problem("/schema", format!("This is not JSON: {error}.")))
                .ok(),
        };
        // A limit that is not a whole number of KiB stays as it is until somebody types another.
        let body_bytes = if kib(before.body_bytes) == self.body_kib {
            before.body_bytes
        } else {
            let typed = self.body_kib.trim().parse::<f64>().ok().filter(|kib| kib.is_finite());
            typed.map_or(-1, |kib| (kib * 1024.0).round() as i64)
        };
        let mut number = |pointer: &str, text: &str| {
            let digits = text.trim().parse::<i64>();
            digits.map_err(|_| problem(pointer, "Write a whole number.".into())).unwrap_or(-1)
        };
        let limits = ReceiverLimits {
            body_bytes,
            requests_per_minute: number("/limits/requests_per_minute", &self.requests_per_minute),
            timestamp_window_s: number("/limits/timestamp_window_s", &self.timestamp_window_s),
            dedupe_window_s: number("/limits/dedupe_window_s", &self.dedupe_window_s),
        };
        for mut found in limits.check() {
            if found.pointer == "/limits/body_bytes" {
                // The form speaks KiB.
                found.detail = "Use up to 10,240 KiB (10 MiB).".into();
            }
            if !problems.iter().any(|known| known.pointer == found.pointer) {
                problems.push(found);
            }
        }
        let scheme = self.scheme.scheme().map_err(|found| problems.extend(found)).ok();
        let type_is_known = self.event_type_source.place != SourcePlace::Preset
            || scheme.as_ref().is_none_or(|scheme| scheme.preset().is_some())
            || event_type.as_ref().is_ok_and(|pattern| pattern.exact().is_some());
        if !type_is_known && !problems.iter().any(|problem| problem.pointer == "/event_type") {
            let detail = "Name exactly one event type, or say below where it stands in a request. A system that \
                          only gets deliveries needs no receiver: remove it.";
            problems.push(FieldProblem { pointer: "/event_type".into(), detail: detail.into() });
        }
        if let (Some(scheme), false) = (&scheme, self.secret.is_empty())
            && let Err(error) = scheme.check_secret(&self.secret)
        {
            let detail = format!("This secret cannot be used: {error}");
            problems.push(FieldProblem { pointer: "/secret".into(), detail });
        }
        match (problems.is_empty(), event_type, scheme) {
            (true, Ok(event_type), Some(scheme)) => {
                let [event_source, source_record_id, delivery_id] = sources;
                let sources = ReceiverSources { event_type: event_source, source_record_id, delivery_id };
                Ok(Settings { name, event_type, scheme, sources, schema, limits })
            }
            _ => Err(problems),
        }
    }
}

/// The URL that senders of a connector use.
pub fn receive_url(public_url: &str, code: &str) -> String {
    format!("{}/api/v1/integration/webhooks/{code}/receive", public_url.trim_end_matches('/'))
}

fn kib(bytes: i64) -> String {
    if bytes % 1024 == 0 { (bytes / 1024).to_string() } else { format!("{:.2}", bytes as f64 / 1024.0) }
}

fn pretty(value: &serde_json::Value) -> String {
    // Writing a value that was read cannot fail; its short form is as good.
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{OrganizationId, ReceiverId};
    use domain::time::Timestamp;

    fn saved() -> Receiver {
        let now = Timestamp::from_seconds(1_700_000_000);
        Receiver {
            id: ReceiverId::new(now),
            organization_id: OrganizationId::new(now),
            connector_id: ConnectorId::new(now),
            name: "Events".into(),
            event_type: EventTypePattern::any(),
            scheme: VerificationScheme::Github {},
            secrets: Vec::new(),
            sources: ReceiverSources::default(),
            schema_mode: SchemaMode::Off,
            schema: Some(serde_json::json!({"type": "object"})),
            limits: ReceiverLimits { body_bytes: 1500, ..Default::default() },
            active: true,
            last_received_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    fn pointers(problems: Vec<FieldProblem>) -> Vec<String> {
        problems.into_iter().map(|problem| problem.pointer).collect()
    }

    #[test]
    fn an_untouched_form_changes_nothing() {
        let saved = saved();
        assert_eq!(ReceiverForm::of(&saved).patch(&saved, Environment::Production), Ok(None));
    }

    #[test]
    fn a_patch_has_only_what_changed() {
        let saved = saved();
        let mut form = ReceiverForm::of(&saved);
        form.requests_per_minute = "500".into();
        form.event_type_source = SourceForm { place: SourcePlace::Header, text: "X-Event".into() };
        let patch = form.patch(&saved, Environment::Production).unwrap().unwrap();
        let limits = patch.limits.unwrap();
        assert_eq!((limits.requests_per_minute, limits.body_bytes), (500, 1500));
        assert_eq!(
            patch.sources.unwrap().event_type,
            Some(Source::Header { name: "x-event".parse().unwrap() })
        );
        assert_eq!((patch.name, patch.scheme, patch.schema), (None, None, None));
        assert_eq!(form.changes(Some(&saved)), ["where facts stand", "rate limit"]);
    }

    #[test]
    fn no_verification_is_for_the_sandbox_only() {
        let form = ReceiverForm { event_type: "ping".into(), ..ReceiverForm::blank(SchemeKind::None) };
        assert_eq!(pointers(form.check(Environment::Production)), ["/scheme"]);
        assert!(form.check(Environment::Sandbox).is_empty());
    }

    #[test]
    fn every_field_says_its_own_problem() {
        let form = ReceiverForm {
            name: String::new(),
            event_type: "a b".into(),
            record_source: SourceForm { place: SourcePlace::Pointer, text: "id".into() },
            schema_mode: SchemaMode::Enforce,
            schema: "{".into(),
            requests_per_minute: "many".into(),
            body_kib: "0".into(),
            secret: " x".into(),
            ..Default::default()
        };
        assert_eq!(
            pointers(form.check(Environment::Production)),
            [
                "/name",
                "/event_type",
                "/sources/source_record_id",
                "/schema",
                "/limits/requests_per_minute",
                "/limits/body_bytes",
                "/secret"
            ]
        );
    }

    #[test]
    fn the_event_type_is_known_from_somewhere() {
        let mut form = ReceiverForm::blank(SchemeKind::Bearer);
        assert!(form.check(Environment::Production).is_empty());
        form.event_type_source = SourceForm::default();
        assert_eq!(pointers(form.check(Environment::Production)), ["/event_type"]);
        form.event_type = "order.created".into();
        assert!(form.check(Environment::Production).is_empty());
        form.event_type = "order.*".into();
        form.event_type_source = SourceForm { place: SourcePlace::Header, text: "x-event".into() };
        assert!(form.check(Environment::Production).is_empty());
        assert!(ReceiverForm::blank(SchemeKind::Github).check(Environment::Production).is_empty());
    }

    #[test]
    fn the_place_of_the_event_type_follows_the_scheme_until_somebody_says_it() {
        let own = SourceForm { place: SourcePlace::Pointer, text: "/type".into() };
        let mut form = ReceiverForm::blank(SchemeKind::HmacSha256);
        assert_eq!(form.event_type_source, own);
        form.propose(SchemeKind::Github);
        assert_eq!(form.event_type_source, SourceForm::default());
        for kind in [SchemeKind::Bearer, SchemeKind::ApiKey, SchemeKind::Basic, SchemeKind::None] {
            form.propose(kind);
            assert_eq!((form.scheme.kind, &form.event_type_source), (kind, &own));
        }
        let typed = SourceForm { place: SourcePlace::Header, text: "x-event".into() };
        form.event_type_source = typed.clone();
        form.propose(SchemeKind::Stripe);
        assert_eq!((form.scheme.kind, form.event_type_source), (SchemeKind::Stripe, typed));
    }

    #[test]
    fn the_address_has_the_code() {
        assert_eq!(
            receive_url("http://127.0.0.1:7700/", "github"),
            "http://127.0.0.1:7700/api/v1/integration/webhooks/github/receive"
        );
    }
}
