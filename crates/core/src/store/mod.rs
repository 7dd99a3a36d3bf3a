//! Where a process keeps results: by name and attempt, in memory, every byte counted against one budget.
//!
//! A result is put whole, or written channel by channel by a [`ChannelWriter`]; readers ask for all of it or for one
//! channel. Nobody is told of a result before its task is done, so a half-written attempt is never read, and one that
//! failed is dropped with its writer.
//!
//! `results`: what is kept. `channels`: results that are written in channels. `budget`: the bytes.

mod budget;
mod channels;
mod results;

pub use budget::{Budget, Reservation, Shortage};
pub use channels::ChannelWriter;
pub use results::{Part, Store};
