//! What a shop is read as: services, operations, tables, variables.

use std::time::Duration;

use super::{ROOT, folder, infra, parameters, shop};
use crate::template::{Route, Shop, Who};

#[test]
fn every_service_operation_and_table_is_found() {
    let shop = shop();
    let services: Vec<_> = shop
        .services
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    assert_eq!(
        services,
        [
            "users",
            "catalogue",
            "cart",
            "orders",
            "contract",
            "operations"
        ]
    );
    let place = shop.operation("place-order").unwrap();
    assert_eq!(
        (place.service.as_str(), place.package.as_str()),
        ("orders", "functions/orders")
    );
    let route = Route {
        path: "/orders".into(),
        method: "POST".into(),
        callers: [Who::Customer].into(),
        needs_key: true,
    };
    assert_eq!(place.route, Some(route));
    assert_eq!(place.environment["ORDERS_TABLE"], "a-Shop-orders");
    assert_eq!(place.environment["CATALOGUE_TABLE"], "a-Shop-catalogue");
    assert_eq!(place.environment["TOKEN_PUBLIC_KEYS"], "a-TokenPublicKeys");
    assert_eq!((place.memory_mib, place.timeout.as_secs()), (256, 10));
    let settle = shop.operation("settle-orders").unwrap();
    assert_eq!(settle.schedule.as_deref(), Some("rate(1 minute)"));
    assert_eq!(settle.every(), Some(Duration::from_secs(60)));
    assert_eq!(settle.environment["PROVIDER_TABLE"], "a-Shop-provider");
    let source = shop
        .operation("record-stock-movements")
        .unwrap()
        .stream
        .clone()
        .unwrap();
    assert_eq!(
        (source.table.as_str(), source.batch_size, source.retries),
        ("a-Shop-catalogue", 100, Some(10))
    );
}

#[test]
fn only_what_begins_or_goes_on_with_a_session_gets_private_keys() {
    for operation in shop().operations() {
        let private = ["TOKEN_SIGNING_KEY", "REFRESH_TOKEN_KEY"];
        // None as the path of a parameter only: the local shop has the parameters themselves.
        assert!(
            !operation
                .environment
                .keys()
                .any(|name| name.ends_with("_PARAMETER"))
        );
        let has = private
            .iter()
            .any(|name| operation.environment.contains_key(*name));
        let begins = [
            "log-in",
            "refresh-session",
            "reset-password",
            "start-guest-session",
        ];
        let needs = begins.contains(&operation.name.as_str());
        assert_eq!(has, needs, "{}", operation.name);
    }
}

#[test]
fn tables_have_their_keys_and_indexes() {
    let shop = shop();
    let table = shop.table("CatalogueTable").unwrap();
    assert_eq!(table.name, "a-Shop-catalogue");
    assert_eq!(
        (table.key.hash.name.as_str(), table.key.hash.kind.as_str()),
        ("pk", "S")
    );
    assert_eq!(table.key.range.as_ref().unwrap().name, "sk");
    assert_eq!(table.stream.as_deref(), Some("NEW_AND_OLD_IMAGES"));
    assert_eq!(table.time_to_live.as_deref(), Some("expires"));
    let names: Vec<_> = table
        .indexes
        .iter()
        .map(|index| index.name.as_str())
        .collect();
    assert_eq!(names, ["all", "by-category"]);
    assert!(table.indexes[0].included.contains(&"in_stock".to_owned()));
    let due = &shop.table("OrdersTable").unwrap().indexes[3];
    let range = due.range.clone().unwrap();
    assert_eq!((due.name.as_str(), range.kind.as_str()), ("due", "N"));
}

#[test]
fn a_condition_takes_table_and_variable_away() {
    let mut parameters = parameters();
    parameters.insert("PaymentProvider".into(), "acme".into());
    let shop = Shop::load(&infra(), &parameters).unwrap();
    assert!(shop.table("ProviderTable").is_none());
    let pay = shop.operation("pay-order").unwrap();
    assert!(!pay.environment.contains_key("PROVIDER_TABLE"));
    assert_eq!(pay.environment["PAYMENT_PROVIDER"], "acme");
}

#[test]
fn variables_of_all_functions_are_those_of_each_unless_it_says_otherwise() {
    let service =
        "Globals: {Function: {Environment: {Variables: {A: shared, B: shared, C: shared}}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: {BuildProperties: {Binary: f}}
    Properties:
      CodeUri: ../functions/f
      Environment: {Variables: {B: own, C: !Ref \"AWS::NoValue\", D: own}}
      Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}}
";
    let folder = folder(ROOT, service);
    let shop = Shop::load(folder.path(), &parameters()).unwrap();
    let environment = &shop.operation("f").unwrap().environment;
    let told: Vec<_> = environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(told, ["A=shared", "B=own", "D=own"]);
}
