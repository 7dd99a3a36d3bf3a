//! The work of a graph as messages: a body for each layer, and calls in blocks of rows.

use crate::wire::{FromClient, LARGEST};
use stratal_core::{
    Error, ErrorKind, LayerId, Result, RunId,
    function::Calls,
    graph::{LayerSpec, LayeredGraph, Work},
    kind::Template,
};

/// Bytes that a block of calls aims at: large against a message, small against what a worker needs of a layer.
const BLOCK: usize = 256 << 10;
/// Rows of a layer's first block, when nobody knows yet how large they are.
const FIRST_ROWS: u32 = 16;

/// The work of every layer. `address` is where it goes, for errors.
///
/// # Errors
/// What cannot leave this process, such as a closure.
pub(super) fn works(run: RunId, graph: &LayeredGraph, address: &str) -> Result<Vec<FromClient>> {
    let mut messages = Vec::new();
    for (id, layer) in graph.layers.iter().enumerate() {
        let id = LayerId(id as u32);
        match &layer.work {
            Work::Held => {}
            Work::Uniform(template) => messages.push(body(run, id, template, address)?),
            Work::Each(template, calls) => {
                messages.push(body(run, id, template, address)?);
                blocks(run, id, &layer.spec, calls, &mut messages)?;
            }
        }
    }
    Ok(messages)
}

fn body(run: RunId, layer: LayerId, template: &Template, address: &str) -> Result<FromClient> {
    let body = template.body.encode().map_err(|error| going_to(error, address))?;
    Ok(FromClient::Work { run, layer, kind: template.kind.to_owned(), body })
}

/// Says where something cannot go, in an error that knows only that it cannot leave.
fn going_to(error: Error, address: &str) -> Error {
    const ANYWHERE: &str = "another process";
    if !error.message().contains(ANYWHERE) {
        return error;
    }
    let mut named = Error::new(error.kind(), error.message().replace(ANYWHERE, address)).with_retry(error.retry());
    if let Some(help) = error.help() {
        named = named.with_help(help);
    }
    if let Some((number, name)) = error.step() {
        named = named.at_step(number, name);
    }
    match error.location() {
        Some(location) => named.at(location.clone()),
        None => named,
    }
}

/// The calls of the selected tasks.
fn blocks(run: RunId, layer: LayerId, spec: &LayerSpec, calls: &Calls, messages: &mut Vec<FromClient>) -> Result<()> {
    let mut rows = FIRST_ROWS;
    for part in spec.selected.parts() {
        let mut first = part.start;
        while first < part.end {
            let count = rows.min(part.end - first);
            let block = calls.encode_rows(first..first + count)?;
            if block.len() > LARGEST {
                let name = &spec.name;
                return Err(Error::new(
                    ErrorKind::BadValue,
                    format!("layer {name:?}: the arguments of {count} calls take {} bytes", block.len()),
                )
                .with_help("leave large values where they are: pass futures, files or persisted collections"));
            }
            let each = (block.len() / count as usize).max(1);
            messages.push(FromClient::Calls { run, layer, first, rows: count, block });
            first += count;
            // Rows are seldom all of one size, so blocks grow step by step.
            rows = ((BLOCK / each) as u32).clamp(1, rows.saturating_mul(4));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratal_core::{
        function::{ArgSpec, Call, FnBody, Function},
        graph::{EdgeMap, Layer, Ranges},
        value::Value,
    };

    fn layer(name: &str, rows: Vec<Call>) -> Layer {
        let function = Function::named("own::f", |x: Vec<u8>| x);
        let template = FnBody { functions: [std::sync::Arc::new(function)].into(), call: None }.template();
        let spec = LayerSpec::new(name, rows.len() as u32);
        Layer { spec, work: Work::Each(template, Calls::new(rows).into()) }
    }

    fn call(bytes: usize) -> Call {
        Call::new(0, vec![ArgSpec::Literal(vec![1u8; bytes].into_data())])
    }

    #[test]
    fn blocks_cover_the_selected_tasks_once_and_stay_small() {
        let mut graph = LayeredGraph::default();
        let mut many = layer("many", (0..20_000).map(|_| call(100)).collect());
        many.spec.selected = Ranges::union_of(vec![5..9_000, 12_000..20_000]);
        graph.push(many);
        let messages = works(RunId(1), &graph, "tcp://here:1").unwrap();
        let mut covered = Vec::new();
        for message in &messages[1..] {
            let FromClient::Calls { first, rows, block, .. } = message else { panic!("calls follow the body") };
            let calls = Calls::decode(block).unwrap();
            assert_eq!((calls.first, calls.len()), (*first, *rows as usize));
            assert!(block.len() <= 2 * BLOCK);
            covered.push(*first..first + rows);
        }
        assert!(covered.len() < 40);
        assert_eq!(Ranges::union_of(covered).to_string(), "5..9000,12000..20000");
    }

    #[test]
    fn a_closure_is_refused_with_the_place_it_cannot_go_to() {
        let mut graph = LayeredGraph::default();
        let template = FnBody { functions: [Function::of(|x: i64| x + 1)].into(), call: None }.template();
        let source = graph.push(layer("source", vec![call(1)]));
        graph.push(Layer::uniform(LayerSpec::new("closure", 1).reads(source, EdgeMap::OneToOne), template));
        let error = works(RunId(1), &graph, "tcp://10.0.0.5:8786").unwrap_err();
        assert!(error.message().starts_with(&format!("closure at {}:", file!())), "{error}");
        assert!(error.message().ends_with("cannot run on tcp://10.0.0.5:8786: a closure has no name there"), "{error}");
        assert_eq!(error.help(), Some("make it a function with #[stratal::task] and start the workers from this program"));
    }
}
