use std::time::Duration;

use crate::template::{
    Shop,
    tests::{ROOT, folder, parameters},
};

/// A service of one function that is started at this schedule and gets this variable.
fn scheduled(schedule: &str, variable: &str) -> String {
    format!(
        "Parameters: {{Shop: {{Type: String}}}}
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties: {{QueueName: !Sub \"${{Shop}}-failures\"}}
  F:
    Type: AWS::Serverless::Function
    Metadata: {{BuildProperties: {{Binary: f}}}}
    Properties:
      FunctionName: !Sub \"${{Shop}}-f\"
      CodeUri: ../functions/f
      Events: {{E: {{Type: ScheduleV2, Properties: {{ScheduleExpression: \"{schedule}\"}}}}}}
      Environment:
        Variables:
          V: {variable}
"
    )
}

#[test]
fn a_schedule_is_a_rate_or_it_is_none() {
    let every = |schedule: &str| {
        let folder = folder(ROOT, &scheduled(schedule, "v"));
        let shop = Shop::load(folder.path(), &parameters()).unwrap();
        shop.operation("f").unwrap().every()
    };
    for (schedule, seconds) in [
        ("rate(1 minute)", 60),
        ("rate(5 minutes)", 300),
        ("rate(12 hours)", 43_200),
        ("rate(1 day)", 86_400),
    ] {
        assert_eq!(every(schedule), Some(Duration::from_secs(seconds)));
    }
    for none in [
        "rate(0 minutes)",
        "rate(1 week)",
        "rate(day)",
        "cron(0 3 * * ? *)",
    ] {
        assert_eq!(every(none), None, "{none}");
    }
}

#[test]
fn a_text_may_have_values_of_its_own_and_name_what_has_a_name() {
    let told = |variable: &str| {
        let folder = folder(ROOT, &scheduled("rate(1 day)", variable));
        match Shop::load(folder.path(), &parameters()) {
            Ok(shop) => shop.operation("f").unwrap().environment["V"].clone(),
            Err(error) => error.to_string(),
        }
    };
    assert_eq!(
        told("!Sub [\"${A} of ${Shop}\", {A: !Sub \"a-${Shop}\"}]"),
        "a-a-Shop of a-Shop"
    );
    assert_eq!(told("!Ref F"), "a-Shop-f");
    assert_eq!(told("!GetAtt Q.QueueName"), "a-Shop-failures");
    assert!(told("!GetAtt Q.Arn").ends_with(":a-Shop-failures"));
    for (wrong, expected) in [
        ("!Sub [\"${A}\"]", "!Sub takes a text, or a text and values"),
        (
            "!Sub [\"${B}\", {A: a}]",
            "B is no parameter of this template",
        ),
        ("!Ref Q", "Q is no parameter of this template"),
        ("!GetAtt F.Version", "F.Version is not the Arn of a table"),
    ] {
        let told = told(wrong);
        assert!(told.contains("things.yaml:15: "), "{wrong}: {told}");
        assert!(told.contains(expected), "{wrong}: {told}");
    }
}
