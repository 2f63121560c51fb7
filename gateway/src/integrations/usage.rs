//! What hangs on a connector, for whoever looks at the list or is about to delete one.

use domain::error::Problem;
use domain::id::ConnectorId;
use domain::usage::ConnectorUsage;

use super::connectors::routes_to;
use crate::Services;
use crate::access::Access;
use crate::store;

/// What hangs on a connector.
///
/// # Errors
/// 404.
pub async fn of_connector(
    services: &Services,
    access: &Access,
    id: &ConnectorId,
) -> Result<ConnectorUsage, Problem> {
    let organization = access.organization();
    let mut tx = services.store.read().await?;
    let connector = store::connectors::find(&mut tx, organization, id).await?;
    connector.ok_or_else(|| Problem::not_found("connector"))?;
    let receivers = store::receivers::list_of_connector(&mut tx, organization, id).await?;
    let begins_here =
        |receiver: &domain::id::ReceiverId| receivers.iter().any(|stored| stored.receiver.id == *receiver);
    let all = store::routes::list_all(&mut tx, organization).await?;
    let routes = all.iter().filter(|route| begins_here(&route.receiver_id)).count();
    let routes_to = routes_to(&mut tx, access, id).await?;
    let now = services.clock.now();
    Ok(ConnectorUsage {
        totals: store::usage::totals(&mut tx, organization, id, now).await?,
        receivers: receivers.len() as i64,
        routes: routes as i64,
        routes_to: routes_to
            .into_iter()
            .filter(|route| !begins_here(&route.receiver_id))
            .map(|route| route.name)
            .collect(),
    })
}
