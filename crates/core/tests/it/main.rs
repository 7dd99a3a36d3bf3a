//! The core's tests that use it from outside: one binary, one module a subject.

mod executors;
mod sched;
mod sizes;
