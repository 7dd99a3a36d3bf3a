//! [`Node`]: a logical node that DataFusion does not have. What it is, its [`NodeKind`] says.

use crate::{error::of_datafusion, lower::Plan};
use arrow_schema::SchemaRef;
use datafusion::{
    common::{DFSchema, DFSchemaRef, Result as DfResult},
    logical_expr::{Expr as Logical, Extension, LogicalPlan, UserDefinedLogicalNodeCore},
};
use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};
use stratal_core::Result;

/// What a logical node of ours is.
///
/// A kind without a schema of its own passes rows on as they are, and columns that nobody above wants are not read below it.
/// One with a schema gets all columns of its inputs, in their order, under their names, whatever is wanted of its own. No
/// filter is moved below either.
pub(crate) trait NodeKind: fmt::Debug + Send + Sync + 'static {
    /// Its name: `Sample`.
    fn name(&self) -> &'static str;

    /// What tells it from others of its kind, as `explain` prints it. Two nodes of one name, arguments and inputs are one.
    fn arguments(&self) -> String;

    /// The physical plan over those of its inputs.
    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan>;
}

/// The logical node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    kind: Arc<dyn NodeKind>,
    inputs: Vec<LogicalPlan>,
    /// None where it is the input's.
    schema: Option<DFSchemaRef>,
}

impl Node {
    /// Rows of `input`, its columns as they are.
    pub(crate) fn same(kind: impl NodeKind, input: LogicalPlan) -> LogicalPlan {
        Node { kind: Arc::new(kind), inputs: vec![input], schema: None }.into_plan()
    }

    /// Rows of a schema of its own.
    pub(crate) fn with_schema(kind: impl NodeKind, inputs: Vec<LogicalPlan>, schema: &SchemaRef) -> Result<LogicalPlan> {
        let schema = DFSchema::try_from(schema.clone()).map_err(of_datafusion)?;
        Ok(Node { kind: Arc::new(kind), inputs, schema: Some(Arc::new(schema)) }.into_plan())
    }

    fn into_plan(self) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(self) })
    }

    pub(super) fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        self.kind.plan(inputs)
    }

    fn identity(&self) -> (&'static str, String) {
        (self.kind.name(), self.kind.arguments())
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity() && self.inputs == other.inputs && self.schema == other.schema
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.identity().cmp(&other.identity()) {
            Ordering::Equal => self.inputs.partial_cmp(&other.inputs),
            unequal => Some(unequal),
        }
    }
}

impl Hash for Node {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
        self.inputs.hash(state);
    }
}

impl UserDefinedLogicalNodeCore for Node {
    fn name(&self) -> &str {
        self.kind.name()
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.inputs.iter().collect()
    }

    fn schema(&self) -> &DFSchemaRef {
        self.schema.as_ref().unwrap_or_else(|| self.inputs[0].schema())
    }

    fn expressions(&self) -> Vec<Logical> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.identity() {
            (name, arguments) if arguments.is_empty() => f.write_str(name),
            (name, arguments) => write!(f, "{name}: {arguments}"),
        }
    }

    fn with_exprs_and_inputs(&self, _: Vec<Logical>, inputs: Vec<LogicalPlan>) -> DfResult<Self> {
        Ok(Node { inputs, ..self.clone() })
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        self.schema.is_none().then(|| vec![output_columns.to_vec()])
    }
}
