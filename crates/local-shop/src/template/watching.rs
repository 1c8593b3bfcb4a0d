//! What the templates declare by which a shop is watched: alarms, metrics that filters make, dashboards, logs, traces.

use std::collections::BTreeSet;

use super::{
    TemplateError,
    scope::{Scope, kind},
    yaml::Node,
};

/// The function of an alarm that compares a metric with its own past.
const ANOMALIES: &str = "ANOMALY_DETECTION_BAND(";

/// What there is to watch a shop with its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watching {
    /// Alarms that compare a metric with a number.
    pub alarms: u32,
    /// Alarms that compare a metric with its own past.
    pub anomaly_alarms: u32,
    /// The names of metrics that filters make of lines. Several filters may make one.
    pub filtered_metrics: BTreeSet<String>,
    /// Dashboards.
    pub dashboards: u32,
    /// For how many days logs are kept: those that are kept for the longest.
    pub log_days: u32,
    /// The format of the API's log, if it has one.
    pub access_log: Option<String>,
    /// Whether invocations are traced.
    pub is_traced: bool,
}

impl Watching {
    /// Adds what a template declares.
    pub(super) fn add(&mut self, scope: &Scope) -> Result<(), TemplateError> {
        for (_, resource) in scope.resources()? {
            match kind(resource) {
                "AWS::CloudWatch::Alarm" if is_of_anomalies(resource) => self.anomaly_alarms += 1,
                "AWS::CloudWatch::Alarm" => self.alarms += 1,
                "AWS::CloudWatch::Dashboard" => self.dashboards += 1,
                "AWS::Logs::MetricFilter" => self.add_metrics(scope, resource)?,
                "AWS::Logs::LogGroup" => {
                    let properties = scope.need(resource, "Properties")?;
                    let days: u32 = scope.number(scope.need(properties, "RetentionInDays")?)?;
                    self.log_days = self.log_days.max(days);
                }
                _ => {}
            }
            if let Some(format) = resource.at(&["Properties", "AccessLogSettings", "Format"]) {
                self.access_log = Some(scope.text(format)?);
            }
        }
        if let Some(tracing) = scope.root.at(&["Globals", "Function", "Tracing"]) {
            self.is_traced |= scope.text(tracing)? == "Active";
        }
        Ok(())
    }

    fn add_metrics(&mut self, scope: &Scope, filter: &Node) -> Result<(), TemplateError> {
        let properties = scope.need(filter, "Properties")?;
        for made in scope.need(properties, "MetricTransformations")?.elements() {
            let name = scope.text(scope.need(made, "MetricName")?)?;
            self.filtered_metrics.insert(name);
        }
        Ok(())
    }
}

fn is_of_anomalies(alarm: &Node) -> bool {
    let metrics = alarm.at(&["Properties", "Metrics"]);
    let mut metrics = metrics.map(Node::elements).unwrap_or_default().iter();
    metrics.any(|metric| {
        let expression = metric.get("Expression").and_then(Node::plain);
        expression.is_some_and(|it| it.starts_with(ANOMALIES))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{
        Parameters, Shop,
        tests::{ROOT, folder, shop},
    };

    const SERVICE: &str = r#"Parameters:
  Shop: {Type: String}
  Tracing: {Type: String, Default: PassThrough}
  Mood: {Type: String, Default: calm}
Conditions:
  Anxious: !Equals [!Ref Mood, anxious]
Globals: {Function: {Tracing: !Ref Tracing}}
Resources:
  Logs: {Type: "AWS::Logs::LogGroup", Properties: {RetentionInDays: 30}}
  OldLogs: {Type: "AWS::Logs::LogGroup", Properties: {RetentionInDays: 7}}
  OneCount: {Type: "AWS::Logs::MetricFilter", Properties: {MetricTransformations: [{MetricName: !Sub "${Shop}-faults"}]}}
  SameCount: {Type: "AWS::Logs::MetricFilter", Properties: {MetricTransformations: [{MetricName: !Sub "${Shop}-faults"}]}}
  FaultsAlarm: {Type: "AWS::CloudWatch::Alarm", Properties: {MetricName: !Sub "${Shop}-faults"}}
  AnotherAlarm: {Type: "AWS::CloudWatch::Alarm", Condition: Anxious, Properties: {MetricName: Errors}}
  UnusualAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Metrics:
        - {Id: faults, MetricStat: {Metric: {MetricName: !Sub "${Shop}-faults"}}}
        - {Id: usual, Expression: "ANOMALY_DETECTION_BAND(faults, 3)"}
  Dashboard: {Type: "AWS::CloudWatch::Dashboard", Properties: {DashboardName: !Ref Shop}}
  ApiStage: {Type: "AWS::ApiGatewayV2::Stage", Properties: {AccessLogSettings: {Format: "$context.status"}}}
"#;

    fn watching(service: &str) -> Watching {
        let folder = folder(ROOT, service);
        let parameters = Parameters::from([("Shop".to_owned(), "s".to_owned())]);
        Shop::load(folder.path(), &parameters).unwrap().watching
    }

    #[test]
    fn what_is_there_with_the_parameters_is_counted_and_a_metric_once() {
        let found = watching(SERVICE);
        let expected = Watching {
            alarms: 1,
            anomaly_alarms: 1,
            filtered_metrics: ["s-faults".to_owned()].into(),
            dashboards: 1,
            log_days: 30,
            access_log: Some("$context.status".to_owned()),
            is_traced: false,
        };
        assert_eq!(found, expected);
        let anxious = watching(&SERVICE.replace("Default: calm", "Default: anxious"));
        assert_eq!(anxious.alarms, 2);
        let traced = watching(&SERVICE.replace("Default: PassThrough", "Default: Active"));
        assert!(traced.is_traced);
    }

    #[test]
    fn a_group_that_keeps_its_lines_for_ever_is_an_error() {
        let service = SERVICE.replace("RetentionInDays: 7", "LogGroupName: old");
        let folder = folder(ROOT, &service);
        let parameters = Parameters::from([("Shop".to_owned(), "s".to_owned())]);
        let error = Shop::load(folder.path(), &parameters).unwrap_err();
        assert!(error.to_string().contains("RetentionInDays is missing"));
    }

    #[test]
    fn the_shop_is_watched() {
        let watching = shop().watching;
        assert!(watching.alarms > 10, "{watching:?}");
        assert!(watching.filtered_metrics.contains("a-Shop-orders-faults"));
        assert!(watching.access_log.is_some() && watching.is_traced);
        // Off unless it is asked for.
        assert_eq!(watching.anomaly_alarms, 0);
    }
}
