//! Every operation, in a story that is full of canaries.

use std::collections::{BTreeMap, BTreeSet};

use local_shop::Who;

use super::{
    buying,
    canaries::{ENCODED, canaries, these},
    client::Client,
    people, shelf,
    written::{Texts, assert_clean, tables},
};
use crate::support::{TestShop, text};

/// The canaries by where they were found.
type Places<'t> = BTreeMap<&'t str, BTreeSet<String>>;

fn found_in(texts: &Texts) -> Places<'_> {
    let texts = texts.iter();
    texts
        .map(|(place, text)| (place.as_str(), canaries(text)))
        .collect()
}

/// That no secret is kept, but for a password's hash with its account and links in the mail with which they leave.
fn assert_keeps_no_secret(client: &Client<'_>, tables: &Texts) {
    for (table, text) in tables {
        let kept = client.secrets.iter().find(|secret| text.contains(*secret));
        assert_eq!(kept, None, "in {table}");
        let mailed = client.mailed.iter().any(|token| text.contains(token));
        assert_eq!(mailed, table == "mailbox", "{table}");
        assert!(table == "users" || !text.contains("$argon2"), "{table}");
    }
}

/// An audit finds something wrong with every cart, and names them.
async fn are_audited(shop: &TestShop) {
    let carts = shop.items("carts").await;
    for cart in &carts {
        shop.set_text("carts", text(cart, "pk"), "state", "canarystate")
            .await;
    }
    let report = shop.audit_shop().await.unwrap();
    assert!(!carts.is_empty());
    assert_eq!(report["findings"], carts.len());
    for cart in carts {
        shop.put_item("carts", cart).await;
    }
}

/// Everything that anybody may see without a session and without knowing an id.
async fn look_around(client: &mut Client<'_>) {
    let shop = client.shop;
    for operation in shop.template.operations() {
        let Some(route) = &operation.route else {
            continue;
        };
        let is_open = route.callers.contains(&Who::Anyone) && !route.path.contains('{');
        if route.method == "GET" && is_open {
            let look = client.get(&route.path);
            client.send(look, 200).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_all_that_a_story_tells_the_shop_each_word_is_found_where_it_belongs_and_nowhere_else() {
    let shop = TestShop::open().await;
    let mut client = Client::of(&shop);
    let staff = shop.staff().token;
    client.keep(&staff);
    shelf::is_filled(&mut client, &staff).await;
    look_around(&mut client).await;
    shelf::is_looked_at(&mut client).await;
    let mut ann = people::arrives(&mut client).await;
    people::shows_who_she_is(&mut client, &mut ann).await;
    buying::fills_a_cart(&mut client, &ann).await;
    let orders = buying::orders(&mut client, &ann).await;
    buying::are_looked_at(&mut client, &ann, &staff, &orders).await;
    buying::are_paid_for(&mut client, &ann, &orders).await;
    buying::are_dealt_with(&mut client, &ann, &staff, &orders).await;
    shelf::is_counted(&mut client, &staff).await;
    shop.settle().await;

    let kept = tables(&shop).await;
    let catalogue = [
        "canarycategory",
        "canarydescription",
        "canaryimage",
        "canarynote",
        "canaryproduct",
        "canarytitle",
    ];
    let address = [
        "canarycity",
        "canaryline1",
        "canaryline2",
        "canarypostal",
        "canaryrecipient",
        "canaryregion",
    ];
    let bought = ["canaryproduct", "canarytitle"];
    let parcel = ["canarycarrier", "canarytracking"];
    let of_order = [&bought[..], &parcel, &address, &["canaryreason"]].concat();
    let person = ["canaryemail", "canaryname"];
    // Of her orders: what she bought, and how it travels.
    let mailed = [&person[..1], &parcel, &["canarytitle"]].concat();
    let mut expected = Places::from([
        ("users", these(&person)),
        ("mailbox", these(&mailed)),
        ("catalogue", these(&catalogue)),
        ("carts", these(&bought)),
        ("orders", these(&of_order)),
        ("provider", these(&[])),
        ("bus", these(&[])),
    ]);
    assert_eq!(found_in(&kept), expected);
    assert!(kept["bus"].contains("order.refunded") && kept["provider"].contains("CHARGE#"));
    assert_keeps_no_secret(&client, &kept);
    are_audited(&shop).await;

    people::leaves(&mut client, &ann).await;
    shop.last_look(&ann.id).await;
    let kept = tables(&shop).await;
    // The mailbox keeps for thirty days what has left the shop.
    expected.insert("users", these(&[]));
    expected.insert("carts", these(&[]));
    expected.insert("orders", these(&[&bought[..], &parcel[..1]].concat()));
    assert_eq!(found_in(&kept), expected);
    assert_keeps_no_secret(&client, &kept);

    let (problems, answers) = (client.answered(true), client.answered(false));
    // Which products it is about.
    let named = these(&["canaryproduct", "canaryunknown"]);
    assert_eq!(canaries(&problems), named);
    // A cursor names the product it goes on after.
    let shown = [&catalogue[..], &parcel, &address, &person, &[ENCODED]].concat();
    assert_eq!(canaries(&answers), these(&shown));
    let secrets = [&client.secrets[..], &client.mailed, &["$argon2".to_owned()]].concat();
    let told = secrets.iter().find(|secret| problems.contains(*secret));
    assert_eq!(told, None);
    let logs = shop.logs().await;
    // The one that was our fault was told with its cause.
    assert!(logs["pay-order"].contains("could not be reached"));
    assert!(logs["audit-shop"].contains("an item can be read"));
    assert_clean(&logs, &client.answers, &secrets);
    shop.close().await;
}
