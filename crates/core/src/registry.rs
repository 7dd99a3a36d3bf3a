//! What a process can do for others: task kinds and functions, by name.

use crate::{
    Error, ErrorKind, Result,
    error::nearest,
    function::{FnKind, Function, FunctionEntry},
    kind::{KindEntry, TaskKind},
    value::learn,
};
use rustc_hash::FxHashMap;
use std::{
    any::TypeId,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
};

/// Functions by name, and by their own type.
#[derive(Clone, Default)]
pub(crate) struct Functions {
    by_name: BTreeMap<String, Arc<Function>>,
    by_type: FxHashMap<TypeId, Arc<Function>>,
    /// Names of several functions: which one a peer means cannot be known.
    ambiguous: BTreeSet<String>,
}

impl Functions {
    fn insert(&mut self, function: Function) {
        learn(function.splits());
        let function = Arc::new(function);
        let Some(name) = function.name() else { return };
        if self.by_name.get(name).is_some_and(|other| !other.is(&function)) {
            self.ambiguous.insert(name.to_owned());
        }
        if let Some(id) = function.type_id() {
            self.by_type.insert(id, function.clone());
        }
        self.by_name.insert(name.to_owned(), function);
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Arc<Function>> {
        if self.ambiguous.contains(name) {
            return Err(Error::new(ErrorKind::Unregistered, format!("two functions are called {name}")).with_help("rename one of them"));
        }
        self.by_name.get(name).ok_or_else(|| {
            let error = Error::new(ErrorKind::Unregistered, format!("this process has no function {name}"));
            match nearest(name, self.by_name.keys().map(String::as_str)) {
                Some(near) => error.with_help(format!("did you mean {near}?")),
                None => error.with_help("start workers with the program that submits, or link the crate that has the function"),
            }
        })
    }

    /// As [`get`](Self::get), for a caller who knows its signature.
    pub(crate) fn get_with(&self, name: &str, hash: u64) -> Result<&Arc<Function>> {
        let function = self.get(name)?;
        if function.signature_hash() == hash {
            return Ok(function);
        }
        let (signature, here) = (function.signature().unwrap_or_default(), function.signature_hash());
        let message =
            format!("{name} is another function here: {signature} (signature {here:016x}), and a call of signature {hash:016x} came");
        Err(Error::new(ErrorKind::Version, message).with_help("run the same program on every node"))
    }
}

/// What a process can do for others: task kinds and functions, by name.
///
/// The [`global`](Self::global) one has every kind and every function of `#[stratal::task]` that is linked into the program.
///
/// ```
/// use stratal_core::{function::Function, registry::Registry};
/// let registry = Registry::global().as_ref().clone().with_function(Function::named("own::inc", |x: i64| x + 1));
/// assert_eq!(registry.function("own::inc")?.signature(), Some("fn(i64)"));
/// assert_eq!(registry.function("own::imc").unwrap_err().help(), Some("did you mean own::inc?"));
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Registry {
    kinds: BTreeMap<&'static str, Arc<dyn TaskKind>>,
    functions: Arc<Functions>,
}

impl Registry {
    /// The registry of this program, filled at the first call.
    pub fn global() -> &'static Arc<Registry> {
        static GLOBAL: LazyLock<Arc<Registry>> = LazyLock::new(|| {
            let mut functions = Functions::default();
            functions.insert(Function::giving_back());
            functions.insert(Function::taking_field());
            for entry in inventory::iter::<FunctionEntry> {
                let (name, signature) = (entry.name.to_owned(), entry.signature.to_owned());
                functions.insert(Function::registered(name, signature, entry.options, (entry.erased)()));
            }
            let registry = Registry { kinds: BTreeMap::new(), functions: Arc::default() }.with_functions(functions);
            Arc::new(inventory::iter::<KindEntry>.into_iter().fold(registry, |registry, entry| registry.with_kind((entry.0)())))
        });
        &GLOBAL
    }

    /// Adds a task kind, or replaces the one of its name.
    #[must_use]
    pub fn with_kind(mut self, kind: Arc<dyn TaskKind>) -> Self {
        self.kinds.insert(kind.name(), kind);
        self
    }

    /// Adds a function under its name.
    #[must_use]
    pub fn with_function(self, function: Function) -> Self {
        let mut functions = self.functions.as_ref().clone();
        functions.insert(function);
        self.with_functions(functions)
    }

    fn with_functions(mut self, functions: Functions) -> Self {
        self.functions = Arc::new(functions);
        let kind = FnKind::new(self.functions.clone());
        self.with_kind(Arc::new(kind))
    }

    /// The kind of this name.
    ///
    /// # Errors
    /// `Unregistered`, with the nearest name.
    pub fn kind(&self, name: &str) -> Result<Arc<dyn TaskKind>> {
        self.kinds.get(name).cloned().ok_or_else(|| {
            let error = Error::new(ErrorKind::Unregistered, format!("this process has no task kind {name}"));
            match nearest(name, self.kinds.keys().copied()) {
                Some(near) => error.with_help(format!("did you mean {near}?")),
                None => error.with_help("start workers with the program that submits, or link the crate that has the kind"),
            }
        })
    }

    /// The function of this name.
    ///
    /// # Errors
    /// `Unregistered`, with the nearest name.
    pub fn function(&self, name: &str) -> Result<Arc<Function>> {
        self.functions.get(name).cloned()
    }

    /// The function of this name, where its signature has this hash: [`Function::wire_name`] gives both.
    ///
    /// # Errors
    /// `Unregistered`, with the nearest name; `Version` for a function of another signature.
    pub fn function_with(&self, name: &str, hash: u64) -> Result<Arc<Function>> {
        self.functions.get_with(name, hash).cloned()
    }

    /// Every function, by name.
    pub fn functions(&self) -> impl Iterator<Item = &Arc<Function>> {
        self.functions.by_name.values()
    }

    /// The function of this type, which is that of a function alone.
    pub fn function_of(&self, id: TypeId) -> Option<Arc<Function>> {
        self.functions.by_type.get(&id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_global_registry_has_the_kind_fn_and_the_stock_functions() {
        let registry = Registry::global();
        assert_eq!(registry.kind("fn").unwrap().name(), "fn");
        assert_eq!(registry.function("stratal::tasks::sum<i64>").unwrap().short_name(), "sum");
        assert_eq!(registry.kind("fm").err().unwrap().help(), Some("did you mean fn?"));
    }

    #[test]
    fn two_functions_of_one_name_are_an_error_when_they_are_asked_for() {
        let one = Function::named("own::f", |x: i64| x + 1);
        let two = Function::named("own::f", |x: i64| x + 2);
        let registry = Registry::global().as_ref().clone().with_function(one).with_function(two);
        assert_eq!(registry.function("own::f").unwrap_err().message(), "two functions are called own::f");
    }
}
