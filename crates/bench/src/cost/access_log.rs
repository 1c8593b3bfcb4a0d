//! What the API writes of each request, which nothing here runs.

/// The format of the API's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLog(String);

impl AccessLog {
    /// A log in this format.
    pub fn new(format: impl Into<String>) -> Self {
        Self(format.into())
    }

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
    fn a_line_of_the_apis_log_has_what_its_format_says() {
        let log = AccessLog::new(
            r#"{"route":"$context.routeKey","status":"$context.status","bytes":"$context.responseLength"}"#,
        );
        let line = log.line("GET /cart", 200, 512);
        assert_eq!(
            line,
            r#"{"route":"GET /cart","status":"200","bytes":"512"}"#
        );
    }
}
