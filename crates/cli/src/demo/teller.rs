//! Tells the story: a line a call, for people or as JSON.

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use serde_json::json;

use super::{
    client::{Answer, Call},
    differs::Differs,
};

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// For people, in one colour.
    Plain,
    /// For people at a terminal.
    Colour,
    /// For programs: an object a line.
    Json,
}

/// Tells it to somebody.
pub struct Teller {
    out: Box<dyn Write + Send>,
    style: Style,
    chapter: String,
    calls: usize,
    took: Duration,
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const BOLD: &str = "1";

impl Teller {
    /// Tells it to `out`.
    pub fn new(out: Box<dyn Write + Send>, style: Style) -> Self {
        Self {
            out,
            style,
            chapter: String::new(),
            calls: 0,
            took: Duration::ZERO,
        }
    }

    /// Tells it on standard output, in colour if that is a terminal whose user did not ask for none (no-color.org).
    pub fn on_standard_output(json: bool) -> Self {
        let out = std::io::stdout();
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let style = match (json, out.is_terminal() && !set("NO_COLOR") && !dumb) {
            (true, _) => Style::Json,
            (false, true) => Style::Colour,
            (false, false) => Style::Plain,
        };
        Self::new(Box::new(out), style)
    }

    /// A new chapter begins.
    pub fn chapter(&mut self, title: &str) {
        self.chapter = title.to_owned();
        if self.style != Style::Json {
            let title = self.painted(BOLD, title);
            self.line(&format!("\n{title}"));
        }
    }

    /// A call went as the story says.
    pub fn went(&mut self, call: &Call, answer: &Answer, words: &str) {
        self.call(call, answer, words, None);
    }

    /// A call went otherwise.
    pub fn differs(&mut self, call: &Call, answer: &Answer, words: &str, differs: &Differs) {
        self.call(call, answer, words, Some(differs));
    }

    /// The story is over and went as it should.
    pub fn end(&mut self) {
        let took = self.took.as_secs_f64();
        let calls = self.calls;
        match self.style {
            Style::Json => self.line(&json!({"ok": true, "calls": calls}).to_string()),
            _ => {
                let end = format!("{calls} calls in {took:.1} s, and all went as the story says.");
                let end = self.painted(GREEN, &end);
                self.line(&format!("\n{end}"));
            }
        }
    }

    fn call(&mut self, call: &Call, answer: &Answer, words: &str, differs: Option<&Differs>) {
        self.calls += 1;
        self.took += answer.took;
        let ms = answer.took.as_millis();
        let (method, route) = (call.method(), call.route());
        if self.style == Style::Json {
            let line = json!({
                "chapter": self.chapter, "method": method, "route": route, "status": answer.status, "ms": ms,
                "tries": answer.tries, "story": words, "ok": differs.is_none(), "differs": differs.map(|d| &d.0),
            });
            return self.line(&line.to_string());
        }
        let mark = match differs {
            None => self.painted(GREEN, "✓"),
            Some(_) => self.painted(RED, "✗"),
        };
        let colour = match answer.status {
            200..300 => GREEN,
            400..500 => YELLOW,
            _ => RED,
        };
        let status = self.painted(colour, &answer.status.to_string());
        let tries = match answer.tries {
            1 => String::new(),
            tries => format!(" ({tries} tries)"),
        };
        self.line(&format!(
            "{mark} {method:<6} {route:<40} {status} {ms:>5} ms  {words}{tries}"
        ));
        if let Some(differs) = differs {
            let differs = self.painted(RED, &format!("  {differs}"));
            self.line(&differs);
        }
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        match self.style {
            Style::Colour => format!("\x1b[{colour}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }

    fn line(&mut self, line: &str) {
        // Who stops listening, as `head` does, still learns the end from the exit code.
        let _ = writeln!(self.out, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use reqwest::header::HeaderMap;
    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn told(style: Style) -> String {
        let paper = Paper::default();
        let mut teller = Teller::new(Box::new(paper.clone()), style);
        let call = Call::get("/orders");
        let answer = |status, tries| Answer {
            status,
            headers: HeaderMap::new(),
            text: String::new(),
            took: Duration::from_millis(12),
            tries,
        };
        teller.chapter("One");
        teller.went(&call, &answer(200, 2), "she looks");
        teller.differs(
            &call,
            &answer(500, 1),
            "she looks",
            &Differs("it broke".into()),
        );
        let bytes = paper.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_line_has_route_status_and_time() {
        let told = told(Style::Plain);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[1], "One");
        assert!(lines[2].starts_with("✓ GET    /orders  "), "{told}");
        assert!(
            lines[2].ends_with(" 200    12 ms  she looks (2 tries)"),
            "{told}"
        );
        assert!(lines[3].starts_with("✗ GET    /orders  "), "{told}");
        assert_eq!(lines[4], "  it broke");
    }

    #[test]
    fn colour_comes_only_when_asked_for() {
        assert!(!told(Style::Plain).contains('\x1b'));
        assert!(told(Style::Colour).contains("\x1b[32m200\x1b[0m"));
    }

    #[test]
    fn programs_get_an_object_a_line() {
        let told = told(Style::Json);
        let lines: Vec<Value> = told
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        assert_eq!(lines[0]["chapter"], "One");
        assert_eq!(
            (&lines[0]["ms"], &lines[0]["ok"]),
            (&json!(12), &json!(true))
        );
        assert_eq!(lines[1]["differs"], "it broke");
    }
}
