//! The task kind `fn`: tasks that call functions.

use super::{ArgSpec, Call, Calls, Function, Outcome, isolated};
use crate::{
    Error, ErrorKind, Index, Result,
    kind::{Body, InputMode, Refusal, Running, TaskKind, Template},
    registry::Functions,
    runner::TaskContext,
    value::Data,
};
use bytes::Bytes;
use futures::FutureExt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What layers of calls share: the functions, and the call where it is the same for every task.
#[derive(Clone, Debug)]
pub struct FnBody {
    /// The functions, as calls number them.
    pub functions: Arc<[Arc<Function>]>,
    /// The call of every task; none where each has its own, in the layer's [`Calls`].
    pub call: Option<Arc<Call>>,
}

impl FnBody {
    /// The name of the kind.
    pub const KIND: &str = "fn";

    /// A template of this body.
    pub fn template(self) -> Template {
        Template { kind: Self::KIND, body: Arc::new(self) }
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    functions: Vec<(String, u64)>,
    call: Option<Vec<u8>>,
}

impl Body for FnBody {
    fn encode(&self) -> Result<Bytes> {
        let named = |function: &Arc<Function>| function.wire_name().map(|(name, hash)| (name.to_owned(), hash));
        let functions = self.functions.iter().map(named).collect::<Result<_>>()?;
        let call =
            self.call.as_ref().map(|call| Calls::new(vec![call.as_ref().clone()]).encode_rows(0..1).map(|row| row.to_vec())).transpose()?;
        postcard::to_stdvec(&Wire { functions, call }).map(Bytes::from).map_err(|error| Error::internal(error.to_string()))
    }

    fn describe(&self) -> String {
        match &self.call {
            Some(call) => call.describe(&self.functions, &[]),
            None => self.functions.iter().map(|function| function.short_name()).collect::<Vec<_>>().join(", "),
        }
    }

    fn functions(&self) -> Vec<(String, u64)> {
        self.functions.iter().filter_map(|function| Some((function.name()?.to_owned(), function.signature_hash()))).collect()
    }
}

/// The task kind `fn`.
pub(crate) struct FnKind {
    functions: Arc<Functions>,
}

impl FnKind {
    pub(crate) fn new(functions: Arc<Functions>) -> Self {
        FnKind { functions }
    }
}

/// The body as this kind made it.
pub(super) fn fn_body(body: &dyn Body) -> Result<&FnBody> {
    body.downcast_ref::<FnBody>().ok_or_else(|| Error::internal("a layer of kind fn has a body of another kind"))
}

impl TaskKind for FnKind {
    fn name(&self) -> &'static str {
        FnBody::KIND
    }

    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Body>> {
        let damaged = |_| Error::new(ErrorKind::BadValue, "the wire form of a table of functions is damaged");
        let wire: Wire = postcard::from_bytes(bytes).map_err(damaged)?;
        let find = |(name, hash): &(String, u64)| self.functions.get_with(name, *hash).cloned();
        let functions: Arc<[_]> = wire.functions.iter().map(find).collect::<Result<_>>()?;
        let call = wire.call.map(|row| Calls::decode(&row)).transpose()?;
        let call = call.map(|calls| calls.get(0).cloned().map(Arc::new)).transpose()?;
        Ok(Arc::new(FnBody { functions, call }))
    }

    fn inputs(&self) -> InputMode {
        InputMode::Whole
    }

    fn run(&self, body: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let body = fn_body(&**body)?.clone();
        // What runs in another process is waited for.
        let is_async = body.functions.iter().any(|function| function.is_async() || function.options().isolated);
        let work = run_tasks(body, cx);
        Ok(match is_async {
            true => Running::Async(work.boxed()),
            false => Running::Blocking(Box::new(|| work.now_or_never().expect("no function here is async, so nothing is awaited"))),
        })
    }

    fn fuse(&self, up: &Arc<dyn Body>, down: &Arc<dyn Body>, edge: usize, up_inputs: usize) -> Result<Arc<dyn Body>, Refusal> {
        super::fuse::fuse_bodies(&**up, &**down, edge, up_inputs)
    }
}

async fn run_tasks(body: FnBody, cx: TaskContext) -> Result<()> {
    let tasks: Vec<Index> = cx.tasks().collect();
    let edges = cx.spec().inputs.len();
    for task in tasks {
        cx.checkpoint()?;
        let ready = (0..edges).map(|edge| cx.ready(edge, task)).collect::<Result<Vec<_>>>()?;
        let data = match &body.call {
            Some(call) => evaluate(&body.functions, call, &ready).await?,
            None => evaluate(&body.functions, cx.calls()?.get(task)?, &ready).await?,
        };
        cx.put(task, data)?;
    }
    Ok(())
}

impl Function {
    /// Calls it on values, and waits for it where it is async. What fails names the call.
    ///
    /// # Errors
    /// The function's own, and its panics; `TypeMismatch` for a value that it does not take.
    pub async fn run(self: &Arc<Self>, args: Vec<Data>) -> Result<Data> {
        let call = Call::new(0, args.into_iter().map(ArgSpec::Literal).collect());
        evaluate(std::slice::from_ref(self), &call, &[]).await
    }
}

/// The result of a call, and of the calls inside it before. `ready` are the values of each edge.
pub(super) async fn evaluate(functions: &[Arc<Function>], call: &Call, ready: &[Vec<Data>]) -> Result<Data> {
    let mut done: Vec<Data> = Vec::new();
    for call in call.in_order() {
        let function =
            functions.get(call.function as usize).ok_or_else(|| Error::internal("a call of a function that is not in the table"))?;
        let mut inner = done.split_off(done.len() - call.inner()).into_iter();
        let given = call.given(ready, &mut inner)?;
        let result = match function.options().isolated {
            true => isolated::call(function, given).await,
            false => match function.call(given) {
                Outcome::Ready(result) => result,
                Outcome::Pending(future) => future.await,
            },
        };
        done.push(result.map_err(|error| blame(error, || call.describe(functions, ready)))?);
    }
    done.pop().ok_or_else(|| Error::internal("a call without a result"))
}

/// Says which call failed, where the error is the function's own and not one of ours that knows better.
fn blame(error: Error, call: impl FnOnce() -> String) -> Error {
    match error.kind() {
        ErrorKind::Task | ErrorKind::TypeMismatch if error.step().is_none() && error.location().is_none() && error.file().is_none() => {
            let text = format!("task {} failed: {}", call(), error.message());
            let help = error.help().unwrap_or("try that input alone with Client::synchronous()").to_owned();
            Error::new(error.kind(), text).with_retry(error.retry()).with_help(help)
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{function::TaskFn, registry::Registry, value::Value};

    fn run(functions: &[Arc<Function>], call: &Call, ready: &[Vec<Data>]) -> Result<i64> {
        let data = futures::executor::block_on(evaluate(functions, call, ready))?;
        i64::from_data(&data).map(|value| *value)
    }

    fn literal(value: impl Value) -> ArgSpec {
        ArgSpec::Literal(value.into_data())
    }

    fn table<P, K, F: TaskFn<P, K>>(function: F) -> [Arc<Function>; 1] {
        [Arc::new(Function::named("own::parse", function))]
    }

    #[test]
    fn a_call_reads_literals_inputs_lists_and_the_calls_inside_it() {
        let functions = [
            Function::of(|a: i64, b: i64| a - b),
            Function::of(|values: &[i64]| values.iter().sum::<i64>()),
            Function::of(|x: i64| async move { 10 * x }),
        ];
        let ready = [vec![1i64.into_data(), 2i64.into_data()], vec![5i64.into_data(), 6i64.into_data(), 7i64.into_data()]];
        let all = Call::new(1, vec![ArgSpec::Inputs { edge: 1 }]);
        let list = ArgSpec::List(vec![literal(100i64), ArgSpec::Input { edge: 0, nth: 1 }, ArgSpec::Call(Box::new(all))]);
        let left = Call::new(2, vec![ArgSpec::Call(Box::new(Call::new(1, vec![list])))]);
        let right = Call::new(1, vec![ArgSpec::Span { edge: 1, start: 1, len: 2 }]);
        let call = Call::new(0, vec![ArgSpec::Call(Box::new(left)), ArgSpec::Call(Box::new(right))]);
        assert_eq!(run(&functions, &call, &ready).unwrap(), 10 * (100 + 2 + 18) - 13);
    }

    #[test]
    fn a_failure_names_the_call_and_its_place() {
        let functions = table(|path: &str| if path.is_empty() { 0i64 } else { panic!("index {}, len {}", 9, 4) });
        let error = run(&functions, &Call::new(0, vec![literal("s3://b/7.bin".to_owned())]), &[]).unwrap_err();
        let start = format!("task own::parse(\"s3://b/7.bin\") failed: panicked at {}:", file!());
        assert!(error.message().starts_with(&start) && error.message().ends_with(": index 9, len 4"), "{error}");
        assert!(error.is_retryable() && error.kind() == ErrorKind::Task);
        assert_eq!(error.help(), Some("try that input alone with Client::synchronous()"));
    }

    #[test]
    fn an_argument_of_a_wrong_type_names_the_call() {
        let error = run(&table(|x: i64| x), &Call::new(0, vec![literal(true)]), &[]).unwrap_err();
        assert_eq!(error.message(), "task own::parse(true) failed: argument 1: the result is bool, and i64 was asked for");
        assert!(!error.is_retryable());
    }

    #[test]
    fn a_body_crosses_by_name_and_only_with_the_same_signature() {
        let call = Some(Arc::new(Call::new(0, vec![ArgSpec::Input { edge: 0, nth: 0 }, literal(100i64)])));
        let body = |function: Function| FnBody { functions: [Arc::new(function)].into(), call: call.clone() }.encode().unwrap();
        let registry = Registry::global().as_ref().clone().with_function(Function::named("own::add", |a: i64, b: i64| a + b));
        let kind = registry.kind("fn").unwrap();
        let same = kind.decode(&body(Function::named("own::add", |a: i64, b: i64| a + b))).unwrap();
        assert_eq!(same.describe(), "own::add(input 0, 100)");
        let other = kind.decode(&body(Function::named("own::add", |a: i64, b: f64| a + b as i64))).err().unwrap();
        assert_eq!(other.kind(), ErrorKind::Version);
        assert!(other.message().starts_with("own::add is another function here: fn(i64, i64) (signature "));
        let unknown = kind.decode(&body(Function::named("own::ad", |a: i64, b: i64| a + b))).err().unwrap();
        assert_eq!((unknown.kind(), unknown.help()), (ErrorKind::Unregistered, Some("did you mean own::add?")));
        assert!(kind.decode(&[7; 9]).is_err());
    }

    #[test]
    fn a_closure_cannot_leave() {
        let body = FnBody { functions: [Function::of(|x: i64| x)].into(), call: None };
        let error = body.encode().unwrap_err();
        let start = format!("closure at {}:{}:", file!(), line!() - 2);
        assert!(error.message().starts_with(&start) && error.message().ends_with("a closure has no name there"), "{error}");
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Unregistered, false));
    }
}
