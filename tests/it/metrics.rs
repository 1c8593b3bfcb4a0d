//! What requests and events leave in the log: a line each, and another one if they count.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

use crate::support::{TestShop, cancelled, key, now, text};

/// What a function's one process printed. It is ended for that: with it, its output is complete.
async fn printed(shop: &TestShop, function: &str) -> Vec<String> {
    assert_eq!(shop.lambda.started(function), 1, "{function}");
    shop.lambda.kill_one(function).await.unwrap();
    shop.lambda.logs(function)
}

/// The lines that CloudWatch would make metrics of. The others are not in JSON here, since nobody asked for it.
fn counted(lines: &[String]) -> Vec<Value> {
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok());
    lines.collect()
}

/// The line that counts one, but for its time.
fn one(operation: &str, name: &str) -> Value {
    measured(operation, &[(name, "Count", 1)])
}

/// The line with these metrics, each with its unit and its number, but for its time.
fn measured(operation: &str, measures: &[(&str, &str, u64)]) -> Value {
    let metrics = measures.iter();
    let metrics = metrics.map(|(name, unit, _)| json!({"Name": name, "Unit": unit}));
    let metrics: Vec<Value> = metrics.collect();
    let mut line = json!({
        "_aws": {
            "CloudWatchMetrics": [
                {"Namespace": "Oxcart", "Dimensions": [["Shop"]], "Metrics": metrics},
            ],
        },
        "Shop": "local",
        "Operation": operation,
    });
    for (name, _, number) in measures {
        line[*name] = json!(number);
    }
    line
}

/// The line of an audit that came to its end.
fn audited(findings: u64, orders: u64) -> Value {
    let measures = [
        ("AuditFinished", "Count", 1),
        ("AuditFindings", "Count", findings),
        ("AuditOrders", "Count", orders),
        ("AuditWorkOverdue", "Seconds", 0),
    ];
    measured("audit-shop", &measures)
}

/// Those lines without their times.
fn timeless(mut lines: Vec<Value>) -> Vec<Value> {
    for line in &mut lines {
        line["_aws"].as_object_mut().unwrap().remove("Timestamp");
    }
    lines
}

/// This number in each request's or event's line.
fn numbers(lines: &[String], name: &str) -> Vec<f64> {
    let mark = format!(" {name}=");
    let of_requests = lines.iter().filter(|line| line.contains(" request_id="));
    let number = |line: &String| -> f64 {
        let (_, rest) = line.split_once(&mark).unwrap();
        let number = rest.split_whitespace().next().unwrap();
        number.parse().unwrap()
    };
    of_requests.map(number).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_counts_once_and_so_does_what_kept_one_from_being_placed_or_paid() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 1).await;
    shop.product("hat", 100, 1).await;
    let ann = shop.customer();
    let before = now().as_millis();
    let once = key();
    let mug = || shop.order(&ann, &once, &[("mug", 1)]).send();
    let order = mug().await.expect(201);
    assert!(mug().await.is_replayed());
    let late = shop.order(&ann, &key(), &[("mug", 1)]).send().await;
    late.problem(409, "out-of-stock");
    let invalid = shop.order(&ann, &key(), &[("mug", 0)]).send().await;
    invalid.problem(422, "invalid-order");
    let hat = json!({"quantity": 1});
    let buy = || shop.buy(&ann, &key(), "hat", &hat).send();
    buy().await.expect(201);
    buy().await.problem(409, "out-of-stock");
    let order = order["id"].as_str().unwrap();
    for (token, status) in [("tok_declined", 402), ("tok_ok", 200)] {
        let pay = shop.pay(&ann, order, &key(), token);
        pay.send().await.expect(status);
    }
    let failed = shop.log_in("nobody@example.com", "wrong horse battery");
    failed.send().await.problem(401, "invalid-credentials");
    let after = now().as_millis();
    let table: [(&str, &[&str]); 5] = [
        ("place-order", &["OrdersPlaced", "SoldOut"]),
        ("buy-product", &["OrdersPlaced", "SoldOut"]),
        ("pay-order", &["PaymentsDeclined"]),
        ("log-in", &["LogInFailures"]),
        ("put-product", &[]),
    ];
    for (operation, names) in table {
        let counted = counted(&printed(&shop, operation).await);
        for line in &counted {
            let at = line["_aws"]["Timestamp"].as_i64().unwrap();
            assert!((before..=after).contains(&at), "{line}");
        }
        let expected: Vec<Value> = names.iter().map(|name| one(operation, name)).collect();
        assert_eq!(timeless(counted), expected, "{operation}");
    }
    shop.close().await;
}

/// What the filters in `infra/`, of which alarms are made, look at in a line of the log.
fn looked_at() -> BTreeSet<String> {
    let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra");
    let templates = fs::read_dir(infra).unwrap();
    let templates = templates.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let mut names = BTreeSet::new();
    for template in templates {
        let patterns = template.lines().map(str::trim);
        for pattern in patterns.filter(|line| line.starts_with("FilterPattern: ")) {
            let is_name = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
            let ends = |rest: &str| rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
            let rests = pattern.split("$.").skip(1);
            names.extend(rests.map(|rest| rest[..ends(rest)].to_owned()));
        }
    }
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_alarms_filters_look_at_is_in_the_log() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 1).await;
    let ann = shop.customer();
    let order = shop.order(&ann, &key(), &[("mug", 1)]).send();
    order.await.expect(201);
    let lines = printed(&shop, "place-order").await;
    let request = lines.iter().find(|line| line.contains(" request_id="));
    let request = request.unwrap();
    let names = looked_at();
    assert!(names.contains("fields.status"), "{names:?}");
    for name in &names {
        let is_there = match name.strip_prefix("fields.") {
            // In the log in JSON, which nobody asked for here, a line's fields are members of `fields`.
            Some(field) => request.contains(&format!(" {field}=")),
            // Lambda's own reports.
            None if ["type", "record.status"].contains(&name.as_str()) => true,
            None => counted(&lines).iter().any(|line| line.get(name).is_some()),
        };
        assert!(is_there, "{name} is not in {lines:?}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_requests_line_says_what_dynamodb_was_asked_and_what_that_cost() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let ann = shop.customer();
    let once = key();
    let order = || shop.order(&ann, &once, &[("mug", 1)]).send();
    order().await.expect(201);
    assert!(order().await.is_replayed());
    let lines = printed(&shop, "place-order").await;
    assert_eq!(numbers(&lines, "attempts"), [1.0, 0.0], "{lines:?}");
    let [placed, again] = numbers(&lines, "write_units")[..] else {
        panic!("{lines:?}")
    };
    // The order and a bucket, in a transaction, where each started KB costs two.
    assert!(placed >= 4.0, "{lines:?}");
    assert_eq!(again, 0.0, "{lines:?}");
    let read = numbers(&lines, "read_units");
    assert!(read.iter().all(|units| *units > 0.0), "{lines:?}");

    shop.settle().await;
    let lines = printed(&shop, "settle-orders").await;
    for name in ["dynamodb_us", "dynamodb_calls", "read_units"] {
        let told = numbers(&lines, name);
        assert!(matches!(told[..], [number] if number > 0.0), "{lines:?}");
    }
    assert_eq!(numbers(&lines, "attempts"), [0.0], "{lines:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_shows_in_the_attempts_and_as_contention_when_it_does_not_end() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let ann = shop.customer();
    let order = || shop.order(&ann, &key(), &[("mug", 1)]).send();
    let conflict = cancelled(&["None", "TransactionConflict"]);
    order().await.expect(201);
    shop.wire.refuse("TransactWriteItems", 1, &conflict);
    order().await.expect(201);
    shop.wire.refuse("TransactWriteItems", 100, &conflict);
    order().await.problem(503, "busy");
    let tries = 100 - shop.wire.forgive();
    assert!(tries > 1, "{tries}");
    let lines = printed(&shop, "place-order").await;
    assert_eq!(numbers(&lines, "attempts"), [1.0, 2.0, tries as f64]);
    let names = ["OrdersPlaced", "OrdersPlaced", "Contention"];
    assert_eq!(
        timeless(counted(&lines)),
        names.map(|name| one("place-order", name))
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_counts_what_it_found_and_names_it() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let ann = shop.customer();
    shop.ordered(&ann, &[("mug", 1)]).await;
    let paid = shop.paid(&ann, &[("mug", 1)]).await;
    shop.drain_stream().await;
    let sound = json!({
        "products": 1, "buckets": 1, "movements": 3, "carts": 0, "orders": 2, "events": 3, "charges": 1,
        "late_s": 0, "findings": 0,
    });
    assert_eq!(shop.audit_shop().await.unwrap(), sound);
    let bus = shop.items("bus").await;
    // Not the last one about the order, which a stream may only be late with.
    let placed = format!("EVENT#{paid}#1");
    let event = bus.iter().find(|it| text(it, "pk") == placed).unwrap();
    shop.delete("bus", text(event, "pk")).await;
    let mut damaged = sound.clone();
    damaged["events"] = json!(2);
    damaged["findings"] = json!(1);
    assert_eq!(shop.audit_shop().await.unwrap(), damaged);
    shop.put_item("bus", event.clone()).await;

    let lines = printed(&shop, "audit-shop").await;
    assert_eq!(timeless(counted(&lines)), [audited(0, 2), audited(1, 2)]);
    let named: Vec<&String> = lines.iter().filter(|it| it.contains(&paid)).collect();
    let [line] = named[..] else {
        panic!("named once: {lines:?}")
    };
    let rule = "rule=\"the event bus was told of every status an order had\"";
    assert!(line.contains("WARN") && line.contains(rule), "{line}");
    assert_eq!(numbers(&lines, "attempts"), [0.0, 0.0], "it only reads");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_that_does_not_come_to_its_end_says_so_and_nothing_else() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    shop.drain_stream().await;
    let no =
        json!({"__type": "com.amazonaws.dynamodb.v20120810#ValidationException", "message": "no"});
    shop.wire.refuse("Scan", 1, &no);
    assert!(shop.audit_shop().await.is_err());
    assert_eq!(shop.wire.forgive(), 0);
    shop.audit_shop().await.unwrap();
    let lines = printed(&shop, "audit-shop").await;
    let unfinished = measured("audit-shop", &[("AuditFinished", "Count", 0)]);
    assert_eq!(timeless(counted(&lines)), [unfinished, audited(0, 0)]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_round_of_the_schedule_says_how_late_work_is_unless_it_could_not_look() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let order = shop.ordered(&shop.customer(), &[("mug", 1)]).await;
    assert_eq!(shop.settle().await["due"], 0);
    let pk = format!("ORDER#{order}");
    let an_hour_ago = now().as_millis() - 3_600_000;
    for name in ["expires_at", "next_action_at"] {
        shop.set_number("orders", &pk, name, an_hour_ago).await;
    }
    // None of the parts in which due work is listed can be read.
    let no =
        json!({"__type": "com.amazonaws.dynamodb.v20120810#ValidationException", "message": "no"});
    shop.wire.refuse("Query", 16, &no);
    assert_eq!(shop.settle().await["left"], 16);
    assert_eq!(shop.wire.forgive(), 0);
    assert_eq!(shop.settle().await["expired"], 1);
    assert_eq!(shop.settle().await["due"], 0);

    let counted = counted(&printed(&shop, "settle-orders").await);
    let late = counted.iter().map(|it| it["WorkOverdue"].as_u64().unwrap());
    let late: Vec<u64> = late.collect();
    // Nothing of the round that could not look.
    let [before, meanwhile, after] = late[..] else {
        panic!("{counted:?}")
    };
    assert_eq!((before, after), (0, 0));
    assert!(meanwhile >= 3600, "{meanwhile}");
    let line = measured("settle-orders", &[("WorkOverdue", "Seconds", 0)]);
    assert_eq!(timeless(counted)[0], line);
    shop.close().await;
}
