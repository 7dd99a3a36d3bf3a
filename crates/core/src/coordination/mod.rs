//! What clients and tasks share beside results: variables, queues, events, locks, semaphores, and published names.
//!
//! The scheduler keeps all of it in one pure state machine beside [`Sched`](crate::sched::Sched): [`Commons`] takes in what is
//! [`Said`], and gives answers, now or when they can be given. It has no clock: a wait that takes too long is withdrawn by
//! whoever waits. First come, first served. What a client holds is free again when the client is gone.
//!
//! - `message`: what is asked and answered; all of it travels.
//! - `commons`: [`Commons`]; behind it one file a thing: `variable`, `queue`, `flag` (events), `gate` (locks and semaphores),
//!   `published`.
//! - `asking`: the client's side: [`Asking`] finds for each answer who waits for it, and gives back what nobody waits for any
//!   more, so that an item of a queue is never swallowed.

mod asking;
mod commons;
mod flag;
mod gate;
mod message;
mod published;
mod queue;
mod variable;

pub use asking::{Asked, Asking};
pub use commons::{Commons, Outcome};
pub use message::{Answer, Ask, Asker, GateName, KEEPER, Kept, Publication, Said};
