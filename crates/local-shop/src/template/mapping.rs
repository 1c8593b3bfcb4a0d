//! What Lambda needs of a function's policy to read the stream or the queue that starts it. It does that, and tells which
//! records of a stream it gave up, by the function's own role; nothing on one machine asks for that, so it is compared here.
//! What a queue gives up SQS moves by itself.

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
        return Err(TemplateError::SourceUnread {
            operation: operation.name.clone(),
            grant: grant.to_string(),
        });
    }
    match allowed.difference(&needed).next() {
        None => Ok(()),
        Some(grant) => Err(TemplateError::NoSource {
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
    let (streams, queues) = (operation.stream.iter(), operation.queue.iter());
    let failures = streams.clone().filter_map(|it| it.failures.as_deref());
    let tells = failures.map(|queue| grant(ServiceAction::TELL, queue));
    let of_streams = streams.flat_map(|source| {
        ServiceAction::of_streams().map(move |action| grant(action, &source.arn))
    });
    let of_queues = queues
        .flat_map(|queue| ServiceAction::of_queues().map(move |action| grant(action, &queue.arn)));
    of_streams.chain(tells).chain(of_queues).collect()
}

#[cfg(test)]
mod tests {
    use crate::template::{
        Shop,
        tests::{ROOT, folder, infra, on_eventbridge, parameters},
    };

    const READS: &str = "            - {Effect: Allow, Action: [dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator, dynamodb:ListStreams], Resource: !GetAtt ThingsTable.StreamArn}\n";
    const TELLS: &str =
        "            - {Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Failures.Arn}\n";

    const OF_QUEUE: &str = "            - {Effect: Allow, Action: [sqs:DeleteMessage, sqs:GetQueueAttributes, sqs:ReceiveMessage], Resource: !GetAtt Others.Arn}\n";

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
    Properties:
      QueueName: !Sub \"${{Shop}}-others\"
      VisibilityTimeout: 18
      RedrivePolicy: {{deadLetterTargetArn: !GetAtt Failures.Arn, maxReceiveCount: 3}}
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

    /// The same service, whose function is started by a queue.
    fn served(statements: &str) -> String {
        let mapping = "  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref F
      EventSourceArn: !GetAtt Others.Arn
      BatchSize: 1
      FunctionResponseTypes: [ReportBatchItemFailures]
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
                "the policy of f does not allow {grant}, which Lambda needs for what starts it; add it"
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
    fn a_queue_is_read_by_just_what_the_policy_allows() {
        assert_eq!(error(&served(OF_QUEUE)), "");
        let without = OF_QUEUE.replace("sqs:GetQueueAttributes, ", "");
        let lacks = "does not allow sqs:GetQueueAttributes on arn:aws:sqs:us-east-1:000000000000:a-Shop-others";
        let told = error(&served(&without));
        assert!(told.contains(lacks), "{told}");
        // What it gives up is moved by the queue itself, and not by the function.
        let told = error(&served(&format!("{OF_QUEUE}{TELLS}")));
        let idle = ":a-Shop-failures, for which nothing that starts it has a use";
        assert!(told.contains(idle), "{told}");
    }

    #[test]
    fn what_no_stream_and_no_queue_has_a_use_for_is_not_allowed() {
        let every_minute = "      Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}}\n";
        for statements in [READS, TELLS, OF_QUEUE] {
            let told = error(&service(statements, every_minute));
            let idle = "for which nothing that starts it has a use";
            assert!(told.contains(idle), "{told}");
        }
        assert_eq!(error(&service("", every_minute)), "");
        let others = TELLS.replace("Failures", "Others");
        let told = error(&reading(&format!("{READS}{TELLS}{others}")));
        assert!(told.contains("allows sqs:SendMessage on "), "{told}");
        assert!(told.contains(":a-Shop-others, for which nothing"), "{told}");
    }

    #[test]
    fn the_shops_own_streams_and_queues_have_queues_for_what_is_given_up() {
        let shop = Shop::load(&infra(), &on_eventbridge()).unwrap();
        let queues: Vec<_> = shop
            .operations()
            .filter_map(|it| it.queue.as_ref())
            .collect();
        assert!(!queues.is_empty());
        assert!(queues.iter().all(|queue| queue.failures != queue.arn));
        let shop = Shop::load(&infra(), &parameters()).unwrap();
        let sources: Vec<_> = shop
            .operations()
            .filter_map(|it| it.stream.as_ref())
            .collect();
        assert!(sources.len() >= 3);
        assert!(sources.iter().all(|source| source.failures.is_some()));
    }
}
