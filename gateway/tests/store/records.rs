//! The built-in record store: versions, repetition, tenants.

use bytes::Bytes;
use domain::id::{DeliveryId, OrganizationId, RecordId};
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
    }
}

on_both_databases! {
    async fn each_delivery_is_one_version_however_often_it_is_tried(db: TestStore) {
        let place = Place::new(NOW);
        let (first, second) = (DeliveryId::new(NOW), DeliveryId::new(NOW));
        let mut tx = db.store.write().await.unwrap();
        let made = records::upsert_many(&mut tx, &[write(&place, "7", "{}", &first)], NOW).await.unwrap();
        let repeated = records::upsert_many(&mut tx, &[write(&place, "7", "{}", &first)], NOW).await.unwrap();
        assert_eq!(made, repeated, "the id stays");
        let id = made[0].3.clone();
        let version = async |tx: &mut gateway::store::Tx| {
            records::find(tx, &place.organization, &id).await.unwrap().unwrap().version
        };
        assert_eq!(version(&mut tx).await, 1);
        records::upsert_many(&mut tx, &[write(&place, "7", "{\"n\":2}", &second)], NOW.plus(1)).await.unwrap();
        assert_eq!(version(&mut tx).await, 2);
        let record = records::find(&mut tx, &place.organization, &id).await.unwrap().unwrap();
        assert_eq!((record.body.as_str(), record.delivery_id), ("{\"n\":2}", second));
        assert_eq!((record.created_at, record.updated_at), (NOW, NOW.plus(1)));
        let foreign = OrganizationId::new(NOW);
        assert_eq!(records::find(&mut tx, &foreign, &id).await.unwrap(), None);
        assert!(records::list(&mut tx, &foreign, &PageQuery::default()).await.unwrap().items.is_empty());
        assert_eq!(records::list(&mut tx, &place.organization, &PageQuery::default()).await.unwrap().items.len(), 1);
    }
}
