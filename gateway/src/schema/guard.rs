//! Looks at a schema before it is compiled, and refuses what should not be.
//!
//! The document is read as a graph: its subschemas, joined by the keywords that apply one to another. An edge
//! either stays at the same value of the payload (`allOf`, `$ref`, …) or goes into it (`properties`, `items`, …).
//! Edges that stay are where time can be lost: without progress in the payload, paths multiply.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{MAX_BYTES, SchemaProblem};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// How deep the schema document may nest.
const MAX_DEPTH: usize = 64;
/// How many edges may follow one another, over all references, until the schema ends or repeats itself.
const MAX_PATH: usize = 200;
/// How many edges may follow one another without going into the payload.
const MAX_CHAIN: usize = 32;
/// How many subschemas there may be once every reference is replaced by what it refers to.
const MAX_UNFOLDED: u64 = 50_000;
/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 1_000;
/// The most patterns.
const MAX_PATTERNS: usize = 200;

/// What the validator needs to know about a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// The most edges that follow one another at one value of the payload, at least 1.
    pub(super) longest_chain: usize,
    /// Whether the schema reaches itself in a way that can reach the same value twice, so that the errors of one
    /// value can double with every level of the payload.
    pub(super) branches_recursively: bool,
}

/// Checks a schema.
pub(super) fn check(schema: &Value) -> Result<Shape, SchemaProblem> {
    if !matches!(schema, Value::Object(_) | Value::Bool(_)) {
        return Err(SchemaProblem::new("schema_invalid", "", "a schema is an object, true or false"));
    }
    if deeper_than(schema, MAX_DEPTH) {
        let why = format!("the schema nests deeper than {MAX_DEPTH} levels: move parts into $defs");
        return Err(SchemaProblem::new("schema_too_large", "", why));
    }
    let bytes = serde_json::to_vec(schema).map_or(usize::MAX, |json| json.len());
    if bytes > MAX_BYTES {
        let why = format!("the schema has {bytes} bytes, more than {MAX_BYTES}: check less");
        return Err(SchemaProblem::new("schema_too_large", "", why));
    }
    let mut graph = Graph::default();
    graph.collect(schema, String::new())?;
    graph.resolve()?;
    let longest_chain = Chains::longest(&graph)?;
    Unfolded::check(&graph)?;
    Ok(Shape { longest_chain, branches_recursively: Circles::branch(&graph) })
}

fn deeper_than(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| deeper_than(item, levels - 1)),
        Value::Object(members) => levels == 0 || members.values().any(|item| deeper_than(item, levels - 1)),
        _ => false,
    }
}

/// How a keyword applies a subschema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    /// To the same value.
    Stays,
    /// To a part of the value that only this keyword of the schema reaches.
    Goes,
    /// To a part of the value that other keywords of the schema may reach as well.
    GoesToo,
}

/// The keywords whose value is a schema.
const ONE: [(&str, Edge); 10] = [
    ("not", Edge::Stays),
    ("if", Edge::Stays),
    ("then", Edge::Stays),
    ("else", Edge::Stays),
    ("items", Edge::Goes),
    ("additionalProperties", Edge::Goes),
    ("propertyNames", Edge::GoesToo),
    ("contains", Edge::GoesToo),
    ("unevaluatedItems", Edge::GoesToo),
    ("unevaluatedProperties", Edge::GoesToo),
];
/// The keywords whose value is an array of schemas.
const MANY: [(&str, Edge); 4] =
    [("allOf", Edge::Stays), ("anyOf", Edge::Stays), ("oneOf", Edge::Stays), ("prefixItems", Edge::Goes)];
/// The keywords whose value is an object of schemas.
const NAMED: [(&str, Edge); 3] =
    [("properties", Edge::Goes), ("patternProperties", Edge::GoesToo), ("dependentSchemas", Edge::Stays)];
/// Objects of schemas that apply to nothing until something refers to them.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

#[derive(Debug, Default)]
struct Graph {
    /// The subschemas: where each is, and what it applies.
    nodes: Vec<Node>,
    by_pointer: HashMap<String, usize>,
    by_anchor: HashMap<String, usize>,
    patterns: usize,
}

#[derive(Debug)]
struct Node {
    pointer: String,
    edges: Vec<(Edge, usize)>,
    /// References, until they are resolved.
    references: Vec<(&'static str, String)>,
}

impl Graph {
    fn collect(&mut self, schema: &Value, pointer: String) -> Result<usize, SchemaProblem> {
        let number = self.nodes.len();
        self.by_pointer.insert(pointer.clone(), number);
        self.nodes.push(Node { pointer: pointer.clone(), edges: Vec::new(), references: Vec::new() });
        // What is neither object nor boolean is refused by the meta-schema, with its own message.
        let Value::Object(members) = schema else { return Ok(number) };
        self.identity(members, &pointer, number)?;
        self.patterns(members, &pointer)?;
        for keyword in ["$ref", "$dynamicRef"] {
            if let Some(target) = members.get(keyword) {
                let target = local(keyword, target, &pointer)?;
                self.nodes[number].references.push((keyword, target));
            }
        }
        for (keyword, edge) in ONE {
            if let Some(schema @ (Value::Object(_) | Value::Bool(_))) = members.get(keyword) {
                let child = self.collect(schema, format!("{pointer}/{keyword}"))?;
                self.nodes[number].edges.push((edge, child));
            }
        }
        for (keyword, edge) in MANY {
            let Some(Value::Array(schemas)) = members.get(keyword) else { continue };
            for (index, schema) in schemas.iter().enumerate() {
                let child = self.collect(schema, format!("{pointer}/{keyword}/{index}"))?;
                self.nodes[number].edges.push((edge, child));
            }
        }
        for (keyword, edge) in NAMED {
            let Some(Value::Object(schemas)) = members.get(keyword) else { continue };
            for (name, schema) in schemas {
                let child = self.collect(schema, format!("{pointer}/{keyword}/{}", step(name)))?;
                self.nodes[number].edges.push((edge, child));
            }
        }
        for keyword in DEFINITIONS {
            let Some(Value::Object(schemas)) = members.get(keyword) else { continue };
            for (name, schema) in schemas {
                self.collect(schema, format!("{pointer}/{keyword}/{}", step(name)))?;
            }
        }
        Ok(number)
    }

    /// `$schema`, `$id` and the anchors.
    fn identity(
        &mut self,
        members: &Map<String, Value>,
        at: &str,
        number: usize,
    ) -> Result<(), SchemaProblem> {
        if let Some(dialect) = members.get("$schema")
            && dialect.as_str().map(|uri| uri.trim_end_matches('#')) != Some(DIALECT)
        {
            let why =
                format!("only JSON Schema 2020-12 is understood: set $schema to {DIALECT}, or leave it out");
            return Err(SchemaProblem::new("schema_dialect", &format!("{at}/$schema"), why));
        }
        if members.contains_key("$id") && !at.is_empty() {
            let why = "an $id within the schema would make its references mean other documents: remove it";
            return Err(SchemaProblem::new("schema_reference", &format!("{at}/$id"), why));
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            if let Some(Value::String(name)) = members.get(keyword) {
                self.by_anchor.insert(name.clone(), number);
            }
        }
        Ok(())
    }

    fn patterns(&mut self, members: &Map<String, Value>, at: &str) -> Result<(), SchemaProblem> {
        let own = members.get("pattern").and_then(Value::as_str);
        let names = members.get("patternProperties").and_then(Value::as_object);
        for pattern in own.into_iter().chain(names.into_iter().flatten().map(|(name, _)| name.as_str())) {
            self.patterns += 1;
            if pattern.len() > MAX_PATTERN {
                let why = format!("a pattern is longer than {MAX_PATTERN} bytes: write a shorter one");
                return Err(SchemaProblem::new("schema_pattern", at, why));
            }
        }
        if self.patterns > MAX_PATTERNS {
            let why = format!("the schema has more than {MAX_PATTERNS} patterns: check less");
            return Err(SchemaProblem::new("schema_pattern", at, why));
        }
        Ok(())
    }

    /// Turns references into edges.
    fn resolve(&mut self) -> Result<(), SchemaProblem> {
        for number in 0..self.nodes.len() {
            for (keyword, target) in std::mem::take(&mut self.nodes[number].references) {
                let found = if target.is_empty() || target.starts_with('/') {
                    self.by_pointer.get(&target)
                } else {
                    self.by_anchor.get(&target)
                };
                let Some(found) = found else {
                    let place = format!("{}/{keyword}", self.nodes[number].pointer);
                    let why = format!("#{target} is no schema in this document: refer to an entry of $defs");
                    return Err(SchemaProblem::new("schema_reference", &place, why));
                };
                self.nodes[number].edges.push((Edge::Stays, *found));
            }
        }
        Ok(())
    }
}

/// The fragment of a reference within the document; nothing is ever fetched.
fn local(keyword: &str, target: &Value, at: &str) -> Result<String, SchemaProblem> {
    let place = format!("{at}/{keyword}");
    let refuse = |why: &str| SchemaProblem::new("schema_reference", &place, why);
    let Some(target) = target.as_str() else {
        return Err(refuse("a reference is a text that begins with #"));
    };
    let Some(fragment) = target.strip_prefix('#') else {
        return Err(refuse(
            "references to other documents are not followed: copy the schema into $defs and refer to #/$defs/…",
        ));
    };
    match percent_decode_str(fragment).decode_utf8() {
        Ok(fragment) => Ok(fragment.into_owned()),
        Err(_) => Err(refuse("the reference is not UTF-8")),
    }
}

/// One step of a JSON pointer.
fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// How many edges follow one another without going into the payload; refuses circles of such edges.
struct Chains<'g> {
    graph: &'g Graph,
    known: Vec<Option<usize>>,
    way: Vec<usize>,
}

impl<'g> Chains<'g> {
    fn longest(graph: &'g Graph) -> Result<usize, SchemaProblem> {
        let mut chains = Self { graph, known: vec![None; graph.nodes.len()], way: Vec::new() };
        let mut longest = 1;
        for number in 0..graph.nodes.len() {
            longest = longest.max(chains.from(number)?);
        }
        Ok(longest)
    }

    fn from(&mut self, number: usize) -> Result<usize, SchemaProblem> {
        if let Some(known) = self.known[number] {
            return Ok(known);
        }
        let node = &self.graph.nodes[number];
        if self.way.contains(&number) {
            let why =
                "the schema refers to itself without going into the payload, so that it decides nothing";
            return Err(SchemaProblem::new("schema_reference", &node.pointer, why));
        }
        let mut longest = 0;
        if self.way.len() <= MAX_CHAIN {
            self.way.push(number);
            for (_, target) in node.edges.iter().filter(|(edge, _)| *edge == Edge::Stays) {
                longest = longest.max(self.from(*target)? + 1);
            }
            self.way.pop();
        }
        if longest > MAX_CHAIN || self.way.len() > MAX_CHAIN {
            let why = format!(
                "more than {MAX_CHAIN} of allOf, anyOf, oneOf, $ref and the like follow one another: combine them"
            );
            return Err(SchemaProblem::new("schema_too_large", &node.pointer, why));
        }
        self.known[number] = Some(longest);
        Ok(longest)
    }
}

/// How large the schema is with every reference replaced by its target, where a circle counts once.
struct Unfolded<'g> {
    graph: &'g Graph,
    known: Vec<Option<u64>>,
    way: Vec<usize>,
}

impl<'g> Unfolded<'g> {
    fn check(graph: &'g Graph) -> Result<(), SchemaProblem> {
        Self { graph, known: vec![None; graph.nodes.len()], way: Vec::new() }.size(0).map(drop)
    }

    fn size(&mut self, number: usize) -> Result<u64, SchemaProblem> {
        if let Some(known) = self.known[number] {
            return Ok(known);
        }
        let node = &self.graph.nodes[number];
        let refuse = |why: String| Err(SchemaProblem::new("schema_too_large", &node.pointer, why));
        if self.way.len() > MAX_PATH {
            return refuse(format!("more than {MAX_PATH} schemas refer to one another in a row: refer less"));
        }
        let mut size = 1u64;
        self.way.push(number);
        for (_, target) in &node.edges {
            if !self.way.contains(target) {
                size = size.saturating_add(self.size(*target)?);
            }
        }
        self.way.pop();
        if size > MAX_UNFOLDED {
            return refuse(format!(
                "with every reference replaced by its target the schema has more than {MAX_UNFOLDED} parts: refer less"
            ));
        }
        self.known[number] = Some(size);
        Ok(size)
    }
}

/// Finds the parts of the graph that reach themselves (Tarjan's strongly connected components).
struct Circles<'g> {
    graph: &'g Graph,
    index: Vec<Option<usize>>,
    low: Vec<usize>,
    component: Vec<Option<usize>>,
    open: Vec<usize>,
    count: usize,
}

impl<'g> Circles<'g> {
    /// Whether a subschema has two ways back to itself by which one value can be met twice.
    fn branch(graph: &'g Graph) -> bool {
        let size = graph.nodes.len();
        let mut circles = Self {
            graph,
            index: vec![None; size],
            low: vec![0; size],
            component: vec![None; size],
            open: Vec::new(),
            count: 0,
        };
        circles.visit(0);
        (0..size).any(|number| {
            let own = circles.component[number];
            let back: Vec<Edge> = graph.nodes[number]
                .edges
                .iter()
                .filter(|(_, target)| own.is_some() && circles.component[*target] == own)
                .map(|(edge, _)| *edge)
                .collect();
            back.len() > 1 && back.iter().any(|edge| *edge != Edge::Goes)
        })
    }

    /// The recursion is no deeper than the longest path, which was checked before.
    fn visit(&mut self, number: usize) -> usize {
        let index = self.count;
        self.count += 1;
        self.index[number] = Some(index);
        self.low[number] = index;
        self.open.push(number);
        for (_, target) in &self.graph.nodes[number].edges {
            match self.index[*target] {
                None => self.low[number] = self.visit(*target).min(self.low[number]),
                Some(index) if self.component[*target].is_none() => {
                    self.low[number] = index.min(self.low[number]);
                }
                Some(_) => {}
            }
        }
        if self.low[number] == index {
            while let Some(member) = self.open.pop() {
                self.component[member] = Some(index);
                if member == number {
                    break;
                }
            }
        }
        self.low[number]
    }
}
