//! The dashboard: what it shows, and where.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{OF_A_TABLE, Watched, all, assert_is_there, named, templates, templates_with, things};
use crate::template::{
    Shop,
    scope::Scope,
    tests::{infra, on_eventbridge, shop},
};

/// What the dashboard has, part by part.
fn widgets(templates: &[Scope]) -> Vec<Value> {
    let found = all(templates, "AWS::CloudWatch::Dashboard");
    let [(scope, dashboard)] = found[..] else {
        panic!("one dashboard shows the shop, not {}", found.len());
    };
    let body = scope.text(scope.need(dashboard, "DashboardBody").unwrap());
    let body: Value = serde_json::from_str(&body.unwrap()).unwrap();
    body["widgets"].as_array().unwrap().clone()
}

/// The rows of each graph: those of metrics, and what the others say.
fn rows(widget: &Value) -> (Vec<&[Value]>, Vec<&Value>) {
    let rows = widget["properties"]["metrics"].as_array();
    let rows = rows
        .into_iter()
        .flatten()
        .map(|row| row.as_array().unwrap());
    let (sums, metrics): (Vec<_>, Vec<_>) = rows.partition(|row| row[0].is_object());
    let metrics = metrics.into_iter().map(Vec::as_slice).collect();
    (metrics, sums.into_iter().map(|row| &row[0]).collect())
}

#[test]
fn the_dashboard_shows_what_somebody_leaves_and_every_function_table_stream_and_queue() {
    let templates = templates();
    let mut things = things(&templates);
    let failures = things.values["QueueName"].clone();
    // What the other bus has is shown as well; without it there is nothing to see there.
    let queues = named(
        &templates_with("eventbridge"),
        "AWS::SQS::Queue",
        "QueueName",
    );
    things.values.entry("QueueName").or_default().extend(queues);
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for widget in widgets(&templates) {
        for row in rows(&widget).0 {
            let watched = Watched::of_row(row);
            assert_is_there(&watched, &things);
            let values = watched.dimensions.into_values().flatten();
            shown.entry(watched.name).or_default().extend(values);
        }
    }
    for metric in OF_A_TABLE {
        assert_eq!(shown[*metric], things.values["TableName"], "{metric}");
    }
    for metric in ["Invocations", "Errors"] {
        let functions = &things.values["FunctionName"];
        assert_eq!(shown[metric], *functions, "{metric}; run `cargo shop sync`");
    }
    let given_up = &shown["ApproximateNumberOfMessagesVisible"];
    assert_eq!(*given_up, failures);
    let on_eventbridge = Shop::load(&infra(), &on_eventbridge()).unwrap();
    let queues = on_eventbridge.operations();
    let queues = queues.filter_map(|it| Some(it.queue.as_ref()?.name.clone()));
    let queues: BTreeSet<String> = queues.collect();
    assert_eq!(shown["ApproximateAgeOfOldestMessage"], queues);
    let shop = shop();
    let streams = shop.operations().filter(|it| it.stream.is_some());
    let streams: BTreeSet<String> = streams.map(|it| format!("a-Shop-{}", it.name)).collect();
    assert_eq!(shown["IteratorAge"], streams);
    for ours in edge::Metric::ALL {
        assert!(shown.contains_key(ours.as_str()), "{ours:?} is not shown");
    }
}

#[test]
fn each_sum_of_the_dashboard_is_that_of_one_service() {
    let templates = templates();
    let shop = shop();
    let services: BTreeSet<&str> = shop.services.iter().map(|it| it.name.as_str()).collect();
    let mut graphs = 0;
    for widget in widgets(&templates) {
        let (metrics, sums) = rows(&widget);
        if sums.is_empty() {
            continue;
        }
        graphs += 1;
        let labels = sums.iter().map(|it| it["label"].as_str().unwrap());
        assert_eq!(labels.collect::<BTreeSet<_>>(), services);
        for sum in sums {
            let label = sum["label"].as_str().unwrap();
            let expected = format!("SUM(METRICS(\"{label}_\"))");
            assert_eq!(sum["expression"], expected);
            // CloudWatch takes for it what has that anywhere in its id.
            let of_sum = |row: &[Value]| {
                let id = row.last().unwrap()["id"].as_str().unwrap();
                id.contains(&format!("{label}_")).then(|| row[3].clone())
            };
            let summed: BTreeSet<String> = metrics
                .iter()
                .filter_map(|row| of_sum(row))
                .map(|it| it.as_str().unwrap().to_owned())
                .collect();
            let service = shop.services.iter().find(|it| it.name == label).unwrap();
            let functions = service.operations.iter();
            let functions: BTreeSet<String> =
                functions.map(|it| format!("a-Shop-{}", it.name)).collect();
            assert_eq!(summed, functions, "{label}");
        }
    }
    assert_eq!(graphs, 2);
}

#[test]
fn the_parts_of_the_dashboard_lie_beside_each_other() {
    let templates = templates();
    let mut taken = BTreeSet::new();
    for widget in widgets(&templates) {
        let place = ["x", "y", "width", "height"].map(|it| widget[it].as_u64().unwrap());
        let [x, y, width, height] = place;
        assert!(x + width <= 24 && width > 0 && height > 0, "{widget}");
        for at in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            assert!(taken.insert(at), "{widget} lies on another");
        }
    }
    let alarms = widgets(&templates);
    let alarms = alarms.iter().filter(|it| it["type"] == "alarm");
    let alarms = alarms.flat_map(|it| it["properties"]["alarms"].as_array().unwrap());
    let alarms: Vec<&str> = alarms.map(|it| it.as_str().unwrap()).collect();
    let names = named(&templates, "AWS::CloudWatch::Alarm", "AlarmName");
    assert!(!alarms.is_empty());
    for alarm in alarms {
        let (_, name) = alarm.split_once(":alarm:").unwrap();
        assert!(names.contains(name), "there is no alarm {name}");
    }
}
