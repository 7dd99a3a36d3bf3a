//! Which client is in force where none is named.
//!
//! That of the innermost [`enter`](super::Client::enter) on this thread; else, inside a task, that of whoever runs the task;
//! else the newest that lives and is not detached; else one made at the first verb, from the configuration.

use super::{Client, handle::Inner};
use crate::runner::environment;
use parking_lot::Mutex;
use std::{
    cell::RefCell,
    marker::PhantomData,
    sync::{Arc, OnceLock, Weak},
};

static NEWEST: Mutex<Vec<Weak<Inner>>> = Mutex::new(Vec::new());

thread_local! {
    static ENTERED: RefCell<Vec<Client>> = const { RefCell::new(Vec::new()) };
}

/// A client is this thread's until this is dropped.
pub struct Entered {
    depth: usize,
    /// It must be dropped on its thread.
    here: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        ENTERED.with_borrow_mut(|entered| entered.truncate(self.depth));
    }
}

pub(super) fn enter(client: Client) -> Entered {
    ENTERED.with_borrow_mut(|entered| {
        entered.push(client);
        Entered { depth: entered.len() - 1, here: PhantomData }
    })
}

pub(super) fn announce(client: &Arc<Inner>) {
    let mut newest = NEWEST.lock();
    newest.retain(|client| client.strong_count() > 0);
    newest.push(Arc::downgrade(client));
}

pub(super) fn current() -> Client {
    static DEFAULT: OnceLock<Client> = OnceLock::new();
    if let Some(client) = ENTERED.with_borrow(|entered| entered.last().cloned()) {
        return client;
    }
    if let Some(client) = environment().and_then(|env| env.client()) {
        return client;
    }
    let newest = NEWEST.lock().iter().rev().find_map(Weak::upgrade);
    newest.map(Client).unwrap_or_else(|| DEFAULT.get_or_init(Client::by_configuration).clone())
}
