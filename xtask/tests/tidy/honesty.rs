//! Nothing pretends: no unfinished code, no test that is switched off, none that waits for the clock.

use crate::source::{code, line_at, test_part, words};
use crate::tree::{File, files, none, under};

fn unfinished(file: &File) -> Vec<String> {
    let code = code(&file.text);
    let macros = ["todo", "unimplemented", "dbg"].into_iter().flat_map(|name| {
        words(&code, name).filter(|at| code[at + name.len()..].starts_with("!(")).collect::<Vec<_>>()
    });
    let ignored = words(&code, "ignore").filter(|at| code[..*at].ends_with("#["));
    macros.chain(ignored).map(|at| format!("{}:{}", file.path, line_at(&code, at))).collect()
}

/// Tests wait for the thing itself: a notification, a line, a state that is asked for until a deadline.
fn sleeping(file: &File) -> Vec<String> {
    let code = code(&test_part(&file.text, file.is_test()));
    ["sleep", "sleep_until", "sleep_ms"]
        .into_iter()
        .flat_map(|name| {
            words(&code, name).filter(|at| code[at + name.len()..].starts_with('(')).collect::<Vec<_>>()
        })
        .map(|at| format!("{}:{}", file.path, line_at(&code, at)))
        .collect()
}

fn dishonest_in_browser(file: &File) -> Vec<String> {
    let words =
        ["waitForTimeout", "test.only(", "test.skip(", "test.fixme(", "describe.only(", "describe.skip("];
    let lines = file.text.lines().enumerate();
    lines
        .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
        .map(|(at, line)| format!("{}:{} {}", file.path, at + 1, line.trim()))
        .collect()
}

#[test]
fn nothing_is_unfinished_or_switched_off() {
    let rust: Vec<_> = files().iter().filter(|file| file.is("rs")).collect();
    assert!(!rust.is_empty(), "no Rust files were found");
    none("todo!, unimplemented!, dbg! or #[ignore]", rust.into_iter().flat_map(unfinished).collect());
}

#[test]
fn no_test_sleeps() {
    let rust = files().iter().filter(|file| file.is("rs"));
    none("tests that sleep", rust.flat_map(sleeping).collect());
}

#[test]
fn browser_tests_neither_sleep_nor_skip() {
    let specs: Vec<_> =
        under("end2end/").into_iter().filter(|file| file.is("ts") || file.is("mjs")).collect();
    assert!(specs.iter().any(|file| file.path.ends_with(".spec.ts")), "end2end/ has no spec");
    none(
        "browser tests that sleep or are switched off",
        specs.into_iter().flat_map(dishonest_in_browser).collect(),
    );
}

#[test]
fn the_unfinished_rule_can_fail() {
    let sample = "fn a() { todo!() }\nfn b() { unimplemented!(\"x\") }\nfn c() { dbg!(1); }\n#[ignore = \"slow\"]\n#[ignore]\nfn d() {}\n// todo!()\nlet e = \"dbg!(\";";
    let lines = ["a.rs:1", "a.rs:2", "a.rs:3", "a.rs:4", "a.rs:5"];
    assert_eq!(unfinished(&File::new("a.rs", sample)), lines);
}

#[test]
fn the_sleep_rule_can_fail() {
    let sample = "fn wait() { std::thread::sleep(a); }\n#[cfg(test)]\nmod tests {\n    async fn a() { tokio::time::sleep(b).await; }\n}\n";
    assert_eq!(sleeping(&File::new("gateway/src/a.rs", sample)), ["gateway/src/a.rs:4"]);
    assert_eq!(
        sleeping(&File::new("gateway/tests/a.rs", sample)),
        ["gateway/tests/a.rs:1", "gateway/tests/a.rs:4"]
    );
}

#[test]
fn the_browser_rule_can_fail() {
    let sample =
        "await page.waitForTimeout(100);\ntest.only('a', async () => {});\ntest('b', async () => {});";
    assert_eq!(dishonest_in_browser(&File::new("end2end/a.spec.ts", sample)).len(), 2);
}
