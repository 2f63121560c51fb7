//! The built-in record store: versions, repetition, tenants.

use bytes::Bytes;
use domain::id::{DeliveryId, EventId, OrganizationId, RecordId};
use domain::page::PageQuery;
use domain::time::{SECOND, Timestamp};
use gateway::on_both_databases;
use gateway::store::records::{self, RecordWrite};

use super::fixture::Place;

const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

fn write(place: &Place, external_id: &str, body: &'static str, delivery: &DeliveryId) -> RecordWrite {
    RecordWrite {
        organization_id: place.organization.clone(),
        entity: "order".into(),
        external_id: external_id.into(),
        id: RecordId::new(NOW),
        body: Bytes::from_static(body.as_bytes()),
        delivery_id: delivery.clone(),
        event_id: EventId::new(NOW),
        as_of: NOW,
        deliberate: false,
    }
}

fn at(order: i64, write: RecordWrite) -> RecordWrite {
    RecordWrite { as_of: NOW.plus(order), ..write }
}

on_both_databases! {
    async fn each_delivery_is_one_version_however_often_it_is_tried(db: TestStore) {
        let place = Place::new(NOW);
        let (first, second) = (DeliveryId::new(NOW), DeliveryId::new(NOW));
        let mut tx = db.store.write().await.unwrap();
        let writes = [write(&place, "7", "{}", &first)];
        let made = records::upsert_many(&mut tx, &writes, NOW).await.unwrap();
        let repeated = records::upsert_many(&mut tx, &writes, NOW).await.unwrap();
        assert_eq!(made, repeated, "the id stays");
        let id = made[0].id.clone();
        let version = async |tx: &mut gateway::store::Tx| {
            records::find(tx, &place.organization, &id).await.unwrap().unwrap().version
        };
        assert_eq!(version(&mut tx).await, 1);
        records::upsert_many(&mut tx, &[at(1, write(&place, "7", "{\"n\":2}", &second))], NOW.plus(1)).await.unwrap();
        assert_eq!(version(&mut tx).await, 2);
        let record = records::find(&mut tx, &place.organization, &id).await.unwrap().unwrap();
        assert_eq!((record.body.as_str(), record.delivery_id), ("{\"n\":2}", second));
        assert_eq!((record.created_at, record.updated_at), (NOW, NOW.plus(1)));
        let foreign = OrganizationId::new(NOW);
        assert_eq!(records::find(&mut tx, &foreign, &id).await.unwrap(), None);
        assert!(records::list(&mut tx, &foreign, &PageQuery::default()).await.unwrap().items.is_empty());
        assert_eq!(records::list(&mut tx, &place.organization, &PageQuery::default()).await.unwrap().items.len(), 1);
    }

    async fn an_older_event_replaces_nothing_unless_somebody_wants_it(db: TestStore) {
        let place = Place::new(NOW);
        let mut tx = db.store.write().await.unwrap();
        let newer = at(10, write(&place, "7", "{\"n\":10}", &DeliveryId::new(NOW)));
        let older = at(9, write(&place, "7", "{\"n\":9}", &DeliveryId::new(NOW)));
        let other = at(9, write(&place, "8", "{\"n\":9}", &DeliveryId::new(NOW)));
        let made = records::upsert_many(&mut tx, std::slice::from_ref(&newer), NOW).await.unwrap();
        assert!(!made[0].newer_kept);
        let id = made[0].id.clone();
        let mut late = records::upsert_many(&mut tx, &[older.clone(), other], NOW.plus(1)).await.unwrap();
        late.sort_by(|a, b| a.external_id.cmp(&b.external_id));
        assert_eq!(late.iter().map(|one| one.newer_kept).collect::<Vec<_>>(), [true, false]);
        assert_eq!(late[0].id, id);
        let record = records::find(&mut tx, &place.organization, &id).await.unwrap().unwrap();
        assert_eq!((record.version, record.body.as_str()), (1, "{\"n\":10}"));
        assert_eq!((record.updated_at, &record.delivery_id), (NOW, &newer.delivery_id));
        let replay = RecordWrite { delivery_id: DeliveryId::new(NOW), deliberate: true, ..older };
        let wanted = records::upsert_many(&mut tx, &[replay], NOW.plus(2)).await.unwrap();
        assert!(!wanted[0].newer_kept);
        let record = records::find(&mut tx, &place.organization, &id).await.unwrap().unwrap();
        assert_eq!((record.version, record.body.as_str()), (2, "{\"n\":9}"));
    }
}
