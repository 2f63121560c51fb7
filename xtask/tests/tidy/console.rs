//! The console: every server function is in the server's table of routes and roles, and looks come from the tokens.

use crate::source::{code, line_at, strings, words};
use crate::tree::{File, none, under};

/// `#[server(…)]` attributes: where, and the endpoint they name.
fn endpoints(file: &File) -> Vec<(usize, Option<String>)> {
    let code = code(&file.text);
    let attributes = words(&code, "server").filter(|at| code[..*at].ends_with("#["));
    attributes
        .map(|at| {
            let end = code[at..].find(']').map_or(code.len(), |end| at + end);
            let named = words(&code[at..end], "endpoint").next().map(|word| at + word);
            // The code tells where the value stands, the file what it is.
            let value = named.and_then(|named| file.text[named..end].split('"').nth(1).map(str::to_owned));
            (line_at(&code, at), value)
        })
        .collect()
}

/// A table names the route as the browser calls it: `"/rpc/list_connectors"`.
fn unlisted(file: &File, tests: &str) -> Vec<String> {
    let missing = endpoints(file).into_iter().filter_map(|(line, endpoint)| match endpoint {
        None => Some(format!("{}:{line} names no endpoint", file.path)),
        Some(endpoint) => {
            let route = format!("\"/rpc/{}\"", endpoint.trim_start_matches('/'));
            (!tests.contains(&route)).then(|| format!("{}:{line} {route}", file.path))
        }
    });
    missing.collect()
}

#[test]
fn every_server_function_is_in_a_table_of_the_servers_tests() {
    let files: Vec<_> = under("app/src/rpc").into_iter().filter(|file| file.is("rs")).collect();
    let found = files.iter().map(|file| endpoints(file).len()).sum::<usize>();
    assert!(files.is_empty() || found > 0, "app/src/rpc/ has no server function");
    let tests: String = under("server/tests/").into_iter().map(|file| file.text.as_str()).collect();
    let violations = files.into_iter().flat_map(|file| unlisted(file, &tests)).collect();
    none("server functions that no table in server/tests/ names", violations);
}

fn inline_styles(file: &File) -> Vec<String> {
    let code = code(&file.text);
    let attribute = words(&code, "style").filter(|at| {
        code[at + "style".len()..].trim_start().starts_with("=\"") && !code[..*at].ends_with(['-', ':'])
    });
    attribute.map(|at| format!("{}:{}", file.path, line_at(&code, at))).collect()
}

#[test]
fn no_component_has_inline_styles() {
    let files: Vec<_> = under("app/src/ui").into_iter().filter(|file| file.is("rs")).collect();
    none(
        "style=\"…\" in the console (use a class or style:--x=)",
        files.into_iter().flat_map(inline_styles).collect(),
    );
}

const COLOUR_FUNCTIONS: &[&str] =
    &["rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color"];
const COLOUR_NAMES: &[&str] = &[
    "black", "white", "red", "green", "blue", "yellow", "orange", "purple", "pink", "brown", "gray", "grey",
    "silver", "gold", "navy", "teal", "cyan", "magenta", "maroon", "olive", "lime", "crimson", "tomato",
    "indigo", "violet",
];

/// Colours in a value: `#hex`, a colour function, or (in a style sheet) a name.
fn colours(value: &str, names: bool) -> Vec<&str> {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '-' | '_');
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = value[at..].find(word).map(|start| at + start) {
        let end = value[start..].find(|c| !word(c)).map_or(value.len(), |end| start + end);
        let text = &value[start..end];
        let hex = text.strip_prefix('#').is_some_and(|digits| {
            matches!(digits.len(), 3 | 4 | 6 | 8) && digits.chars().all(|digit| digit.is_ascii_hexdigit())
        });
        let function = COLOUR_FUNCTIONS.contains(&text) && value[end..].starts_with('(');
        if hex || function || (names && COLOUR_NAMES.contains(&text)) {
            found.push(text);
        }
        at = end;
    }
    found
}

/// Raw colours in the declarations of a style sheet; selectors (`#add`) are no values.
fn colours_of_sheet(file: &File) -> Vec<String> {
    let text = blank_comments(&file.text);
    let mut violations = Vec::new();
    let (mut start, mut quote) = (0, None);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, '{' | ';' | '}') => {
                let declaration = text[start..at].split_once(':').filter(|_| character != '{');
                let value = declaration.map_or("", |(_, value)| value);
                let line = line_at(&text, at);
                violations.extend(
                    colours(value, true).iter().map(|colour| format!("{}:{line} {colour}", file.path)),
                );
                start = at + 1;
            }
            _ => {}
        }
    }
    violations
}

fn blank_comments(css: &str) -> String {
    let mut text = css.to_owned();
    while let Some(start) = text.find("/*") {
        let end = text[start..].find("*/").map_or(text.len(), |end| start + end + 2);
        let blank: String = text[start..end].chars().filter(|c| *c == '\n').collect();
        text.replace_range(start..end, &blank);
    }
    text
}

fn colours_of_component(file: &File) -> Vec<String> {
    let strings = strings(&file.text);
    let lines = strings.lines().enumerate();
    lines
        .flat_map(|(at, line)| colours(line, false).into_iter().map(move |colour| (at + 1, colour)))
        .map(|(line, colour)| format!("{}:{line} {colour}", file.path))
        .collect()
}

#[test]
fn colours_come_from_the_tokens() {
    let sheets: Vec<_> = under("style/").into_iter().filter(|file| file.is("css")).collect();
    assert!(sheets.iter().any(|file| file.path == "style/tokens.css"), "style/tokens.css was not found");
    let sheets = sheets.into_iter().filter(|file| file.path != "style/tokens.css").flat_map(colours_of_sheet);
    let components =
        under("app/src/ui").into_iter().filter(|file| file.is("rs")).flat_map(colours_of_component);
    none("raw colours outside style/tokens.css", sheets.chain(components).collect());
}

#[test]
fn the_endpoint_rule_can_fail() {
    let file = File::new(
        "app/src/rpc/connectors.rs",
        "#[server(prefix = \"/rpc\", endpoint = \"connectors/list\")]\npub async fn list() {}\n\
         #[server(endpoint = \"connectors/create\")]\npub async fn create() {}\n#[server]\npub async fn bare() {}\n",
    );
    assert_eq!(
        unlisted(&file, "(\"/rpc/connectors/list\", Viewer)"),
        [
            "app/src/rpc/connectors.rs:3 \"/rpc/connectors/create\"",
            "app/src/rpc/connectors.rs:5 names no endpoint"
        ]
    );
    // A longer path is another endpoint.
    assert_eq!(unlisted(&file, "\"/rpc/connectors/list/all\"").len(), 3);
}

#[test]
fn the_inline_style_rule_can_fail() {
    let file = File::new(
        "a.rs",
        "view! { <p style=\"top: 0\"> <p style:--x=\"1\" data-style=\"a\"> } // style=\"b\"",
    );
    assert_eq!(inline_styles(&file), ["a.rs:1"]);
}

#[test]
fn the_colour_rule_can_fail() {
    let css = "/* #fff */ #add:hover { color: var(--ink);\n border: 1px solid #c0ffee; }\n.a { background: rgb(0 0 0); color:white }\
               \n.b { mask: url(\"#fff\"); color: color-mix(in oklab, var(--ok-ink) 20%, transparent); white-space: nowrap; }";
    assert_eq!(
        colours_of_sheet(&File::new("style/a.css", css)),
        ["style/a.css:2 #c0ffee", "style/a.css:3 rgb", "style/a.css:3 white", "style/a.css:4 #fff"]
    );
    let rust = File::new(
        "app/src/ui/a.rs",
        "<path fill=\"#fa0\"/> // #fff\n<a href=\"#events\">\"a white lie\"</a>",
    );
    assert_eq!(colours_of_component(&rust), ["app/src/ui/a.rs:1 #fa0"]);
}
