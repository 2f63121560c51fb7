//! Refused requests: pages, tenants, and the count of requests for unknown addresses.

use domain::filter::RejectionFilter;
use domain::id::OrganizationId;
use domain::page::PageQuery;
use domain::rejection::RejectionReason;
use domain::time::{HOUR, SECOND, Timestamp};
use gateway::on_both_databases;
use gateway::store::rejections;

use super::fixture::Place;

const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

on_both_databases! {
    async fn refusals_are_listed_newest_first_for_their_owner(db: TestStore) {
        let place = Place::new(NOW);
        let rows: Vec<_> = (0..20).map(|n| place.rejection(NOW.plus(n * SECOND))).collect();
        let mut tx = db.store.write().await.unwrap();
        rejections::insert_many(&mut tx, &rows).await.unwrap();
        let first = PageQuery { limit: 15, cursor: None };
        let page = rejections::list_filtered(&mut tx, &place.organization, &Default::default(), &first).await.unwrap();
        let rest = PageQuery { limit: 15, cursor: page.next_cursor.clone() };
        let rest = rejections::list_filtered(&mut tx, &place.organization, &Default::default(), &rest).await.unwrap();
        let all: Vec<_> = page.items.into_iter().chain(rest.items).collect();
        assert_eq!(all, rows.iter().rev().cloned().collect::<Vec<_>>());
        let foreign = OrganizationId::new(NOW);
        assert_eq!(rejections::find(&mut tx, &foreign, &rows[0].id).await.unwrap(), None);
        assert_eq!(rejections::find(&mut tx, &place.organization, &rows[0].id).await.unwrap().as_ref(), Some(&rows[0]));
    }

    async fn every_filter_gives_what_it_says_in_whole_pages(db: TestStore) {
        let (place, other) = (Place::new(NOW), Place::new(NOW));
        let reasons = [RejectionReason::SignatureMismatch, RejectionReason::RateLimited, RejectionReason::MalformedJson];
        let mut rows = Vec::new();
        for n in 0..40 {
            let mut row = place.rejection(NOW.plus(n * SECOND / 2));
            row.reason = reasons[usize::try_from(n).unwrap() % reasons.len()];
            if n % 4 == 0 {
                row.connector_id = other.connector.clone();
            }
            rows.push(row);
        }
        let mut tx = db.store.write().await.unwrap();
        rejections::insert_many(&mut tx, &rows).await.unwrap();
        let all = RejectionFilter::default();
        let (reason, connector_id) = (Some(reasons[1]), Some(other.connector.clone()));
        let (from, to) = (Some(NOW.plus(5 * SECOND)), Some(NOW.plus(15 * SECOND)));
        for filter in [
            all.clone(),
            RejectionFilter { reason, ..all.clone() },
            RejectionFilter { reason: Some(RejectionReason::TooLarge), ..all.clone() },
            RejectionFilter { connector_id: connector_id.clone(), ..all.clone() },
            RejectionFilter { from, ..all.clone() },
            RejectionFilter { to, ..all.clone() },
            RejectionFilter { reason, connector_id, from, to },
        ] {
            let (mut found, mut cursor) = (Vec::new(), None);
            loop {
                let query = PageQuery { limit: 3, cursor };
                let page = rejections::list_filtered(&mut tx, &place.organization, &filter, &query).await.unwrap();
                assert!(page.items.len() <= 3);
                found.extend(page.items);
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            let expected: Vec<_> = rows.iter().rev().filter(|row| filter.admits(row)).cloned().collect();
            assert_eq!(found, expected, "{filter:?}");
            let foreign = rejections::list_filtered(&mut tx, &other.organization, &filter, &PageQuery::default()).await;
            assert!(foreign.unwrap().items.is_empty());
        }
    }

    async fn unknown_addresses_are_a_number_per_hour(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        for (hour, count) in [(0, 2), (0, 3), (1, 7)] {
            rejections::count_unknown_codes(&mut tx, NOW.bucket(HOUR).plus(hour * HOUR), count).await.unwrap();
        }
        let since = async |tx: &mut gateway::store::Tx, hour: i64| {
            rejections::unknown_codes_since(tx, NOW.bucket(HOUR).plus(hour * HOUR)).await.unwrap()
        };
        assert_eq!((since(&mut tx, 0).await, since(&mut tx, 1).await, since(&mut tx, 2).await), (12, 7, 0));
    }
}
