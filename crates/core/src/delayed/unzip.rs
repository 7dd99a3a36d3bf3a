//! The fields of a lazy tuple, as lazy values of their own.

use super::{Delayed, Node};
use crate::{
    function::{Recorded, field_taken},
    value::{Value, learn},
};
use std::sync::Arc;

impl<T: Value> Delayed<T> {
    /// A field of the tuple that it will be.
    fn field<F>(&self, number: u64) -> Delayed<F> {
        let args = vec![Recorded::Delayed(self.node().clone()), Recorded::Literal(number.into_data())];
        Delayed::from_node(Arc::new(Node::new(field_taken(), args)))
    }
}

macro_rules! tuples {
    ($($(#[$doc:meta])* ($($name:ident $number:literal)+))*) => {$(
        impl<$($name: Value),+> Delayed<($($name,)+)> {
            $(#[$doc])*
            #[must_use = "gives new Delayeds"]
            pub fn unzip(&self) -> ($(Delayed<$name>,)+) {
                learn(<($($name,)+)>::splits());
                ($(self.field::<$name>($number),)+)
            }
        }
    )*};
}

tuples! {
    /// The fields, each as a lazy value that is one more small task. The tuple is made once.
    ///
    /// On a cluster the tuple is what a function with `#[stratal::task]` returns, or a field of that: workers know such
    /// types.
    ///
    /// ```
    /// use stratal_core::{Client, delayed::delayed};
    /// let _client = Client::synchronous();
    /// let (quotient, rest) = delayed(|a: i64, b: i64| (a / b, a % b), (17, 5)).unzip();
    /// assert_eq!((quotient.compute()?, rest.compute()?), (3, 2));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    (A 0 B 1)
    /// The fields, each as a lazy value: as for pairs.
    (A 0 B 1 C 2)
    /// The fields, each as a lazy value: as for pairs.
    (A 0 B 1 C 2 D 3)
}
