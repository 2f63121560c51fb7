//! The rules of the list on rows of a moment: order, live changes, what waits.

use std::collections::BTreeMap;
use std::ops::Range;

use proptest::prelude::*;

use super::*;
use domain::delivery::DestinationKind;
use domain::event::Direction;
use domain::id::{ConnectorId, EventId, OrganizationId, PayloadId};
use domain::status::DeliveryStatus;
use domain::time::{SECOND, Timestamp};

const LIVE: Manner<'static> = Manner { held: false, open: None };
const HELD: Manner<'static> = Manner { held: true, open: None };

fn row(second: i64, status: DeliveryStatus) -> Delivery {
    let at = Timestamp(second * SECOND);
    Delivery {
        id: DeliveryId::new(at),
        organization_id: OrganizationId::new(at),
        event_id: EventId::new(at),
        direction: Direction::Inbound,
        connector_id: ConnectorId::new(at),
        receiver_id: None,
        route_id: None,
        destination: DestinationKind::Record,
        destination_name: "record".into(),
        event_type: "push".parse().unwrap(),
        source_record_id: None,
        status,
        response_code: None,
        duration_us: None,
        attempts: 0,
        max_attempts: 4,
        destination_record_id: None,
        error_class: None,
        error: None,
        received_at: at,
        created_at: at,
        updated_at: at,
        next_attempt_at: None,
        replay_of: None,
        replayed_by: None,
        edited: false,
        payload_id: PayloadId::new(at),
        payload_expires_at: at,
        mapping_version: None,
        retry_job_id: None,
    }
}

fn later(row: &Delivery, status: DeliveryStatus) -> Delivery {
    Delivery { status, updated_at: row.updated_at.plus(1), ..row.clone() }
}

fn failed() -> DeliveryFilter {
    DeliveryFilter { status: Some(DeliveryStatus::Failed), ..Default::default() }
}

/// A store, as far as lists go.
#[derive(Default)]
struct Store(BTreeMap<DeliveryId, Delivery>);

impl Store {
    fn of(rows: impl IntoIterator<Item = Delivery>) -> Self {
        Self(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
    }

    fn list(&self, filter: &DeliveryFilter) -> Vec<Delivery> {
        let fits = self.0.values().filter(|row| filter.admits(row)).cloned();
        match filter.sort {
            SortOrder::Newest => fits.rev().collect(),
            SortOrder::Oldest => fits.collect(),
        }
    }

    fn read(&self, question: &Question, filter: &DeliveryFilter) -> Answer {
        match question {
            Question::Rows(ids) => {
                Answer::Rows(ids.iter().filter_map(|id| self.0.get(id)).cloned().collect())
            }
            Question::Page { after, limit } => {
                let mut rows = self.list(filter);
                if let Some(after) = after {
                    rows.retain(|row| filter.sort.compare(&row.id, after) == Ordering::Greater);
                }
                let more = rows.len() > *limit as usize;
                rows.truncate(*limit as usize);
                Answer::Page(rows, more)
            }
        }
    }
}

enum Answer {
    Page(Vec<Delivery>, bool),
    Rows(Vec<Delivery>),
}

fn take(list: &mut List, answer: Answer, how: Manner<'_>) -> Change {
    match answer {
        Answer::Page(rows, more) => list.answer(rows, more, how),
        Answer::Rows(rows) => list.answer_rows(rows, how),
    }
}

/// A list with its first page.
fn loaded(store: &Store, filter: DeliveryFilter) -> List {
    let mut list = List::new(filter);
    let question = list.ask_first().unwrap();
    let answer = store.read(&question, list.filter());
    take(&mut list, answer, LIVE);
    list
}

/// Asks until nothing in `view` is doubtful.
fn settle(list: &mut List, store: &Store, view: Range<usize>, how: Manner<'_>) {
    for _ in 0..200 {
        let Some(question) = list.ask_doubtful(view.clone(), how.held) else { return };
        let answer = store.read(&question, list.filter());
        take(list, answer, how);
    }
    panic!("there is always something doubtful");
}

fn shown(list: &List) -> Vec<Delivery> {
    list.iter().map(|row| Delivery::clone(row)).collect()
}

fn hear(list: &mut List, rows: &[Delivery], how: Manner<'_>) -> Change {
    list.hear(rows.iter().cloned().map(Arc::new).collect(), how)
}

#[test]
fn rows_are_in_order_and_once_and_old_news_changes_nothing() {
    let rows: Vec<_> = (0..3).map(|second| row(second, DeliveryStatus::Received)).collect();
    let mut list = loaded(&Store::default(), DeliveryFilter::default());
    let change = hear(&mut list, &[rows[1].clone(), rows[0].clone(), rows[2].clone()], LIVE);
    assert_eq!(change.fresh, [rows[2].id.clone(), rows[1].id.clone(), rows[0].id.clone()]);
    let newer = later(&rows[1], DeliveryStatus::Delivered);
    assert!(hear(&mut list, &[newer.clone(), rows[1].clone()], LIVE).fresh.is_empty());
    hear(&mut list, &[rows[1].clone()], LIVE);
    assert_eq!(shown(&list), [rows[2].clone(), newer.clone(), rows[0].clone()]);
    assert_eq!(list.find(&newer.id).unwrap().status, DeliveryStatus::Delivered);

    let oldest = DeliveryFilter { sort: SortOrder::Oldest, ..Default::default() };
    let mut list = loaded(&Store::default(), oldest);
    hear(&mut list, &[rows[1].clone(), rows[0].clone(), rows[2].clone()], LIVE);
    assert_eq!(shown(&list), rows);
}

#[test]
fn what_is_expected_gives_way_to_the_answer_and_to_the_row_before() {
    let failed = row(1, DeliveryStatus::Failed);
    let shown_now = expected(&failed, DeliveryStatus::Retrying);
    let store = Store::of([failed.clone()]);
    let mut list = loaded(&store, DeliveryFilter::default());
    list.update(&Arc::new(shown_now.clone()));
    assert_eq!(shown(&list), std::slice::from_ref(&shown_now));
    // Refused while a question was open: back to what it was.
    list.missed();
    let question = list.ask_doubtful(0..1, false).unwrap();
    list.update(&Arc::new(shown_now.clone()));
    list.update(&Arc::new(failed.clone()));
    take(&mut list, store.read(&question, &DeliveryFilter::default()), LIVE);
    assert_eq!(shown(&list), std::slice::from_ref(&failed));
    // A push with something newer came first: the refusal does not undo it.
    let newer = later(&shown_now, DeliveryStatus::Retrying);
    hear(&mut list, std::slice::from_ref(&newer), LIVE);
    list.update(&Arc::new(failed));
    assert_eq!(shown(&list), [newer]);
}

#[test]
fn live_lists_let_go_of_what_no_longer_fits_except_the_open_row() {
    let (a, b) = (row(1, DeliveryStatus::Failed), row(2, DeliveryStatus::Failed));
    let mut list = loaded(&Store::of([a.clone(), b.clone()]), failed());
    let changed = [later(&a, DeliveryStatus::Retrying), later(&b, DeliveryStatus::Retrying)];
    let change = hear(&mut list, &changed, Manner { held: false, open: Some(&a.id) });
    assert_eq!(change.gone, [b.id]);
    assert_eq!(shown(&list), [changed[0].clone()]);
}

#[test]
fn held_lists_change_in_place_and_let_new_rows_wait_until_they_are_released() {
    let (a, b, c) =
        (row(1, DeliveryStatus::Failed), row(2, DeliveryStatus::Failed), row(3, DeliveryStatus::Failed));
    let mut list = loaded(&Store::of([a.clone()]), failed());
    let retried = later(&a, DeliveryStatus::Retrying);
    hear(&mut list, &[retried.clone(), b.clone(), c.clone()], HELD);
    assert_eq!((shown(&list), list.waiting(), list.may_wait_more()), (vec![retried.clone()], 2, false));
    // What waits and no longer fits does not wait any more.
    hear(&mut list, &[later(&b, DeliveryStatus::Retrying)], HELD);
    assert_eq!(list.waiting(), 1);
    let change = list.release(None);
    assert_eq!((change.fresh, change.gone), (vec![c.id.clone()], vec![a.id]));
    assert_eq!((shown(&list), list.waiting()), (vec![c], 0));
}

#[test]
fn what_lies_beyond_the_loaded_rows_is_not_let_in() {
    let rows: Vec<_> = (0..150).map(|second| row(second, DeliveryStatus::Received)).collect();
    let store = Store::of(rows.clone());
    let mut list = loaded(&store, DeliveryFilter::default());
    assert_eq!((list.len(), list.has_more()), (100, true));
    hear(&mut list, &[later(&rows[10], DeliveryStatus::Delivered)], LIVE);
    assert_eq!(list.len(), 100);
    let question = list.ask_more().unwrap();
    assert_eq!(list.ask_first(), None, "one question at a time");
    take(&mut list, store.read(&question, &DeliveryFilter::default()), LIVE);
    assert_eq!((list.len(), list.has_more()), (150, false));

    // Oldest first, what arrives has its place at the end, once the end is there.
    let oldest = DeliveryFilter { sort: SortOrder::Oldest, ..Default::default() };
    let mut list = loaded(&store, oldest.clone());
    let new = row(1_000, DeliveryStatus::Received);
    hear(&mut list, std::slice::from_ref(&new), LIVE);
    assert_eq!((list.len(), list.waiting()), (100, 0));
    let question = list.ask_more().unwrap();
    take(&mut list, store.read(&question, &oldest), LIVE);
    hear(&mut list, std::slice::from_ref(&new), LIVE);
    assert_eq!(list.last().unwrap().id, new.id);
}

#[test]
fn an_answer_undoes_nothing_that_was_heard_since_the_question() {
    let (a, b, c) =
        (row(1, DeliveryStatus::Failed), row(2, DeliveryStatus::Failed), row(3, DeliveryStatus::Failed));
    let store = Store::of([a.clone(), b.clone()]);
    let mut list = loaded(&store, failed());
    list.missed();
    let question = list.ask_doubtful(0..10, false).unwrap();
    let answer = store.read(&question, list.filter());
    // Since the store was read, one row left, one came and one changed twice.
    hear(&mut list, &[later(&a, DeliveryStatus::Retrying), c.clone()], LIVE);
    take(&mut list, answer, LIVE);
    assert_eq!(shown(&list), [c, b]);
}

#[test]
fn after_a_loss_what_is_in_view_is_asked_for_and_older_rows_when_they_come_into_view() {
    let mut store = Store::of((0..300).map(|second| row(second, DeliveryStatus::Received)));
    let mut list = loaded(&store, DeliveryFilter::default());
    let question = list.ask_more().unwrap();
    let answer = store.read(&question, list.filter());
    take(&mut list, answer, LIVE);
    assert_eq!((list.len(), list.ask_doubtful(0..40, false)), (300, None));

    // All rows change, 120 arrive, and not one push does.
    for row in store.0.values_mut() {
        *row = later(row, DeliveryStatus::Delivered);
    }
    store.0.extend(Store::of((1_000..1_120).map(|second| row(second, DeliveryStatus::Received))).0);
    list.missed();
    settle(&mut list, &store, 0..40, LIVE);
    let truth = store.list(&DeliveryFilter::default());
    assert_eq!(shown(&list)[..40], truth[..40]);
    assert_ne!(shown(&list), truth);
    assert!(list.len() > 300, "what was loaded stays");
    for start in (0..truth.len()).step_by(40) {
        settle(&mut list, &store, start..start + 40, LIVE);
        assert_eq!(
            shown(&list)[start..truth.len().min(start + 40)],
            truth[start..truth.len().min(start + 40)]
        );
    }
    assert_eq!(shown(&list), truth);
}

#[test]
fn a_gap_that_nobody_looked_into_stays_doubtful_when_the_row_below_it_leaves() {
    let rows: Vec<_> = (0..4).map(|second| row(second, DeliveryStatus::Failed)).collect();
    let mut store = Store::of(rows.iter().enumerate().map(|(place, row)| match place {
        2 => later(row, DeliveryStatus::Retrying),
        _ => row.clone(),
    }));
    let mut list = loaded(&store, failed());
    store
        .0
        .insert(rows[2].id.clone(), later(&later(&rows[2], DeliveryStatus::Failed), DeliveryStatus::Failed));
    list.missed();
    settle(&mut list, &store, 2..3, LIVE);
    let leaves = later(&rows[1], DeliveryStatus::Retrying);
    store.0.insert(leaves.id.clone(), leaves.clone());
    hear(&mut list, &[leaves], LIVE);
    settle(&mut list, &store, 1..2, LIVE);
    assert_eq!(shown(&list), store.list(&failed()));
}

#[test]
fn a_held_list_learns_how_many_wait_and_what_became_of_rows_that_left() {
    let rows: Vec<_> = (0..50).map(|second| row(second, DeliveryStatus::Failed)).collect();
    let mut store = Store::of(rows.clone());
    let mut list = loaded(&store, failed());
    for row in &rows[..10] {
        store.0.insert(row.id.clone(), later(row, DeliveryStatus::Delivered));
    }
    store.0.remove(&rows[10].id);
    store.0.extend(Store::of((100..900).map(|second| row(second, DeliveryStatus::Failed))).0);
    list.missed();
    assert!(list.may_wait_more());
    settle(&mut list, &store, 0..50, HELD);
    assert_eq!((list.waiting(), list.may_wait_more(), list.len()), (800, false, 49));
    assert!(list.iter().skip(39).all(|row| row.status == DeliveryStatus::Delivered));
    list.release(None);
    settle(&mut list, &store, 0..900, LIVE);
    assert_eq!(shown(&list), store.list(&failed()));
}

#[test]
fn lists_stay_within_their_bounds() {
    let store = Store::of((0..700).map(|second| row(second, DeliveryStatus::Received)));
    let mut list = loaded(&store, DeliveryFilter::default());
    let new: Vec<_> = (1_000..3_000).map(|second| row(second, DeliveryStatus::Received)).collect();
    let change = hear(&mut list, &new, LIVE);
    assert_eq!((list.len(), list.has_more(), change.gone.len()), (LIVE_ROWS, true, 1_100));
    // What a person scrolled for stays.
    let question = list.ask_more().unwrap();
    take(&mut list, store.read(&question, &DeliveryFilter::default()), HELD);
    let wanted = list.len();
    assert!(wanted > LIVE_ROWS);
    hear(&mut list, &[row(4_000, DeliveryStatus::Received)], LIVE);
    assert_eq!(list.len(), wanted);

    let waiting: Vec<_> = (5_000..11_000).map(|second| row(second, DeliveryStatus::Received)).collect();
    hear(&mut list, &waiting, HELD);
    assert_eq!((list.waiting(), list.may_wait_more()), (MAX_WAITING, true));
    list.release(None);
    assert!(list.ask_doubtful(0..40, false).is_some(), "the newest were not kept");
}

#[test]
fn a_selection_is_read_in_the_lists_order() {
    let rows: Vec<_> = (0..100).map(|second| row(second, DeliveryStatus::Received)).collect();
    let list = loaded(&Store::of(rows.clone()), DeliveryFilter::default());
    for count in [2, 90] {
        let mut ids: HashSet<_> = rows[..count].iter().map(|row| row.id.clone()).collect();
        ids.insert(DeliveryId::new(Timestamp(0)));
        let chosen: Vec<_> = list.chosen(&ids).map(|row| row.id.clone()).collect();
        let expected: Vec<_> = rows[..count].iter().rev().map(|row| row.id.clone()).collect();
        assert_eq!(chosen, expected);
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// A delivery is made.
    Make(bool),
    /// One of the deliveries gets another state.
    Move(usize, bool),
    /// One of them is gone, without a word.
    Lose(usize),
    /// What happened since the last push is pushed, or is lost and only that is said.
    Push { lost: bool },
    /// A question is asked and the store reads it.
    Ask { more: bool },
    /// Its answer arrives, or does not.
    Arrive { broken: bool },
    /// A person scrolls.
    Scroll(usize),
    /// A person pauses or resumes.
    Hold(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => any::<bool>().prop_map(Step::Make),
        6 => (any::<usize>(), any::<bool>()).prop_map(|(which, fails)| Step::Move(which, fails)),
        1 => (any::<usize>(), prop::bool::weighted(0.05)).prop_map(|(which, really)| if really { Step::Lose(which) } else { Step::Push { lost: false } }),
        5 => prop::bool::weighted(0.3).prop_map(|lost| Step::Push { lost }),
        5 => prop::bool::weighted(0.3).prop_map(|more| Step::Ask { more }),
        5 => prop::bool::weighted(0.2).prop_map(|broken| Step::Arrive { broken }),
        2 => (0..400_usize).prop_map(Step::Scroll),
        1 => any::<bool>().prop_map(Step::Hold),
    ];
    prop::collection::vec(step, 0..160)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever was pushed, lost, asked and scrolled: once things calm down, what is in view is what the store has.
    #[test]
    fn the_rows_in_view_are_the_stores(before in 0..350_i64, narrow: bool, oldest: bool, steps in steps()) {
        let state = |fails: bool| if fails { DeliveryStatus::Failed } else { DeliveryStatus::Delivered };
        let mut store = Store::of((0..before).map(|second| row(second, state(second % 3 == 0))));
        let sort = if oldest { SortOrder::Oldest } else { SortOrder::Newest };
        let filter = DeliveryFilter { sort, ..if narrow { failed() } else { DeliveryFilter::default() } };
        let mut list = loaded(&store, filter.clone());
        let (mut clock, mut view, mut how) = (1_000_i64, 0..30, LIVE);
        let mut changed: Vec<Delivery> = Vec::new();
        let mut answer = None;
        let mut vanished = false;
        for step in steps {
            clock += 1;
            match step {
                Step::Make(fails) => {
                    let new = row(clock, state(fails));
                    store.0.insert(new.id.clone(), new.clone());
                    changed.push(new);
                }
                Step::Move(which, fails) if !store.0.is_empty() => {
                    let which = which % store.0.len();
                    let row = store.0.values_mut().nth(which).unwrap();
                    (row.status, row.updated_at) = (state(fails), Timestamp(clock * SECOND));
                    changed.push(row.clone());
                }
                Step::Lose(which) if !store.0.is_empty() => {
                    let id = store.0.keys().nth(which % store.0.len()).unwrap().clone();
                    store.0.remove(&id);
                    vanished = true;
                    changed.retain(|row| row.id != id);
                }
                Step::Move(..) | Step::Lose(_) => {}
                Step::Push { lost: false } => drop(hear(&mut list, &std::mem::take(&mut changed), how)),
                Step::Push { lost: true } => {
                    // Every third gets through all the same.
                    let through: Vec<_> = std::mem::take(&mut changed).into_iter().step_by(3).collect();
                    hear(&mut list, &through, how);
                    list.missed();
                }
                Step::Ask { more } => {
                    let question =
                        if more { list.ask_more() } else { list.ask_doubtful(view.clone(), how.held) };
                    if let Some(question) = question {
                        answer = Some(store.read(&question, &filter));
                    }
                }
                Step::Arrive { broken } => match answer.take() {
                    Some(_) if broken => list.give_up(),
                    Some(read) => drop(take(&mut list, read, how)),
                    None => {}
                },
                Step::Scroll(start) => view = start..start + 30,
                Step::Hold(held) => {
                    if how.held && !held {
                        list.release(None);
                    }
                    how = if held { HELD } else { LIVE };
                }
            }
            prop_assert!(list.windows(2).all(|pair| sort.compare(&pair[0].id, &pair[1].id) == Ordering::Less));
        }

        if let Some(read) = answer {
            take(&mut list, read, how);
        }
        hear(&mut list, &changed, how);
        if vanished {
            // Nobody hears of that; it is found by looking.
            list.missed();
        }
        settle(&mut list, &store, view.clone(), how);
        if how.held {
            for row in list.get(view.start.min(list.len())..view.end.min(list.len())).unwrap() {
                prop_assert_eq!(Some(&**row.delivery()), store.0.get(&row.id));
            }
            list.release(None);
            settle(&mut list, &store, view.clone(), LIVE);
        }
        // From its beginning on, so that the places can be compared.
        settle(&mut list, &store, 0..view.end, LIVE);
        let truth = store.list(&filter);
        let end = view.end.min(list.len());
        prop_assert_eq!(&shown(&list)[..end], &truth[..end]);
        prop_assert!(list.has_more() || list.len() == truth.len() || end < list.len());
    }
}
