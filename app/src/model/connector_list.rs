//! The list of connectors: what each line says, and which lines a filter leaves.

use std::collections::HashMap;

use domain::connector::{Connector, Environment};
use domain::dashboard::Totals;
use domain::id::ConnectorId;
use domain::receiver::Receiver;
use domain::time::Timestamp;
use domain::usage::ConnectorHours;

use super::connector_health::{Health, health_of, sum};
use super::scheme_form::scheme_name;

/// One connector in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectorLine {
    /// The connector.
    pub connector: Connector,
    /// How it does.
    pub health: Health,
    /// The share that the health speaks of.
    pub share: Option<f64>,
    /// Its last 24 hours, the current one last; empty when nothing happened or it is not known.
    pub hours: Vec<Totals>,
    /// When an event last came through one of its receivers.
    pub last_received: Option<Timestamp>,
    /// How its receivers verify, each way once.
    pub schemes: Vec<&'static str>,
}

impl ConnectorLine {
    /// The last day in all.
    pub fn day(&self) -> Totals {
        sum(&self.hours)
    }

    /// Failed as a share of what was decided in the last day.
    pub fn failed_share(&self) -> Option<f64> {
        self.day().success_rate().map(|rate| 1.0 - rate)
    }
}

/// The lines, worst health first, then by name.
pub fn lines(
    connectors: Vec<Connector>,
    receivers: &[Receiver],
    hours: Vec<ConnectorHours>,
) -> Vec<ConnectorLine> {
    let mut hours: HashMap<ConnectorId, Vec<Totals>> =
        hours.into_iter().map(|one| (one.connector_id, one.hours)).collect();
    let mut lines: Vec<_> = connectors
        .into_iter()
        .map(|connector| {
            let hours = hours.remove(&connector.id).unwrap_or_default();
            let (health, share) = health_of(connector.active, &hours);
            let own = receivers.iter().filter(|receiver| receiver.connector_id == connector.id);
            let mut schemes: Vec<_> =
                own.clone().map(|receiver| scheme_name(receiver.scheme.kind())).collect();
            schemes.sort_unstable();
            schemes.dedup();
            ConnectorLine {
                health,
                share,
                hours,
                last_received: own.filter_map(|receiver| receiver.last_received_at).max(),
                schemes,
                connector,
            }
        })
        .collect();
    lines.sort_by(|a, b| {
        let name = |line: &ConnectorLine| line.connector.name.to_lowercase();
        a.health.cmp(&b.health).then_with(|| name(a).cmp(&name(b)))
    });
    lines
}

/// Which health the list is narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HealthFilter {
    /// Every line.
    #[default]
    All,
    /// What a person should look at.
    Attention,
    /// Nothing came in.
    Silent,
    /// Switched off.
    Off,
}

impl HealthFilter {
    /// The choices and their names.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::All, "All"),
        (Self::Attention, "Need attention"),
        (Self::Silent, "Silent"),
        (Self::Off, "Off"),
    ];

    /// The word for it in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Attention => "attention",
            Self::Silent => "silent",
            Self::Off => "off",
        }
    }

    /// The choice of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().map(|(choice, _)| choice).find(|choice| choice.as_str() == word)
    }

    fn admits(self, health: Health) -> bool {
        match self {
            Self::All => true,
            Self::Attention => health.needs_attention(),
            Self::Silent => health == Health::Silent,
            Self::Off => health == Health::Off,
        }
    }
}

/// What the list is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectorFilter {
    /// A part of name, code, system or address.
    pub text: String,
    /// The health.
    pub health: HealthFilter,
    /// The environment.
    pub environment: Option<Environment>,
}

impl ConnectorFilter {
    /// Whether a line stays.
    pub fn admits(&self, line: &ConnectorLine) -> bool {
        self.health.admits(line.health) && self.admits_but_health(line)
    }

    /// How many lines each choice of health would leave.
    pub fn counts(&self, lines: &[ConnectorLine]) -> Vec<(HealthFilter, String)> {
        HealthFilter::ALL
            .into_iter()
            .map(|(choice, name)| {
                let fits = |line: &&ConnectorLine| choice.admits(line.health) && self.admits_but_health(line);
                (choice, format!("{name} {}", lines.iter().filter(fits).count()))
            })
            .collect()
    }

    fn admits_but_health(&self, line: &ConnectorLine) -> bool {
        let connector = &line.connector;
        let wanted = self.text.trim().to_lowercase();
        let text = wanted.is_empty()
            || [connector.name.as_str(), connector.code.as_str(), &connector.kind]
                .into_iter()
                .chain(connector.base_url.as_deref())
                .any(|text| text.to_lowercase().contains(&wanted));
        text && self.environment.is_none_or(|environment| environment == connector.environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::connector::CredentialsKind;
    use domain::id::OrganizationId;

    fn connector(name: &str, environment: Environment, active: bool) -> Connector {
        let now = Timestamp::from_seconds(1_700_000_000);
        Connector {
            id: ConnectorId::new(now),
            organization_id: OrganizationId::new(now),
            code: name.to_lowercase().parse().unwrap(),
            name: name.into(),
            kind: String::new(),
            base_url: None,
            headers: Vec::new(),
            credentials: CredentialsKind::None,
            environment,
            active,
            created_at: now,
            updated_at: now,
        }
    }

    fn list() -> Vec<ConnectorLine> {
        let github = connector("GitHub", Environment::Production, true);
        let stripe = connector("Stripe", Environment::Production, true);
        let old = connector("Old", Environment::Sandbox, false);
        let totals = Totals { delivered: 1, failed: 1, ..Default::default() };
        let day = ConnectorHours { connector_id: stripe.id.clone(), hours: vec![totals] };
        lines(vec![github, old, stripe], &[], vec![day])
    }

    #[test]
    fn the_worst_comes_first() {
        let lines = list();
        let order: Vec<_> = lines.iter().map(|line| (line.connector.name.as_str(), line.health)).collect();
        assert_eq!(order, [("Stripe", Health::Failing), ("GitHub", Health::Silent), ("Old", Health::Off)]);
        assert_eq!(lines[0].failed_share(), Some(0.5));
    }

    #[test]
    fn filters_narrow_and_count() {
        let lines = list();
        let filter = ConnectorFilter { text: "git".into(), ..Default::default() };
        assert_eq!(lines.iter().filter(|line| filter.admits(line)).count(), 1);
        let counts: Vec<_> =
            ConnectorFilter::default().counts(&lines).into_iter().map(|(_, name)| name).collect();
        assert_eq!(counts, ["All 3", "Need attention 1", "Silent 1", "Off 1"]);
        let sandbox = ConnectorFilter { environment: Some(Environment::Sandbox), ..Default::default() };
        assert!(!sandbox.admits(&lines[0]) && sandbox.admits(&lines[2]));
    }
}
