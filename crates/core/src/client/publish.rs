//! Results under a name: kept by the scheduler for all of its clients, whoever made them and whether they are still there.

use super::{
    Client, Lease, TaskFuture,
    batch::Batch,
    coordination::{done, unexpected, wait},
};
use crate::{
    Error, ErrorKind, Key, LayerId, Result, RunId,
    coordination::{Answer, Ask, Kept, Publication},
    delayed::Delayed,
    graph::{HeldRange, Layer, LayeredGraph},
    sched::RunOptions,
    value::Value,
};
use std::sync::Arc;

/// A collection that can be published: results that some run left or will leave, under names of their own, and a few bytes
/// that say how to put them together again.
pub trait Publish: Sized + 'static {
    /// What it is. [`get_published`](Client::get_published) asks for the same; errors print it.
    fn kind() -> String;

    /// Its parts.
    ///
    /// # Errors
    /// `BadValue` for what was not run yet; why it failed, where it never will be.
    fn parts(&self) -> Result<Parts>;

    /// The collection of these parts, which the client holds.
    ///
    /// # Errors
    /// `BadValue` for parts of something else.
    fn of_parts(client: &Client, name: &str, parts: Parts) -> Result<Self>;
}

/// What a published collection is made of.
#[derive(Debug, Default)]
pub struct Parts {
    /// Whatever the collection wants to know of itself.
    pub header: Vec<u8>,
    /// Its results.
    pub results: Vec<Part>,
}

/// Some results, and what keeps them.
#[derive(Debug)]
pub struct Part {
    /// What they are called.
    pub name: String,
    /// Where they stand.
    pub ranges: Vec<HeldRange>,
    /// What keeps them: leases of one client.
    pub leases: Vec<Lease>,
}

impl Parts {
    /// One result.
    pub fn one(name: &Key, range: HeldRange, lease: Lease) -> Self {
        Parts { header: Vec::new(), results: vec![Part { name: name.to_string(), ranges: vec![range], leases: vec![lease] }] }
    }

    /// The only result.
    ///
    /// # Errors
    /// `BadValue` where there is not one.
    fn only(mut self) -> Result<(HeldRange, Lease)> {
        let part = self.results.pop().filter(|_| self.results.is_empty());
        let only = part.and_then(|mut part| match (&part.ranges[..], part.leases.pop()) {
            ([range], Some(lease)) if range.len == 1 => Some((range.clone(), lease)),
            _ => None,
        });
        only.ok_or_else(|| Error::new(ErrorKind::BadValue, "it is published as several results, and one was asked for"))
    }
}

/// A persisted value.
impl<T: Value> Publish for Delayed<T> {
    fn kind() -> String {
        T::type_name()
    }

    fn parts(&self) -> Result<Parts> {
        let (range, lease) = self.node().stands_for().ok_or_else(|| {
            Error::new(ErrorKind::BadValue, format!("{} was not run yet, and only results can be published", self.key()))
                .with_help("persist() it, and publish what that gives")
        })?;
        Ok(Parts::one(&self.key(), range.clone(), lease.clone()))
    }

    fn of_parts(_: &Client, name: &str, parts: Parts) -> Result<Self> {
        let (range, lease) = parts.only()?;
        Ok(Delayed::kept(range, lease, name.into()))
    }
}

/// A future, finished or not.
impl<T: Value> Publish for TaskFuture<T> {
    fn kind() -> String {
        T::type_name()
    }

    fn parts(&self) -> Result<Parts> {
        let (range, lease) = self.held()?;
        Ok(Parts::one(self.key(), range, lease))
    }

    fn of_parts(client: &Client, name: &str, parts: Parts) -> Result<Self> {
        // The lease is given up when the run that mirrors the result has a hold of its own.
        let (range, _lease) = parts.only()?;
        let mut graph = LayeredGraph::default();
        let layer = graph.push(Layer::held("published", vec![range]));
        graph.want(layer, name);
        let submitted = client.submit_graph(&graph, RunOptions { name: name.to_owned(), ..RunOptions::default() })?;
        Ok(TaskFuture::new(Ok(Batch::of(&submitted)?), name.into()))
    }
}

impl Client {
    /// Keeps results under a name, for all clients of the scheduler, until it is [unpublished](Self::unpublish): a persisted
    /// [`Delayed`], a [`TaskFuture`], a persisted frame. This client may leave meanwhile.
    ///
    /// ```
    /// use stratal_core::{Client, client::TaskFuture, delayed::{Delayed, delayed}};
    /// let client = Client::local()?;
    /// let _entered = client.enter();
    /// client.publish("ten", &delayed(|x: i64| x + 1, 9).persist()?)?;
    /// client.publish("eleven", &client.submit(|x: i64| x + 1, 10))?;
    /// assert_eq!(client.published()?, ["eleven", "ten"]);
    /// assert_eq!(client.get_published::<Delayed<i64>>("ten")?.compute()?, 10);
    /// assert_eq!(client.get_published::<TaskFuture<i64>>("eleven")?.result()?, 11);
    /// client.unpublish("ten")?;
    /// assert_eq!(client.published()?, ["eleven"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Exists` for a name that is taken; `BadValue` for what was not run yet; `Graph` for what another client holds.
    pub fn publish<C: Publish>(&self, name: impl Into<String>, collection: &C) -> Result<()> {
        wait(self.publishing(name.into(), collection))
    }

    /// [`publish`](Self::publish), async.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    pub async fn publish_async<C: Publish>(&self, name: impl Into<String>, collection: &C) -> Result<()> {
        self.publishing(name.into(), collection).await
    }

    fn publishing<C: Publish>(&self, name: String, collection: &C) -> impl Future<Output = Result<()>> + Send + 'static + use<C> {
        let asked = collection.parts().and_then(|parts| {
            let executor = self.executor()?;
            let mut leases = parts.results.iter().flat_map(|part| &part.leases);
            if leases.any(|lease| !Arc::ptr_eq(lease.executor(), executor)) {
                return Err(Error::new(ErrorKind::Graph, format!("{name:?} cannot be published: its results are another client's"))
                    .with_help("publish it by the client that made it"));
            }
            let results = parts.results.iter().map(|part| Kept { name: part.name.clone(), ranges: part.ranges.clone() }).collect();
            let publication = Publication { kind: C::kind(), header: parts.header.clone(), results };
            // The scheduler holds them before the leases can be given up.
            Ok(executor.asking().ask(Ask::Publish { name, publication }))
        });
        async move { done(asked?.await?) }
    }

    /// What is published under a name.
    ///
    /// # Errors
    /// `NotFound`, with the nearest name; `TypeMismatch` for something else than was published.
    pub fn get_published<C: Publish>(&self, name: &str) -> Result<C> {
        let publication = wait(self.finding(name))?;
        self.found(name, publication)
    }

    /// [`get_published`](Self::get_published), async.
    ///
    /// # Errors
    /// As [`get_published`](Self::get_published).
    pub async fn get_published_async<C: Publish>(&self, name: &str) -> Result<C> {
        let publication = self.finding(name).await?;
        self.found(name, publication)
    }

    fn finding(&self, name: &str) -> impl Future<Output = Result<Publication>> + Send + use<> {
        let asked = self.executor().map(|executor| executor.asking().ask(Ask::Find { name: name.to_owned() }));
        async move {
            match asked?.await? {
                Answer::Found(publication) => Ok(publication),
                other => unexpected(&other),
            }
        }
    }

    /// The collection of a publication, whose results this client holds.
    fn found<C: Publish>(&self, name: &str, publication: Publication) -> Result<C> {
        let executor = self.executor()?;
        let held = |(run, layer, tasks)| ((run, layer), Lease::take_over(executor.clone(), run, layer, tasks));
        let leases: Vec<((RunId, LayerId), Lease)> = publication.holds()?.into_iter().map(held).collect();
        if publication.kind != C::kind() {
            let message = format!("{name:?} is published as {}, and {} was asked for", publication.kind, C::kind());
            return Err(Error::new(ErrorKind::TypeMismatch, message).with_help(format!("ask for {}", publication.kind)));
        }
        let kept = |ranges: &[HeldRange]| {
            let has = |of: &(RunId, LayerId)| ranges.iter().any(|range| (range.run, range.layer) == *of);
            leases.iter().filter(|(of, _)| has(of)).map(|(_, lease)| lease.clone()).collect()
        };
        let part = |Kept { name, ranges }: Kept| Part { name, leases: kept(&ranges), ranges };
        let results = publication.results.into_iter().map(part).collect();
        C::of_parts(self, name, Parts { header: publication.header, results })
    }

    /// Keeps what is published under a name no longer. Who has it by now keeps it.
    ///
    /// # Errors
    /// `NotFound`, with the nearest name.
    pub fn unpublish(&self, name: &str) -> Result<()> {
        wait(self.unpublishing(name))
    }

    /// [`unpublish`](Self::unpublish), async.
    ///
    /// # Errors
    /// As [`unpublish`](Self::unpublish).
    pub async fn unpublish_async(&self, name: &str) -> Result<()> {
        self.unpublishing(name).await
    }

    fn unpublishing(&self, name: &str) -> impl Future<Output = Result<()>> + Send + use<> {
        let asked = self.executor().map(|executor| executor.asking().ask(Ask::Unpublish { name: name.to_owned() }));
        async move { done(asked?.await?) }
    }

    /// The names under which something is published, sorted.
    ///
    /// # Errors
    /// Those of a scheduler that is gone.
    pub fn published(&self) -> Result<Vec<String>> {
        wait(self.listing())
    }

    /// [`published`](Self::published), async.
    ///
    /// # Errors
    /// As [`published`](Self::published).
    pub async fn published_async(&self) -> Result<Vec<String>> {
        self.listing().await
    }

    fn listing(&self) -> impl Future<Output = Result<Vec<String>>> + Send + use<> {
        let asked = self.executor().map(|executor| executor.asking().ask(Ask::Names));
        async move {
            match asked?.await? {
                Answer::Names(names) => Ok(names),
                other => unexpected(&other),
            }
        }
    }
}
