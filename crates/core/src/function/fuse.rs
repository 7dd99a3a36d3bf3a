//! Fusing layers of calls: the upstream call takes the place of the input that would have read its result.

use super::{ArgSpec, Call, Calls, FnBody, Function, kind_fn::fn_body};
use crate::{
    graph::{EdgeMap, Emits, Layer, LayerSpec, Repeat, Slicing, Work},
    kind::{Body, Refusal},
};
use std::sync::Arc;

/// How many calls may stand inside one another; what walks over calls is recursive.
const DEPTH: u32 = 32;

fn refuse<T>(reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(reason.into()))
}

/// The layer that does what `up` does and then what `down` does, which reads it one-to-one as its input `edge`.
///
/// The inputs of `up` take the place of that input. The layer numbers in the edges are left as they are: giving them
/// those of the graph without `up` is the caller's work, and so is knowing that nobody else reads `up`.
pub fn fuse_calls(up: &Layer, down: &Layer, edge: usize) -> Result<Layer, Refusal> {
    let Some(input) = down.spec.inputs.get(edge) else { return refuse(format!("there is no input {edge}")) };
    if input.map != EdgeMap::OneToOne {
        return refuse(format!("the edge is {}, not one-to-one", input.map.name()));
    }
    let reads_up = |layer: &Layer| layer.spec.inputs.iter().filter(|other| other.from == input.from).count();
    if reads_up(up) > 0 {
        return refuse(format!("{} reads its own results", up.spec.name));
    }
    if reads_up(down) > 1 {
        return refuse(format!("{} reads {} over several edges", down.spec.name, up.spec.name));
    }
    let work = match (&up.work, &down.work) {
        (Work::Uniform(first), Work::Uniform(then)) if first.kind == FnBody::KIND && then.kind == FnBody::KIND => {
            let body = fuse_bodies(&*first.body, &*then.body, edge, up.spec.inputs.len())?;
            Work::Uniform(crate::kind::Template { kind: FnBody::KIND, body })
        }
        _ => fuse_rows(up, down, edge)?,
    };
    Ok(Layer { spec: fuse_specs(&up.spec, &down.spec, edge)?, work })
}

/// The body of two layers whose tasks all make the same call.
pub(super) fn fuse_bodies(up: &dyn Body, down: &dyn Body, edge: usize, up_inputs: usize) -> Result<Arc<dyn Body>, Refusal> {
    let (Ok(up), Ok(down)) = (fn_body(up), fn_body(down)) else { return refuse("the layers are of different kinds") };
    let (Some(up_call), Some(down_call)) = (&up.call, &down.call) else { return refuse("each task has a call of its own") };
    let table = Table::new(up, down)?;
    let call = Splice { table: &table, edge, up_inputs }.row(up_call, down_call)?;
    Ok(Arc::new(FnBody { functions: table.functions.into(), call: Some(Arc::new(call)) }))
}

/// The work of two layers of which at least one lists its calls.
fn fuse_rows(up: &Layer, down: &Layer, edge: usize) -> Result<Work, Refusal> {
    let (up_body, up_rows) = calls_of(up)?;
    let (down_body, down_rows) = calls_of(down)?;
    let table = Table::new(up_body, down_body)?;
    let splice = Splice { table: &table, edge, up_inputs: up.spec.inputs.len() };
    let row = |body: &FnBody, rows: Option<&Calls>, task| match (&body.call, rows) {
        (Some(call), _) => Ok(call.as_ref().clone()),
        (None, Some(rows)) => rows.get(task).cloned().map_err(|error| Refusal(error.message().to_owned())),
        (None, None) => refuse("a layer has no calls"),
    };
    let rows = (0..down.spec.tasks).map(|task| match down.spec.selected.contains(task) {
        true => splice.row(&row(up_body, up_rows, task)?, &row(down_body, down_rows, task)?),
        false => Ok(Call::new(0, Vec::new())),
    });
    let calls = Calls::new(rows.collect::<Result<_, _>>()?);
    Ok(Work::Each(FnBody { functions: table.functions.into(), call: None }.template(), Arc::new(calls)))
}

fn calls_of(layer: &Layer) -> Result<(&FnBody, Option<&Calls>), Refusal> {
    let (template, calls) = match &layer.work {
        Work::Uniform(template) => (template, None),
        Work::Each(template, calls) => (template, Some(calls.as_ref())),
        Work::Held => return refuse(format!("{} exists already", layer.spec.name)),
    };
    match template.body.downcast_ref::<FnBody>() {
        Some(body) if template.kind == FnBody::KIND => Ok((body, calls)),
        _ => refuse(format!("{} calls no functions", layer.spec.name)),
    }
}

fn fuse_specs(up: &LayerSpec, down: &LayerSpec, edge: usize) -> Result<LayerSpec, Refusal> {
    if up.emits != Emits::Value {
        return refuse(format!("{} leaves channels", up.name));
    }
    if up.repeat == Repeat::Commit {
        return refuse(format!("{} must run once", up.name));
    }
    let (first, then) = (&up.needs, &down.needs);
    if (&first.resources, &first.workers) != (&then.resources, &then.workers) {
        return refuse("their needs differ");
    }
    let mut spec = down.clone();
    spec.parts = up.parts.iter().chain(&down.parts).cloned().collect();
    spec.inputs.splice(edge..=edge, up.inputs.iter().cloned());
    spec.needs.slots = first.slots.max(then.slots);
    spec.needs.retries = first.retries.max(then.retries);
    spec.needs.bytes = first.bytes.saturating_add(then.bytes);
    spec.needs.priority = first.priority.max(then.priority);
    spec.slicing = match (up.slicing, down.slicing) {
        (Slicing::Whole, _) | (_, Slicing::Whole) => Slicing::Whole,
        (Slicing::AtMost(a), Slicing::AtMost(b)) => Slicing::AtMost(a.min(b)),
        (Slicing::AtMost(n), Slicing::Any) | (Slicing::Any, Slicing::AtMost(n)) => Slicing::AtMost(n),
        (Slicing::Any, Slicing::Any) => Slicing::Any,
    };
    let strictness = |repeat| match repeat {
        Repeat::Pure => 0,
        Repeat::OrderVaries => 1,
        Repeat::Varies => 2,
        Repeat::Commit => 3,
    };
    spec.repeat = if strictness(up.repeat) > strictness(down.repeat) { up.repeat } else { down.repeat };
    Ok(spec)
}

/// The functions of both layers, those of `down` first, and the new numbers of those of `up`.
struct Table {
    functions: Vec<Arc<Function>>,
    up: Vec<u32>,
}

impl Table {
    fn new(up: &FnBody, down: &FnBody) -> Result<Self, Refusal> {
        let mut functions = down.functions.to_vec();
        if let Some(function) = functions.iter().chain(up.functions.iter()).find(|function| function.options().isolated) {
            return refuse(format!("{} runs in a process of its own", function.short_name()));
        }
        let number = |function: &Arc<Function>| {
            let at = functions.iter().position(|other| other.is(function)).unwrap_or_else(|| {
                functions.push(function.clone());
                functions.len() - 1
            });
            at as u32
        };
        let up = up.functions.iter().map(number).collect();
        Ok(Table { functions, up })
    }
}

struct Splice<'a> {
    table: &'a Table,
    edge: usize,
    up_inputs: usize,
}

impl Splice<'_> {
    /// The call of `down` with that of `up` in place of the edge.
    fn row(&self, up: &Call, down: &Call) -> Result<Call, Refusal> {
        if depth(up) + depth(down) > DEPTH {
            return refuse(format!("calls would nest deeper than {DEPTH}"));
        }
        let up = self.shift(up, &|function| self.table.up[function as usize], &|edge| edge + self.edge);
        let mut uses = 0;
        let call = self.replace(down, &up, &mut uses);
        match uses {
            1 => Ok(call),
            0 => refuse("a call does not read the edge"),
            _ => refuse("a call reads the result several times"),
        }
    }

    /// A call with its functions and edges renumbered.
    fn shift(&self, call: &Call, function: &dyn Fn(u32) -> u32, edge: &dyn Fn(usize) -> usize) -> Call {
        let args = call.args.iter().map(|arg| {
            map(arg, &mut |arg| match arg {
                ArgSpec::Call(call) => Some(ArgSpec::Call(Box::new(self.shift(call, function, edge)))),
                arg => on_edge(arg, edge),
            })
        });
        Call { args: args.collect(), function: function(call.function) }
    }

    fn replace(&self, down: &Call, up: &Call, uses: &mut u32) -> Call {
        let later = |edge: usize| if edge > self.edge { edge + self.up_inputs - 1 } else { edge };
        let args = down.args.iter().map(|arg| {
            map(arg, &mut |arg| match arg {
                ArgSpec::Input { edge, .. } if *edge as usize == self.edge => {
                    *uses += 1;
                    Some(ArgSpec::Call(Box::new(up.clone())))
                }
                ArgSpec::Inputs { edge } | ArgSpec::Span { edge, .. } if *edge as usize == self.edge => {
                    *uses += 1;
                    Some(ArgSpec::List(vec![ArgSpec::Call(Box::new(up.clone()))]))
                }
                ArgSpec::Call(call) => Some(ArgSpec::Call(Box::new(self.replace(call, up, uses)))),
                arg => on_edge(arg, &later),
            })
        });
        Call { args: args.collect(), function: down.function }
    }
}

/// A specification with what `change` says of its parts; lists are entered, the rest is kept where it says nothing.
fn map(arg: &ArgSpec, change: &mut dyn FnMut(&ArgSpec) -> Option<ArgSpec>) -> ArgSpec {
    match arg {
        ArgSpec::List(items) => ArgSpec::List(items.iter().map(|item| map(item, change)).collect()),
        arg => change(arg).unwrap_or_else(|| arg.clone()),
    }
}

fn on_edge(arg: &ArgSpec, new: &dyn Fn(usize) -> usize) -> Option<ArgSpec> {
    let new = |edge: u16| new(edge as usize) as u16;
    match *arg {
        ArgSpec::Input { edge, nth } => Some(ArgSpec::Input { edge: new(edge), nth }),
        ArgSpec::Inputs { edge } => Some(ArgSpec::Inputs { edge: new(edge) }),
        ArgSpec::Span { edge, start, len } => Some(ArgSpec::Span { edge: new(edge), start, len }),
        _ => None,
    }
}

/// How many calls stand inside one another.
fn depth(call: &Call) -> u32 {
    fn of(arg: &ArgSpec) -> u32 {
        match arg {
            ArgSpec::List(items) => items.iter().map(of).max().unwrap_or(0),
            ArgSpec::Call(call) => depth(call),
            _ => 0,
        }
    }
    1 + call.args.iter().map(of).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        LayerId,
        function::{TaskFn, kind_fn::evaluate},
        graph::Input,
        value::{Data, Value},
    };

    fn input(edge: u16) -> ArgSpec {
        ArgSpec::Input { edge, nth: 0 }
    }

    fn uniform<P, K, F: TaskFn<P, K>>(name: &str, function: F, args: Vec<ArgSpec>, from: &[u32]) -> Layer {
        let mut spec = LayerSpec::new(name, 2);
        spec.inputs = from.iter().map(|from| Input { from: LayerId(*from), sources: 2, map: EdgeMap::OneToOne }).collect();
        let body = FnBody { functions: [Function::of(function)].into(), call: Some(Arc::new(Call::new(0, args))) };
        Layer::uniform(spec, body.template())
    }

    /// The same layer with its call listed for each task.
    fn listed(layer: &Layer) -> Layer {
        let Work::Uniform(template) = &layer.work else { panic!("it is uniform") };
        let body = fn_body(&*template.body).unwrap();
        let calls = Calls::new(vec![body.call.as_ref().unwrap().as_ref().clone(); 2]);
        Layer { spec: layer.spec.clone(), work: Work::Each(FnBody { call: None, ..body.clone() }.template(), Arc::new(calls)) }
    }

    fn run(layer: &Layer, inputs: &[i64]) -> i64 {
        let ready: Vec<Vec<Data>> = inputs.iter().map(|input| vec![input.into_data()]).collect();
        let (body, calls) = calls_of(layer).unwrap();
        let call = body.call.as_deref().unwrap_or_else(|| calls.unwrap().get(1).unwrap());
        let data = futures::executor::block_on(evaluate(&body.functions, call, &ready)).unwrap();
        *i64::from_data(&data).unwrap()
    }

    #[test]
    fn the_upstream_call_takes_the_place_of_the_input() {
        let up = uniform("up", |a: i64, b: i64| a - b, vec![input(0), input(1)], &[0, 1]);
        let down = uniform("down", |a: i64, b: i64, c: i64| 100 * a + 10 * b + c, vec![input(0), input(1), input(2)], &[2, 3, 4]);
        for (up, down) in
            [(up.clone(), down.clone()), (listed(&up), down.clone()), (up.clone(), listed(&down)), (listed(&up), listed(&down))]
        {
            let fused = fuse_calls(&up, &down, 1).unwrap();
            assert_eq!(fused.spec.parts, ["up", "down"]);
            assert_eq!(fused.spec.inputs.iter().map(|input| input.from.0).collect::<Vec<_>>(), [2, 0, 1, 4]);
            assert_eq!(run(&fused, &[1, 9, 5, 3]), 100 + 10 * (9 - 5) + 3);
        }
    }

    #[test]
    fn a_source_fuses_and_edges_move_up() {
        let up = uniform("up", || 7i64, vec![], &[]);
        let down = uniform("down", |a: &[i64], b: i64| a[0] + b, vec![ArgSpec::Inputs { edge: 0 }, input(1)], &[2, 3]);
        assert_eq!(run(&fuse_calls(&up, &down, 0).unwrap(), &[4]), 11);
    }

    #[test]
    fn refusals_say_why() {
        let up = uniform("up", |a: i64| a, vec![input(0)], &[0]);
        let twice = uniform("down", |a: i64, b: i64| a + b, vec![input(0), input(0)], &[2]);
        let reason = |up: &Layer, down: &Layer| fuse_calls(up, down, 0).unwrap_err().0;
        assert_eq!(reason(&up, &twice), "a call reads the result several times");
        let mut other = uniform("down", |a: i64| a, vec![input(0)], &[2]);
        other.spec.needs.workers = vec!["w1".into()];
        assert_eq!(reason(&up, &other), "their needs differ");
        other.spec.inputs[0].map = EdgeMap::All;
        assert_eq!(reason(&up, &other), "the edge is all, not one-to-one");
        let held = Layer::held("held", Vec::new());
        assert_eq!(reason(&held, &uniform("down", |a: i64| a, vec![input(0)], &[2])), "held exists already");
        let own = uniform("up", |a: i64| a, vec![input(0)], &[2]);
        assert_eq!(reason(&own, &uniform("down", |a: i64| a, vec![input(0)], &[2])), "up reads its own results");
    }

    #[test]
    fn calls_nest_only_so_deep() {
        let mut layer = uniform("f", |a: i64| a + 1, vec![input(0)], &[0]);
        let mut fused = 1;
        for _ in 0..DEPTH {
            match fuse_calls(&layer, &uniform("f", |a: i64| a + 1, vec![input(0)], &[1]), 0) {
                Ok(layer_of_more) => (layer, fused) = (layer_of_more, fused + 1),
                Err(refusal) => assert_eq!(refusal.0, "calls would nest deeper than 32"),
            }
        }
        assert_eq!((fused, run(&layer, &[0])), (DEPTH, DEPTH as i64));
    }
}
