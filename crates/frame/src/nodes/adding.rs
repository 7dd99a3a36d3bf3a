//! [`AddingNode`]: a logical node that adds columns to those of its input. Which, and from what, its [`Adding`] says.

use crate::{
    error::{of_datafusion, to_datafusion},
    lower::Plan,
};
use arrow_schema::{Field, FieldRef};
use datafusion::{
    common::{DFSchema, DFSchemaRef, Result as DfResult, TableReference},
    logical_expr::{Expr as Logical, Extension, LogicalPlan, UserDefinedLogicalNodeCore},
};
use std::{
    cmp::Ordering,
    collections::HashSet,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};
use stratal_core::Result;

/// What is added. Columns are called by their names: where some are left out below, positions change.
pub(super) trait Adding: fmt::Debug + Send + Sync + 'static {
    /// The name of the node.
    fn name(&self) -> &'static str;

    /// What tells it from others of its kind, as `explain` prints it. Two nodes of one name, arguments and inputs are one.
    fn arguments(&self) -> String;

    /// The columns that it reads.
    fn reads(&self) -> HashSet<&str>;

    /// Whether a condition on this column of its input may be asked below it as well.
    fn passes(&self, column: &str) -> bool;

    /// The columns that it adds behind those of its input.
    fn adds(&self, input: &DFSchema) -> Result<Vec<Field>>;

    /// The physical plan over that of its input.
    fn plan(&self, input: Plan) -> Result<Plan>;
}

/// The columns of `input`, and those that are added.
pub(super) fn add(what: impl Adding, input: LogicalPlan) -> Result<LogicalPlan> {
    let node = AddingNode::new(Arc::new(what), input)?;
    Ok(LogicalPlan::Extension(Extension { node: Arc::new(node) }))
}

/// The logical node.
#[derive(Clone, Debug)]
pub(super) struct AddingNode {
    what: Arc<dyn Adding>,
    input: LogicalPlan,
    schema: DFSchemaRef,
}

impl AddingNode {
    fn new(what: Arc<dyn Adding>, input: LogicalPlan) -> Result<Self> {
        let own = what.adds(input.schema())?.into_iter().map(|field| (None, Arc::new(field)));
        let below = input.schema().iter().map(|(table, field)| (table.cloned(), field.clone()));
        let fields: Vec<(Option<TableReference>, FieldRef)> = below.chain(own).collect();
        let schema = DFSchema::new_with_metadata(fields, input.schema().metadata().clone()).map_err(of_datafusion)?;
        Ok(AddingNode { what, input, schema: Arc::new(schema) })
    }

    pub(super) fn plan(&self, mut inputs: Vec<Plan>) -> Result<Plan> {
        self.what.plan(inputs.swap_remove(0))
    }

    fn identity(&self) -> (&'static str, String) {
        (self.what.name(), self.what.arguments())
    }
}

impl PartialEq for AddingNode {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity() && self.input == other.input
    }
}

impl Eq for AddingNode {}

impl PartialOrd for AddingNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.identity().cmp(&other.identity()) {
            Ordering::Equal => self.input.partial_cmp(&other.input),
            unequal => Some(unequal),
        }
    }
}

impl Hash for AddingNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
        self.input.hash(state);
    }
}

impl UserDefinedLogicalNodeCore for AddingNode {
    fn name(&self) -> &str {
        self.what.name()
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Logical> {
        Vec::new()
    }

    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        let below = self.input.schema().fields().len();
        let stays = |(at, field): &(usize, &FieldRef)| *at >= below || !self.what.passes(field.name());
        self.schema.fields().iter().enumerate().filter(stays).map(|(_, field)| field.name().clone()).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.identity() {
            (name, arguments) if arguments.is_empty() => f.write_str(name),
            (name, arguments) => write!(f, "{name}: {arguments}"),
        }
    }

    fn with_exprs_and_inputs(&self, _: Vec<Logical>, mut inputs: Vec<LogicalPlan>) -> DfResult<Self> {
        AddingNode::new(self.what.clone(), inputs.swap_remove(0)).map_err(to_datafusion)
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let reads = self.what.reads();
        let fields = self.input.schema().fields();
        let is_necessary = |column: &usize| output_columns.contains(column) || reads.contains(fields[*column].name().as_str());
        Some(vec![(0..fields.len()).filter(is_necessary).collect()])
    }
}
