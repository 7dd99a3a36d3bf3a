//! Lazy calls: [`delayed`] writes down a call, its arguments may be other lazy calls, and nothing runs before a verb.
//!
//! A tree of them is lowered to one layer whose tasks read one another. Equal pure calls are one task. Everything here
//! walks with a worklist: a chain of 10^5 calls is dropped, hashed and lowered without a deep stack. Layers of other kinds,
//! such as those of a dataframe, stand among calls as a [`Subgraph`].
//!
//! `delayed`: a call and the type of its result. `node`: the call without it. `settings`: what is asked for a call. `lower`: calls to
//! layers. `subgraph`: layers among calls. `unzip`: the fields of a tuple.

#[expect(clippy::module_inception, reason = "the room is named after what stands in its middle")]
mod delayed;
mod lower;
mod node;
mod settings;
mod subgraph;
mod unzip;

pub use delayed::{Delayed, delayed};
pub use lower::{lower, lower_map};
pub use node::Node;
pub use subgraph::Subgraph;

pub(crate) use lower::{Rows, lower_for, lower_map_for, lower_with};
pub(crate) use settings::Settings;
