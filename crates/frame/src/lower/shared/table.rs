//! [`Shared`]: a part of a plan that is shared, as a table while the plan around it is optimized.
//!
//! Of a table DataFusion finds out which columns each place wants, and whether it would have filters or limits done there. The
//! places then read what all of them want together. The table's columns have names of their own, each once; above each place a
//! projection gives them back what they were called and qualified by.

use super::leaf::SharedLeaf;
use crate::{error::to_datafusion, lower::Plan};
use arrow_schema::{FieldRef, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::{Column as Named, DFSchema, Result as DfResult, TableReference},
    datasource::{TableProvider, TableType, provider_as_source},
    logical_expr::{Expr as Logical, LogicalPlan, Projection, TableProviderFilterPushDown, TableScan, TableScanBuilder, TableSource},
    physical_expr::expressions::Column,
    physical_plan::{
        ExecutionPlan,
        projection::{ProjectionExec, ProjectionExpr},
    },
};
use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, OnceLock},
};
use stratal_core::Error;

/// A part that is shared.
pub(super) struct Shared {
    /// Its number among the parts of the plan.
    pub(super) number: usize,
    /// The part itself.
    part: LogicalPlan,
    table: Arc<Table>,
    source: Arc<dyn TableSource>,
    /// How many places in the plan were made to read it.
    places: usize,
    /// How many places read it once the plan is optimized, and which columns they want.
    readers: usize,
    columns: BTreeSet<usize>,
    is_narrowed: bool,
}

impl Shared {
    /// A part, which has this number in its plan; its rows are told apart from others by `id`.
    pub(super) fn new(number: usize, id: u32, part: LogicalPlan) -> Self {
        let table = Arc::new(Table { id, schema: Arc::new(with_names(part.schema())), given: OnceLock::new() });
        let source = provider_as_source(table.clone());
        Shared { number, part, table, source, places: 0, readers: 0, columns: BTreeSet::new(), is_narrowed: false }
    }

    /// What stands in place of the part: its columns, read from the table.
    pub(super) fn place(&mut self) -> DfResult<LogicalPlan> {
        self.places += 1;
        let name = TableReference::bare(format!("__shared_{}_{}", self.table.id, self.places));
        let scan = TableScanBuilder::new(name.clone(), self.source.clone()).build()?;
        let columns = self.part.schema().iter().zip(self.table.schema.fields()).map(|((table, field), own)| {
            let column = Logical::Column(Named::new(Some(name.clone()), own.name()));
            column.alias_qualified(table.cloned(), field.name())
        });
        Projection::try_new(columns.collect(), Arc::new(LogicalPlan::TableScan(scan))).map(LogicalPlan::Projection)
    }

    /// Takes down what a place wants, if this is what it reads.
    pub(super) fn note(&mut self, scan: &TableScan) {
        if !Arc::ptr_eq(&scan.source, &self.source) {
            return;
        }
        self.readers += 1;
        self.is_narrowed |= !scan.filters.is_empty() || scan.fetch.is_some();
        match &scan.projection {
            Some(columns) => self.columns.extend(columns),
            None => self.columns.extend(0..self.table.schema.fields().len()),
        }
    }

    /// Whether places are better off with a part of their own: they want other rows, or there is only one.
    pub(super) fn is_better_apart(&self) -> bool {
        self.is_narrowed || self.readers < 2
    }

    /// The part, with the columns that are wanted.
    pub(super) fn wanted(&mut self) -> DfResult<LogicalPlan> {
        let schema = self.part.schema().clone();
        if self.columns.is_empty() && !schema.fields().is_empty() {
            // Its rows are counted.
            self.columns.insert(0);
        }
        if self.columns.len() == schema.fields().len() {
            return Ok(self.part.clone());
        }
        let columns = self.columns.iter().map(|at| Logical::Column(Named::from(schema.qualified_field(*at))));
        Projection::try_new(columns.collect(), Arc::new(self.part.clone())).map(LogicalPlan::Projection)
    }

    /// Says how what is [`wanted`](Self::wanted) is computed.
    pub(super) fn give(&self, rows: Plan) {
        // It is said once.
        let _ = self.table.given.set(Given { rows, columns: self.columns.iter().copied().collect() });
    }
}

/// The columns of a part, each with a name that no other has.
fn with_names(schema: &DFSchema) -> Schema {
    let mut taken: HashSet<String> = HashSet::new();
    let all: HashSet<&String> = schema.fields().iter().map(|field| field.name()).collect();
    let fields = schema.fields().iter().map(|field| {
        let mut name = field.name().clone();
        while taken.contains(&name) || (name != *field.name() && all.contains(&name)) {
            name.push('_');
        }
        taken.insert(name.clone());
        if name == *field.name() { field.clone() } else { FieldRef::new(field.as_ref().clone().with_name(name)) }
    });
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone())
}

/// The table.
#[derive(Debug)]
struct Table {
    id: u32,
    schema: SchemaRef,
    given: OnceLock<Given>,
}

/// The rows, and which columns of the table theirs are, in order.
#[derive(Debug)]
struct Given {
    rows: Plan,
    columns: Vec<usize>,
}

#[async_trait]
impl TableProvider for Table {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// It is wanted to be seen which filters there are.
    fn supports_filters_pushdown(&self, filters: &[&Logical]) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Logical],
        _: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let missing = || to_datafusion(Error::internal("rows that are shared were not planned"));
        let given = self.given.get().ok_or_else(missing)?;
        let leaf: Plan = Arc::new(SharedLeaf::new(self.id, given.rows.clone()));
        let wanted = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let fields = leaf.schema();
        let columns = wanted.iter().map(|at| {
            let place = given.columns.binary_search(at).map_err(|_| missing())?;
            let column = Column::new(fields.field(place).name(), place);
            Ok(ProjectionExpr::new(Arc::new(column), self.schema.field(*at).name()))
        });
        let columns = columns.collect::<DfResult<Vec<_>>>()?;
        let is_all = wanted == given.columns && columns.iter().zip(fields.fields()).all(|(column, field)| column.alias == *field.name());
        if is_all { Ok(leaf) } else { Ok(Arc::new(ProjectionExec::try_new(columns, leaf)?)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::{DataType, Field};
    use std::collections::HashMap;

    #[test]
    fn every_column_of_the_table_has_a_name_of_its_own() {
        let field = |table: &str, name: &str| (Some(TableReference::bare(table)), Arc::new(Field::new(name, DataType::Int64, true)));
        let fields = vec![field("a", "x"), field("b", "x"), field("a", "x_"), field("c", "x"), field("a", "y")];
        let schema = DFSchema::new_with_metadata(fields, HashMap::new()).unwrap();
        let names = with_names(&schema);
        let names: Vec<&str> = names.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["x", "x__", "x_", "x___", "y"]);
    }
}
