//! [`Node`]: a logical node that DataFusion does not have. What it is, its [`NodeKind`] says.

use crate::{error::of_datafusion, lower::Plan};
use arrow_schema::{FieldRef, SchemaRef};
use datafusion::{
    common::{DFSchema, DFSchemaRef, Result as DfResult, tree_node::TreeNodeRecursion},
    logical_expr::{Expr as Logical, Extension, LogicalPlan, UserDefinedLogicalNodeCore},
};
use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};
use stratal_core::{Error, Result};

/// What a logical node of ours is.
///
/// A kind without a schema of its own passes rows on as they are, or puts the columns of its inputs side by side; columns
/// that nobody above wants, and that it does not read, are not read below it. One with a schema gets all columns of its
/// inputs, in their order, under their names, whatever is wanted of its own. No filter is moved below either, unless told.
pub(crate) trait NodeKind: fmt::Debug + Send + Sync + 'static {
    /// Its name: `Sample`.
    fn name(&self) -> &'static str;

    /// What tells it from others of its kind, as `explain` prints it. Two nodes of one name, arguments and inputs are one.
    fn arguments(&self) -> String;

    /// The physical plan over those of its inputs.
    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan>;

    /// The names of the columns that it reads itself, of each input. Where columns are left out below, positions change and
    /// names do not.
    fn reads(&self) -> Vec<Vec<String>> {
        Vec::new()
    }

    /// Whether it is made layers of its own, wherever its plan runs.
    fn runs_apart(&self) -> bool {
        false
    }

    /// Whether a filter on columns that it does not read may be done below it as well. For kinds of one input.
    fn lets_filters_pass(&self) -> bool {
        false
    }

    /// What becomes of a column of an input, its name apart. For a node that was made [`of_inputs`](Node::of_inputs).
    fn field(&self, _input: usize, field: &FieldRef) -> FieldRef {
        field.clone()
    }
}

/// The logical node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    kind: Arc<dyn NodeKind>,
    inputs: Vec<LogicalPlan>,
    /// None where it is the input's.
    schema: Option<DFSchemaRef>,
    /// Whether it has no columns but those of its inputs.
    is_of_inputs: bool,
}

impl Node {
    /// Rows of `input`, its columns as they are.
    pub(crate) fn same(kind: impl NodeKind, input: LogicalPlan) -> LogicalPlan {
        Node { kind: Arc::new(kind), inputs: vec![input], schema: None, is_of_inputs: true }.into_plan()
    }

    /// The columns of all inputs, one input after another, each as [`NodeKind::field`] says. No two have one name.
    pub(crate) fn of_inputs(kind: impl NodeKind, inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
        let kind: Arc<dyn NodeKind> = Arc::new(kind);
        let schema = side_by_side(&*kind, &inputs).map_err(of_datafusion)?;
        Ok(Node { kind, inputs, schema: Some(schema), is_of_inputs: true }.into_plan())
    }

    /// Rows of a schema of its own.
    pub(crate) fn with_schema(kind: impl NodeKind, inputs: Vec<LogicalPlan>, schema: &SchemaRef) -> Result<LogicalPlan> {
        let schema = DFSchema::try_from(schema.clone()).map_err(of_datafusion)?;
        Ok(Node { kind: Arc::new(kind), inputs, schema: Some(Arc::new(schema)), is_of_inputs: false }.into_plan())
    }

    fn into_plan(self) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(self) })
    }

    pub(super) fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        self.kind.plan(inputs)
    }

    /// Whether a plan must be cut into layers, because there is a node in it that runs apart.
    pub(crate) fn must_be_cut(plan: &LogicalPlan) -> bool {
        let mut found = false;
        let look = |plan: &LogicalPlan| {
            if let LogicalPlan::Extension(extension) = plan {
                found |= extension.node.as_any().downcast_ref::<Node>().is_some_and(|node| node.kind.runs_apart());
            }
            Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        };
        // Looking cannot fail.
        let _ = plan.apply_with_subqueries(look);
        found
    }

    fn identity(&self) -> (&'static str, String) {
        (self.kind.name(), self.kind.arguments())
    }
}

/// Where the columns of these names are in an input.
pub(super) fn places(names: &[String], input: &Plan) -> Result<Vec<usize>> {
    names.iter().map(|name| place(name, input)).collect()
}

/// Where the column of this name is in an input.
pub(super) fn place(name: &str, input: &Plan) -> Result<usize> {
    let at = input.schema().fields().iter().position(|field| field.name() == name);
    at.ok_or_else(|| Error::internal(format!("a plan was made without the column {name:?}")))
}

/// The columns of all inputs, as the kind makes them. Those of a single input keep what they are qualified by, so that a filter
/// which passes finds them below.
fn side_by_side(kind: &dyn NodeKind, inputs: &[LogicalPlan]) -> DfResult<DFSchemaRef> {
    let is_single = inputs.len() == 1;
    let fields = inputs.iter().enumerate().flat_map(|(at, input)| {
        let fields = input.schema().iter();
        fields.map(move |(table, field)| (table.filter(|_| is_single).cloned(), kind.field(at, field)))
    });
    DFSchema::new_with_metadata(fields.collect(), HashMap::new()).map(Arc::new)
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
        let schema = match &self.schema {
            Some(_) if self.is_of_inputs => Some(side_by_side(&*self.kind, &inputs)?),
            schema => schema.clone(),
        };
        Ok(Node { inputs, schema, ..self.clone() })
    }

    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        match self.kind.lets_filters_pass() {
            true => self.kind.reads().into_iter().flatten().collect(),
            false => self.schema().fields().iter().map(|field| field.name().clone()).collect(),
        }
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        if !self.is_of_inputs {
            return None;
        }
        let reads = self.kind.reads();
        let mut first = 0;
        let necessary = self.inputs.iter().enumerate().map(|(at, input)| {
            let fields = input.schema().fields();
            let is_read = |name: &String| reads.get(at).is_some_and(|names| names.contains(name));
            let is_wanted = |column: usize| output_columns.contains(&(first + column)) || is_read(fields[column].name());
            let mut necessary: Vec<usize> = (0..fields.len()).filter(|column| is_wanted(*column)).collect();
            // Of several inputs each keeps a column, so that its rows can be told from none.
            if necessary.is_empty() && self.inputs.len() > 1 && !fields.is_empty() {
                necessary.push(0);
            }
            first += fields.len();
            necessary
        });
        Some(necessary.collect())
    }
}
