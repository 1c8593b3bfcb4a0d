//! `pay-order`, when payments are declined again and again, as those are of whoever tries out stolen cards.

use crate::{
    support::{TestShop, key},
    users::throttling::in_one_window,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_too_many_declined_payments_a_customer_waits_and_what_was_answered_is_answered_again()
{
    let shop = TestShop::open_with("declined-per-customer=3,declined-per-address=5").await;
    shop.product("mug", 1200, 20).await;
    let (answers, charges) = in_one_window(&shop, async |_| {
        let (ann, ben, cy) = (shop.customer(), shop.customer(), shop.customer());
        let [one, two] = [
            shop.ordered(&ann, &[("mug", 1)]).await,
            shop.ordered(&ann, &[("mug", 1)]).await,
        ];
        let (first, paid) = (key(), key());
        let mut answers = Vec::new();
        answers.push(shop.pay(&ann, &two, &paid, "tok_ok").send().await);
        answers.push(shop.pay(&ann, &one, &first, "tok_declined").send().await);
        for _ in 0..2 {
            answers.push(shop.pay(&ann, &one, &key(), "tok_declined").send().await);
        }
        // Of whatever order, by whatever card; but nothing that has an answer.
        let third = shop.ordered(&ann, &[("mug", 1)]).await;
        answers.push(shop.pay(&ann, &one, &key(), "tok_ok").send().await);
        answers.push(shop.pay(&ann, &third, &key(), "tok_ok").send().await);
        answers.push(shop.pay(&ann, &one, &first, "tok_declined").send().await);
        answers.push(shop.pay(&ann, &two, &paid, "tok_ok").send().await);
        // Others have tries of their own, until the address has none.
        let bens = shop.ordered(&ben, &[("mug", 1)]).await;
        for _ in 0..3 {
            answers.push(shop.pay(&ben, &bens, &key(), "tok_declined").send().await);
        }
        let cys = shop.ordered(&cy, &[("mug", 1)]).await;
        answers.push(shop.pay(&cy, &cys, &key(), "tok_ok").send().await);
        (answers, shop.ledger(&one).await)
    })
    .await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(
        statuses,
        [200, 402, 402, 402, 429, 429, 402, 200, 402, 402, 429, 429]
    );
    answers[4].problem(429, "too-many-attempts");
    assert!(answers[4].header("retry-after").parse::<u64>().is_ok());
    assert!(answers[7].is_replayed());
    assert_eq!((charges.charged, charges.declined), (0, 3));
    shop.close().await;
}
