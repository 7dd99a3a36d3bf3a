//! Calls of functions with `#[task(isolated)]`, each in a process of its own: what ends that process fails the call and
//! nothing else.
//!
//! The process is this program started with the command `isolated`, or `worker.bin`. It is used again for the next call, so
//! that there are as many as such calls run at once. Arguments and result cross a socket in the wire form of calls.
//!
//! - `child`: such a process, as its parent sees it; `pool`: those that are idle; `program`: which program that is.
//! - `serve`: the other side; `frame`: how bytes cross.

mod child;
mod frame;
mod pool;
mod program;
mod serve;

pub use serve::serve;

use super::{ArgSpec, Call, Calls, Function, Given, wire::decode_data};
use crate::{Error, ErrorKind, Result, error::Retry, runner::environment, runtime, value::Data};
use bytes::Bytes;
use pool::{Pool, Wanted};
use program::Start;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};

/// A call, as it crosses.
#[derive(Serialize, Deserialize)]
struct Request {
    function: String,
    hash: u64,
    call: Bytes,
}

/// Its result.
type Answer = Result<Bytes>;

/// Calls a function in a process of its own. Dropped, the process is killed.
pub(super) async fn call(function: &Function, given: Vec<Given>) -> Result<Data> {
    let (name, hash) = function.wire_name()?;
    let args = given.into_iter().map(literal).collect();
    let call = Calls::new(vec![Call::new(0, args)]).encode_rows(0..1)?;
    let request = Request { function: name.to_owned(), hash, call };
    let request = postcard::to_stdvec(&request).map_err(|error| Error::internal(error.to_string()))?;
    let (start, pool, wanted) = (Start::here()?, pool(), Wanted::default());
    let watch = wanted.watch();
    let working = runtime::io().spawn_blocking(move || pool.call(start, &request, &watch));
    let answer = working.await.unwrap_or_else(|error| Err(Error::internal(error.to_string())))?;
    drop(wanted);
    let answer: Answer = postcard::from_bytes(&answer).map_err(|_| Error::internal("the answer of an isolated call is damaged"))?;
    decode_data(&answer?)
}

fn literal(given: Given) -> ArgSpec {
    match given {
        Given::One(data) => ArgSpec::Literal(data),
        Given::Many(items) => ArgSpec::List(items.into_iter().map(literal).collect()),
    }
}

/// The processes of the executor that the thread works for; elsewhere, those of this process.
fn pool() -> Arc<Pool> {
    static POOL: LazyLock<Arc<Pool>> = LazyLock::new(Arc::default);
    environment().map_or_else(|| POOL.clone(), |env| env.extension(Pool::default))
}

/// The error of a call whose process has ended.
fn ended(how: &str) -> Error {
    Error::new(ErrorKind::Task, format!("its process ended: {how}"))
        .with_retry(Retry::Again)
        .with_help("nothing else was lost with it; what the function printed is in the log of its worker")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::{TaskOptions, erase};

    #[test]
    fn without_a_program_that_can_be_started_it_says_what_to_do() {
        let options = TaskOptions { isolated: true, ..TaskOptions::default() };
        let function = Function::registered("own::f".to_owned(), "fn(i64)".to_owned(), options, erase(|x: i64| x));
        let error = futures::executor::block_on(call(&function, Vec::new())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.help().unwrap().contains("stratal::cli::main_or"), "{error}");
    }

    #[test]
    fn a_closure_cannot_be_isolated() {
        let function = Function::of(|x: i64| x + 1);
        let error = futures::executor::block_on(call(&function, Vec::new())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unregistered);
    }
}
