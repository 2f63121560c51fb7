//! Foreign ids answer like unknown ones, for every function that takes an id.

use domain::connector::ConnectorPatch;
use domain::id::{ConnectorId, ReceiverId, RouteId};
use domain::receiver::{ReceiverPatch, RotateSecret};
use domain::route::RoutePatch;
use gateway::clock::Clock;
use gateway::integrations::{connectors, receivers, routes};
use gateway::on_both_databases;

use crate::installation::{Installation, new_receiver, new_route, not_found, refused, to_record};

on_both_databases! {
    async fn foreign_ids_are_not_there(db: TestStore) {
        let new = Installation::new(db).await;
        let (acme, globex) = (new.organization("acme").await, new.organization("globex").await);
        let own = new.connector(&acme, "own").await;
        let connector = new.connector(&globex, "foreign").await;
        let receiver = new.receiver(&globex, &connector).await;
        let route = new.route(&globex, &receiver, to_record()).await;
        let (services, access) = (&new.services, &acme.access);

        for id in [&connector.id, &ConnectorId::new(new.clock.now())] {
            let patch = ConnectorPatch { name: Some("Mine".into()), ..ConnectorPatch::default() };
            assert_eq!(refused(connectors::read(services, access, id).await), not_found());
            assert_eq!(refused(connectors::update(services, access, id, patch).await), not_found());
            assert_eq!(refused(connectors::delete(services, access, id).await), not_found());
            assert_eq!(refused(connectors::test(services, access, id).await), not_found());
            let mut wish = new_receiver(&own);
            wish.connector_id = id.clone();
            assert_eq!(refused(receivers::create(services, access, wish).await), not_found());
        }
        for id in [&receiver.id, &ReceiverId::new(new.clock.now())] {
            let patch = ReceiverPatch { name: Some("Mine".into()), ..ReceiverPatch::default() };
            let rotate = RotateSecret { secret: None, overlap_s: 0 };
            assert_eq!(refused(receivers::read(services, access, id).await), not_found());
            assert_eq!(refused(receivers::update(services, access, id, patch).await), not_found());
            assert_eq!(refused(receivers::delete(services, access, id).await), not_found());
            assert_eq!(refused(receivers::rotate_secret(services, access, id, rotate).await), not_found());
            let mut wish = new_route(&receiver, to_record());
            wish.receiver_id = id.clone();
            assert_eq!(refused(routes::create(services, access, wish).await), not_found());
        }
        for id in [&route.id, &RouteId::new(new.clock.now())] {
            let patch = RoutePatch { name: Some("Mine".into()), ..RoutePatch::default() };
            assert_eq!(refused(routes::read(services, access, id).await), not_found());
            assert_eq!(refused(routes::update(services, access, id, patch).await), not_found());
            assert_eq!(refused(routes::delete(services, access, id).await), not_found());
        }

        // And nothing of it happened.
        assert_eq!(connectors::read(services, &globex.access, &connector.id).await.unwrap(), connector);
        assert_eq!(receivers::read(services, &globex.access, &receiver.id).await.unwrap(), receiver);
        assert_eq!(routes::read(services, &globex.access, &route.id).await.unwrap(), route);
    }

    async fn the_directory_sees_changes_at_once(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let directory = &new.services.directory;
        assert_eq!(directory.doors(&github.code).await.unwrap().unwrap().doors.len(), 0);
        let door = new.receiver(&acme, &github).await;
        assert_eq!(directory.doors(&github.code).await.unwrap().unwrap().doors.len(), 1);
        let way = new.route(&acme, &door, to_record()).await;
        assert_eq!(directory.doors(&github.code).await.unwrap().unwrap().doors[0].routes.len(), 1);
        routes::delete(&new.services, &acme.access, &way.id).await.unwrap();
        assert_eq!(directory.doors(&github.code).await.unwrap().unwrap().doors[0].routes.len(), 0);
        let off = ReceiverPatch { active: Some(false), ..ReceiverPatch::default() };
        receivers::update(&new.services, &acme.access, &door.id, off).await.unwrap();
        assert!(!directory.doors(&github.code).await.unwrap().unwrap().doors[0].receiver.active);
        connectors::delete(&new.services, &acme.access, &github.id).await.unwrap();
        assert!(directory.doors(&github.code).await.unwrap().is_none());
    }
}
