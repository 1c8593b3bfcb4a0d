use std::{path::PathBuf, time::Duration};

use super::*;

pub(super) fn infra() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../infra")
}

pub(super) fn parameters() -> Parameters {
    let names = ["Shop", "TokenPublicKeys"];
    let secrets = [
        "token-signing-key",
        "refresh-token-key",
        "link-key",
        "cursor-key",
    ];
    let secrets = secrets.map(|name| format!("/a-Shop/{name}"));
    let names = names.into_iter().map(str::to_owned).chain(secrets);
    names
        .map(|name| {
            (
                name.clone(),
                format!("a-{}", name.trim_start_matches("/a-Shop/")),
            )
        })
        .collect()
}

pub(super) fn shop() -> Shop {
    Shop::load(&infra(), &parameters()).unwrap()
}

/// A folder with these two templates.
pub(super) fn folder(root: &str, service: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("template.yaml"), root).unwrap();
    std::fs::write(folder.path().join("things.yaml"), service).unwrap();
    folder
}

pub(super) const ROOT: &str = "Parameters:\n  Shop: {Type: String}\nResources:\n  Things:\n    Type: AWS::Serverless::Application\n    Properties: {Location: things.yaml, Parameters: {Shop: !Ref Shop}}\n";

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
fn the_bus_decides_what_brings_events_to_whoever_listens() {
    let listens = |shop: &Shop| {
        let listener = shop.operation("send-order-mail").unwrap();
        let stream = listener.stream.as_ref();
        (stream.map(|source| source.table.clone()), listener.by_rule)
    };
    let built_in = shop();
    let stream = Some("a-Shop-bus".to_owned());
    assert_eq!(listens(&built_in), (stream, false));
    let bus = built_in.table("BusTable").unwrap();
    assert_eq!(bus.stream.as_deref(), Some("NEW_IMAGE"));

    let mut parameters = parameters();
    parameters.insert("EventBus".into(), "eventbridge".into());
    let shop = Shop::load(&infra(), &parameters).unwrap();
    assert_eq!(listens(&shop), (None, true));
    assert!(shop.table("BusTable").is_none());
    let publish = shop.operation("publish-order-events").unwrap();
    assert!(!publish.environment.contains_key("BUS_TABLE"));
    assert_eq!(publish.environment["EVENT_BUS_NAME"], "a-Shop");
    assert_eq!(publish.policy.grants().count(), 0);
}

#[test]
fn a_rule_that_may_not_invoke_its_function_is_an_error_with_file_and_line() {
    let mut parameters = parameters();
    parameters.insert("EventBus".into(), "eventbridge".into());
    for (written, changed) in [
        (
            "SourceArn: !GetAtt SendOrderMailRule.Arn",
            "SourceArn: !GetAtt Other.Arn",
        ),
        (
            "Principal: events.amazonaws.com",
            "Principal: sns.amazonaws.com",
        ),
    ] {
        let folder = changed_infra(written, changed);
        let error = Shop::load(folder.path(), &parameters).unwrap_err();
        let error = error.to_string();
        let expected = "SendOrderMailRule has no permission to invoke SendOrderMail";
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("orders.yaml:"), "{error}");
    }
}

#[test]
fn a_parameter_without_a_value_is_named_with_its_place() {
    let mut parameters = parameters();
    parameters.remove("TokenPublicKeys");
    let error = Shop::load(&infra(), &parameters).unwrap_err().to_string();
    assert!(
        error.contains("users.yaml:") && error.contains("TokenPublicKeys"),
        "{error}"
    );
    let mut parameters = self::parameters();
    parameters.remove("/a-Shop/cursor-key");
    let error = Shop::load(&infra(), &parameters).unwrap_err().to_string();
    assert!(
        error.starts_with("list-products reads /a-Shop/cursor-key"),
        "{error}"
    );
}

#[test]
fn what_is_not_understood_is_an_error_with_file_and_line() {
    let told = |service: &str| {
        let folder = folder(ROOT, service);
        Shop::load(folder.path(), &parameters())
            .unwrap_err()
            .to_string()
    };
    let function = |variable: &str| {
        format!(
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Metadata: {{BuildProperties: {{Binary: f}}}}\n    Properties:\n      CodeUri: ../functions/f\n      Environment:\n        Variables:\n          V: {variable}\n"
        )
    };
    let error = told(&function("!ImportValue x"));
    assert!(error.contains("things.yaml:9: !ImportValue"), "{error}");
    let error = told(&function("!Sub \"${Nobody}\""));
    assert!(error.contains("things.yaml:9: Nobody"), "{error}");
    let error = told(&function("!If [Missing, a, b]"));
    assert!(
        error.contains("things.yaml:9: there is no condition Missing"),
        "{error}"
    );
    let error = told(&function("a"));
    assert!(error.contains("nothing starts f"), "{error}");
    let error = told("Resources: [");
    assert!(error.contains("things.yaml:"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let error = Shop::load(folder.path(), &parameters())
        .unwrap_err()
        .to_string();
    assert!(error.contains("template.yaml can't be read"), "{error}");
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

#[test]
fn a_route_may_lead_to_an_alias_of_its_function() {
    for target in [
        "!Ref F.Alias",
        "!If [Always, !Ref F.Alias, !GetAtt F.Arn]",
        "!If [Always, !If [Never, !Ref F.Alias, !Ref F], !GetAtt F.Arn]",
    ] {
        let service = with_access("      Operation: {Callers: [anyone]}\n");
        let service = service.replace("!GetAtt F.Arn", target);
        let folder = folder(ROOT, &service);
        let shop = Shop::load(folder.path(), &parameters()).unwrap();
        assert!(shop.operation("f").unwrap().route.is_some(), "{target}");
    }
}

/// A service of one function with a route, and this in its metadata, from line 6 on.
fn with_access(metadata: &str) -> String {
    format!(
        "Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata:
      BuildProperties: {{Binary: f}}
{metadata}    Properties: {{CodeUri: ../functions/f}}
  I:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {{IntegrationUri: !GetAtt F.Arn}}
  R:
    Type: AWS::ApiGatewayV2::Route
    Properties: {{RouteKey: GET /f, Target: !Sub \"integrations/${{I}}\"}}
"
    )
}

#[test]
fn a_route_has_the_callers_that_its_function_declares() {
    let route = |metadata: &str| {
        let folder = folder(ROOT, &with_access(metadata));
        let shop = Shop::load(folder.path(), &parameters()).unwrap();
        shop.operation("f").unwrap().route.clone().unwrap()
    };
    let few = route("      Operation:\n        Callers: [staff, owner]\n");
    assert_eq!(few.callers, [Who::Owner, Who::Staff].into());
    assert!(!few.needs_key && few.looks_at_sessions());
    let keyed = route("      Operation: {Callers: [anyone], IdempotencyKey: required}\n");
    assert_eq!(keyed.callers, [Who::Anyone].into());
    assert!(keyed.needs_key && !keyed.looks_at_sessions());
    let seen = route("      Operation: {Callers: [anyone, guest]}\n");
    assert!(seen.looks_at_sessions());
}

#[test]
fn a_route_without_callers_or_with_unknown_ones_is_an_error_with_file_and_line() {
    for (metadata, expected) in [
        ("", "things.yaml:3: a function with a route says who"),
        (
            "      Operation:\n        IdempotencyKey: required\n",
            "things.yaml:7: Callers is missing",
        ),
        (
            "      Operation:\n        Callers: []\n",
            "things.yaml:7: Callers is a list",
        ),
        (
            "      Operation:\n        Callers: staff\n",
            "things.yaml:7: Callers is a list",
        ),
        (
            "      Operation:\n        Callers:\n          - staff\n          - Owner\n",
            "things.yaml:9: a caller is one of anyone, guest, customer, owner, staff",
        ),
        (
            "      Operation:\n        Callers: [owner, customer]\n",
            "things.yaml:7: an owner is a customer",
        ),
        (
            "      Operation:\n        Callers: [!Ref Shop]\n",
            "things.yaml:7: a caller is one of",
        ),
        (
            "      Operation:\n        Callers: [staff]\n        IdempotencyKey: maybe\n",
            "things.yaml:8: an IdempotencyKey is required",
        ),
        (
            "      Operation:\n        Callers: [staff]\n        Caller: [staff]\n",
            "things.yaml:8: Operation has Callers and IdempotencyKey, and no Caller",
        ),
    ] {
        let folder = folder(ROOT, &with_access(metadata));
        let error = Shop::load(folder.path(), &parameters()).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains(expected),
            "{expected} is not said in: {error}"
        );
    }
}

#[test]
fn callers_of_what_nobody_calls_are_an_error() {
    let service = "Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata:
      BuildProperties: {Binary: f}
      Operation:
        Callers: [staff]
    Properties:
      CodeUri: ../functions/f
      Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}}
";
    let folder = folder(ROOT, service);
    let error = Shop::load(folder.path(), &parameters()).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("things.yaml:7: f has no route, so nobody calls it"),
        "{error}"
    );
}

/// The shop's templates with this changed in that of orders.
fn changed_infra(written: &str, changed: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(infra()).unwrap() {
        let file = file.unwrap();
        let mut text = std::fs::read_to_string(file.path()).unwrap();
        if file.file_name() == "orders.yaml" {
            assert!(text.contains(written), "{written}");
            text = text.replace(written, changed);
        }
        std::fs::write(folder.path().join(file.file_name()), text).unwrap();
    }
    folder
}

#[test]
fn a_block_that_was_copied_and_not_changed_throughout_is_an_error() {
    for (written, copied, expected) in [
        (
            "execute-api:${AWS::Region}:${AWS::AccountId}:${ApiId}/*/GET/orders/*\"",
            "execute-api:${AWS::Region}:${AWS::AccountId}:${ApiId}/*/GET/orders\"",
            "the permission of get-order must be for its route and end in /*/GET/orders/*",
        ),
        (
            "FunctionName: !Sub \"${Shop}-get-order\"",
            "FunctionName: !Sub \"${Shop}-list-orders\"",
            "the function of get-order must be named after it",
        ),
        (
            "FunctionName: !If [Gradual, !Ref GetOrder.Alias, !Ref GetOrder]\n",
            "FunctionName: !Ref GotOrder\n",
            "GotOrder is no function of this template",
        ),
        (
            "FunctionName: !If [Gradual, !Ref GetOrder.Alias, !Ref GetOrder]\n",
            "FunctionName: !If [Gradual, !Ref ListOrders.Alias, !Ref ListOrders]\n",
            "the permission of list-orders must be for its route",
        ),
        (
            "FunctionName: !If [Gradual, !Ref GetOrder.Alias, !Ref GetOrder]\n",
            "FunctionName: !If [Gradual, !Ref GetOrder.Alias, !Ref ListOrders]\n",
            "the permission names no one function",
        ),
        (
            "IntegrationUri: !If [Gradual, !Ref GetOrder.Alias, !GetAtt GetOrder.Arn]\n",
            "IntegrationUri: !If [Gradual, !Ref GetOrder.Alias, !GetAtt ListOrders.Arn]\n",
            "the route GET /orders/{order_id} leads to no one function",
        ),
        (
            "IntegrationUri: !If [Gradual, !Ref GetOrder.Alias, !GetAtt GetOrder.Arn]\n",
            "IntegrationUri: !If [Gradual, !GetAtt GetOrder.Arn]\n",
            "the route GET /orders/{order_id} leads to no one function",
        ),
    ] {
        let folder = changed_infra(written, copied);
        let error = Shop::load(folder.path(), &parameters()).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("orders.yaml:"), "{error}");
    }
}
