//! What the templates declare that costs by the month or by the request, and that nothing here runs: alarms, dashboards, the
//! log of the API, traces. It is found line by line, since nothing else asks for it.

use std::{fs, path::Path};

use super::error::CostError;

/// What is declared, whatever its conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Alarms.
    pub alarms: u32,
    /// Metrics that are made of lines by a filter.
    pub filtered_metrics: u32,
    /// Dashboards.
    pub dashboards: u32,
    /// Whether invocations are traced.
    pub is_traced: bool,
    /// What the API writes of each request.
    pub access_log: Option<AccessLog>,
}

/// The format of the API's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLog(String);

impl Declared {
    /// What the templates in this folder declare.
    pub fn read(infra: &Path) -> Result<Self, CostError> {
        let unread = |file: &Path| {
            let file = file.to_owned();
            move |source| CostError::File { file, source }
        };
        let mut declared = Self::default();
        for entry in fs::read_dir(infra).map_err(unread(infra))? {
            let file = entry.map_err(unread(infra))?.path();
            if file.extension().is_some_and(|it| it == "yaml") {
                declared.add(&fs::read_to_string(&file).map_err(unread(&file))?);
            }
        }
        Ok(declared)
    }

    fn add(&mut self, template: &str) {
        for line in template.lines().map(str::trim) {
            match line {
                "Type: AWS::CloudWatch::Alarm" => self.alarms += 1,
                "Type: AWS::Logs::MetricFilter" => self.filtered_metrics += 1,
                "Type: AWS::CloudWatch::Dashboard" => self.dashboards += 1,
                _ => {}
            }
            let tracing = line.strip_prefix("Tracing: ");
            self.is_traced |= tracing.is_some_and(|how| how != "PassThrough");
            let format = line.strip_prefix("Format: '");
            if let Some(format) = format.and_then(|format| format.strip_suffix('\'')) {
                self.access_log = Some(AccessLog(format.to_owned()));
            }
        }
    }
}

impl AccessLog {
    /// The line of a request. What is not known here is as long as it usually is.
    pub fn line(&self, route: &str, status: u16, bytes: u64) -> String {
        let (status, bytes) = (status.to_string(), bytes.to_string());
        let variables = [
            ("$context.requestId", "JKJaXmPLvHcESHA="),
            ("$context.requestTime", "01/Jan/2026:00:00:00 +0000"),
            ("$context.routeKey", route),
            ("$context.status", &status),
            ("$context.responseLength", &bytes),
            ("$context.responseLatency", "25"),
            ("$context.integrationLatency", "21"),
            ("$context.integrationErrorMessage", "-"),
            ("$context.error.responseType", "-"),
        ];
        let filled = |line: String, (name, value): (&str, &str)| line.replace(name, value);
        variables.into_iter().fold(self.0.clone(), filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_filters_dashboards_and_traces_are_found() {
        let mut declared = Declared::default();
        declared.add("Resources:\n  A:\n    Type: AWS::CloudWatch::Alarm\n  B:\n    Type: AWS::CloudWatch::Alarm\n");
        declared.add(
            "  C:\n    Type: AWS::Logs::MetricFilter\n  D:\n    Type: AWS::CloudWatch::Dashboard\n",
        );
        declared.add("Parameters:\n  Tracing:\n    Type: String\nTracing: PassThrough\n");
        let found = (
            declared.alarms,
            declared.filtered_metrics,
            declared.dashboards,
        );
        assert_eq!(found, (2, 1, 1));
        assert!(!declared.is_traced && declared.access_log.is_none());
        declared.add("Globals:\n  Function:\n    Tracing: !Ref Tracing\n");
        assert!(declared.is_traced);
    }

    #[test]
    fn a_line_of_the_apis_log_has_what_its_format_says() {
        let mut declared = Declared::default();
        declared.add(r#"        Format: '{"route":"$context.routeKey","status":"$context.status","bytes":"$context.responseLength"}'"#);
        let line = declared.access_log.unwrap().line("GET /cart", 200, 512);
        assert_eq!(
            line,
            r#"{"route":"GET /cart","status":"200","bytes":"512"}"#
        );
    }
}
