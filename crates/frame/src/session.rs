//! How DataFusion is set up: to plan, to run a task, and to read plans that came over the wire.
//!
//! Everything that would make a partition depend on a sibling without the cutter's knowledge is off: work stealing between
//! file partitions, round-robin exchanges, and filters that one operator sends to another while it runs.

use crate::{
    error::of_datafusion,
    expr::own_functions,
    interop::registered,
    lower::{OncePerRow, arrange, planned_whole, rules},
    nodes::{Node, Planner},
    operators::SharedRegistry,
};
use arrow_schema::SchemaRef;
use datafusion::{
    catalog::{CatalogProvider, CatalogProviderList, MemoryCatalogProviderList},
    execution::{
        SessionState, SessionStateBuilder, TaskContext as SessionTask,
        context::SessionConfig,
        memory_pool::{MemoryLimit, MemoryPool, MemoryReservation},
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    logical_expr::LogicalPlan,
    physical_plan::ExecutionPlan,
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock},
};
use stratal_core::{
    Result,
    client::wait_for,
    config::{Config, show_bytes},
    runner::{Environment, TaskContext},
    store::{Budget, Shortage},
};

/// Settings for planning and running.
pub(crate) fn settings(config: &Config, partitions: usize) -> SessionConfig {
    let mut settings = SessionConfig::new().with_batch_size(config.frame.batch_rows).with_target_partitions(partitions.max(1));
    let options = settings.options_mut();
    options.execution.enable_file_stream_work_stealing = false;
    options.execution.collect_statistics = false;
    options.sql_parser.default_null_ordering = "nulls_last".to_owned();
    let optimizer = &mut options.optimizer;
    optimizer.enable_round_robin_repartition = false;
    optimizer.repartition_file_scans = false;
    optimizer.enable_physical_uncorrelated_scalar_subquery = false;
    // Frames that are put together stay in order: no union makes one partition of one of each.
    optimizer.prefer_existing_union = true;
    // A plan runs as a copy with fresh state, in which nobody fills the filters that were made when it was planned: they would
    // only be evaluated, for nothing, by scans that take filters.
    optimizer.enable_dynamic_filter_pushdown = false;
    optimizer.enable_join_dynamic_filter_pushdown = false;
    optimizer.enable_topk_dynamic_filter_pushdown = false;
    optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    settings
}

/// The physical plan of a logical one, for `partitions` partitions after an exchange. `is_cut` says that it will be cut
/// into layers; one with a node that runs apart always is.
pub(crate) fn physical_plan(config: &Config, plan: &LogicalPlan, partitions: usize, is_cut: bool) -> Result<Arc<dyn ExecutionPlan>> {
    let is_cut = is_cut || Node::must_be_cut(plan);
    planned(settings(config, partitions), plan, is_cut)
}

/// [`physical_plan`] under given settings.
fn planned(settings: SessionConfig, plan: &LogicalPlan, is_cut: bool) -> Result<Arc<dyn ExecutionPlan>> {
    let mut state = SessionStateBuilder::new_from_existing(state(is_cut).clone()).with_config(settings).build();
    // The time that `now()` and `current_date()` are everywhere in the plan.
    state.mark_start_execution();
    let plan = plan.clone();
    let physical = wait_for(async move {
        match is_cut {
            true => state.create_physical_plan(&plan).await,
            false => planned_whole(&state, &plan).await,
        }
    });
    let physical = physical.map_err(of_datafusion)?;
    arrange(physical)
}

/// The schema that the plan's rows will have.
pub(crate) fn schema_of(plan: &LogicalPlan) -> SchemaRef {
    plan.schema().inner().clone()
}

/// As [`physical_plan`] for a plan that will be cut, with joins that sort and merge.
#[cfg(test)]
pub(crate) fn merge_join_plan(config: &Config, plan: &LogicalPlan, partitions: usize) -> Result<Arc<dyn ExecutionPlan>> {
    let mut settings = settings(config, partitions);
    settings.options_mut().optimizer.prefer_hash_join = false;
    planned(settings, plan, true)
}

/// The schema that the tables of a query stand in.
pub(crate) const SQL_SCHEMA: &str = "public";

/// What plans SQL text over the tables of a catalog, whose schema is [`SQL_SCHEMA`]. Names are exact.
pub(crate) fn sql(tables: Arc<dyn CatalogProvider>) -> SessionState {
    let mut settings = SessionConfig::new().with_create_default_catalog_and_schema(false);
    let options = settings.options_mut();
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.default_null_ordering = "nulls_last".to_owned();
    options.sql_parser.map_string_types_to_utf8view = false;
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog(options.catalog.default_catalog.clone(), tables);
    let mut builder = SessionStateBuilder::new_from_existing(state(true).clone());
    builder.scalar_functions().get_or_insert_default().extend(registered());
    builder.with_config(settings).with_catalog_list(Arc::new(catalogs)).build()
}

/// Every built-in function and rule, and the functions, nodes and rules that are ours.
fn state(is_cut: bool) -> &'static SessionState {
    static WHOLE: LazyLock<SessionState> = LazyLock::new(|| made(false));
    static CUT: LazyLock<SessionState> = LazyLock::new(|| made(true));
    if is_cut { &CUT } else { &WHOLE }
}

fn made(is_cut: bool) -> SessionState {
    let builder = SessionStateBuilder::new_with_default_features().with_query_planner(Arc::new(Planner));
    let mut builder = builder.with_analyzer_rule(Arc::new(OncePerRow));
    builder.scalar_functions().get_or_insert_default().extend(own_functions());
    builder.with_physical_optimizer_rules(rules(is_cut)).build()
}

/// Every function by its name, those that were registered among them, and what plans expressions of SQL. Names are exact.
pub(crate) fn functions() -> Arc<SessionState> {
    static FUNCTIONS: LazyLock<Arc<SessionState>> = LazyLock::new(|| {
        let mut settings = SessionConfig::new();
        let parser = &mut settings.options_mut().sql_parser;
        parser.enable_ident_normalization = false;
        parser.map_string_types_to_utf8view = false;
        Arc::new(SessionStateBuilder::new_from_existing(state(true).clone()).with_config(settings).build())
    });
    let registered = registered();
    if registered.is_empty() {
        return Arc::clone(&FUNCTIONS);
    }
    let mut builder = SessionStateBuilder::new_from_existing((**FUNCTIONS).clone());
    builder.scalar_functions().get_or_insert_default().extend(registered);
    Arc::new(builder.build())
}

/// What a plan that came over the wire is decoded with.
pub(crate) fn decoding() -> Arc<SessionTask> {
    state(true).task_ctx()
}

/// What the plan of one attempt runs in. Its leaves find `cx` in the configuration's extensions, and places that read the same
/// rows find each other there.
pub(crate) fn task(cx: &TaskContext) -> Result<Arc<SessionTask>> {
    let runtime = runtime(cx.env())?;
    let mut settings = settings(cx.env().config(), 1).with_extension(Arc::new(cx.clone()));
    settings = settings.with_extension(Arc::<SharedRegistry>::default());
    index_by_key(&mut settings, cx.env().store().budget().limit());
    let id = format!("{}/{}/{}", cx.slice().run.0, cx.slice().layer.0, cx.slice().start);
    let (scalar, higher, aggregates, windows) = (HashMap::new(), HashMap::new(), HashMap::new(), HashMap::new());
    Ok(Arc::new(SessionTask::new(Some(id.clone()), id, settings, scalar, higher, aggregates, windows, runtime)))
}

/// Has joins on one whole number look keys up by their place in an array, where DataFusion's own settings would have them hashed.
///
/// An array has 4 bytes for every number between the least and the largest key. A look-up in it is one load, and keys that come in
/// order, as those of most files do, find it in the cache; a hash table takes some 25 bytes a row, hashes, and compares. Exchanges by
/// hash leave each partition a part of the keys, and the array of each is as long as before: hence a density that is far below
/// DataFusion's 0.15. Where little memory is granted to all operators together, tables stay as small as they can be.
pub(crate) fn index_by_key(settings: &mut SessionConfig, limit: Option<u64>) {
    if limit.is_none_or(|limit| limit >= ROOMY) {
        let options = &mut settings.options_mut().execution;
        options.perfect_hash_join_small_build_threshold = SHORT_RANGE;
        options.perfect_hash_join_min_key_density = LEAST_DENSITY;
    }
}

/// The memory limit from which on a join's table may be larger than it must.
const ROOMY: u64 = 4 << 30;

/// The range of keys below which an array is taken for any number of rows: 4 MiB of it.
const SHORT_RANGE: usize = 1 << 20;

/// The part of the numbers in a range that must be keys, for an array of a longer range: 133 bytes a row at most.
const LEAST_DENSITY: f64 = 0.03;

/// Memory and disk that all plans of a process share.
pub(crate) fn runtime(env: &Environment) -> Result<Arc<RuntimeEnv>> {
    env.extension(|| Runtime::new(env)).0.clone()
}

/// See [`runtime`].
struct Runtime(Result<Arc<RuntimeEnv>>);

impl Runtime {
    fn new(env: &Environment) -> Self {
        let config = env.config();
        let mut builder =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(Pool(env.store().budget().clone()))).with_temp_file_path(&config.spill.dir);
        if let Some(limit) = config.spill.limit {
            builder = builder.with_max_temp_directory_size(limit);
        }
        Runtime(builder.build_arc().map_err(of_datafusion))
    }
}

/// The process's budget as DataFusion's memory pool: operators and results share one limit.
#[derive(Debug)]
struct Pool(Budget);

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stratal({} used)", show_bytes(self.0.used()))
    }
}

impl MemoryPool for Pool {
    fn name(&self) -> &str {
        "stratal"
    }

    fn grow(&self, _: &MemoryReservation, additional: usize) {
        self.0.force(additional as u64);
    }

    fn shrink(&self, _: &MemoryReservation, shrink: usize) {
        self.0.give_back(shrink as u64);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> datafusion::error::Result<()> {
        self.0.take(additional as u64).map_err(|shortage| short(reservation.consumer().name(), shortage))
    }

    fn reserved(&self) -> usize {
        self.0.used() as usize
    }

    fn memory_limit(&self) -> MemoryLimit {
        match self.0.limit() {
            Some(limit) => MemoryLimit::Finite(limit as usize),
            None => MemoryLimit::Infinite,
        }
    }
}

/// Operators that can spill look for this kind of error.
fn short(operator: &str, shortage: Shortage) -> datafusion::error::DataFusionError {
    let Shortage { wanted, free, limit } = shortage;
    let message = format!("{operator} needs {}, {} of {} are free", show_bytes(wanted), show_bytes(free), show_bytes(limit));
    datafusion::error::DataFusionError::ResourcesExhausted(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::execution::memory_pool::MemoryConsumer;

    #[test]
    fn joins_take_larger_tables_where_there_is_memory() {
        let range = |limit| {
            let mut settings = SessionConfig::new();
            index_by_key(&mut settings, limit);
            settings.options().execution.perfect_hash_join_small_build_threshold
        };
        assert_eq!((range(None), range(Some(ROOMY))), (SHORT_RANGE, SHORT_RANGE));
        assert!(range(Some(ROOMY - 1)) < SHORT_RANGE);
    }

    #[test]
    fn operators_and_results_share_one_budget() {
        let budget = Budget::new(Some(1000));
        let pool: Arc<dyn MemoryPool> = Arc::new(Pool(budget.clone()));
        let reservation = MemoryConsumer::new("sort").register(&pool);
        reservation.try_grow(600).unwrap();
        assert_eq!(budget.try_reserve(600).unwrap_err().free, 400);
        let error = of_datafusion(reservation.try_grow(600).unwrap_err());
        assert_eq!(error.kind(), stratal_core::ErrorKind::Memory);
        drop(reservation);
        assert_eq!(budget.used(), 0);
    }
}
