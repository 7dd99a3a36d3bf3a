//! How a client names what it shares with others.

use super::{Event, Lock, Queue, Room, Semaphore, Variable};
use crate::{Client, value::Value};

impl Client {
    /// The variable of this name. Nothing is asked before it is used.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::local()?;
    /// client.variable("best").set(0.25)?;
    /// assert_eq!(client.variable::<f64>("best").get()?, 0.25);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn variable<T: Value>(&self, name: impl Into<String>) -> Variable<T> {
        Variable::new(Room::new(self, "variable", name))
    }

    /// The queue of this name, which holds at most `capacity` items, or any number where that is 0. Nothing is asked before
    /// it is used.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::local()?;
    /// let pages = client.queue::<String>("pages", 0);
    /// pages.put("one".to_owned())?;
    /// assert_eq!((pages.get()?, pages.try_get()?), ("one".to_owned(), None));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn queue<T: Value>(&self, name: impl Into<String>, capacity: usize) -> Queue<T> {
        Queue::new(Room::new(self, "queue", name), capacity as u64)
    }

    /// The event of this name. Nothing is asked before it is used.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::builder().threads(2).local()?;
    /// let waits = client.submit(|| Client::current().event("go").wait(), ());
    /// client.event("go").set()?;
    /// waits.result()?;
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn event(&self, name: impl Into<String>) -> Event {
        Event::new(Room::new(self, "event", name))
    }

    /// The lock of this name. Nothing is asked before it is used.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::local()?;
    /// let held = client.lock("printer").acquire()?;
    /// assert!(client.lock("printer").try_acquire()?.is_none(), "it is held, be it by ourselves");
    /// drop(held);
    /// assert!(client.lock("printer").try_acquire()?.is_some());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn lock(&self, name: impl Into<String>) -> Lock {
        Lock::new(Room::new(self, "lock", name))
    }

    /// The semaphore of this name, of so many permits. Nothing is asked before it is used.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::builder().threads(4).local()?;
    /// let fetch = |page: i64| {
    ///     let _polite = Client::current().semaphore("requests", 2).acquire()?;
    ///     Ok::<_, stratal_core::Error>(page)
    /// };
    /// assert_eq!(client.map(fetch, 0..10).gather()?.len(), 10);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn semaphore(&self, name: impl Into<String>, permits: u32) -> Semaphore {
        Semaphore::new(Room::new(self, "semaphore", name), permits)
    }
}
