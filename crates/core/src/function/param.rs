//! [`Param`]: parameters as a function writes them: `T`, `Arc<T>`, `&T`, `&[T]`, `&str`.

use super::Assemble;
#[cfg(feature = "ndarray")]
use crate::value::Value;
#[cfg(feature = "ndarray")]
use ndarray::{ArrayD, ArrayViewD};
use std::sync::Arc;

/// A parameter as a function writes it, and the value behind it.
///
/// `M` says which of the five ways it is ([`ByValue`] and so on); the compiler infers it.
#[diagnostic::on_unimplemented(
    message = "a task cannot have a parameter `{Self}`",
    note = "a parameter is T, Arc<T>, &T, &[T] or &str, where T is a value: a std type, a vector, option, tuple or map of them, a frame, \
            or a type with #[derive(stratal::Value)]"
)]
pub trait Param<M> {
    /// The value behind the parameter, without its reference.
    type Owned: Assemble;
    /// The parameter for one call.
    type As<'a>;
    /// What lives while the function runs.
    type Kept;

    /// Prepares a call.
    fn keep(value: Arc<Self::Owned>) -> Self::Kept;

    /// Hands the parameter out, once.
    fn lend(kept: &mut Self::Kept) -> Self::As<'_>;
}

/// A parameter `T`: moved where the task is the only one that has it, else cloned.
pub struct ByValue;
/// A parameter `Arc<T>`: shared.
pub struct ByArc;
/// A parameter `&T`.
pub struct ByRef;
/// A parameter `&[T]`.
pub struct BySlice;
/// A parameter `&str`.
pub struct ByStr;
/// A parameter `ArrayViewD<'_, T>`.
#[cfg(feature = "ndarray")]
pub struct ByView;

impl<T: Assemble> Param<ByValue> for T {
    type Owned = T;
    type As<'a> = T;
    type Kept = Option<Arc<T>>;

    fn keep(value: Arc<T>) -> Option<Arc<T>> {
        Some(value)
    }

    fn lend(kept: &mut Option<Arc<T>>) -> T {
        Arc::unwrap_or_clone(kept.take().expect("a parameter is lent once a call"))
    }
}

impl<T: Assemble> Param<ByArc> for Arc<T> {
    type Owned = T;
    type As<'a> = Arc<T>;
    type Kept = Arc<T>;

    fn keep(value: Arc<T>) -> Arc<T> {
        value
    }

    fn lend(kept: &mut Arc<T>) -> Arc<T> {
        kept.clone()
    }
}

impl<T: Assemble> Param<ByRef> for &T {
    type Owned = T;
    type As<'a> = &'a T;
    type Kept = Arc<T>;

    fn keep(value: Arc<T>) -> Arc<T> {
        value
    }

    fn lend(kept: &mut Arc<T>) -> &T {
        kept
    }
}

impl<T: Assemble> Param<BySlice> for &[T] {
    type Owned = Vec<T>;
    type As<'a> = &'a [T];
    type Kept = Arc<Vec<T>>;

    fn keep(value: Arc<Vec<T>>) -> Arc<Vec<T>> {
        value
    }

    fn lend(kept: &mut Arc<Vec<T>>) -> &[T] {
        kept
    }
}

impl Param<ByStr> for &str {
    type Owned = String;
    type As<'a> = &'a str;
    type Kept = Arc<String>;

    fn keep(value: Arc<String>) -> Arc<String> {
        value
    }

    fn lend(kept: &mut Arc<String>) -> &str {
        kept
    }
}

#[cfg(feature = "ndarray")]
impl<T: Value> Param<ByView> for ArrayViewD<'_, T> {
    type Owned = ArrayD<T>;
    type As<'a> = ArrayViewD<'a, T>;
    type Kept = Arc<ArrayD<T>>;

    fn keep(value: Arc<ArrayD<T>>) -> Arc<ArrayD<T>> {
        value
    }

    fn lend(kept: &mut Arc<ArrayD<T>>) -> ArrayViewD<'_, T> {
        kept.view()
    }
}
