//! [`Arg`] and [`IntoArgs`]: what may be passed to a task, and how it is written down until the graph is made.

use super::{Assemble, Whole};
use crate::{
    Error, Key,
    client::Lease,
    delayed::Node,
    graph::HeldRange,
    handmade::Edge,
    value::{Data, Value},
};
use std::sync::Arc;

/// One argument as it was passed, without its type.
#[derive(Clone)]
pub enum Recorded {
    /// A value.
    Literal(Data),
    /// The result of another call of the same graph.
    Delayed(Arc<Node>),
    /// The result of a task of another run, kept while the lease lives.
    Future(HeldRange, Lease),
    /// The results of several tasks of another run, as a list.
    Futures(HeldRange, Lease),
    /// A future that was never started, and why.
    Failed(Error),
    /// A name in a hand-written graph.
    Key(Key),
    /// Results of another layer of hand-written layers.
    Edge(Edge),
    /// The items of a vector or the fields of a tuple.
    List(Vec<Recorded>),
}

/// One argument as it was passed: a value, or a reference to what will be one.
pub enum Argument<T> {
    /// A value.
    Value(T),
    /// A reference, or a list with references in it.
    Link(Recorded),
}

impl<T: Value> Argument<T> {
    /// Forgets the type.
    pub fn erase(self) -> Recorded {
        match self {
            Argument::Value(value) => Recorded::Literal(value.into_data()),
            Argument::Link(link) => link,
        }
    }
}

/// What may be passed where a function takes a `T`: the value itself, a [`Delayed`](crate::delayed::Delayed) or a future of
/// it, a vector, array, slice or tuple of these, a [`Key`] or an [`Edge`] for any type, and `&str` for a `String`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be passed where the function takes a `{T}`",
    note = "pass the value, a Delayed or TaskFuture of it, or (for vectors and tuples) a vector, array, slice or tuple of these"
)]
pub trait Arg<T>: Sized {
    /// Writes it down.
    fn record(self) -> Argument<T>;
}

impl<T: Whole> Arg<T> for T {
    fn record(self) -> Argument<T> {
        Argument::Value(self)
    }
}

impl Arg<String> for &str {
    fn record(self) -> Argument<String> {
        Argument::Value(self.to_owned())
    }
}

impl Arg<String> for &String {
    fn record(self) -> Argument<String> {
        Argument::Value(self.clone())
    }
}

impl<T> Arg<T> for Key {
    fn record(self) -> Argument<T> {
        Argument::Link(Recorded::Key(self))
    }
}

impl<T> Arg<T> for &Key {
    fn record(self) -> Argument<T> {
        Argument::Link(Recorded::Key(self.clone()))
    }
}

impl<T> Arg<T> for Edge {
    fn record(self) -> Argument<T> {
        Argument::Link(Recorded::Edge(self))
    }
}

impl<T> Arg<T> for &Edge {
    fn record(self) -> Argument<T> {
        Argument::Link(Recorded::Edge(self.clone()))
    }
}

/// A list stays one value as long as its items are values; from the first reference on it is a list of what was recorded.
fn list<T: Assemble, A: Arg<T>>(items: impl Iterator<Item = A>) -> Argument<Vec<T>> {
    let (mut values, mut links) = (Vec::with_capacity(items.size_hint().0), Vec::new());
    for item in items {
        match item.record() {
            Argument::Value(value) if links.is_empty() => values.push(value),
            item => {
                links.extend(values.drain(..).map(|value| Recorded::Literal(value.into_data())));
                links.push(item.erase());
            }
        }
    }
    if links.is_empty() { Argument::Value(values) } else { Argument::Link(Recorded::List(links)) }
}

impl<T: Assemble, A: Arg<T>> Arg<Vec<T>> for Vec<A> {
    fn record(self) -> Argument<Vec<T>> {
        list(self.into_iter())
    }
}

impl<T: Assemble, A: Arg<T>, const N: usize> Arg<Vec<T>> for [A; N] {
    fn record(self) -> Argument<Vec<T>> {
        list(self.into_iter())
    }
}

impl<T: Assemble, A: Arg<T> + Clone> Arg<Vec<T>> for &[A] {
    fn record(self) -> Argument<Vec<T>> {
        list(self.iter().cloned())
    }
}

impl<T: Assemble, A: Arg<T> + Clone> Arg<Vec<T>> for &Vec<A> {
    fn record(self) -> Argument<Vec<T>> {
        list(self.iter().cloned())
    }
}

/// The arguments of a function whose parameters have the values `P`: one bare, several as a tuple, none as `()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not arguments for the parameters `{P}`",
    note = "one argument is passed bare, several as a tuple, none as ()"
)]
pub trait IntoArgs<P>: Sized {
    /// Writes them down.
    fn record(self) -> Vec<Recorded>;
}

impl IntoArgs<()> for () {
    fn record(self) -> Vec<Recorded> {
        Vec::new()
    }
}

impl<T: Value, A: Arg<T>> IntoArgs<(T,)> for A {
    fn record(self) -> Vec<Recorded> {
        vec![Arg::record(self).erase()]
    }
}

macro_rules! tuples {
    ($(($($name:ident $value:ident)+))*) => {$(
        impl<$($name: Arg<$value>, $value: Value),+> IntoArgs<($($value,)+)> for ($($name,)+) {
            #[allow(non_snake_case, reason = "the type parameters name the arguments")]
            fn record(self) -> Vec<Recorded> {
                let ($($name,)+) = self;
                vec![$($name.record().erase()),+]
            }
        }

        impl<$($name: Arg<$value>, $value: Assemble),+> Arg<($($value,)+)> for ($($name,)+) {
            #[allow(non_snake_case, reason = "the type parameters name the fields")]
            fn record(self) -> Argument<($($value,)+)> {
                let ($($name,)+) = self;
                match ($($name.record(),)+) {
                    ($(Argument::Value($name),)+) => Argument::Value(($($name,)+)),
                    ($($name,)+) => Argument::Link(Recorded::List(vec![$($name.erase()),+])),
                }
            }
        }
    )*};
}

tuples! {
    (A VA B VB)
    (A VA B VB C VC)
    (A VA B VB C VC D VD)
    (A VA B VB C VC D VD E VE)
    (A VA B VB C VC D VD E VE F VF)
    (A VA B VB C VC D VD E VE F VF G VG)
    (A VA B VB C VC D VD E VE F VF G VG H VH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handmade::key;

    fn record<T: Value>(argument: impl Arg<T>) -> Recorded {
        argument.record().erase()
    }

    #[test]
    fn a_list_of_values_is_one_value_and_a_list_with_a_reference_is_a_list() {
        assert!(matches!(record::<Vec<i64>>(vec![1, 2]), Recorded::Literal(data) if data.type_name() == "Vec<i64>"));
        assert!(matches!(record::<Vec<Vec<i64>>>([[1, 2], [3, 4]]), Recorded::Literal(data) if data.type_name() == "Vec<Vec<i64>>"));
        assert!(matches!(record::<(i64, String)>((1, "a")), Recorded::Literal(data) if data.type_name() == "(i64, String)"));
        let Recorded::List(items) = record::<Vec<(i64, i64)>>(vec![(1, key("x")), (2, key("y"))]) else { panic!("it has keys") };
        assert!(matches!(&items[0], Recorded::List(fields) if matches!(fields[..], [Recorded::Literal(_), Recorded::Key(_)])));
    }

    #[test]
    fn arguments_are_bare_or_a_tuple_or_nothing() {
        fn count<P>(arguments: impl IntoArgs<P>) -> usize {
            arguments.record().len()
        }
        assert_eq!((count::<()>(()), count::<(String,)>("a"), count::<(i64, Vec<f64>)>((1, vec![2.0]))), (0, 1, 2));
        assert_eq!(count::<((i64, i64),)>((1, 2)), 1);
    }
}
