//! What a check found, line by line as it goes, and as JSON.

use std::{path::Path, time::Instant};

use serde_json::{Value, json};

use crate::error::Failure;

/// What was found so far. Whoever fails ends the check, so all of it passed.
pub struct Report {
    begun: Instant,
    passed: Vec<Value>,
}

impl Report {
    /// Nothing so far.
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            passed: Vec::new(),
        }
    }

    /// Something passed.
    pub fn passed(&mut self, check: &str, found: &str) {
        println!("✓ {check}: {found}");
        self.passed.push(json!({"check": check, "found": found}));
    }

    /// The end, which is told, and written to the file.
    pub fn told(&self, file: Option<&Path>) -> Result<(), Failure> {
        let seconds = self.begun.elapsed().as_secs();
        let checks = self.passed.len();
        if let Some(file) = file {
            let whole = json!({"ok": true, "seconds": seconds, "passed": self.passed});
            let text = serde_json::to_string_pretty(&whole).unwrap_or_default();
            std::fs::write(file, text).map_err(Failure::at(file))?;
        }
        println!("deploy-check: {checks} of {checks} passed in {seconds} s");
        Ok(())
    }
}
