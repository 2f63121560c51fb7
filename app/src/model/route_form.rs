//! A route as its form holds it: text in fields, and what of it would be created or changed.

use domain::connector::Header;
use domain::error::FieldProblem;
use domain::event::{EventType, EventTypePattern};
use domain::id::{ConnectorId, ReceiverId};
use domain::mapping::FieldMapping;
use domain::retry::{Backoff, RetryPolicy};
use domain::route::{Method, NewRoute, Route, RouteDestination, RoutePatch};
use domain::signature::JsonPointer;

use super::connector_form::sentence;
use super::mapping_form::{MappingRow, mapping_of, rows_of};

/// A retry policy while it is typed; delays in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryForm {
    /// See [`RetryPolicy::backoff`].
    pub backoff: Backoff,
    /// See [`RetryPolicy::max_retries`].
    pub max_retries: String,
    /// See [`RetryPolicy::initial_delay_ms`], in seconds.
    pub initial_s: String,
    /// See [`RetryPolicy::max_delay_ms`], in seconds.
    pub max_s: String,
    /// See [`RetryPolicy::jitter`].
    pub jitter: f64,
}

impl RetryForm {
    /// The form of a policy.
    pub fn of(policy: &RetryPolicy) -> Self {
        let seconds = |ms: i64| {
            if ms % 1_000 == 0 { (ms / 1_000).to_string() } else { format!("{}", ms as f64 / 1_000.0) }
        };
        Self {
            backoff: policy.backoff,
            max_retries: policy.max_retries.to_string(),
            initial_s: seconds(policy.initial_delay_ms),
            max_s: seconds(policy.max_delay_ms),
            jitter: policy.jitter,
        }
    }

    /// The policy.
    ///
    /// # Errors
    /// The fields at fault, under `/retry`.
    pub fn policy(&self) -> Result<RetryPolicy, Vec<FieldProblem>> {
        let milliseconds = |text: &str| {
            let seconds = text.trim().parse::<f64>().ok().filter(|s| s.is_finite());
            seconds.map_or(-1, |seconds| (seconds * 1_000.0).round() as i64)
        };
        let policy = RetryPolicy {
            backoff: self.backoff,
            initial_delay_ms: milliseconds(&self.initial_s),
            max_delay_ms: milliseconds(&self.max_s),
            max_retries: self.max_retries.trim().parse().unwrap_or(-1),
            jitter: self.jitter,
        };
        let problems: Vec<_> = policy
            .check("/retry")
            .into_iter()
            .map(|problem| FieldProblem {
                detail: match problem.pointer.as_str() {
                    // The form speaks seconds.
                    "/retry/initial_delay_ms" => "Use 0.1 to 86,400 seconds (a day).".into(),
                    "/retry/max_delay_ms" => "Use at least the initial delay and at most a day.".into(),
                    _ => problem.detail,
                },
                pointer: problem.pointer,
            })
            .collect();
        if problems.is_empty() { Ok(policy) } else { Err(problems) }
    }
}

/// Where a route leads, while it is typed. The fields of both kinds are kept, so that switching loses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationForm {
    /// HTTP, or the record store.
    pub http: bool,
    /// See [`RouteDestination::Record::entity`].
    pub entity: String,
    /// See [`RouteDestination::Record::id_pointer`]; empty for none.
    pub id_pointer: String,
    /// See [`RouteDestination::Http::connector_id`].
    pub connector_id: Option<ConnectorId>,
    /// See [`RouteDestination::Http::method`].
    pub method: Method,
    /// See [`RouteDestination::Http::path`].
    pub path: String,
    /// See [`RouteDestination::Http::headers`].
    pub headers: Vec<Header>,
    /// See [`RouteDestination::Http::record_id_pointer`]; empty for none.
    pub record_id_pointer: String,
}

impl Default for DestinationForm {
    fn default() -> Self {
        Self {
            http: false,
            entity: String::new(),
            id_pointer: String::new(),
            connector_id: None,
            method: Method::Post,
            path: "/".into(),
            headers: Vec::new(),
            record_id_pointer: String::new(),
        }
    }
}

impl DestinationForm {
    fn of(destination: &RouteDestination) -> Self {
        match destination.clone() {
            RouteDestination::Record { entity, id_pointer } => {
                Self { http: false, entity, id_pointer: id_pointer.unwrap_or_default(), ..Self::default() }
            }
            RouteDestination::Http { connector_id, method, path, headers, record_id_pointer } => Self {
                http: true,
                connector_id: Some(connector_id),
                method,
                path,
                headers,
                record_id_pointer: record_id_pointer.unwrap_or_default(),
                ..Self::default()
            },
        }
    }

    fn destination(&self) -> Result<RouteDestination, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut problem = |field: &str, detail: String| {
            problems.push(FieldProblem { pointer: format!("/destination/{field}"), detail });
        };
        let mut pointer = |field: &str, text: &str| {
            let text = text.trim();
            if let Err(error) = text.parse::<JsonPointer>() {
                problem(field, sentence(&error.to_string()));
            }
            Some(text.to_owned()).filter(|text| !text.is_empty())
        };
        if !self.http {
            let id_pointer = pointer("id_pointer", &self.id_pointer);
            if self.entity.trim().is_empty() {
                problem("entity", "Name the kind of record, for example contact.".into());
            } else if self.entity.trim().parse::<EventType>().is_err() {
                problem("entity", "Use 1 to 200 characters: letters, digits and _ . : / -".into());
            }
            let entity = self.entity.trim().to_owned();
            return if problems.is_empty() {
                Ok(RouteDestination::Record { entity, id_pointer })
            } else {
                Err(problems)
            };
        }
        let record_id_pointer = pointer("record_id_pointer", &self.record_id_pointer);
        if self.connector_id.is_none() {
            problem("connector_id", "Choose the connector to call.".into());
        }
        for found in domain::connector::check_fields(None, None, Some(&self.headers)) {
            problem(found.pointer.trim_start_matches('/'), found.detail);
        }
        match self.connector_id.clone() {
            Some(connector_id) if problems.is_empty() => Ok(RouteDestination::Http {
                connector_id,
                method: self.method,
                path: self.path.trim().to_owned(),
                headers: self.headers.clone(),
                record_id_pointer,
            }),
            _ => Err(problems),
        }
    }
}

/// The fields of the form.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteForm {
    /// See [`Route::name`].
    pub name: String,
    /// See [`Route::event_type`].
    pub event_type: String,
    /// See [`Route::mapping`].
    pub mapping: Vec<MappingRow>,
    /// See [`Route::destination`].
    pub destination: DestinationForm,
    /// See [`Route::retry`].
    pub retry: RetryForm,
    /// See [`Route::active`].
    pub active: bool,
}

impl Default for RouteForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            event_type: "*".into(),
            mapping: Vec::new(),
            destination: DestinationForm::default(),
            retry: RetryForm::of(&RetryPolicy::default()),
            active: true,
        }
    }
}

struct Settings {
    name: String,
    event_type: EventTypePattern,
    mapping: FieldMapping,
    destination: RouteDestination,
    retry: RetryPolicy,
}

impl RouteForm {
    /// The form of a stored route.
    pub fn of(route: &Route) -> Self {
        Self {
            name: route.name.clone(),
            event_type: route.event_type.to_string(),
            mapping: rows_of(&route.mapping),
            destination: DestinationForm::of(&route.destination),
            retry: RetryForm::of(&route.retry),
            active: route.active,
        }
    }

    /// What is wrong with it.
    pub fn check(&self) -> Vec<FieldProblem> {
        self.settings().err().unwrap_or_default()
    }

    /// What would be created.
    ///
    /// # Errors
    /// The fields at fault.
    pub fn create(&self, receiver_id: ReceiverId) -> Result<NewRoute, Vec<FieldProblem>> {
        let Settings { name, event_type, mapping, destination, retry } = self.settings()?;
        Ok(NewRoute { receiver_id, name, event_type, mapping, destination, retry })
    }

    /// What would change about `saved`; `None` when nothing would.
    ///
    /// # Errors
    /// The fields at fault.
    pub fn patch(&self, saved: &Route) -> Result<Option<RoutePatch>, Vec<FieldProblem>> {
        if self.changes(Some(saved)).is_empty() {
            return Ok(None);
        }
        let settings = self.settings()?;
        Ok(Some(RoutePatch {
            name: (settings.name != saved.name).then_some(settings.name),
            event_type: (settings.event_type != saved.event_type).then_some(settings.event_type),
            mapping: (settings.mapping != saved.mapping).then_some(settings.mapping),
            destination: (settings.destination != saved.destination).then_some(settings.destination),
            retry: (settings.retry != saved.retry).then_some(settings.retry),
            active: (self.active != saved.active).then_some(self.active),
        }))
    }

    /// The words for what differs from `saved`; a route that is not stored yet is one change as a whole.
    pub fn changes(&self, saved: Option<&Route>) -> Vec<&'static str> {
        let Some(saved) = saved else { return vec!["new route"] };
        let before = Self::of(saved);
        [
            (self.name != before.name, "route name"),
            (self.event_type != before.event_type, "route event type"),
            (self.mapping != before.mapping, "mapping"),
            (self.destination != before.destination, "destination"),
            (self.retry != before.retry, "retries"),
            (self.active != before.active, "route active"),
        ]
        .into_iter()
        .filter_map(|(changed, word)| changed.then_some(word))
        .collect()
    }

    fn settings(&self) -> Result<Settings, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 {
            let detail = "Give it a name of 1 to 100 characters.".into();
            problems.push(FieldProblem { pointer: "/name".into(), detail });
        }
        let event_type = self.event_type.trim().parse::<EventTypePattern>();
        if let Err(error) = &event_type {
            let detail = sentence(&error.to_string());
            problems.push(FieldProblem { pointer: "/event_type".into(), detail });
        }
        let mapping = mapping_of(&self.mapping).map_err(|found| problems.extend(found));
        let destination = self.destination.destination().map_err(|found| problems.extend(found));
        let retry = self.retry.policy().map_err(|found| problems.extend(found));
        match (event_type, mapping, destination, retry) {
            (Ok(event_type), Ok(mapping), Ok(destination), Ok(retry)) if problems.is_empty() => {
                Ok(Settings { name, event_type, mapping, destination, retry })
            }
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{OrganizationId, RouteId};
    use domain::time::Timestamp;

    fn saved() -> Route {
        let now = Timestamp::from_seconds(1_700_000_000);
        Route {
            id: RouteId::new(now),
            organization_id: OrganizationId::new(now),
            receiver_id: ReceiverId::new(now),
            name: "To the CRM".into(),
            event_type: EventTypePattern::any(),
            mapping: FieldMapping::default(),
            mapping_version: 1,
            destination: RouteDestination::Record { entity: "contact".into(), id_pointer: None },
            retry: RetryPolicy { initial_delay_ms: 1_500, ..Default::default() },
            active: true,
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn an_untouched_form_changes_nothing() {
        let saved = saved();
        assert_eq!(RouteForm::of(&saved).patch(&saved), Ok(None));
        assert_eq!(RouteForm::of(&saved).retry.policy(), Ok(saved.retry));
    }

    #[test]
    fn a_patch_has_only_what_changed() {
        let saved = saved();
        let mut form = RouteForm::of(&saved);
        form.destination.http = true;
        form.destination.connector_id = Some(ConnectorId::new(Timestamp::from_seconds(1)));
        form.destination.path = "/contacts/{{ payload.id }}".into();
        form.retry.max_retries = "7".into();
        let patch = form.patch(&saved).unwrap().unwrap();
        assert!(matches!(patch.destination, Some(RouteDestination::Http { method: Method::Post, .. })));
        assert_eq!(patch.retry.map(|retry| retry.max_retries), Some(7));
        assert_eq!((patch.name, patch.mapping, patch.active), (None, None, None));
        assert_eq!(form.changes(Some(&saved)), ["destination", "retries"]);
    }

    #[test]
    fn every_field_says_its_own_problem() {
        let mut form = RouteForm { event_type: "a b".into(), ..Default::default() };
        form.mapping.push(MappingRow::default());
        form.destination.http = true;
        form.destination.headers.push(Header::new("Host", "x"));
        form.retry.initial_s = "soon".into();
        let pointers: Vec<_> = form.check().into_iter().map(|problem| problem.pointer).collect();
        assert_eq!(
            pointers,
            [
                "/name",
                "/event_type",
                "/mapping/fields/0/target",
                "/destination/connector_id",
                "/destination/headers/0",
                "/retry/initial_delay_ms"
            ]
        );
    }
}
