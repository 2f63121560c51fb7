//! The built-in functions of the JMESPath specification.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use super::Expression;
use super::evaluate::{Failure, equal, evaluate};
use crate::mapping::MAX_OUTPUT;
use crate::mapping::budget::Budget;
use crate::mapping::json::Json;
use crate::mapping::number::{Decimal, Number};

/// What an argument may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Any,
    Number,
    String,
    Object,
    Array,
    Numbers,
    Strings,
    NumbersOrStrings,
    StringOrArray,
    StringArrayOrObject,
    /// `&expression`, evaluated for each element.
    Expression,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Any => "a value",
            Kind::Number => "a number",
            Kind::String => "a string",
            Kind::Object => "an object",
            Kind::Array => "an array",
            Kind::Numbers => "an array of numbers",
            Kind::Strings => "an array of strings",
            Kind::NumbersOrStrings => "an array of only numbers or only strings",
            Kind::StringOrArray => "a string or an array",
            Kind::StringArrayOrObject => "a string, an array or an object",
            Kind::Expression => "an expression that begins with &",
        }
    }

    fn accepts(self, value: &Json) -> bool {
        let all = |test: fn(&Json) -> bool| matches!(value, Json::Array(items) if items.iter().all(test));
        let number = |value: &Json| matches!(value, Json::Number(_));
        let string = |value: &Json| matches!(value, Json::String(_));
        match self {
            Kind::Any => true,
            Kind::Number => number(value),
            Kind::String => string(value),
            Kind::Object => matches!(value, Json::Object(_)),
            Kind::Array => matches!(value, Json::Array(_)),
            Kind::Numbers => all(number),
            Kind::Strings => all(string),
            Kind::NumbersOrStrings => all(number) || all(string),
            Kind::StringOrArray => matches!(value, Json::String(_) | Json::Array(_)),
            Kind::StringArrayOrObject => matches!(value, Json::String(_) | Json::Array(_) | Json::Object(_)),
            Kind::Expression => false,
        }
    }
}

macro_rules! functions {
    ($($variant:ident $name:literal [$($kind:ident),*] $(repeat $more:ident)?;)*) => {
        /// A built-in function.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::mapping) enum Function { $($variant),* }

        impl Function {
            const ALL: &'static [Function] = &[$(Function::$variant),*];

            fn name(self) -> &'static str {
                match self { $(Function::$variant => $name),* }
            }

            /// The kinds of its arguments, and of any further ones.
            fn signature(self) -> (&'static [Kind], Option<Kind>) {
                match self {
                    $(Function::$variant => (&[$(Kind::$kind),*], functions!(@more $($more)?))),*
                }
            }
        }
    };
    (@more) => { None };
    (@more $more:ident) => { Some(Kind::$more) };
}

functions! {
    Abs "abs" [Number];
    Avg "avg" [Numbers];
    Ceil "ceil" [Number];
    Contains "contains" [StringOrArray, Any];
    EndsWith "ends_with" [String, String];
    Floor "floor" [Number];
    Join "join" [String, Strings];
    Keys "keys" [Object];
    Length "length" [StringArrayOrObject];
    Map "map" [Expression, Array];
    Max "max" [NumbersOrStrings];
    MaxBy "max_by" [Array, Expression];
    Merge "merge" [Object] repeat Object;
    Min "min" [NumbersOrStrings];
    MinBy "min_by" [Array, Expression];
    NotNull "not_null" [Any] repeat Any;
    Reverse "reverse" [StringOrArray];
    Sort "sort" [NumbersOrStrings];
    SortBy "sort_by" [Array, Expression];
    StartsWith "starts_with" [String, String];
    Sum "sum" [Numbers];
    ToArray "to_array" [Any];
    ToNumber "to_number" [Any];
    ToString "to_string" [Any];
    Type "type" [Any];
    Values "values" [Object];
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|function| function.name() == name)
    }

    pub(super) fn names() -> String {
        Self::ALL.iter().map(|function| function.name()).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn check_count(self, count: usize) -> Result<(), String> {
        let (kinds, more) = self.signature();
        if count == kinds.len() || (count > kinds.len() && more.is_some()) {
            return Ok(());
        }
        let least = if more.is_some() { "at least " } else { "" };
        Err(format!("{} takes {least}{} argument(s), not {count}", self.name(), kinds.len()))
    }

    pub(super) fn takes_expression(self, position: usize) -> bool {
        self.kind(position) == Kind::Expression
    }

    fn kind(self, position: usize) -> Kind {
        let (kinds, more) = self.signature();
        kinds.get(position).copied().or(more).unwrap_or(Kind::Any)
    }

    /// A failure that names the function.
    fn fail(self, why: std::fmt::Arguments<'_>) -> Failure {
        Failure::Function(format!("{}: {why}", self.name()))
    }
}

/// Calls a function; its arguments were counted when the expression was compiled.
pub(super) fn call(
    function: Function,
    args: &[Expression],
    data: &Json,
    budget: &mut Budget,
) -> Result<Json, Failure> {
    let mut values = Vec::with_capacity(args.len());
    for (position, arg) in args.iter().enumerate() {
        let kind = function.kind(position);
        if kind == Kind::Expression {
            continue;
        }
        let value = evaluate(arg, data, budget)?;
        if let Json::Array(items) = &value {
            budget.spend(items.len())?;
        }
        if !kind.accepts(&value) {
            return Err(function.fail(format_args!(
                "argument {} is {}, but it takes {}; not_null(…, default) or a filter can stand in",
                position + 1,
                describe(&value),
                kind.name()
            )));
        }
        values.push(value);
    }
    Call { function, args, budget }.run(&values)
}

fn describe(value: &Json) -> String {
    match value {
        Json::Array(items) => match items.iter().find(|item| item.type_name() != items[0].type_name()) {
            Some(other) => format!("an array of {} and {}", items[0].type_name(), other.type_name()),
            None => items
                .first()
                .map_or("an empty array".into(), |item| format!("an array of {}", item.type_name())),
        },
        other => other.type_name().to_owned(),
    }
}

struct Call<'e, 'b> {
    function: Function,
    args: &'e [Expression],
    budget: &'b mut Budget,
}

impl Call<'_, '_> {
    fn run(mut self, values: &[Json]) -> Result<Json, Failure> {
        use Json::{Array, Object, String};
        Ok(match (self.function, values) {
            (Function::Abs, [Json::Number(number)]) => Json::Number(number.abs()),
            (Function::Ceil, [Json::Number(number)]) => self.round(number, Decimal::ceil)?,
            (Function::Floor, [Json::Number(number)]) => self.round(number, Decimal::floor)?,
            (Function::Sum, [Array(items)]) => {
                let sum = self.sum(items)?;
                self.number(Some(sum))?
            }
            (Function::Avg, [Array(items)]) if items.is_empty() => Json::Null,
            (Function::Avg, [Array(items)]) => {
                let mean = self.sum(items)?.divided_by(items.len() as i128);
                self.number(mean)?
            }
            (Function::Contains, [Array(items), needle]) => {
                for item in items.iter() {
                    if equal(item, needle, self.budget)? {
                        return Ok(Json::Bool(true));
                    }
                }
                Json::Bool(false)
            }
            (Function::Contains, [String(text), String(needle)]) => {
                self.budget.spend_text(text.len())?;
                Json::Bool(text.contains(&**needle))
            }
            (Function::Contains, _) => Json::Bool(false),
            (Function::StartsWith, [String(text), String(start)]) => Json::Bool(text.starts_with(&**start)),
            (Function::EndsWith, [String(text), String(end)]) => Json::Bool(text.ends_with(&**end)),
            (Function::Join, [String(glue), Array(items)]) => self.join(glue, items)?,
            (Function::Keys, [Object(object)]) => {
                self.budget.spend(object.0.len())?;
                Json::array(object.0.iter().map(|(key, _)| String(key.clone())).collect())
            }
            (Function::Values, [Object(object)]) => {
                self.budget.spend(object.0.len())?;
                Json::array(object.0.iter().map(|(_, value)| value.clone()).collect())
            }
            (Function::Length, [String(text)]) => {
                self.budget.spend_text(text.len())?;
                count(text.chars().count())
            }
            (Function::Length, [Array(items)]) => count(items.len()),
            (Function::Length, [Object(object)]) => count(object.0.len()),
            (Function::Map, [Array(items)]) => {
                let mapped: Result<_, Failure> =
                    items.iter().map(|item| evaluate(&self.args[0], item, self.budget)).collect();
                Json::array(mapped?)
            }
            (Function::Max, [Array(items)]) => items.iter().cloned().max_by(order).unwrap_or(Json::Null),
            (Function::Min, [Array(items)]) => items.iter().cloned().min_by(order).unwrap_or(Json::Null),
            (Function::MaxBy, [Array(items)]) => {
                // The first of equal ones, as for the minimum.
                let keyed = self.keyed(items)?;
                let best = keyed.into_iter().rev().max_by(|left, right| order(&left.0, &right.0));
                best.map_or(Json::Null, |(_, item)| item)
            }
            (Function::MinBy, [Array(items)]) => {
                let best = self.keyed(items)?.into_iter().min_by(|left, right| order(&left.0, &right.0));
                best.map_or(Json::Null, |(_, item)| item)
            }
            (Function::Sort, [Array(items)]) => {
                self.pay_for_sorting(items.len())?;
                let mut sorted = items.to_vec();
                sorted.sort_by(order);
                Json::array(sorted)
            }
            (Function::SortBy, [Array(items)]) => {
                self.pay_for_sorting(items.len())?;
                let mut keyed = self.keyed(items)?;
                keyed.sort_by(|left, right| order(&left.0, &right.0));
                Json::array(keyed.into_iter().map(|(_, item)| item).collect())
            }
            (Function::Merge, objects) => self.merge(objects)?,
            (Function::NotNull, values) => {
                values.iter().find(|value| !value.is_null()).cloned().unwrap_or(Json::Null)
            }
            (Function::Reverse, [Array(items)]) => Json::array(items.iter().rev().cloned().collect()),
            (Function::Reverse, [String(text)]) => {
                self.budget.spend_text(text.len())?;
                String(text.chars().rev().collect::<std::string::String>().into())
            }
            (Function::ToArray, [array @ Array(_)]) => array.clone(),
            (Function::ToArray, [other]) => Json::array(vec![other.clone()]),
            (Function::ToNumber, [number @ Json::Number(_)]) => number.clone(),
            (Function::ToNumber, [String(text)]) => Number::parse(text).map_or(Json::Null, Json::Number),
            (Function::ToNumber, _) => Json::Null,
            (Function::ToString, [text @ String(_)]) => text.clone(),
            (Function::ToString, [other]) => {
                let json = other.write(MAX_OUTPUT).map_err(|_| Failure::TooCostly)?;
                self.budget.spend_text(json.len())?;
                Json::string(&std::string::String::from_utf8_lossy(&json))
            }
            (Function::Type, [value]) => Json::string(value.type_name()),
            // The signature and the count were checked, so that no call gets here.
            (function, _) => return Err(function.fail(format_args!("does not take these arguments"))),
        })
    }

    fn too_many_digits(&self) -> Failure {
        self.function.fail(format_args!("the numbers have more digits than can be calculated with (38)"))
    }

    fn number(&self, decimal: Option<Decimal>) -> Result<Json, Failure> {
        let number = decimal.and_then(Decimal::number).ok_or_else(|| self.too_many_digits())?;
        Ok(Json::Number(number))
    }

    fn round(&self, number: &Number, to: fn(Decimal) -> Option<i128>) -> Result<Json, Failure> {
        // An integer stays as it is written, also one too large to calculate with.
        if !number.token().contains(['.', 'e', 'E']) {
            return Ok(Json::Number(number.clone()));
        }
        self.number(number.decimal().and_then(to).map(Decimal::from_integer))
    }

    fn sum(&mut self, items: &[Json]) -> Result<Decimal, Failure> {
        let mut sum = Decimal::ZERO;
        for item in items {
            if let Json::Number(number) = item {
                self.budget.spend_text(number.token().len())?;
                let next = number.decimal().and_then(|number| sum.plus(number));
                sum = next.ok_or_else(|| self.too_many_digits())?;
            }
        }
        Ok(sum)
    }

    fn join(&mut self, glue: &str, items: &[Json]) -> Result<Json, Failure> {
        let mut joined = String::new();
        for (index, item) in items.iter().enumerate() {
            if let Json::String(text) = item {
                let glue = if index > 0 { glue } else { "" };
                self.budget.spend_text(glue.len() + text.len())?;
                joined.push_str(glue);
                joined.push_str(text);
            }
        }
        Ok(Json::String(joined.into()))
    }

    /// Later objects win; a key keeps the place where it first occurred.
    fn merge(&mut self, objects: &[Json]) -> Result<Json, Failure> {
        let mut members: Vec<(Arc<str>, Json)> = Vec::new();
        let mut places: HashMap<Arc<str>, usize> = HashMap::new();
        for object in objects {
            let Json::Object(object) = object else { continue };
            self.budget.spend(object.0.len())?;
            for (key, value) in &object.0 {
                match places.get(key) {
                    Some(place) => members[*place].1 = value.clone(),
                    None => {
                        places.insert(key.clone(), members.len());
                        members.push((key.clone(), value.clone()));
                    }
                }
            }
        }
        Ok(Json::object(members))
    }

    /// Each element with what the expression gives for it: all numbers or all strings.
    fn keyed(&mut self, items: &[Json]) -> Result<Vec<(Json, Json)>, Failure> {
        let mut keyed: Vec<(Json, Json)> = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let key = evaluate(&self.args[1], item, self.budget)?;
            let first = keyed.first().map_or(key.type_name(), |(first, _)| first.type_name());
            if !matches!(key, Json::Number(_) | Json::String(_)) || key.type_name() != first {
                return Err(self.function.fail(format_args!(
                    "the expression gives {} for element {index}, but it must give only numbers or only strings",
                    key.type_name()
                )));
            }
            keyed.push((key, item.clone()));
        }
        Ok(keyed)
    }

    fn pay_for_sorting(&mut self, length: usize) -> Result<(), Failure> {
        let rounds = usize::BITS - length.leading_zeros();
        Ok(self.budget.spend(length.saturating_mul(rounds as usize))?)
    }
}

/// The order of two numbers or two strings.
fn order(left: &Json, right: &Json) -> Ordering {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.compare(right),
        (Json::String(left), Json::String(right)) => left.cmp(right),
        _ => Ordering::Equal,
    }
}

fn count(count: usize) -> Json {
    Json::Number(Number::from_token(&count.to_string()))
}
