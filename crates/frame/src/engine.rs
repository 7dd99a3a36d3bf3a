//! Which engine runs a frame, and why: layers of tasks, or on a cluster whole queries.
//!
//! Both take the same physical plan. Verbs that give all rows at once choose; what leaves rows in the stores, gives them as
//! they come or writes them is layers' work. Without the feature `query`, everything is.

#[cfg(feature = "query")]
use crate::query;
use crate::{
    lower::{Plan, lower},
    run::Target,
};
use stratal_core::{Client, Result, config::Engine, graph::LayeredGraph};

/// Which engine runs a plan.
pub(crate) struct Choice {
    /// Whether it runs as a query; else it is cut into layers.
    pub(crate) is_query: bool,
    reason: String,
}

/// Chooses. What `execution.engine` asks for goes before everything but what cannot be.
pub(crate) fn choose(plan: &Plan, target: &Target) -> Choice {
    let as_query = match target.config.execution.engine {
        _ if target.is_here => Err("tasks run in this process".to_owned()),
        Engine::Layers => Err("execution.engine says so".to_owned()),
        wanted => suits(plan, target, wanted == Engine::Query),
    };
    match as_query {
        Ok(reason) => Choice { is_query: true, reason },
        Err(reason) => Choice { is_query: false, reason },
    }
}

#[cfg(feature = "query")]
use query::suits;

/// Why a plan runs as a query, or why not.
#[cfg(not(feature = "query"))]
fn suits(_: &Plan, _: &Target, _: bool) -> Result<String, String> {
    Err("this program was built without the feature query".to_owned())
}

impl Choice {
    /// As a line of `explain`. In one process there is no choice to tell of.
    pub(crate) fn line(&self, target: &Target) -> String {
        let engine = if self.is_query { "query" } else { "layers" };
        if target.is_here { String::new() } else { format!("engine   {engine}: {}\n", self.reason) }
    }

    /// What will run.
    pub(crate) fn graph(&self, plan: Plan, target: &Target) -> Result<LayeredGraph> {
        match self.is_query {
            #[cfg(feature = "query")]
            true => Ok(query::graph(plan, false)),
            _ => lower(plan, target.is_cut),
        }
    }

    /// What will run, the stages of a query as layers of their own.
    pub(crate) fn stages(&self, plan: Plan, target: &Target) -> Result<LayeredGraph> {
        match self.is_query {
            #[cfg(feature = "query")]
            true => query::stages(&plan, target),
            _ => lower(plan, target.is_cut),
        }
    }

    /// What a query will do; none for layers.
    #[cfg_attr(not(feature = "query"), expect(unused_variables, reason = "there are only layers"))]
    pub(crate) fn explained(&self, plan: &Plan, target: &Target) -> Result<Option<String>> {
        match self.is_query {
            #[cfg(feature = "query")]
            true => query::explain(plan, target).map(Some),
            _ => Ok(None),
        }
    }

    /// Runs a query, lets its rows go, and says what that took; none for layers.
    #[cfg_attr(not(feature = "query"), expect(unused_variables, reason = "there are only layers"))]
    pub(crate) fn analyzed(&self, client: &Client, plan: &Plan, target: &Target) -> Result<Option<String>> {
        match self.is_query {
            #[cfg(feature = "query")]
            true => query::analyze(client, plan, target).map(Some),
            _ => Ok(None),
        }
    }
}
