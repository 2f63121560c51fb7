//! Decides from its syntax tree whether a template is one that only fills in text.
//!
//! Fuel counts instructions, but one instruction can double a text; forty of them fill any memory. So what a
//! template can bind to a name never grows: there are no assignments, and what a loop runs over is made without
//! operators that join texts. Joining is possible where the result is only written, and not often enough
//! to matter. Multiplying, which repeats texts, needs operands that are certainly numbers.
//!
//! What is not named here is refused, so that a new feature of minijinja is not offered by accident.

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Stmt};
use minijinja::machinery::parse;

use super::filters::{FILTERS, TESTS};

/// How often texts may be joined by an operator in one template.
const MAX_JOINS: usize = 16;
/// How deep expressions may nest.
const MAX_NESTING: usize = 64;
/// How deep loops may nest.
const MAX_LOOPS: usize = 2;

/// Checks a template; the error says what to change.
pub(super) fn check(source: &str) -> Result<(), String> {
    let tree = parse(source, "template", Default::default())
        .map_err(|error| format!("the template can not be read: {}", super::explain(&error)))?;
    let mut checker =
        Checker { names: vec!["payload", "event"], joins: 0, loops: 0, nesting: 0, in_loop_head: false };
    checker.statement(&tree)
}

struct Checker<'a> {
    /// The names that are known here.
    names: Vec<&'a str>,
    joins: usize,
    loops: usize,
    nesting: usize,
    in_loop_head: bool,
}

impl<'a> Checker<'a> {
    fn statements(&mut self, statements: &[Stmt<'a>]) -> Result<(), String> {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Stmt<'a>) -> Result<(), String> {
        let refused = match statement {
            Stmt::Template(template) => return self.statements(&template.children),
            Stmt::EmitRaw(_) => return Ok(()),
            Stmt::EmitExpr(emit) => return self.expression(&emit.expr),
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr)?;
                self.statements(&condition.true_body)?;
                return self.statements(&condition.false_body);
            }
            Stmt::ForLoop(each) => {
                if each.recursive {
                    return Err("recursive loops are not available in templates".to_owned());
                }
                if self.loops == MAX_LOOPS {
                    return Err(format!(
                        "loops can nest {MAX_LOOPS} deep: use an expression to flatten the data"
                    ));
                }
                self.in_loop_head = true;
                self.expression(&each.iter)?;
                self.in_loop_head = false;
                self.statements(&each.else_body)?;
                let known = self.names.len();
                self.bind(&each.target)?;
                self.names.push("loop");
                self.loops += 1;
                if let Some(filter) = &each.filter_expr {
                    self.expression(filter)?;
                }
                self.statements(&each.body)?;
                self.loops -= 1;
                self.names.truncate(known);
                return Ok(());
            }
            Stmt::Set(_) | Stmt::SetBlock(_) => "set",
            Stmt::WithBlock(_) => "with",
            Stmt::AutoEscape(_) => "autoescape",
            Stmt::FilterBlock(_) => "filter blocks",
            Stmt::Do(_) => "do",
            // Blocks, macros, imports and loop controls exist only when the build turns them on.
            #[allow(unreachable_patterns)]
            _ => "this statement",
        };
        Err(format!(
            "{refused}: not available in templates, which know if and for; repeat the expression instead"
        ))
    }

    /// The names that a loop gives to its elements.
    fn bind(&mut self, target: &Expr<'a>) -> Result<(), String> {
        match target {
            Expr::Var(name) => self.names.push(name.id),
            Expr::List(list) => list.items.iter().try_for_each(|item| self.bind(item))?,
            Expr::Tuple(tuple) => tuple.items.iter().try_for_each(|item| self.bind(item))?,
            _ => {
                return Err(
                    "a loop needs a name for its elements, as in: for item in payload.items".to_owned()
                );
            }
        }
        Ok(())
    }

    fn expression(&mut self, expression: &Expr<'a>) -> Result<(), String> {
        if self.nesting == MAX_NESTING {
            return Err(format!("the template nests expressions deeper than {MAX_NESTING}: split it"));
        }
        self.nesting += 1;
        self.parts(expression)?;
        self.nesting -= 1;
        Ok(())
    }

    fn parts(&mut self, expression: &Expr<'a>) -> Result<(), String> {
        match expression {
            Expr::Var(name) if self.names.contains(&name.id) => Ok(()),
            Expr::Var(name) => Err(format!(
                "there is no {}: templates know payload and event, for example payload.{}",
                name.id, name.id
            )),
            Expr::Const(_) => Ok(()),
            Expr::Slice(slice) => {
                self.expression(&slice.expr)?;
                [&slice.start, &slice.stop, &slice.step].into_iter().flatten().try_for_each(|e| self.expression(e))
            }
            Expr::UnaryOp(operation) => self.expression(&operation.expr),
            Expr::BinOp(operation) => {
                let numeric = is_number(&operation.left) && is_number(&operation.right);
                match operation.op {
                    BinOpKind::Mul if !numeric => {
                        return Err(
                            "* needs numbers on both sides: write payload.price|float * payload.quantity|int".to_owned()
                        );
                    }
                    BinOpKind::Concat => self.join()?,
                    BinOpKind::Add if !numeric => self.join()?,
                    _ => {}
                }
                self.expression(&operation.left)?;
                self.expression(&operation.right)
            }
            Expr::Compare(comparison) => {
                self.expression(&comparison.expr)?;
                comparison.ops.iter().try_for_each(|operation| self.expression(&operation.expr))
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr)?;
                self.expression(&choice.true_expr)?;
                choice.false_expr.iter().try_for_each(|otherwise| self.expression(otherwise))
            }
            Expr::Filter(filter) => {
                if !FILTERS.contains(&filter.name) {
                    return Err(format!("there is no filter {}; the filters are {}", filter.name, FILTERS.join(", ")));
                }
                filter.expr.iter().try_for_each(|inner| self.expression(inner))?;
                self.arguments(&filter.args)
            }
            Expr::Test(test) => {
                if !TESTS.contains(&test.name) {
                    return Err(format!("there is no test {}; the tests are {}", test.name, TESTS.join(", ")));
                }
                self.expression(&test.expr)?;
                self.arguments(&test.args)
            }
            Expr::GetAttr(attribute) => self.expression(&attribute.expr),
            Expr::GetItem(item) => {
                self.expression(&item.expr)?;
                self.expression(&item.subscript_expr)
            }
            Expr::Call(_) => {
                Err("functions and methods can not be called in templates: use a filter, for example payload.name|upper"
                    .to_owned())
            }
            Expr::List(list) => list.items.iter().try_for_each(|item| self.expression(item)),
            Expr::Tuple(tuple) => tuple.items.iter().try_for_each(|item| self.expression(item)),
            Expr::Map(map) => map.keys.iter().chain(&map.values).try_for_each(|item| self.expression(item)),
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'a>]) -> Result<(), String> {
        arguments.iter().try_for_each(|argument| match argument {
            CallArg::Pos(value) | CallArg::Kwarg(_, value) => self.expression(value),
            CallArg::PosSplat(_) | CallArg::KwargSplat(_) => {
                Err("* and ** can not spread arguments in templates".to_owned())
            }
        })
    }

    fn join(&mut self) -> Result<(), String> {
        if self.in_loop_head {
            return Err(
                "~ and + can not be used in what a loop runs over: join texts inside the loop".to_owned()
            );
        }
        self.joins += 1;
        if self.joins > MAX_JOINS {
            return Err(format!(
                "~ and + join texts at most {MAX_JOINS} times: write {{{{ a }}}}{{{{ b }}}} instead"
            ));
        }
        Ok(())
    }
}

/// Whether an expression can only be a number.
fn is_number(expression: &Expr<'_>) -> bool {
    match expression {
        Expr::Const(constant) => constant.value.is_number(),
        Expr::UnaryOp(operation) => {
            matches!(operation.op, minijinja::machinery::ast::UnaryOpKind::Neg) && is_number(&operation.expr)
        }
        Expr::Filter(filter) => matches!(filter.name, "int" | "float" | "abs" | "round" | "length"),
        Expr::BinOp(operation) => match operation.op {
            BinOpKind::Sub | BinOpKind::Div | BinOpKind::FloorDiv | BinOpKind::Rem | BinOpKind::Pow => true,
            BinOpKind::Add | BinOpKind::Mul => is_number(&operation.left) && is_number(&operation.right),
            _ => false,
        },
        _ => false,
    }
}
