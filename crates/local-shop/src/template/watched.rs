//! That what is watched is there: alarms and the dashboard name metrics that somebody leaves, of what the templates
//! declare. CloudWatch takes any name, and shows nothing.

mod dashboard;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    scope::{Scope, kind},
    tests::{infra, parameters, shop},
    yaml::Node,
};

const API: &str = "an-api";

const OF_A_TABLE: &[&str] = &[
    "ConsumedReadCapacityUnits",
    "ConsumedWriteCapacityUnits",
    "ReadThrottleEvents",
    "WriteThrottleEvents",
];

const OF_AN_API: &[&str] = &[
    "4xx",
    "5xx",
    "Count",
    "DataProcessed",
    "IntegrationLatency",
    "Latency",
];

const OF_A_FUNCTION: &[&str] = &[
    "AsyncEventAge",
    "AsyncEventsDropped",
    "AsyncEventsReceived",
    "ConcurrentExecutions",
    "DestinationDeliveryFailures",
    "Duration",
    "Errors",
    "Invocations",
    "IteratorAge",
    "Throttles",
];

/// Metrics that AWS's services leave, by their namespace and the names of their dimensions ("Metrics" in the developer
/// guides of Amazon API Gateway, Amazon DynamoDB, AWS Lambda and Amazon SQS).
const OF_AWS: [(&str, &[&str], &[&str]); 8] = [
    ("AWS/ApiGateway", &["ApiId"], OF_AN_API),
    ("AWS/ApiGateway", &["ApiId", "Stage"], OF_AN_API),
    ("AWS/DynamoDB", &["TableName"], OF_A_TABLE),
    (
        "AWS/DynamoDB",
        &["GlobalSecondaryIndexName", "TableName"],
        OF_A_TABLE,
    ),
    (
        "AWS/DynamoDB",
        &["Operation", "TableName"],
        &[
            "SuccessfulRequestLatency",
            "SystemErrors",
            "ThrottledRequests",
        ],
    ),
    ("AWS/Lambda", &["FunctionName"], OF_A_FUNCTION),
    // Of all functions of the account.
    ("AWS/Lambda", &[], OF_A_FUNCTION),
    (
        "AWS/SQS",
        &["QueueName"],
        &[
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesVisible",
            "NumberOfMessagesSent",
        ],
    ),
];

/// A metric that somebody looks at.
#[derive(Debug)]
struct Watched {
    namespace: String,
    name: String,
    /// A value that only AWS knows is left out.
    dimensions: BTreeMap<String, Option<String>>,
}

impl Watched {
    /// What an alarm's properties, or a metric of its expression, name.
    fn by(scope: &Scope, node: &Node) -> Self {
        let text = |name: &str| scope.text(scope.need(node, name).unwrap()).unwrap();
        let dimensions = node.get("Dimensions").map(Node::elements);
        let dimensions = dimensions.unwrap_or_default().iter().map(|it| {
            let name = scope.text(scope.need(it, "Name").unwrap()).unwrap();
            let value = scope.text(scope.need(it, "Value").unwrap());
            (name, value.ok())
        });
        Self {
            namespace: text("Namespace"),
            name: text("MetricName"),
            dimensions: dimensions.collect(),
        }
    }

    /// What a row of a graph names: a namespace, a name, and dimensions each with its value.
    fn of_row(row: &[Value]) -> Self {
        let texts: Vec<String> = row
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        let [namespace, name, dimensions @ ..] = texts.as_slice() else {
            panic!("{row:?} names no metric");
        };
        let dimensions = dimensions.chunks(2).map(|pair| match pair {
            [name, value] => (name.clone(), Some(value.clone())),
            _ => panic!("{row:?} has a dimension without a value"),
        });
        Self {
            namespace: namespace.clone(),
            name: name.clone(),
            dimensions: dimensions.collect(),
        }
    }

    /// Whether somebody leaves it, with these dimensions.
    fn is_left(&self, filtered: &BTreeSet<String>) -> bool {
        let dimensions: Vec<&str> = self.dimensions.keys().map(String::as_str).collect();
        if self.namespace == "Oxcart" {
            return match dimensions[..] {
                ["Shop"] => edge::Metric::ALL.iter().any(|it| it.as_str() == self.name),
                [] => filtered.contains(&self.name),
                _ => false,
            };
        }
        OF_AWS.iter().any(|(namespace, by, names)| {
            *namespace == self.namespace && *by == dimensions && names.contains(&&*self.name)
        })
    }
}

/// What there is to be watched.
struct Things {
    /// Everything that may be the value of a dimension, by the dimension's name.
    values: BTreeMap<&'static str, BTreeSet<String>>,
    /// The metrics that filters make of lines in the log.
    filtered: BTreeSet<String>,
}

/// Every template, as the shop `a-Shop` has it.
fn templates() -> Vec<Scope> {
    templates_with("built-in")
}

/// The same with this bus.
fn templates_with(bus: &str) -> Vec<Scope> {
    let given = parameters().into_iter();
    let mut given: BTreeMap<String, Result<String, String>> =
        given.map(|(name, value)| (name, Ok(value))).collect();
    given.insert("ApiId".to_owned(), Ok(API.to_owned()));
    given.insert("EventBus".to_owned(), Ok(bus.to_owned()));
    let files = std::fs::read_dir(infra()).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files
        .map(|file| Scope::open(&file, &given).unwrap())
        .collect()
}

/// The resources of this type, each with its template.
fn all<'s>(templates: &'s [Scope], wanted: &str) -> Vec<(&'s Scope, &'s Node)> {
    let mut found = Vec::new();
    for scope in templates {
        for (_, node) in scope.resources().unwrap() {
            if kind(node) == wanted {
                found.push((scope, scope.need(node, "Properties").unwrap()));
            }
        }
    }
    found
}

/// This property of each resource of this type.
fn named(templates: &[Scope], kind: &str, property: &str) -> BTreeSet<String> {
    let found = all(templates, kind).into_iter();
    let name = |(scope, node): (&Scope, &Node)| scope.text(scope.need(node, property).unwrap());
    found.map(|it| name(it).unwrap()).collect()
}

fn things(templates: &[Scope]) -> Things {
    let shop = shop();
    let operations = shop.operations().map(|it| format!("a-Shop-{}", it.name));
    let tables = shop.tables();
    let indexes = tables.flat_map(|it| it.indexes.iter().map(|index| index.name.clone()));
    let tables = shop.tables().map(|it| it.name.clone());
    let calls = [
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    ];
    let values = [
        ("ApiId", [API.to_owned()].into()),
        ("FunctionName", operations.collect()),
        ("GlobalSecondaryIndexName", indexes.collect()),
        ("Operation", calls.map(str::to_owned).into()),
        (
            "QueueName",
            named(templates, "AWS::SQS::Queue", "QueueName"),
        ),
        ("Shop", ["a-Shop".to_owned()].into()),
        ("Stage", ["$default".to_owned()].into()),
        ("TableName", tables.collect()),
    ];
    let mut filtered = BTreeSet::new();
    for (scope, filter) in all(templates, "AWS::Logs::MetricFilter") {
        for made in scope
            .need(filter, "MetricTransformations")
            .unwrap()
            .elements()
        {
            let name = scope.text(scope.need(made, "MetricName").unwrap());
            filtered.insert(name.unwrap());
        }
    }
    Things {
        values: values.into(),
        filtered,
    }
}

#[track_caller]
fn assert_is_there(watched: &Watched, things: &Things) {
    let is_left = watched.is_left(&things.filtered);
    assert!(is_left, "nobody leaves {watched:?}");
    for (name, value) in &watched.dimensions {
        let known = &things.values[name.as_str()];
        let is_known = value.as_ref().is_none_or(|it| known.contains(it));
        assert!(is_known, "there is no such {name}: {watched:?}");
    }
}

#[test]
fn every_alarm_watches_a_metric_that_somebody_leaves() {
    for bus in ["built-in", "eventbridge"] {
        assert_alarms_watch(&templates_with(bus));
    }
}

#[track_caller]
fn assert_alarms_watch(templates: &[Scope]) {
    let things = things(templates);
    let alarms = all(templates, "AWS::CloudWatch::Alarm");
    for (scope, alarm) in &alarms {
        let of_expression = alarm.get("Metrics").map(Node::elements).unwrap_or_default();
        let of_expression = of_expression
            .iter()
            .filter_map(|it| it.at(&["MetricStat", "Metric"]));
        let own = alarm.get("MetricName").map(|_| *alarm);
        let watched: Vec<&Node> = own.into_iter().chain(of_expression).collect();
        assert!(!watched.is_empty(), "{alarm:?} watches nothing");
        for node in watched {
            assert_is_there(&Watched::by(scope, node), &things);
        }
    }
    let names = named(templates, "AWS::CloudWatch::Alarm", "AlarmName");
    assert_eq!(names.len(), alarms.len(), "{names:?}");
    assert!(
        names.iter().all(|it| it.starts_with("a-Shop-")),
        "{names:?}"
    );
    assert!(names.contains("a-Shop-api-errors"), "{names:?}");
}

#[test]
fn whichever_bus_there_is_late_mail_about_orders_is_told() {
    let late = |bus: &str| {
        let names = named(&templates_with(bus), "AWS::CloudWatch::Alarm", "AlarmName");
        ["behind", "late"].map(|how| names.contains(&format!("a-Shop-order-mail-{how}")))
    };
    assert_eq!(late("built-in"), [true, false]);
    assert_eq!(late("eventbridge"), [false, true]);
}

/// `settle-orders` leaves it, and whoever deploys that alone has the alarm (decision 39).
#[test]
fn overdue_work_is_told_by_the_service_that_does_it() {
    let orders = templates().into_iter();
    let orders = orders.filter(|it| it.file.ends_with("orders.yaml"));
    let orders: Vec<Scope> = orders.collect();
    let names = named(&orders, "AWS::CloudWatch::Alarm", "AlarmName");
    assert!(names.contains("a-Shop-work-overdue"), "{names:?}");
}
