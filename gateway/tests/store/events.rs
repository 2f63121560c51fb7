//! Payloads and dedupe keys: exact bytes, expiry in steps, keys that can be taken anew.

use bytes::Bytes;
use domain::id::{EventId, OrganizationId, PayloadId};
use domain::time::{SECOND, Timestamp};
use gateway::on_both_databases;
use gateway::store::events::{self, DedupeKey, NewPayload};

use super::fixture::Place;

const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

fn payload(place: &Place, body: &[u8], expires_at: Timestamp) -> NewPayload {
    NewPayload {
        organization_id: place.organization.clone(),
        id: PayloadId::new(NOW),
        content_type: Some("application/json".into()),
        body: Bytes::copy_from_slice(body),
        expires_at,
    }
}

on_both_databases! {
    async fn bytes_come_back_exactly_and_only_to_their_owner(db: TestStore) {
        let place = Place::new(NOW);
        let all: Vec<u8> = (0..=255).collect();
        let rows: Vec<_> =
            (0..70).map(|n| payload(&place, &[&all[..], &[n][..]].concat(), NOW.plus(SECOND))).collect();
        let mut tx = db.store.write().await.unwrap();
        events::insert_payloads(&mut tx, &rows).await.unwrap();
        let wanted: Vec<_> = rows.iter().map(|row| (row.organization_id.clone(), row.id.clone())).collect();
        let found = events::find_payloads(&mut tx, &wanted).await.unwrap();
        for row in &rows {
            assert_eq!(found[&row.id], (row.body.clone(), row.content_type.clone()));
            let one = events::find_payload(&mut tx, &place.organization, &row.id).await.unwrap().unwrap();
            assert_eq!(one.body, row.body);
        }
        let foreign = OrganizationId::new(NOW);
        assert!(events::find_payload(&mut tx, &foreign, &rows[0].id).await.unwrap().is_none());
        let stolen: Vec<_> = wanted.into_iter().map(|(_, id)| (foreign.clone(), id)).collect();
        assert!(events::find_payloads(&mut tx, &stolen).await.unwrap().is_empty());
    }

    async fn expired_payloads_go_in_steps_and_others_stay(db: TestStore) {
        let place = Place::new(NOW);
        let mut rows: Vec<_> = (0..10).map(|n| payload(&place, b"{}", NOW.plus(n * SECOND))).collect();
        rows.push(payload(&place, b"{}", NOW.plus(100 * SECOND)));
        let mut tx = db.store.write().await.unwrap();
        events::insert_payloads(&mut tx, &rows).await.unwrap();
        let later = NOW.plus(50 * SECOND);
        assert_eq!(events::delete_expired_payloads(&mut tx, later, 6).await.unwrap(), 6);
        assert_eq!(events::delete_expired_payloads(&mut tx, later, 6).await.unwrap(), 4);
        assert_eq!(events::delete_expired_payloads(&mut tx, later, 6).await.unwrap(), 0);
        assert!(events::find_payload(&mut tx, &place.organization, &rows[10].id).await.unwrap().is_some());
    }

    async fn a_key_is_taken_once_until_it_expires(db: TestStore) {
        let (place, other) = (Place::new(NOW), Place::new(NOW));
        let key = |place: &Place, name: &str, expires_at| DedupeKey {
            receiver_id: place.receiver.clone(),
            key: name.into(),
            event_id: EventId::new(NOW),
            expires_at,
        };
        let first = key(&place, "a", NOW.plus(SECOND));
        let mut tx = db.store.write().await.unwrap();
        assert!(events::take_dedupe_keys(&mut tx, std::slice::from_ref(&first), NOW).await.unwrap().is_empty());
        let again = [key(&place, "a", NOW.plus(SECOND)), key(&place, "b", NOW.plus(SECOND)), key(&other, "a", NOW.plus(9 * SECOND))];
        let taken = events::take_dedupe_keys(&mut tx, &again, NOW).await.unwrap();
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[&(place.receiver.clone(), "a".to_owned())], first.event_id);
        let later = NOW.plus(2 * SECOND);
        let anew = key(&place, "a", later.plus(SECOND));
        assert!(events::take_dedupe_keys(&mut tx, &[anew], later).await.unwrap().is_empty());
        assert_eq!(events::delete_expired_dedupe_keys(&mut tx, later, 10).await.unwrap(), 1, "only b");
    }
}
