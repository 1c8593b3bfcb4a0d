//! `send-order-mail`: what customers are written about their orders, and who is not written to.
//!
//! - [`brought`]: how it is told of them, and what it can't deal with.

mod brought;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use store::mail::Message;

use crate::support::{Caller, TestShop, key};

const FUNCTION: &str = "send-order-mail";
const ANN: &str = "ann@example.com";

/// The letters about orders to Ann that she did not have yet: what each is about, in the order of their events.
async fn news(shop: &TestShop, known: &mut BTreeMap<String, Message>) -> Vec<String> {
    let letters = shop.order_letters(ANN).await;
    let new = letters.iter().filter(|(id, _)| !known.contains_key(*id));
    let subjects = new.map(|(_, letter)| letter.subject.clone()).collect();
    *known = letters;
    subjects
}

/// The text of the letter about an order's event at this version.
fn text_of<'l>(letters: &'l BTreeMap<String, Message>, order: &str, version: &Value) -> &'l str {
    let letter = &letters[&format!("{order}#{version}")];
    assert_eq!(letter.to.as_str(), ANN);
    &letter.text
}

/// What letters say of an order, by their subjects.
fn subjects<'l>(letters: &'l BTreeMap<String, Message>, order: &str) -> Vec<&'l str> {
    let about = letters.iter().filter(|(id, _)| id.starts_with(order));
    about.map(|(_, letter)| letter.subject.as_str()).collect()
}

/// What the function has logged. No process of it runs any more, so all of it is there.
async fn logged(shop: &TestShop) -> String {
    while shop.lambda.kill_one(FUNCTION).await.is_some() {}
    shop.lambda.logs(FUNCTION).join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_written_what_becomes_of_an_order_step_by_step() {
    let shop = TestShop::selling("mug", 1450, 20).await;
    let (ann, staff) = (shop.verified(ANN).await, shop.staff());
    let mut letters = BTreeMap::new();
    let order = shop.ordered(&ann, &[("mug", 2)]).await;
    assert_eq!(news(&shop, &mut letters).await, ["We have your order"]);
    let placed = shop.order_seen(&ann, &order).await.expect(200);
    let until = placed["expires_at"].as_str().unwrap();
    let until = format!("{} {} UTC", &until[..10], &until[11..16]);
    let body = format!("2 × The mug: 29.00 USD\nTotal: 29.00 USD\n\nYour order: {order}\n");
    assert_eq!(
        text_of(&letters, &order, &json!(1)),
        format!(
            "Hello,\n\nWe have your order, and keep it for you until {until}. It expires unless it is paid by then.\n\n\
             {body}"
        )
    );

    // An attempt that changes nothing is no news.
    let declined = shop.pay(&ann, &order, &key(), "tok_declined").send().await;
    declined.problem(402, "payment-declined");
    assert_eq!(news(&shop, &mut letters).await, [""; 0]);
    let pay = shop.pay(&ann, &order, &key(), "tok_ok").send().await;
    let paid = pay.expect(200);
    assert_eq!(news(&shop, &mut letters).await, ["Your order is paid"]);
    assert_eq!(
        text_of(&letters, &order, &paid["version"]),
        format!("Hello,\n\nYour order is paid. We send it as soon as we can.\n\n{body}")
    );

    let parcel = json!({"carrier": "Ox Express", "tracking_number": "OX1"});
    let shipped = shop.ship(&staff, &order, &parcel).send().await.expect(200);
    assert_eq!(
        news(&shop, &mut letters).await,
        ["Your order is on its way"]
    );
    let brings = "Your order is paid, and Ox Express brings it. The parcel's number: OX1";
    assert_eq!(
        text_of(&letters, &order, &shipped["version"]),
        format!("Hello,\n\n{brings}\n\n{body}")
    );

    shop.deliver(&staff, &order).send().await.expect(200);
    assert_eq!(news(&shop, &mut letters).await, [""; 0]);
    let refund = json!({"restock": false, "reason": "chipped by us"});
    let refunded = shop.refund(&staff, &order, &refund).send().await;
    let refunded = refunded.expect(200);
    assert_eq!(news(&shop, &mut letters).await, ["Your order is paid back"]);
    let text = text_of(&letters, &order, &refunded["version"]);
    assert_eq!(
        text,
        format!("Hello,\n\nYou get back the 29.00 USD that you have paid.\n\n{body}")
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_written_that_an_order_was_called_off_or_has_expired_and_what_of_the_money() {
    let shop = TestShop::selling("mug", 1450, 20).await;
    let ann = shop.verified(ANN).await;
    let mut letters = BTreeMap::new();
    let mut orders: Vec<String> = Vec::new();
    for _ in 0..3 {
        orders.push(shop.ordered(&ann, &[("mug", 1)]).await);
    }
    let [unpaid, paid, expired] = &orders[..] else {
        unreachable!()
    };
    let pay = shop.pay(&ann, paid, &key(), "tok_ok");
    pay.send().await.expect(200);
    assert_eq!(news(&shop, &mut letters).await.len(), 3);

    for (order, money) in [
        (unpaid, "There is nothing to pay."),
        (paid, "You get back the 14.50 USD that you have paid."),
    ] {
        let cancelled = shop.cancel(&ann, order).send().await.expect(200);
        assert_eq!(news(&shop, &mut letters).await, ["Your order is cancelled"]);
        let text = text_of(&letters, order, &cancelled["version"]);
        let told = format!("Hello,\n\nYour order is cancelled. {money}\n\n");
        assert!(text.starts_with(&told), "{text}");
    }
    shop.let_expire(expired).await;
    assert_eq!(shop.settle().await["expired"], 1);
    assert_eq!(news(&shop, &mut letters).await, ["Your order has expired"]);
    // What the schedule gives back is no news, since that was told.
    shop.settle().await;
    assert_eq!(news(&shop, &mut letters).await, [""; 0]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_written_to_who_has_not_shown_the_address_to_be_theirs_or_has_no_account_any_more()
 {
    let shop = TestShop::selling("mug", 1450, 20).await;
    // Anybody could have registered this address.
    let stranger = shop.registered("stranger@example.com").await;
    let leaving = shop.verified("leaving@example.com").await;
    let ann = shop.verified(ANN).await;
    for who in [&stranger, &leaving, &ann, &shop.customer()] {
        shop.ordered(who, &[("mug", 1)]).await;
    }
    // The account is gone before the bus brings the news, which has to wait for a moment here.
    let leave = shop.delete_account(&leaving.token);
    leave.send().await.expect(204);
    assert_eq!(shop.order_letters(ANN).await.len(), 1);
    let known = ["stranger@example.com", "leaving@example.com"];
    for address in known {
        assert_eq!(shop.order_letters(address).await.len(), 0, "{address}");
    }
    // Whoever shows it later is told what happens from then on.
    let token = shop.token_in_letter("stranger@example.com").await;
    shop.verify(&token).await.expect(204);
    let Caller { token, .. } = &stranger;
    let orders = shop.get("/orders").bearer(token).send().await.expect(200);
    let order = orders["items"][0]["id"].as_str().unwrap();
    shop.cancel(&stranger, order).send().await.expect(200);
    let letters = shop.order_letters("stranger@example.com").await;
    let subjects: Vec<&str> = letters.values().map(|it| it.subject.as_str()).collect();
    assert_eq!(subjects, ["Your order is cancelled"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_written_only_while_what_it_says_still_holds() {
    let shop = TestShop::selling("mug", 1450, 20).await;
    let ann = shop.verified(ANN).await;
    let mug = [("mug", 1)];
    let cancelled = shop.paid(&ann, &mug).await;
    shop.cancel(&ann, &cancelled).send().await.expect(200);
    let refunded = shop.shipped(&ann, &mug).await;
    let refund = shop.refund(&shop.staff(), &refunded, &json!({"restock": true}));
    refund.send().await.expect(200);
    // Its time is over, and the schedule has not come by.
    let overdue = shop.ordered(&ann, &mug).await;
    shop.let_expire(&overdue).await;
    let arrived = shop.delivered(&ann, &mug).await;
    let lives = [
        (shop.ordered(&ann, &mug).await, Some("We have your order")),
        (shop.paid(&ann, &mug).await, Some("Your order is paid")),
        (
            shop.shipped(&ann, &mug).await,
            Some("Your order is on its way"),
        ),
        (arrived.clone(), Some("Your order has been delivered")),
        (cancelled, Some("Your order is cancelled")),
        (refunded, Some("Your order is paid back")),
        (overdue.clone(), None),
    ];
    // Only now somebody is told of all that has happened.
    let letters = shop.order_letters(ANN).await;
    for (order, last) in &lives {
        let expected: Vec<&str> = last.iter().copied().collect();
        assert_eq!(subjects(&letters, order), expected);
    }
    // Of what has arrived nobody would hear otherwise. It is the letter about the parcel.
    let mut about = letters.iter();
    let about = about.find(|(id, _)| id.starts_with(arrived.as_str()));
    let (_, letter) = about.unwrap();
    assert_eq!(
        letter.text,
        format!(
            "Hello,\n\nYour order is paid, and Ox Express has delivered it.\n\n1 × The mug: 14.50 USD\nTotal: 14.50 USD\n\n\
             Your order: {arrived}\n"
        )
    );
    let log = logged(&shop).await;
    for failure in ["given up", "was not dealt with"] {
        assert!(!log.contains(failure), "{log}");
    }

    assert_eq!(shop.settle().await["expired"], 1);
    let letters = shop.order_letters(ANN).await;
    assert_eq!(subjects(&letters, &overdue), ["Your order has expired"]);
    shop.close().await;
}
