//! [`Function`]: a function without its types, as bodies and registries hold it.

use super::{
    Given, Outcome, TaskFn,
    catch::{Guarded, caught},
};
use crate::{
    Error, ErrorKind, Result,
    error::Location,
    graph::{Needs, Tokenizer},
    registry::Registry,
    value::{self, Data, Split, Value},
};
use futures::future::BoxFuture;
use rustc_hash::FxBuildHasher;
use std::{any::TypeId, fmt, hash::BuildHasher, sync::Arc};

/// What `#[stratal::task(..)]` may say of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TaskOptions {
    /// How often it is tried again; the configuration's `tasks.retries` where none.
    pub retries: Option<u32>,
    /// Named resources that a call occupies: `("gpu", 1.0)`.
    pub resources: &'static [(&'static str, f64)],
    /// Whether it runs in a process of its own.
    pub isolated: bool,
    /// Whether equal arguments may give unequal results, so that equal calls are not merged.
    pub impure: bool,
}

/// A function of `#[stratal::task]`, as every process that links it finds it.
pub struct FunctionEntry {
    /// Module path and name.
    pub name: &'static str,
    /// The text of the signature. Its hash must be the same wherever the function is called.
    pub signature: &'static str,
    /// What the attribute says.
    pub options: TaskOptions,
    /// The function without its types.
    pub erased: fn() -> Erased,
}

inventory::collect!(FunctionEntry);

type Run = Box<dyn Fn(Vec<Given>) -> Outcome + Send + Sync>;

/// A function without its types and without a name.
pub struct Erased {
    /// The function's own type, where that alone says which function it is.
    type_id: Option<TypeId>,
    type_name: &'static str,
    is_async: bool,
    /// How what it returns is taken apart.
    splits: fn() -> Vec<Split>,
    run: Run,
}

/// Forgets a function's types.
pub fn erase<P, K, F: TaskFn<P, K>>(function: F) -> Erased {
    Erased {
        type_id: (size_of::<F>() == 0).then(TypeId::of::<F>),
        type_name: std::any::type_name::<F>(),
        is_async: F::ASYNC,
        splits: F::Output::splits,
        run: Box::new(move |arguments| function.call(arguments)),
    }
}

/// The name of the function that gives back what it is given.
const GIVING_BACK: &str = "stratal::value";
/// The name of the function that gives a field of the tuple that it is given.
const TAKING_FIELD: &str = "stratal::field";

/// How a function is known.
enum Name {
    /// By the same name in every process that links it.
    Registered { name: String, signature: String, hash: u64 },
    /// Only in this process: a closure, or a function without `#[stratal::task]`.
    Local { type_name: &'static str, at: Location },
}

/// A function without its types: what it is called, what it needs, and how to call it.
pub struct Function {
    name: Name,
    options: TaskOptions,
    erased: Erased,
}

impl Function {
    /// The function for tasks that are written here: the registered one where there is one, so that it can cross the network.
    #[track_caller]
    pub fn of<P, K, F: TaskFn<P, K>>(function: F) -> Arc<Function> {
        if size_of::<F>() == 0
            && let Some(known) = Registry::global().function_of(TypeId::of::<F>())
        {
            return known;
        }
        let erased = erase(function);
        let at = std::panic::Location::caller().into();
        Arc::new(Function { name: Name::Local { type_name: erased.type_name, at }, options: TaskOptions::default(), erased })
    }

    /// A function under a name of its own, for [`Registry::with_function`].
    pub fn named<P, K, F: TaskFn<P, K>>(name: impl Into<String>, function: F) -> Self {
        let signature = format!("fn({})", F::parameters().join(", "));
        Function::registered(name.into(), signature, TaskOptions::default(), erase(function))
    }

    /// The function that gives back what it is given, whatever that is.
    pub(crate) fn giving_back() -> Self {
        struct GivesBack;
        let run: Run = Box::new(|mut arguments| match arguments.pop() {
            Some(Given::One(data)) => Outcome::Ready(Ok(data)),
            _ => Outcome::Ready(Err(Error::internal("a value was given in pieces"))),
        });
        let erased = Erased { type_id: Some(TypeId::of::<GivesBack>()), type_name: "value", is_async: false, splits: Vec::new, run };
        Function::registered(GIVING_BACK.to_owned(), "fn(T) -> T".to_owned(), TaskOptions::default(), erased)
    }

    /// The function that gives a field of the tuple that it is given, whatever their types are.
    pub(crate) fn taking_field() -> Self {
        struct TakesField;
        let run: Run = Box::new(|arguments| match &arguments[..] {
            [Given::One(tuple), Given::One(number)] => {
                Outcome::Ready(u64::from_data(number).and_then(|number| value::field(tuple, *number as usize)))
            }
            _ => Outcome::Ready(Err(Error::internal("a field was asked for of what is no tuple"))),
        });
        let erased = Erased { type_id: Some(TypeId::of::<TakesField>()), type_name: "field", is_async: false, splits: Vec::new, run };
        Function::registered(TAKING_FIELD.to_owned(), "fn(T, u64) -> U".to_owned(), TaskOptions::default(), erased)
    }

    pub(crate) fn registered(name: String, signature: String, options: TaskOptions, erased: Erased) -> Self {
        let hash = xxhash_rust::xxh3::xxh3_64(signature.as_bytes());
        Function { name: Name::Registered { name, signature, hash }, options, erased }
    }

    /// The name under which every process that links it knows it.
    pub fn name(&self) -> Option<&str> {
        match &self.name {
            Name::Registered { name, .. } => Some(name),
            Name::Local { .. } => None,
        }
    }

    /// The text of its signature, where it has a name.
    pub fn signature(&self) -> Option<&str> {
        match &self.name {
            Name::Registered { signature, .. } => Some(signature),
            Name::Local { .. } => None,
        }
    }

    /// The hash of its signature, 0 where it has no name.
    pub fn signature_hash(&self) -> u64 {
        match &self.name {
            Name::Registered { hash, .. } => *hash,
            Name::Local { .. } => 0,
        }
    }

    /// Its name and the hash of its signature, by which another process finds it: see [`Registry::function_with`].
    ///
    /// # Errors
    /// `Unregistered` for what only this process has: a closure, or a function without `#[stratal::task]`.
    pub fn wire_name(&self) -> Result<(&str, u64)> {
        match self.name() {
            Some(name) => Ok((name, self.signature_hash())),
            None => Err(self.nameless()),
        }
    }

    /// The name for messages: `own::square`, `closure at src/main.rs:12:30`.
    pub fn label(&self) -> String {
        match &self.name {
            Name::Registered { name, .. } => name.clone(),
            Name::Local { type_name, at } if type_name.contains("{{closure}}") => format!("closure at {at}"),
            Name::Local { type_name, .. } => (*type_name).to_owned(),
        }
    }

    /// The name for layers and pictures: `square`, `closure`.
    pub fn short_name(&self) -> &str {
        let name = match &self.name {
            Name::Registered { name, .. } => name.as_str(),
            Name::Local { type_name, .. } if type_name.contains("{{closure}}") => "closure",
            Name::Local { type_name, .. } => type_name,
        };
        let plain = name.split('<').next().unwrap_or(name);
        plain.rsplit("::").next().unwrap_or(plain)
    }

    /// What the attribute says of it.
    pub fn options(&self) -> &TaskOptions {
        &self.options
    }

    /// What a task that calls it needs.
    pub fn needs(&self) -> Needs {
        let resources = self.options.resources.iter().map(|(name, amount)| ((*name).to_owned(), thousandths(*amount))).collect();
        Needs { retries: self.options.retries, resources, ..Needs::default() }
    }

    /// Whether it is async.
    pub fn is_async(&self) -> bool {
        self.erased.is_async
    }

    /// How what it returns is taken apart.
    pub(crate) fn splits(&self) -> Vec<Split> {
        (self.erased.splits)()
    }

    pub(crate) fn type_id(&self) -> Option<TypeId> {
        self.erased.type_id
    }

    /// Adds what tells a function without a name from others of this process: its type, where that alone does, else the
    /// type's name and the place.
    pub(crate) fn local_identity(&self, token: Tokenizer) -> Tokenizer {
        match (&self.name, self.type_id()) {
            (_, Some(id)) => token.number(FxBuildHasher.hash_one(id)),
            (Name::Local { type_name, at }, None) => token.bytes(type_name.as_bytes()).bytes(at.to_string().as_bytes()),
            (Name::Registered { name, hash, .. }, None) => token.bytes(name.as_bytes()).number(*hash),
        }
    }

    /// Whether both are the same function.
    pub(crate) fn is(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        Arc::ptr_eq(self, other) || (self.type_id().is_some() && self.type_id() == other.type_id())
    }

    /// Calls it. A panic is an error that says where.
    pub fn call(&self, arguments: Vec<Given>) -> Outcome {
        match caught(|| (self.erased.run)(arguments)) {
            Ok(Outcome::Pending(future)) => {
                let future: BoxFuture<'static, Result<Data>> = Box::pin(Guarded(future));
                Outcome::Pending(future)
            }
            Ok(ready) => ready,
            Err(error) => Outcome::Ready(Err(error)),
        }
    }

    /// The error of sending a function that only this process has.
    fn nameless(&self) -> Error {
        let message = match &self.name {
            Name::Local { type_name, at } if !type_name.contains("{{closure}}") => {
                format!("function {type_name} (used at {at}) cannot run on another process: it is not registered there")
            }
            _ => format!("{} cannot run on another process: a closure has no name there", self.label()),
        };
        Error::new(ErrorKind::Unregistered, message)
            .with_retry(crate::error::Retry::Never)
            .with_help("make it a function with #[stratal::task] and start the workers from this program")
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())
    }
}

/// The function that gives back what it is given, of every registry.
pub(crate) fn given_back() -> Arc<Function> {
    Registry::global().function(GIVING_BACK).expect("every registry has it")
}

/// The function that gives a field of the tuple that it is given, of every registry.
pub(crate) fn field_taken() -> Arc<Function> {
    Registry::global().function(TAKING_FIELD).expect("every registry has it")
}

/// An amount of a resource as needs count it.
pub(crate) fn thousandths(amount: f64) -> u64 {
    (amount * 1000.0).round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_is_known_by_its_place() {
        let function = Function::of(|x: i64| x + 1);
        assert_eq!(function.label(), format!("closure at {}:{}:24", file!(), line!() - 1));
        assert_eq!((function.short_name(), function.name()), ("closure", None));
        assert!(function.nameless().message().ends_with("cannot run on another process: a closure has no name there"));
    }

    #[test]
    fn the_same_function_twice_is_the_same_and_two_closures_with_state_are_not() {
        fn double(x: i64) -> i64 {
            2 * x
        }
        let add = |n: i64| Function::of(move |x: i64| x + n);
        assert!(Function::of(double).is(&Function::of(double)) && !add(1).is(&add(1)));
        assert_eq!(Function::of(double).short_name(), "double");
    }

    #[test]
    fn a_panic_is_an_error_of_the_call() {
        let function = Function::of(|values: &[i64]| values[9]);
        let Outcome::Ready(Err(error)) = function.call(vec![Given::One(vec![1i64].into_data())]) else { panic!("it fails") };
        assert!(error.message().contains("panicked at ") && error.message().contains("the index is 9"), "{error}");
    }
}
