use super::*;
use crate::template::{
    Shop, arn,
    tests::{ROOT, folder, infra, parameters, shop},
};

/// A table `a-Shop-things` with an index `by-pk`, and a function that lacks its policies from line 17 on.
const SERVICE: &str = r#"Parameters: {Shop: {Type: String}}
Resources:
  ThingsTable:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "${Shop}-things"
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - {IndexName: by-pk, KeySchema: [{AttributeName: pk, KeyType: HASH}], Projection: {ProjectionType: ALL}}
  F:
    Type: AWS::Serverless::Function
    Metadata: {BuildProperties: {Binary: f}}
    Properties:
      CodeUri: ../functions/f
      Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}}
"#;

/// The function's policy when this is written for it.
fn written(policies: &str) -> Result<Policy, TemplateError> {
    let folder = folder(ROOT, &format!("{SERVICE}{policies}"));
    let shop = Shop::load(folder.path(), &parameters())?;
    Ok(shop.operation("f").unwrap().policy.clone())
}

/// The function's policy of these statements, a line each from line 20 on.
fn stated(statements: &[&str]) -> Result<Policy, TemplateError> {
    let lines = statements.iter();
    let lines: String = lines
        .map(|line| format!("            - {line}\n"))
        .collect();
    written(&format!(
        "      Policies:\n        - Version: \"2012-10-17\"\n          Statement:\n{lines}"
    ))
}

fn told(policy: &Policy) -> Vec<String> {
    policy.grants().map(Grant::to_string).collect()
}

/// What operations of the shop may do with the tables that end like this.
fn of_the_shop(shop: &Shop, operation: &str, table: &str) -> Vec<String> {
    let told = told(&shop.operation(operation).unwrap().policy);
    let about = told.into_iter().filter(|grant| grant.contains(table));
    about.collect()
}

#[test]
fn statements_allow_actions_by_table_and_index() {
    let policy = stated(&[
        r#"{Effect: Allow, Action: [dynamodb:PutItem, dynamodb:GetItem], Resource: !GetAtt ThingsTable.Arn}"#,
        r#"{Effect: Allow, Action: dynamodb:Query, Resource: [!Sub "${ThingsTable.Arn}/index/by-pk"]}"#,
        r#"{Effect: Allow, Action: dynamodb:Query, Resource: !Sub "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Shop}-things"}"#,
        // About no items.
        r#"{Effect: Allow, Action: [ssm:GetParameters], Resource: [!Sub "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${Shop}/key"]}"#,
    ]);
    let policy = policy.unwrap();
    assert_eq!(
        told(&policy),
        [
            "GetItem on a-Shop-things",
            "PutItem on a-Shop-things",
            "Query on a-Shop-things",
            "Query on a-Shop-things/index/by-pk",
        ]
    );
    let may = |action, table, index| policy.grant(action, table, index, Some("X#1")).is_some();
    assert!(may(Action::GetItem, "a-Shop-things", None));
    assert!(!may(Action::DeleteItem, "a-Shop-things", None));
    assert!(!may(Action::GetItem, "a-Shop-others", None));
    assert!(!may(Action::GetItem, "a-Shop-things", Some("by-pk")));
    assert_eq!(told(&written("").unwrap()), [""; 0]);
}

#[test]
fn a_condition_leaves_items_by_their_keys() {
    let policy = stated(&[
        r#"{Effect: Allow, Action: [dynamodb:GetItem], Resource: !GetAtt ThingsTable.Arn, Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["A#*", B]}}}"#,
    ]);
    let policy = policy.unwrap();
    let patterns = [
        "GetItem on a-Shop-things of A#*",
        "GetItem on a-Shop-things of B",
    ];
    assert_eq!(told(&policy), patterns);
    let by = |key| policy.grant(Action::GetItem, "a-Shop-things", None, Some(key));
    let pattern = |key| by(key).and_then(|grant| grant.keys.as_deref());
    assert_eq!(pattern("A#1"), Some("A#*"));
    assert_eq!(pattern("B"), Some("B"));
    for key in ["", "A", "B#1", "C#A#1"] {
        assert_eq!(by(key), None, "{key}");
    }
}

#[test]
fn what_is_allowed_with_no_items_is_allowed_on_one_thing_and_to_who_says_what_is_wanted() {
    let policy = stated(&[
        r#"{Effect: Allow, Action: [ssm:GetParameters], Resource: [!Sub "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${Shop}/key"]}"#,
        r#"{Effect: Allow, Action: ses:SendEmail, Resource: !Sub "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/a.example", Condition: {StringEquals: {"ses:FromAddress": !Sub "${Shop}@a.example"}}}"#,
    ]);
    let policy = policy.unwrap();
    let key = arn("ssm", "parameter/a-Shop/key");
    let identity = arn("ses", "identity/a.example");
    let told: Vec<String> = policy.services().map(ServiceGrant::to_string).collect();
    let sends = format!("ses:SendEmail on {identity} where ses:FromAddress is a-Shop@a.example");
    assert_eq!(told, [sends, format!("ssm:GetParameters on {key}")]);
    assert_eq!(policy.grants().count(), 0);
    let may = |action: &str, resource: &str, said: &[(&str, &str)]| {
        let said = said.iter();
        let said = said.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let action = ServiceAction::parse(action).unwrap();
        policy
            .service_grant(action, resource, &said.collect())
            .is_some()
    };
    assert!(may("ssm:GetParameters", &key, &[]));
    assert!(!may("ssm:GetParameters", &format!("{key}s"), &[]));
    let from = |address| [("ses:FromAddress", address)];
    assert!(may("ses:SendEmail", &identity, &from("a-Shop@a.example")));
    assert!(!may("ses:SendEmail", &identity, &from("ceo@a.example")));
    assert!(!may("ses:SendEmail", &identity, &[]));
    assert!(!may("ses:SendEmail", &key, &from("a-Shop@a.example")));
}

#[test]
fn the_shops_own_policies_are_read_and_their_conditions_decided() {
    let shop = shop();
    assert_eq!(
        of_the_shop(&shop, "request-password-reset", ""),
        [
            "BatchGetItem on a-Shop-users of THROTTLE#*",
            "GetItem on a-Shop-users of EMAIL#*",
            "GetItem on a-Shop-users of USER#*",
            "PutItem on a-Shop-users of LINK#*",
            "UpdateItem on a-Shop-users of THROTTLE#*",
        ]
    );
    assert_eq!(
        of_the_shop(&shop, "place-order", "carts"),
        ["BatchGetItem on a-Shop-carts", "UpdateItem on a-Shop-carts"]
    );
    let provider = of_the_shop(&shop, "settle-orders", "provider");
    assert_eq!(provider, ["PutItem on a-Shop-provider"]);
    let mut parameters = parameters();
    parameters.insert("PaymentProvider".into(), "acme".into());
    let shop = Shop::load(&infra(), &parameters).unwrap();
    assert_eq!(of_the_shop(&shop, "settle-orders", "provider"), [""; 0]);
}

#[test]
fn what_a_statement_says_and_is_not_understood_is_an_error_with_file_and_line() {
    let wildcard = "a wildcard allows more";
    for (statement, expected) in [
        (
            r#"{Action: dynamodb:GetItem, Resource: !GetAtt ThingsTable.Arn}"#,
            "Effect is missing here",
        ),
        (
            r#"{Effect: Deny, Action: dynamodb:GetItem, Resource: !GetAtt ThingsTable.Arn}"#,
            "a statement allows",
        ),
        (
            r#"{Effect: Allow, NotAction: dynamodb:GetItem, Resource: !GetAtt ThingsTable.Arn}"#,
            "NotAction is not understood here",
        ),
        (
            r#"{Effect: Allow, Action: "dynamodb:*", Resource: !GetAtt ThingsTable.Arn}"#,
            wildcard,
        ),
        (
            r#"{Effect: Allow, Action: dynamodb:GetItem, Resource: "*"}"#,
            wildcard,
        ),
        (
            r#"{Effect: Allow, Action: dynamodb:Query, Resource: !Sub "${ThingsTable.Arn}/index/*"}"#,
            wildcard,
        ),
        (
            r#"{Effect: Allow, Action: ssm:GetParameters, Resource: !Sub "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/*"}"#,
            wildcard,
        ),
        (
            r#"{Effect: Allow, Action: dynamodb:GetItems, Resource: !GetAtt ThingsTable.Arn}"#,
            "what dynamodb:GetItems allows is not known here",
        ),
        (
            r#"{Effect: Allow, Action: [dynamodb:GetItem, sqs:SendMessage], Resource: !GetAtt ThingsTable.Arn}"#,
            "and not about both",
        ),
        (
            r#"{Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt OthersTable.Arn}"#,
            "OthersTable.Arn is not the Arn of a table",
        ),
        (
            r#"{Effect: Allow, Action: dynamodb:GetRecords, Resource: !GetAtt ThingsTable.StreamArn}"#,
            "ThingsTable.StreamArn is not the Arn of a table",
        ),
        (
            r#"{Effect: Allow, Action: ssm:GetParameters, Resource: !Sub "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/key", Condition: {StringLike: {"a:b": "c"}}}"#,
            "StringLike is not understood here",
        ),
        (
            r#"{Effect: Allow, Action: dynamodb:GetItem, Resource: !Sub "${ThingsTable.Arn}/stream/1"}"#,
            "is not the ARN of a table",
        ),
        (
            r#"{Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt ThingsTable.Arn, Condition: {StringEquals: {"dynamodb:LeadingKeys": [A]}}}"#,
            "StringEquals is not understood here",
        ),
        (
            r#"{Effect: Allow, Action: dynamodb:Query, Resource: !GetAtt ThingsTable.Arn, Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [A]}}}"#,
            "a condition on keys is for actions that name",
        ),
        (
            r#"{Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt ThingsTable.Arn, Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*A"]}}}"#,
            "a pattern of keys is a text",
        ),
    ] {
        let error = stated(&[statement]).unwrap_err().to_string();
        let place = error.contains("things.yaml:20: ");
        assert!(place && error.contains(expected), "{statement}: {error}");
    }
    let get = r#"{Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt ThingsTable.Arn}"#;
    let error = stated(&[get, get]).unwrap_err().to_string();
    let twice = "things.yaml:21: GetItem on a-Shop-things is allowed here and in another";
    assert!(error.contains(twice), "{error}");
    let get = r#"{Effect: Allow, Action: ssm:GetParameters, Resource: !Sub "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/key"}"#;
    let error = stated(&[get, get]).unwrap_err().to_string();
    let twice = "things.yaml:21: ssm:GetParameters on arn:aws:ssm:us-east-1:000000000000:parameter/key is allowed here";
    assert!(error.contains(twice), "{error}");
}

#[test]
fn what_is_no_list_of_statements_is_an_error() {
    for (policies, expected) in [
        (
            "      Policies: AmazonDynamoDBFullAccess\n",
            "things.yaml:17: a list is expected here",
        ),
        (
            "      Policies: [AmazonDynamoDBFullAccess]\n",
            "things.yaml:17: Statement is missing here",
        ),
        (
            "      Role: shared\n",
            "things.yaml:17: a function has a role of its own",
        ),
    ] {
        let error = written(policies).unwrap_err().to_string();
        assert!(error.contains(expected), "{policies}: {error}");
    }
}

#[test]
fn what_is_allowed_is_allowed_with_tables_and_indexes_that_there_are() {
    for (path, action, named) in [
        ("${Shop}-nothing", "GetItem", "GetItem on a-Shop-nothing"),
        (
            "${Shop}-things/index/by-nothing",
            "Query",
            "Query on a-Shop-things/index/by-nothing",
        ),
    ] {
        let statement = format!(
            r#"{{Effect: Allow, Action: dynamodb:{action}, Resource: !Sub "arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{path}"}}"#
        );
        let error = stated(&[&statement]).unwrap_err().to_string();
        let expected = format!("the policy of f allows {named}, and infra/ declares no such");
        assert!(error.contains(&expected), "{error}");
    }
}
