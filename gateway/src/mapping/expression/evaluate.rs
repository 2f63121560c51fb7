//! Evaluates a compiled expression against a value, by the JMESPath specification.

use std::cmp::Ordering;

use super::functions;
use super::{Comparison, Expression};
use crate::mapping::budget::{Budget, Exhausted};
use crate::mapping::json::Json;

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mapping) enum Failure {
    /// The mapping's steps are used up.
    TooCostly,
    /// A function was given what it does not take; says which and what to do.
    Function(String),
}

impl From<Exhausted> for Failure {
    fn from(_: Exhausted) -> Self {
        Failure::TooCostly
    }
}

/// The value of `expression` for `data`. What leads nowhere is null, as JMESPath has it.
pub(in crate::mapping) fn evaluate(
    expression: &Expression,
    data: &Json,
    budget: &mut Budget,
) -> Result<Json, Failure> {
    budget.spend(1)?;
    Ok(match expression {
        Expression::Current => data.clone(),
        Expression::Field(name) => match data {
            Json::Object(object) => {
                budget.spend(object.0.len() / 16)?;
                object.get(name).cloned().unwrap_or(Json::Null)
            }
            _ => Json::Null,
        },
        Expression::Index(index) => match data {
            Json::Array(items) => element(items, *index).cloned().unwrap_or(Json::Null),
            _ => Json::Null,
        },
        Expression::Slice { start, stop, step } => match data {
            Json::Array(items) => Json::array(slice(items, *start, *stop, *step, budget)?),
            _ => Json::Null,
        },
        Expression::Literal(value) => value.clone(),
        Expression::Then(first, then) => {
            let value = evaluate(first, data, budget)?;
            evaluate(then, &value, budget)?
        }
        Expression::Or(first, second) => {
            let value = evaluate(first, data, budget)?;
            if is_truthy(&value) { value } else { evaluate(second, data, budget)? }
        }
        Expression::And(first, second) => {
            let value = evaluate(first, data, budget)?;
            if is_truthy(&value) { evaluate(second, data, budget)? } else { value }
        }
        Expression::Not(inner) => Json::Bool(!is_truthy(&evaluate(inner, data, budget)?)),
        Expression::When(condition, then) => {
            if is_truthy(&evaluate(condition, data, budget)?) {
                evaluate(then, data, budget)?
            } else {
                Json::Null
            }
        }
        Expression::Compare(comparison, left, right) => {
            let (left, right) = (evaluate(left, data, budget)?, evaluate(right, data, budget)?);
            compare(*comparison, &left, &right, budget)?
        }
        Expression::Values(inner) => match evaluate(inner, data, budget)? {
            Json::Object(object) => {
                budget.spend(object.0.len())?;
                Json::array(object.0.iter().map(|(_, value)| value.clone()).collect())
            }
            _ => Json::Null,
        },
        Expression::Flatten(inner) => match evaluate(inner, data, budget)? {
            Json::Array(items) => Json::array(flatten(&items, budget)?),
            _ => Json::Null,
        },
        Expression::Project(inner, each) => match evaluate(inner, data, budget)? {
            Json::Array(items) => {
                let mut kept = Vec::new();
                for item in items.iter() {
                    let value = evaluate(each, item, budget)?;
                    if !value.is_null() {
                        kept.push(value);
                    }
                }
                Json::array(kept)
            }
            _ => Json::Null,
        },
        Expression::List(_) | Expression::Hash(_) if data.is_null() => Json::Null,
        Expression::List(elements) => {
            let items: Result<_, Failure> =
                elements.iter().map(|each| evaluate(each, data, budget)).collect();
            Json::array(items?)
        }
        Expression::Hash(members) => {
            let members: Result<_, Failure> = members
                .iter()
                .map(|(key, value)| Ok((key.clone(), evaluate(value, data, budget)?)))
                .collect();
            Json::object(members?)
        }
        Expression::Call(function, args) => functions::call(*function, args, data, budget)?,
    })
}

/// JMESPath's truth: null, false and everything empty is not; zero is.
fn is_truthy(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(value) => *value,
        Json::Number(_) => true,
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(object) => !object.0.is_empty(),
    }
}

/// The element at an index; negative ones count from the end.
fn element(items: &[Json], index: i64) -> Option<&Json> {
    let index = if index < 0 { index + items.len() as i64 } else { index };
    items.get(usize::try_from(index).ok()?)
}

/// Python's slices, as the specification has them.
fn slice(
    items: &[Json],
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
    budget: &mut Budget,
) -> Result<Vec<Json>, Failure> {
    let length = items.len() as i64;
    let (lowest, highest) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let end = |at: i64| (if at < 0 { at + length } else { at }).clamp(lowest, highest);
    let (from, to) = if step < 0 { (length - 1, -1) } else { (0, length) };
    let (mut at, stop) = (start.map_or(from, end), stop.map_or(to, end));
    let mut taken = Vec::new();
    while if step < 0 { at > stop } else { at < stop } {
        budget.spend(1)?;
        taken.extend(element(items, at).cloned());
        at += step;
    }
    Ok(taken)
}

fn flatten(items: &[Json], budget: &mut Budget) -> Result<Vec<Json>, Failure> {
    let mut flat = Vec::new();
    for item in items {
        match item {
            Json::Array(inner) => {
                budget.spend(inner.len())?;
                flat.extend(inner.iter().cloned());
            }
            other => {
                budget.spend(1)?;
                flat.push(other.clone());
            }
        }
    }
    Ok(flat)
}

/// Ordering is defined for numbers only; anything else is null.
fn compare(comparison: Comparison, left: &Json, right: &Json, budget: &mut Budget) -> Result<Json, Failure> {
    let order = |test: fn(Ordering) -> bool| match (left, right) {
        (Json::Number(left), Json::Number(right)) => Json::Bool(test(left.compare(right))),
        _ => Json::Null,
    };
    Ok(match comparison {
        Comparison::Equal => Json::Bool(equal(left, right, budget)?),
        Comparison::NotEqual => Json::Bool(!equal(left, right, budget)?),
        Comparison::Less => order(Ordering::is_lt),
        Comparison::LessOrEqual => order(Ordering::is_le),
        Comparison::Greater => order(Ordering::is_gt),
        Comparison::GreaterOrEqual => order(Ordering::is_ge),
    })
}

/// Equality by value: numbers numerically, objects without regard to order.
pub(super) fn equal(left: &Json, right: &Json, budget: &mut Budget) -> Result<bool, Failure> {
    budget.spend(1)?;
    Ok(match (left, right) {
        (Json::Null, Json::Null) => true,
        (Json::Bool(left), Json::Bool(right)) => left == right,
        (Json::Number(left), Json::Number(right)) => {
            budget.spend_text(left.token().len() + right.token().len())?;
            left.compare(right).is_eq()
        }
        (Json::String(left), Json::String(right)) => {
            budget.spend_text(left.len())?;
            left == right
        }
        (Json::Array(left), Json::Array(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            for (left, right) in left.iter().zip(right.iter()) {
                if !equal(left, right, budget)? {
                    return Ok(false);
                }
            }
            true
        }
        (Json::Object(left), Json::Object(right)) => {
            if left.0.len() != right.0.len() {
                return Ok(false);
            }
            for (key, left) in &left.0 {
                budget.spend(right.0.len() / 16)?;
                match right.get(key) {
                    Some(right) if equal(left, right, budget)? => {}
                    _ => return Ok(false),
                }
            }
            true
        }
        _ => false,
    })
}
