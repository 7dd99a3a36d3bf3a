//! Functions as tasks: which functions can be one ([`TaskFn`]), what may be passed to them ([`Arg`], [`IntoArgs`]), and the
//! task kind `fn` that runs them.
//!
//! A function is erased where it enters ([`Function`]): its arguments are [`Recorded`], lowered to [`Calls`] (which function
//! a task calls, and which parameter gets which literal or input), and turned back into typed values only in the call
//! itself. Functions of `#[stratal::task]` cross the network by name and signature hash; closures stay in their process.
//!
//! - What can be one: `task_fn` by its parameters (`param`) and what it returns (`answer`). `function`: it without its types.
//!   `tasks`: those that every worker has. `isolated`: those with a process for each call.
//! - What is passed: `args`, as it is written down; `arg_futures`: what another run makes; `obj`: types of other crates.
//! - `call`: calls of a layer. `lower`: calls to layers; `planted`: layers of other kinds among them. `chains`, `fuse`: calls
//!   inside of calls.
//! - `kind_fn`: the tasks. `given`: what a parameter is given. `catch`: panics. `wire`: calls as bytes. `show`: values in messages.

mod answer;
mod arg_futures;
mod args;
mod call;
mod catch;
mod chains;
#[expect(clippy::module_inception, reason = "the room is named after what stands in its middle")]
mod function;
mod fuse;
mod given;
mod isolated;
mod kind_fn;
mod lower;
mod obj;
mod param;
mod planted;
mod show;
mod task_fn;
pub mod tasks;
mod wire;

pub use answer::{Answer, Fallible, Later, Outcome, Plain};
pub use args::{Arg, Argument, IntoArgs, Recorded};
pub use call::{ArgSpec, Call, Calls};
pub use function::{Erased, Function, FunctionEntry, TaskOptions, erase};
pub use fuse::fuse_calls;
pub use given::{Assemble, Given, Whole};
pub use isolated::serve as serve_isolated;
pub use kind_fn::FnBody;
#[cfg(feature = "ndarray")]
pub use param::ByView;
pub use param::{ByArc, ByRef, BySlice, ByStr, ByValue, Param};
pub use task_fn::TaskFn;

pub(crate) use function::{field_taken, given_back, thousandths};
pub(crate) use kind_fn::FnKind;
pub(crate) use lower::{CallPlan, Class, Link, Planned, Wanted};
pub(crate) use show::show;
pub(crate) use wire::{decode_batches, decode_data, encode_batches, encode_data};
