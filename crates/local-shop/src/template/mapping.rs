//! What Lambda needs of a function's policy to read the stream that starts it. It reads the stream, and tells which records
//! and other events it gave up, by the function's own role; nothing on one machine asks for that, so it is compared here.

use std::collections::{BTreeMap, BTreeSet};

use super::{Operation, ServiceAction, ServiceGrant, TemplateError};

/// Fails unless the policy of an operation allows that, and no more of it than that.
pub(super) fn check(operation: &Operation) -> Result<(), TemplateError> {
    let needed = needs(operation);
    let allowed = operation.policy.services();
    let allowed: BTreeSet<ServiceGrant> = allowed
        .filter(|grant| grant.action.is_lambdas())
        .cloned()
        .collect();
    if let Some(grant) = needed.difference(&allowed).next() {
        return Err(TemplateError::StreamUnread {
            operation: operation.name.clone(),
            grant: grant.to_string(),
        });
    }
    match allowed.difference(&needed).next() {
        None => Ok(()),
        Some(grant) => Err(TemplateError::NoStream {
            operation: operation.name.clone(),
            grant: grant.to_string(),
        }),
    }
}

fn needs(operation: &Operation) -> BTreeSet<ServiceGrant> {
    let grant = |action, resource: &str| ServiceGrant {
        action,
        resource: resource.to_owned(),
        said: BTreeMap::new(),
    };
    let source = operation.stream.iter();
    let reads = source.clone().flat_map(|source| {
        ServiceAction::of_streams().map(move |action| grant(action, &source.arn))
    });
    let queues = source.filter_map(|source| source.failures.as_deref());
    let queues = queues.chain(operation.failures.as_deref());
    let tells = queues.map(|queue| grant(ServiceAction::TELL, queue));
    reads.chain(tells).collect()
}

#[cfg(test)]
mod tests {
    use crate::template::{
        Shop,
        tests::{ROOT, folder, infra, parameters},
    };

    const READS: &str = "            - {Effect: Allow, Action: [dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator, dynamodb:ListStreams], Resource: !GetAtt ThingsTable.StreamArn}\n";
    const TELLS: &str =
        "            - {Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Failures.Arn}\n";

    /// A service whose function has these statements and is started by `starts`.
    fn service(statements: &str, starts: &str) -> String {
        format!(
            "Parameters: {{Shop: {{Type: String}}}}
Resources:
  ThingsTable:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub \"${{Shop}}-things\"
      StreamSpecification: {{StreamViewType: NEW_IMAGE}}
      AttributeDefinitions: [{{AttributeName: pk, AttributeType: S}}]
      KeySchema: [{{AttributeName: pk, KeyType: HASH}}]
  Failures:
    Type: AWS::SQS::Queue
    Properties: {{QueueName: !Sub \"${{Shop}}-failures\"}}
  Others:
    Type: AWS::SQS::Queue
    Properties: {{QueueName: !Sub \"${{Shop}}-others\"}}
  F:
    Type: AWS::Serverless::Function
    Metadata: {{BuildProperties: {{Binary: f}}}}
    Properties:
      CodeUri: ../functions/f
{starts}      Policies:
        - Version: \"2012-10-17\"
          Statement:
            - {{Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt ThingsTable.Arn}}
{statements}"
        )
    }

    /// The same service, whose function is started by the table's stream.
    fn reading(statements: &str) -> String {
        let mapping = "  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref F
      EventSourceArn: !GetAtt ThingsTable.StreamArn
      DestinationConfig: {OnFailure: {Destination: !GetAtt Failures.Arn}}
";
        service(statements, "") + mapping
    }

    fn error(service: &str) -> String {
        let folder = folder(ROOT, service);
        let read = Shop::load(folder.path(), &parameters());
        read.err()
            .map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn a_stream_is_read_and_its_failures_told_by_just_what_the_policy_allows() {
        assert_eq!(error(&reading(&format!("{READS}{TELLS}"))), "");
        let queue = "sqs:SendMessage on arn:aws:sqs:us-east-1:000000000000:a-Shop-failures";
        let lacks = |grant: &str| {
            format!(
                "the policy of f does not allow {grant}, which Lambda needs for the stream that starts it; add it"
            )
        };
        assert_eq!(error(&reading(READS)), lacks(queue));
        let two = READS.replace(
            "dynamodb:DescribeStream, dynamodb:GetRecords, ",
            "dynamodb:DescribeStream, ",
        );
        let told = error(&reading(&format!("{two}{TELLS}")));
        assert!(
            told.contains("does not allow dynamodb:GetRecords on "),
            "{told}"
        );
    }

    #[test]
    fn what_no_stream_has_a_use_for_is_not_allowed() {
        let every_minute = "      Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}}\n";
        for statements in [READS, TELLS] {
            let told = error(&service(statements, every_minute));
            assert!(
                told.contains("for which no stream that starts it has a use"),
                "{told}"
            );
        }
        assert_eq!(error(&service("", every_minute)), "");
        let others = TELLS.replace("Failures", "Others");
        let told = error(&reading(&format!("{READS}{TELLS}{others}")));
        assert!(told.contains("allows sqs:SendMessage on "), "{told}");
        assert!(
            told.contains(":a-Shop-others, for which no stream"),
            "{told}"
        );
    }

    #[test]
    fn the_shops_own_streams_have_queues_for_what_is_given_up() {
        let shop = Shop::load(&infra(), &parameters()).unwrap();
        let sources: Vec<_> = shop
            .operations()
            .filter_map(|it| it.stream.as_ref())
            .collect();
        assert!(sources.len() >= 3);
        assert!(sources.iter().all(|source| source.failures.is_some()));
    }
}
