//! Routes: where they lead, and who may call them.

use super::{ROOT, folder, parameters};
use crate::template::{Shop, Who};

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
