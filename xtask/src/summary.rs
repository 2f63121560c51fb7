//! What the test runners said, added up, and how long each step took.

use std::time::Duration;

use crate::process::duration;

/// How a step ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed,
    NotRun,
}

#[derive(Default)]
pub struct Summary {
    steps: Vec<(&'static str, Outcome, Duration)>,
    cargo: Option<Totals>,
    playwright: Vec<String>,
}

#[derive(Clone, Copy, Default)]
struct Totals {
    passed: u64,
    failed: u64,
}

impl Summary {
    pub fn step(&mut self, name: &'static str, outcome: Outcome, time: Duration) {
        self.steps.push((name, outcome, time));
    }

    /// Reads a line of `cargo test`.
    pub fn cargo_line(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else { return };
        let number_before = |word: &str| -> u64 {
            let before = counts.split([';', '.']).find_map(|part| part.trim().strip_suffix(word));
            before.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
        };
        let totals = self.cargo.get_or_insert_default();
        totals.passed += number_before("passed");
        totals.failed += number_before("failed");
    }

    /// Reads a line of Playwright's list reporter; its closing lines are kept as they are.
    pub fn playwright_line(&mut self, line: &str) {
        const ENDINGS: [&str; 6] = ["passed", "failed", "flaky", "skipped", "did not run", "interrupted"];
        let Some((number, rest)) = line.trim().split_once(' ') else { return };
        let counted = number.parse::<u64>().is_ok();
        if line.starts_with("  ") && counted && ENDINGS.iter().any(|ending| rest.starts_with(ending)) {
            self.playwright.push(line.trim().to_owned());
        }
    }

    /// Steps first; the runners' own sums are the last lines, where a build server looks for them.
    pub fn report(&self) -> String {
        let mut text = String::from("\n");
        for (name, outcome, time) in &self.steps {
            let line = match outcome {
                Outcome::Passed => format!("  ok       {name:<16} {}\n", duration(*time)),
                Outcome::Failed => format!("  FAILED   {name:<16} {}\n", duration(*time)),
                Outcome::NotRun => format!("  not run  {name}\n"),
            };
            text.push_str(&line);
        }
        if let Some(Totals { passed, failed }) = self.cargo {
            text.push_str(&format!("\ncargo test:\n{passed} passed, {failed} failed\n"));
        }
        if !self.playwright.is_empty() {
            text.push_str(&format!("\nPlaywright:\n{}\n", self.playwright.join("\n")));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_cargo_test_are_added_up() {
        let mut summary = Summary::default();
        summary.cargo_line("test store::tests::a_row ... ok");
        summary.cargo_line(
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        );
        summary.cargo_line("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.01s");
        assert!(summary.report().ends_with("\n15 passed, 2 failed\n"), "{}", summary.report());
    }

    #[test]
    fn playwrights_closing_lines_are_kept() {
        let mut summary = Summary::default();
        for line in [
            "  ✓  1 smoke.spec.ts:3:1 › opens (1.2s)",
            "",
            "  1 failed",
            "    [chromium] › smoke",
            "  11 passed (41.0s)",
        ] {
            summary.playwright_line(line);
        }
        assert!(
            summary.report().ends_with("\nPlaywright:\n1 failed\n11 passed (41.0s)\n"),
            "{}",
            summary.report()
        );
    }

    #[test]
    fn a_runner_that_did_not_run_claims_nothing() {
        let mut summary = Summary::default();
        summary.step("fmt", Outcome::Failed, Duration::from_secs(1));
        summary.step("tests", Outcome::NotRun, Duration::ZERO);
        let report = summary.report();
        assert!(report.contains("FAILED   fmt") && report.contains("not run  tests"), "{report}");
        assert!(!report.contains("passed"), "{report}");
    }
}
