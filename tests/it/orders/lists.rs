//! Everybody's orders of one status, as staff list them, over days.

use domain::OrderStatus;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, TestShop, now};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// A new order that is kept in this status. What is kept as placed has all its time left.
async fn standing(shop: &TestShop, caller: &Caller, status: OrderStatus) -> String {
    let mug = &[("mug", 1)];
    match status {
        OrderStatus::Placed => shop.ordered(caller, mug).await,
        OrderStatus::Paid => shop.paid(caller, mug).await,
        OrderStatus::Shipped => shop.shipped(caller, mug).await,
        OrderStatus::Delivered => shop.delivered(caller, mug).await,
        OrderStatus::Expired => {
            let order = shop.ordered(caller, mug).await;
            shop.let_expire(&order).await;
            shop.settle().await;
            order
        }
        OrderStatus::Cancelled => {
            let order = shop.paid(caller, mug).await;
            shop.cancel(caller, &order).send().await.expect(200);
            order
        }
        OrderStatus::Refunded => {
            let order = shop.delivered(caller, mug).await;
            let refund = shop.refund(&shop.staff(), &order, &json!({"restock": true}));
            refund.send().await.expect(200);
            order
        }
    }
}

/// A part of a list. What is rare is looked for over weeks, which a machine with too much to do may not manage in time:
/// then the same is asked for again.
async fn list(shop: &TestShop, caller: &Caller, query: &str) -> Answer {
    for _ in 0..20 {
        let list = shop.get(&format!("/orders?{query}"));
        let answer = list.bearer(&caller.token).send().await;
        if answer.status != 503 {
            return answer;
        }
        answer.problem(503, "busy");
    }
    panic!("the shop stays busy");
}

/// The ids in a part of a list, and its cursor if it has one.
fn part(answer: &Answer) -> (Vec<String>, Option<String>) {
    let part = answer.expect(200);
    let items = part["items"].as_array().unwrap().iter();
    let id = |order: &Value| order["id"].as_str().unwrap().to_owned();
    let cursor = part["next_cursor"].as_str();
    (items.map(id).collect(), cursor.map(str::to_owned))
}

/// That the list is `expected`, whole and in parts of one and two. Parts are asked for as long as there is more behind
/// them, since the last one looks for it through all days there are.
async fn assert_listed(shop: &TestShop, caller: &Caller, status: &str, expected: &[String]) {
    let whole = list(shop, caller, &format!("limit=100&status={status}")).await;
    assert_eq!(part(&whole).0, expected, "{status}");
    for limit in [1, 2] {
        let (mut listed, mut after) = (Vec::new(), String::new());
        while listed.len() + limit < expected.len() {
            let query = format!("limit={limit}&status={status}{after}");
            let (ids, cursor) = part(&list(shop, caller, &query).await);
            assert_eq!(ids.len(), limit, "{status} by {limit}");
            listed.extend(ids);
            after = format!("&cursor={}", cursor.unwrap());
        }
        assert!(!listed.is_empty());
        assert_eq!(listed, expected[..listed.len()], "{status} by {limit}");
    }
}

/// Noon of yesterday.
fn noon() -> i64 {
    (now().day().number() - 1) * DAY + DAY / 2
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_list_every_status_over_days_newest_first_in_parts_of_any_size() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 99).await;
    let (ann, bob, staff) = (shop.customer(), shop.customer(), shop.staff());
    let noon = noon();
    // Five of each status: two in one second, one a minute before them, two two days before. Orders of different statuses
    // lie between one another.
    let mut orders: Vec<(i64, String, &str)> = Vec::new();
    for (n, status) in (0..).zip(OrderStatus::ALL) {
        for (whose, at) in [
            (&ann, noon + n),
            (&bob, noon + 500 + n),
            (&ann, noon - 60_000 + n),
            (&bob, noon - 2 * DAY + n),
            (&ann, noon - 2 * DAY - 500 + n),
        ] {
            let order = standing(&shop, whose, status).await;
            shop.date(&order, at).await;
            orders.push((at, order, status.as_str()));
        }
    }
    orders.sort();
    orders.reverse();
    for status in OrderStatus::ALL.map(OrderStatus::as_str) {
        let those = orders.iter().filter(|(_, _, its)| *its == status);
        let expected: Vec<String> = those.map(|(_, id, _)| id.clone()).collect();
        assert_eq!(expected.len(), 5);
        assert_listed(&shop, &staff, status, &expected).await;
        let whole = list(&shop, &staff, &format!("limit=4&status={status}")).await;
        assert_eq!(part(&whole).0, expected[..4]);
        let whole = whole.json();
        let items = whole["items"].as_array().unwrap();
        for (item, id) in items.iter().zip(&expected) {
            let seen = shop.order_seen(&staff, id).await.expect(200);
            assert_eq!(item, &seen, "{status}");
        }
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_past_its_time_is_listed_as_expired_before_the_schedule_came_by() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 20).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let noon = noon();
    let (mut expired, mut placed) = (Vec::new(), Vec::new());
    for n in 0..9 {
        let order = shop.ordered(&ann, &[("mug", 1)]).await;
        if n % 3 != 1 {
            shop.let_expire(&order).await;
        }
        if n % 3 == 0 {
            shop.settle().await;
        }
        shop.date(&order, noon - (n / 4) * DAY - n).await;
        let list = if n % 3 == 1 {
            &mut placed
        } else {
            &mut expired
        };
        list.push(order);
    }
    let kept = |status: &'static str, items: Vec<_>| {
        let is_it = |item: &&_| crate::support::text(item, "status") == status;
        items.iter().filter(is_it).count()
    };
    assert_eq!(kept("expired", shop.items("orders").await), 5);
    for settled in [false, true] {
        if settled {
            assert_eq!(shop.settle().await["expired"], 1);
            assert_eq!(kept("expired", shop.items("orders").await), 6);
        }
        assert_listed(&shop, &staff, "expired", &expired).await;
        assert_listed(&shop, &staff, "placed", &placed).await;
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_of_one_status_is_good_for_no_other_and_for_nobody_else() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 20).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    for status in ["placed", "expired", "paid"] {
        for _ in 0..3 {
            let order = match status {
                "paid" => shop.paid(&ann, &[("mug", 1)]).await,
                _ => shop.ordered(&ann, &[("mug", 1)]).await,
            };
            if status == "expired" {
                shop.let_expire(&order).await;
            }
        }
    }
    for status in ["placed", "expired", "paid"] {
        let first = list(&shop, &staff, &format!("limit=1&status={status}")).await;
        let (ids, cursor) = part(&first);
        let cursor = cursor.unwrap();
        assert_eq!(ids.len(), 1);
        for other in OrderStatus::ALL.map(OrderStatus::as_str) {
            let again = format!("limit=1&status={other}&cursor={cursor}");
            let answer = list(&shop, &staff, &again).await;
            if other == status {
                answer.expect(200);
            } else {
                answer.problem(400, "invalid-cursor");
            }
        }
        let without = list(&shop, &staff, &format!("cursor={cursor}")).await;
        without.problem(400, "invalid-cursor");
        for caller in [&shop.staff(), &ann] {
            let again = format!("limit=1&status={status}&cursor={cursor}");
            let answer = list(&shop, caller, &again).await;
            answer.problem(400, "invalid-cursor");
        }
    }
    for status in ["Paid", "", "returned", "paid%20", "paid%23"] {
        let answer = list(&shop, &staff, &format!("status={status}")).await;
        answer.problem(400, "invalid-parameter");
    }
    shop.settle().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_changes_status_between_two_parts_is_neither_doubled_nor_in_the_way() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 20).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let noon = noon();
    let carrier = json!({"carrier": "Ox Express"});
    // The oldest first; the first two a day before the others.
    let mut paid = Vec::new();
    for n in 0..6 {
        let order = shop.paid(&ann, &[("mug", 1)]).await;
        let day = if n < 2 { DAY } else { 0 };
        shop.date(&order, noon - day + n).await;
        paid.push(order);
    }
    let shipped = |order: String| {
        let ship = shop.ship(&staff, &order, &carrier).send();
        async move { ship.await.expect(200) }
    };
    let next = async |cursor: &str| {
        let query = format!("limit=1&status=paid&cursor={cursor}");
        part(&list(&shop, &staff, &query).await)
    };
    let (listed, cursor) = part(&list(&shop, &staff, "limit=1&status=paid").await);
    assert_eq!(listed, [paid[5].clone()]);
    // The one that the cursor is at, and the one that would come next.
    shipped(paid[5].clone()).await;
    shipped(paid[4].clone()).await;
    let cursor = cursor.unwrap();
    let (listed, cursor) = next(&cursor).await;
    assert_eq!(listed, [paid[3].clone()]);
    // All that are left of the day, and the first of the day before.
    for at in [3, 2, 1] {
        shipped(paid[at].clone()).await;
    }
    let (listed, cursor) = next(&cursor.unwrap()).await;
    assert_eq!(listed, [paid[0].clone()]);
    if let Some(cursor) = cursor {
        assert_eq!(next(&cursor).await.0, Vec::<String>::new());
    }
    let expected: Vec<String> = paid[1..].iter().rev().cloned().collect();
    assert_listed(&shop, &staff, "shipped", &expected).await;

    // What is shown as expired, and is kept so by the schedule between two parts.
    let mut overdue = Vec::new();
    for n in 0..4 {
        let order = shop.ordered(&ann, &[("mug", 1)]).await;
        shop.let_expire(&order).await;
        shop.date(&order, noon - (n / 2) * DAY - n).await;
        overdue.push(order);
    }
    let (mut seen, cursor) = part(&list(&shop, &staff, "limit=1&status=expired").await);
    assert_eq!(shop.settle().await["expired"], 4);
    let mut cursor = cursor;
    // One part more than there are orders, if there may be more.
    for _ in &overdue {
        let Some(at) = cursor else { break };
        let query = format!("limit=1&status=expired&cursor={at}");
        let (ids, next) = part(&list(&shop, &staff, &query).await);
        seen.extend(ids);
        cursor = next;
    }
    assert_eq!(seen, overdue);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_by_status_reads_no_order_of_another() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 40).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let paid = shop.paid(&ann, &[("mug", 1)]).await;
    for _ in 0..12 {
        let order = shop.ordered(&ann, &[("mug", 1)]).await;
        shop.cancel(&ann, &order).send().await.expect(200);
    }
    let newest = shop.paid(&ann, &[("mug", 1)]).await;
    let index = |name: &str, queried: Vec<String>| {
        assert!(!queried.is_empty());
        assert!(queried.iter().all(|it| it == name), "{queried:?}");
    };
    shop.wire.calls();
    shop.wire.queried();
    let read = |calls: Vec<String>| calls.iter().filter(|it| *it != "Query").count();
    let first = list(&shop, &staff, "limit=1&status=paid").await;
    assert_eq!(part(&first).0, [newest.as_str()]);
    index("by-day-and-status", shop.wire.queried());
    let reads = read(shop.wire.calls());
    assert!(matches!(reads, 1 | 2), "{reads} reads of two orders");
    let both = list(&shop, &staff, "status=paid").await;
    assert_eq!(part(&both).0, [newest, paid]);
    index("by-day-and-status", shop.wire.queried());
    shop.wire.calls();
    // Nobody has one of these: there is nothing to be read but the index.
    for status in ["shipped", "expired"] {
        let none = list(&shop, &staff, &format!("status={status}")).await;
        assert!(part(&none).0.is_empty());
        index("by-day-and-status", shop.wire.queried());
        assert_eq!(read(shop.wire.calls()), 0, "{status}");
    }
    list(&shop, &staff, "limit=1").await.expect(200);
    index("by-day", shop.wire.queried());
    list(&shop, &ann, "limit=1&status=paid").await.expect(200);
    index("by-customer", shop.wire.queried());
    shop.close().await;
}
