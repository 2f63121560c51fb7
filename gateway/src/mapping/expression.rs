//! JMESPath: selecting from the payload.
//!
//! The grammar is the `jmespath` crate's: it parses. Evaluating is done here, because three things can not be
//! had from its interpreter: numbers that keep every digit, objects that keep the order of their keys, and a
//! bound on what an expression may cost. A property test holds the two side by side.
//!
//! Players: [`Expression`] is compiled once per mapping; [`evaluate`] walks it, [`functions`] has the built-in
//! functions of the specification (<https://jmespath.org/specification.html>).

use std::sync::Arc;

use jmespath::Variable;
use jmespath::ast::{Ast, Comparator};

use super::json::Json;
use super::number::Number;
use functions::Function;

mod evaluate;
mod functions;

pub(super) use evaluate::{Failure, evaluate};

/// The longest expression, in bytes.
const MAX_TEXT: usize = 2_048;
/// The deepest nesting; it bounds the stack that parsing and evaluating need.
const MAX_NESTING: usize = 100;

/// A compiled expression.
#[derive(Debug)]
pub(super) enum Expression {
    /// `@`
    Current,
    Field(Arc<str>),
    Index(i64),
    Slice {
        start: Option<i64>,
        stop: Option<i64>,
        step: i64,
    },
    Literal(Json),
    /// `a.b` and `a | b`
    Then(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    /// The body of a filter `[?…]`
    When(Box<Expression>, Box<Expression>),
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `*`
    Values(Box<Expression>),
    /// `[]`
    Flatten(Box<Expression>),
    /// What follows a `*`, `[*]`, `[]`, slice or filter, for every element.
    Project(Box<Expression>, Box<Expression>),
    List(Vec<Expression>),
    Hash(Vec<(Arc<str>, Expression)>),
    Call(Function, Vec<Expression>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Compiles an expression; the error says what to change.
pub(super) fn compile(text: &str) -> Result<Expression, String> {
    if text.trim().is_empty() {
        return Err("the expression is empty: write what to select, for example customer.name".to_owned());
    }
    if text.len() > MAX_TEXT {
        return Err(format!("the expression is longer than {MAX_TEXT} bytes: split it into several rules"));
    }
    if nesting(text) > MAX_NESTING {
        return Err(too_nested());
    }
    let ast = jmespath::parse(text).map_err(|error| {
        let reason = match &error.reason {
            jmespath::ErrorReason::Parse(reason) => reason.clone(),
            jmespath::ErrorReason::Runtime(reason) => reason.to_string(),
        };
        format!("not a JMESPath expression at character {}: {reason}", error.column + 1)
    })?;
    convert(&ast, 0)
}

fn too_nested() -> String {
    format!("the expression nests more than {MAX_NESTING} levels: split it into several rules")
}

/// An upper bound of the parser's recursion: it only recurses at these characters, outside of quotes.
fn nesting(text: &str) -> usize {
    let mut count = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' | '`' => {
                while let Some(inner) = chars.next() {
                    match inner {
                        '\\' => drop(chars.next()),
                        inner if inner == c => break,
                        _ => {}
                    }
                }
            }
            '(' | '[' | '{' | '!' | '&' | '*' => count += 1,
            _ => {}
        }
    }
    count
}

fn convert(ast: &Ast, depth: usize) -> Result<Expression, String> {
    if depth > MAX_NESTING {
        return Err(too_nested());
    }
    let boxed = |ast: &Ast| convert(ast, depth + 1).map(Box::new);
    Ok(match ast {
        Ast::Identity { .. } => Expression::Current,
        Ast::Field { name, .. } => Expression::Field(name.as_str().into()),
        Ast::Index { idx, .. } => Expression::Index((*idx).into()),
        Ast::Slice { step: 0, .. } => return Err("a slice can not have step 0".to_owned()),
        Ast::Slice { start, stop, step, .. } => {
            Expression::Slice { start: start.map(i64::from), stop: stop.map(i64::from), step: (*step).into() }
        }
        Ast::Literal { value, .. } => Expression::Literal(literal(value)?),
        Ast::Subexpr { lhs, rhs, .. } => Expression::Then(boxed(lhs)?, boxed(rhs)?),
        Ast::Or { lhs, rhs, .. } => Expression::Or(boxed(lhs)?, boxed(rhs)?),
        Ast::And { lhs, rhs, .. } => Expression::And(boxed(lhs)?, boxed(rhs)?),
        Ast::Not { node, .. } => Expression::Not(boxed(node)?),
        Ast::Condition { predicate, then, .. } => Expression::When(boxed(predicate)?, boxed(then)?),
        Ast::Comparison { comparator, lhs, rhs, .. } => {
            let comparison = match comparator {
                Comparator::Equal => Comparison::Equal,
                Comparator::NotEqual => Comparison::NotEqual,
                Comparator::LessThan => Comparison::Less,
                Comparator::LessThanEqual => Comparison::LessOrEqual,
                Comparator::GreaterThan => Comparison::Greater,
                Comparator::GreaterThanEqual => Comparison::GreaterOrEqual,
            };
            Expression::Compare(comparison, boxed(lhs)?, boxed(rhs)?)
        }
        Ast::ObjectValues { node, .. } => Expression::Values(boxed(node)?),
        Ast::Flatten { node, .. } => Expression::Flatten(boxed(node)?),
        Ast::Projection { lhs, rhs, .. } => Expression::Project(boxed(lhs)?, boxed(rhs)?),
        Ast::MultiList { elements, .. } => {
            Expression::List(elements.iter().map(|ast| convert(ast, depth + 1)).collect::<Result<_, _>>()?)
        }
        Ast::MultiHash { elements, .. } => {
            let mut members: Vec<(Arc<str>, Expression)> = Vec::with_capacity(elements.len());
            for pair in elements {
                if members.iter().any(|(key, _)| **key == *pair.key) {
                    return Err(format!("the key {:?} is written twice in one {{…}}", pair.key));
                }
                members.push((pair.key.as_str().into(), convert(&pair.value, depth + 1)?));
            }
            Expression::Hash(members)
        }
        Ast::Function { name, args, .. } => call(name, args, depth)?,
        Ast::Expref { .. } => {
            return Err(
                "& makes an argument for functions like sort_by; it is no value of its own".to_owned()
            );
        }
    })
}

fn call(name: &str, args: &[Ast], depth: usize) -> Result<Expression, String> {
    let function = Function::named(name)
        .ok_or_else(|| format!("there is no function {name}; the functions are {}", Function::names()))?;
    function.check_count(args.len())?;
    let mut converted = Vec::with_capacity(args.len());
    for (position, arg) in args.iter().enumerate() {
        converted.push(match (arg, function.takes_expression(position)) {
            (Ast::Expref { ast, .. }, true) => convert(ast, depth + 1)?,
            (_, true) => {
                return Err(format!("argument {} of {name} begins with &, for example &id", position + 1));
            }
            (arg, false) => convert(arg, depth + 1)?,
        });
    }
    Ok(Expression::Call(function, converted))
}

fn literal(value: &Variable) -> Result<Json, String> {
    Ok(match value {
        Variable::Null => Json::Null,
        Variable::Bool(value) => Json::Bool(*value),
        Variable::String(text) => Json::string(text),
        Variable::Number(number) => {
            if !super::is_exact(number) {
                return Err(format!(
                    "the literal {number} lost digits: compare with a value of the payload, or as text with to_string"
                ));
            }
            Json::Number(Number::from_token(&number.to_string()))
        }
        Variable::Array(items) => {
            Json::array(items.iter().map(|item| literal(item)).collect::<Result<_, _>>()?)
        }
        Variable::Object(members) => Json::object(
            members
                .iter()
                .map(|(key, value)| Ok((key.as_str().into(), literal(value)?)))
                .collect::<Result<_, String>>()?,
        ),
        Variable::Expref(_) => return Err("& is no value".to_owned()),
    })
}

#[cfg(test)]
mod tests;
