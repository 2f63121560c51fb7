//! Puts the values of the rules where their targets say.
//!
//! The targets of a mapping are merged into one [`Layout`] when it is compiled; that is also where two rules
//! that want the same place are found.

use std::sync::Arc;

use domain::mapping::{FieldRule, MappingIssue, MappingIssueCode, TargetSegment};

use super::json::Json;

/// The shape of the output.
#[derive(Debug)]
pub(super) struct Layout {
    root: Slot,
}

#[derive(Debug)]
enum Slot {
    /// Nothing is written here, yet.
    Empty,
    /// The value of a rule.
    Rule(usize),
    Object(Vec<(Arc<str>, Slot)>),
    Array(Vec<Slot>),
}

/// Merges the targets; reports those that can not stand together.
pub(super) fn plan(rules: &[FieldRule], issues: &mut Vec<MappingIssue>) -> Layout {
    let mut root = Slot::Object(Vec::new());
    for (index, rule) in rules.iter().enumerate() {
        let taken_by = match root.reach(rule.target.segments()) {
            Ok(slot @ Slot::Empty) => {
                *slot = Slot::Rule(index);
                continue;
            }
            Ok(slot) => slot.first_rule(),
            Err(other) => other,
        };
        let other = taken_by.and_then(|other| Some((other, rules.get(other)?)));
        let message = match other {
            Some((other, other_rule)) => format!(
                "this target and {} (rule {}) can not both be written: change or remove one of them",
                other_rule.target,
                other + 1
            ),
            None => "another rule writes the same place: change or remove one of them".to_owned(),
        };
        issues.push(MappingIssue {
            rule: Some(index),
            target: rule.target.to_string(),
            code: MappingIssueCode::TargetConflict,
            message,
        });
    }
    root.report_gaps(rules, issues);
    Layout { root }
}

impl Layout {
    /// The output for the rules' values, in the order of the rules.
    pub(super) fn fill(&self, mut values: Vec<Option<Json>>) -> Json {
        self.root.fill(&mut values).unwrap_or_else(|| Json::object(Vec::new()))
    }
}

impl Slot {
    /// The slot at a target, made where it is missing; the rule that is in the way when there is one.
    fn reach(&mut self, segments: &[TargetSegment]) -> Result<&mut Slot, Option<usize>> {
        let Some((segment, rest)) = segments.split_first() else {
            return Ok(self);
        };
        if let Slot::Empty = self {
            *self = match segment {
                TargetSegment::Key(_) => Slot::Object(Vec::new()),
                TargetSegment::Index(_) => Slot::Array(Vec::new()),
            };
        }
        let in_the_way = self.first_rule();
        match (self, segment) {
            (Slot::Object(members), TargetSegment::Key(key)) => {
                let place = match members.iter().position(|(name, _)| **name == **key) {
                    Some(place) => place,
                    None => {
                        members.push((key.as_str().into(), Slot::Empty));
                        members.len() - 1
                    }
                };
                members[place].1.reach(rest)
            }
            (Slot::Array(items), TargetSegment::Index(index)) => {
                if items.len() <= *index {
                    items.resize_with(index + 1, || Slot::Empty);
                }
                items[*index].reach(rest)
            }
            _ => Err(in_the_way),
        }
    }

    /// The first rule that writes here or below.
    fn first_rule(&self) -> Option<usize> {
        match self {
            Slot::Empty => None,
            Slot::Rule(rule) => Some(*rule),
            Slot::Object(members) => members.iter().filter_map(|(_, slot)| slot.first_rule()).min(),
            Slot::Array(items) => items.iter().filter_map(Slot::first_rule).min(),
        }
    }

    /// An index that no rule writes would silently become null: probably a wrong number.
    fn report_gaps(&self, rules: &[FieldRule], issues: &mut Vec<MappingIssue>) {
        match self {
            Slot::Empty | Slot::Rule(_) => {}
            Slot::Object(members) => members.iter().for_each(|(_, slot)| slot.report_gaps(rules, issues)),
            Slot::Array(items) => {
                let gap = items.iter().position(|slot| matches!(slot, Slot::Empty));
                let after = gap.and_then(|gap| items[gap..].iter().find_map(Slot::first_rule));
                if let (Some(gap), Some(rule)) = (gap, after) {
                    issues.push(MappingIssue {
                        rule: Some(rule),
                        target: rules.get(rule).map(|rule| rule.target.to_string()).unwrap_or_default(),
                        code: MappingIssueCode::TargetGap,
                        message: format!(
                            "no rule writes index {gap} of this array: number its elements from 0 on"
                        ),
                    });
                }
                items.iter().for_each(|slot| slot.report_gaps(rules, issues));
            }
        }
    }

    /// `None` when nothing below has a value: an object or array of only missing fields is missing as well.
    fn fill(&self, values: &mut [Option<Json>]) -> Option<Json> {
        match self {
            Slot::Empty => None,
            Slot::Rule(rule) => values.get_mut(*rule).and_then(Option::take),
            Slot::Object(members) => {
                let filled: Vec<_> = members
                    .iter()
                    .filter_map(|(key, slot)| Some((key.clone(), slot.fill(values)?)))
                    .collect();
                if filled.is_empty() { None } else { Some(Json::object(filled)) }
            }
            Slot::Array(items) => {
                let mut filled: Vec<_> = items.iter().map(|slot| slot.fill(values)).collect();
                while let Some(None) = filled.last() {
                    filled.pop();
                }
                // A missing element before others becomes null, so that these keep their index.
                let items: Vec<_> = filled.into_iter().map(|item| item.unwrap_or(Json::Null)).collect();
                if items.is_empty() { None } else { Some(Json::array(items)) }
            }
        }
    }
}
