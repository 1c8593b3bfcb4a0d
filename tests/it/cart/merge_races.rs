//! Carts that are merged by several, or while they are filled.

use std::collections::BTreeSet;

use serde_json::json;

use super::races::{busy_shop, products, products_in, put_all};
use crate::{
    races::{at_once, close, persistent},
    support::{Answer, contents},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_merged_ten_times_at_once_is_merged_once_and_what_is_put_meanwhile_stays() {
    let shop = busy_shop().await;
    let ids = products(&shop, 6).await;
    for _ in 0..6 {
        let (ann, guest) = (shop.customer(), shop.guest());
        shop.fill(&ann, &[("thing-00", 60)]).await;
        shop.fill(&guest, &[("thing-00", 40), ("thing-01", 3)])
            .await;
        let putting = {
            let (shop, ann, ids) = (shop.clone(), ann.clone(), ids.clone());
            tokio::spawn(async move { put_all(&shop, &ann, &ids[2..]).await })
        };
        let merging = (0..10).map(|_| {
            let (shop, ann, guest) = (shop.clone(), ann.clone(), guest.clone());
            async move { persistent(|| shop.merge(&ann, &guest.token)).await }
        });
        let adjusted = json!([
            {"product_id": "thing-00", "wanted": 100, "kept": 99, "reason": "max-quantity"},
        ]);
        for answer in at_once(merging).await {
            assert_eq!(answer.expect(200)["adjusted"], adjusted);
        }
        for answer in putting.await.unwrap() {
            answer.expect(200);
        }
        let cart = shop.cart(&ann).await;
        let held: BTreeSet<(String, i64)> = contents(&cart).into_iter().collect();
        let quantities = [99, 3, 1, 1, 1, 1];
        assert_eq!(held, ids.iter().cloned().zip(quantities).collect());
        assert_eq!(cart["version"], 6, "six changes, of which one is the merge");
    }
    assert!(shop.lambda.overlapping("merge-cart") > 1, "they did meet");
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_guests_merged_at_once_both_come_along_and_one_guest_goes_to_one_customer() {
    let shop = busy_shop().await;
    for id in ["cup", "mug", "pen"] {
        shop.product(id, 100, 9).await;
    }
    for _ in 0..6 {
        let (ann, bob) = (shop.customer(), shop.customer());
        let guests = [shop.guest(), shop.guest()];
        shop.fill(&guests[0], &[("mug", 1), ("cup", 1)]).await;
        shop.fill(&guests[1], &[("mug", 2), ("pen", 1)]).await;
        let merging = guests.clone().map(|guest| {
            let (shop, ann) = (shop.clone(), ann.clone());
            async move { persistent(|| shop.merge(&ann, &guest.token)).await }
        });
        for answer in at_once(merging).await {
            answer.expect(200);
        }
        let cart = shop.cart(&ann).await;
        let held: BTreeSet<(String, i64)> = contents(&cart).into_iter().collect();
        let expected = [("cup", 1), ("mug", 3), ("pen", 1)];
        assert_eq!(held, expected.map(|(id, n)| (id.to_owned(), n)).into());
        assert_eq!(cart["version"], 2);

        let guest = shop.guest();
        shop.fill(&guest, &[("mug", 5)]).await;
        let merging = [&ann, &bob].map(|who| {
            let (shop, who, guest) = (shop.clone(), who.clone(), guest.clone());
            async move { persistent(|| shop.merge(&who, &guest.token)).await }
        });
        let answers = at_once(merging).await;
        let refused: Vec<&Answer> = answers.iter().filter(|it| it.status != 200).collect();
        assert_eq!(refused.len(), 1, "{answers:#?}");
        refused[0].problem(422, "invalid-guest-token");
        let mut mugs = 0;
        for who in [&ann, &bob] {
            let held = contents(&shop.cart(who).await);
            let held = held.iter().filter(|(id, _)| id == "mug");
            mugs += held.map(|(_, quantity)| quantity).sum::<i64>();
        }
        assert_eq!(mugs, 3 + 5);
    }
    assert!(shop.lambda.overlapping("merge-cart") > 1, "they did meet");
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_guest_puts_while_they_are_merged_comes_along_or_is_refused() {
    let shop = busy_shop().await;
    let ids = products(&shop, 6).await;
    for _ in 0..8 {
        let (ann, guest) = (shop.customer(), shop.guest());
        shop.fill(&guest, &[("thing-00", 1)]).await;
        let merging = {
            let (shop, ann, guest) = (shop.clone(), ann.clone(), guest.clone());
            tokio::spawn(async move { persistent(|| shop.merge(&ann, &guest.token)).await })
        };
        let answers = put_all(&shop, &guest, &ids[1..]).await;
        let merged = merging.await.unwrap().expect(200);
        let mut expected = BTreeSet::from(["thing-00".to_owned()]);
        for (id, answer) in ids[1..].iter().zip(&answers) {
            if answer.status == 200 {
                expected.insert(id.clone());
            } else {
                answer.problem(401, "unauthenticated");
            }
        }
        assert_eq!(products_in(&merged), expected);
        assert_eq!(products_in(&shop.cart(&ann).await), expected);
    }
    close(shop).await;
}
