//! What hangs on a connector: counted for its owner only.

use domain::status::CountedStatus;
use domain::time::{DAY, HOUR};
use gateway::integrations::usage;
use gateway::on_both_databases;
use gateway::store;
use gateway::store::rollups::{self, Deltas};

use crate::installation::{Installation, not_found, refused, to_http, to_record};

on_both_databases! {
    async fn receivers_routes_and_events_are_counted(db: TestStore) {
        let new = Installation::new(db).await;
        let (acme, beta) = (new.organization("acme").await, new.organization("beta").await);
        let (source, target) = (new.connector(&acme, "source").await, new.connector(&acme, "target").await);
        let door = new.receiver(&acme, &source).await;
        new.route(&acme, &door, to_record()).await;
        new.route(&acme, &door, to_http(&target)).await;
        let now = new.services.clock.now();
        let organization = acme.access.organization();
        let mut deltas = Deltas::default();
        let event_type = "order.created".parse().unwrap();
        for (at, status, count) in [
            (now, CountedStatus::Delivered, 3),
            (now.plus(-HOUR), CountedStatus::Retrying, 2),
            (now.plus(-2 * DAY), CountedStatus::Failed, 4),
            (now.plus(-40 * DAY), CountedStatus::Failed, 100),
            (now, CountedStatus::Rejected, 5),
        ] {
            deltas.add(organization, at, &source.id, Some(&event_type), status, count);
        }
        let mut tx = new.services.store.write().await.unwrap();
        rollups::apply(&mut tx, &deltas, 1).await.unwrap();
        tx.commit().await.unwrap();

        let found = usage::of_connector(&new.services, &acme.access, &source.id).await.unwrap();
        assert_eq!((found.receivers, found.routes, found.routes_to.len()), (1, 2, 0));
        let totals = found.totals;
        assert_eq!((totals.delivered, totals.pending, totals.failed, totals.rejected), (3, 2, 4, 5));
        let of_target = usage::of_connector(&new.services, &acme.access, &target.id).await.unwrap();
        assert_eq!((of_target.receivers, of_target.routes, of_target.routes_to), (0, 0, vec!["Way".to_owned()]));
        assert_eq!(refused(usage::of_connector(&new.services, &beta.access, &source.id).await), not_found());

        let mut tx = new.services.store.read().await.unwrap();
        let hours = store::usage::hours(&mut tx, organization, now).await.unwrap();
        assert_eq!((hours.len(), &hours[0].connector_id, hours[0].hours.len()), (1, &source.id, 24));
        let (last, before) = (&hours[0].hours[23], &hours[0].hours[22]);
        assert_eq!((last.delivered, last.rejected, before.pending), (3, 5, 2));
        assert!(hours[0].hours[..22].iter().all(|hour| hour.deliveries() + hour.rejected == 0));
        assert!(store::usage::hours(&mut tx, beta.access.organization(), now).await.unwrap().is_empty());
        let foreign = store::usage::totals(&mut tx, beta.access.organization(), &source.id, now).await.unwrap();
        assert_eq!(foreign.deliveries() + foreign.rejected, 0);
    }
}
