//! [`Calls`]: which function each task of a layer calls, and with what.

use super::{Function, Given, show};
use crate::{Error, Index, Result, value::Data};
use std::sync::Arc;

/// The calls of consecutive tasks of a layer, one row a task.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// The task of the first row: calls travel in blocks.
    pub first: Index,
    /// The calls.
    pub rows: Vec<Call>,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function's place in the table of the layer's body.
    pub function: u32,
    /// One for each parameter.
    pub args: Vec<ArgSpec>,
}

/// What a call passes for one parameter.
#[derive(Clone, Debug)]
pub enum ArgSpec {
    /// A value.
    Literal(Data),
    /// The `nth` of the values that an edge gives this task.
    Input {
        /// The edge.
        edge: u16,
        /// The position in reading order.
        nth: u32,
    },
    /// All values that an edge gives this task, as a list.
    Inputs {
        /// The edge.
        edge: u16,
    },
    /// Some of the values that an edge gives this task, as a list.
    Span {
        /// The edge.
        edge: u16,
        /// The first one's position in reading order.
        start: u32,
        /// How many.
        len: u32,
    },
    /// A list or a tuple.
    List(Vec<ArgSpec>),
    /// The result of another call, which fusion put here in place of an input.
    Call(Box<Call>),
}

impl Calls {
    /// The calls of the tasks from 0 on.
    pub fn new(rows: Vec<Call>) -> Self {
        Calls { first: 0, rows }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The call of a task.
    ///
    /// # Errors
    /// `Internal` when these calls have no row for it.
    pub fn get(&self, task: Index) -> Result<&Call> {
        let row = task.checked_sub(self.first).and_then(|row| self.rows.get(row as usize));
        row.ok_or_else(|| Error::internal(format!("there is no call for task {task}")))
    }
}

impl Call {
    /// A call of the function at `function`.
    pub fn new(function: u32, args: Vec<ArgSpec>) -> Self {
        Call { function, args }
    }

    /// This call and those that fusion put into it, in the order in which they run: each after those that it reads.
    pub(super) fn in_order(&self) -> Vec<&Call> {
        fn visit<'a>(spec: &'a ArgSpec, order: &mut Vec<&'a Call>) {
            match spec {
                ArgSpec::List(items) => items.iter().for_each(|item| visit(item, order)),
                ArgSpec::Call(call) => push(call, order),
                _ => {}
            }
        }
        fn push<'a>(call: &'a Call, order: &mut Vec<&'a Call>) {
            call.args.iter().for_each(|arg| visit(arg, order));
            order.push(call);
        }
        let mut order = Vec::with_capacity(1);
        push(self, &mut order);
        order
    }

    /// What the function is given. `ready` are the values of each edge, `inner` the results of the calls inside, in order.
    pub(super) fn given(&self, ready: &[Vec<Data>], inner: &mut std::vec::IntoIter<Data>) -> Result<Vec<Given>> {
        self.args.iter().map(|spec| spec.given(ready, inner)).collect()
    }

    /// How many calls stand directly inside this one.
    pub(super) fn inner(&self) -> usize {
        fn count(spec: &ArgSpec) -> usize {
            match spec {
                ArgSpec::List(items) => items.iter().map(count).sum(),
                ArgSpec::Call(_) => 1,
                _ => 0,
            }
        }
        self.args.iter().map(count).sum()
    }

    /// The call as source text, arguments shortened: `own::parse("s3://b/7.bin")`.
    pub fn describe(&self, functions: &[Arc<Function>], ready: &[Vec<Data>]) -> String {
        let name = functions.get(self.function as usize).map_or_else(|| format!("function {}", self.function), |function| function.label());
        let mut text = format!("{name}(");
        for (number, arg) in self.args.iter().enumerate() {
            if number > 0 {
                text += ", ";
            }
            if text.len() > 120 {
                text += "…";
                break;
            }
            text += &arg.describe(functions, ready);
        }
        text + ")"
    }
}

impl ArgSpec {
    fn given(&self, ready: &[Vec<Data>], inner: &mut std::vec::IntoIter<Data>) -> Result<Given> {
        let values =
            |edge: u16| ready.get(edge as usize).ok_or_else(|| Error::internal(format!("a call reads edge {edge}, which is not there")));
        let short = |edge: u16| Error::internal(format!("edge {edge} gave a call fewer values than it reads"));
        let list = |values: &[Data]| Given::Many(values.iter().cloned().map(Given::One).collect());
        Ok(match self {
            ArgSpec::Literal(data) => Given::One(data.clone()),
            ArgSpec::Input { edge, nth } => Given::One(values(*edge)?.get(*nth as usize).ok_or_else(|| short(*edge))?.clone()),
            ArgSpec::Inputs { edge } => list(values(*edge)?),
            ArgSpec::Span { edge, start, len } => {
                let (start, len) = (*start as usize, *len as usize);
                list(values(*edge)?.get(start..start + len).ok_or_else(|| short(*edge))?)
            }
            ArgSpec::List(items) => Given::Many(items.iter().map(|item| item.given(ready, inner)).collect::<Result<_>>()?),
            ArgSpec::Call(_) => Given::One(inner.next().ok_or_else(|| Error::internal("a fused call did not run"))?),
        })
    }

    fn describe(&self, functions: &[Arc<Function>], ready: &[Vec<Data>]) -> String {
        let value = |edge: u16, nth: u32| ready.get(edge as usize).and_then(|values| values.get(nth as usize));
        match self {
            ArgSpec::Literal(data) => show(data),
            ArgSpec::Input { edge, nth } => value(*edge, *nth).map_or_else(|| format!("input {edge}"), show),
            ArgSpec::Inputs { edge } => match ready.get(*edge as usize) {
                Some(values) => format!("[{} values]", values.len()),
                None => format!("[input {edge}]"),
            },
            ArgSpec::Span { len, .. } => format!("[{len} values]"),
            ArgSpec::List(items) if items.len() <= 4 => {
                format!("[{}]", items.iter().map(|item| item.describe(functions, ready)).collect::<Vec<_>>().join(", "))
            }
            ArgSpec::List(items) => format!("[{} values]", items.len()),
            ArgSpec::Call(call) => call.describe(functions, ready),
        }
    }
}
