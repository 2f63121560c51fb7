//! What the page "Integrations" shows, as it stands in the address: a link shows somebody else the same screen.

use domain::id::ConnectorId;

use super::connector_list::{ConnectorFilter, HealthFilter};

/// The sheet that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenSheet {
    /// The form of a connector that does not exist yet.
    New,
    /// One connector.
    Connector(ConnectorId),
}

/// Everything the address says. What is absent in it has its default here, and the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IntegrationsQuery {
    /// What the list is narrowed to.
    pub filter: ConnectorFilter,
    /// The sheet that is open.
    pub open: Option<OpenSheet>,
}

impl IntegrationsQuery {
    /// Reads an address. What cannot be read falls back to its default: an old link should still open.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let health = get("health").and_then(|word| HealthFilter::parse(&word));
        let filter = ConnectorFilter {
            text: get("search").unwrap_or_default(),
            health: health.unwrap_or_default(),
            environment: get("environment").and_then(|word| word.parse().ok()),
        };
        let open = get("connector").and_then(|word| match word.as_str() {
            "new" => Some(OpenSheet::New),
            id => id.parse().ok().map(OpenSheet::Connector),
        });
        Self { filter, open }
    }

    /// The address's parameters; defaults are left out.
    pub fn write(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if !self.filter.text.is_empty() {
            pairs.push(("search", self.filter.text.clone()));
        }
        if self.filter.health != HealthFilter::All {
            pairs.push(("health", self.filter.health.as_str().into()));
        }
        if let Some(environment) = self.filter.environment {
            pairs.push(("environment", environment.to_string()));
        }
        match &self.open {
            Some(OpenSheet::New) => pairs.push(("connector", "new".into())),
            Some(OpenSheet::Connector(id)) => pairs.push(("connector", id.to_string())),
            None => {}
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::connector::Environment;
    use domain::time::Timestamp;

    fn read(pairs: &[(&'static str, String)]) -> IntegrationsQuery {
        IntegrationsQuery::read(|key| {
            pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
        })
    }

    #[test]
    fn an_address_says_everything_and_nothing_twice() {
        assert_eq!(IntegrationsQuery::default().write(), []);
        assert_eq!(read(&[]), IntegrationsQuery::default());
        let id = ConnectorId::new(Timestamp(1));
        for open in [None, Some(OpenSheet::New), Some(OpenSheet::Connector(id))] {
            for (health, _) in HealthFilter::ALL {
                let filter = ConnectorFilter {
                    text: "git & hub".into(),
                    health,
                    environment: Some(Environment::Sandbox),
                };
                let query = IntegrationsQuery { filter, open: open.clone() };
                assert_eq!(read(&query.write()), query);
            }
        }
    }

    #[test]
    fn an_old_link_still_opens() {
        let odd = [("health", "poorly"), ("environment", "moon"), ("connector", "7")];
        assert_eq!(read(&odd.map(|(key, value)| (key, value.to_owned()))), IntegrationsQuery::default());
    }
}
