//! What commands of `cargo shop` say of a shop that is not there.

use crate::support::TestShop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_is_not_there_is_told_with_the_table_that_is_missing_and_the_way_out() {
    let shop = TestShop::open().await;
    for (command, table) in [
        (&["audit"][..], "nobodys-catalogue"),
        (&["bus"], "nobodys-bus"),
        (&["mail"], "nobodys-mailbox"),
        (&["grant-staff", "ann@example.com"], "nobodys-users"),
        (&["revoke-staff", "ann@example.com"], "nobodys-users"),
        (&["replay-events"], "nobodys-bus"),
        (
            &["replay-events", "--event-bus", "nobodys"],
            "nobodys-orders",
        ),
        (&["replay-movements"], "nobodys-catalogue"),
    ] {
        let nobodys = ["--endpoint", shop.dynamodb.endpoint(), "--shop", "nobodys"];
        let line = [&["cargo shop"], command, &nobodys].concat();
        let failure = cli::run(line).await.unwrap_err().to_string();
        let told = format!("{} has no table {table}", shop.dynamodb.endpoint());
        assert!(failure.contains(&told), "{command:?}: {failure}");
        assert!(failure.contains("(--shop)"), "{command:?}: {failure}");
    }
    shop.close().await;
}
