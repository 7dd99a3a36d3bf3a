//! Files that footers rule out: no row of them can pass a filter.

use super::table::TableFile;
use arrow_array::{ArrayRef, BooleanArray, UInt64Array};
use arrow_schema::SchemaRef;
use datafusion::{
    catalog::Session,
    common::{Column, ColumnStatistics, DFSchema, Result as DfResult, ScalarValue, stats::Precision},
    logical_expr::Expr as Logical,
    physical_expr::{PhysicalExpr, conjunction},
    physical_optimizer::pruning::{PruningPredicateBuilder, PruningStatistics},
};
use std::{collections::HashSet, sync::Arc};

/// For each file, whether it may hold rows that pass all filters.
pub(super) fn may_pass(session: &dyn Session, schema: &SchemaRef, files: &[&TableFile], filters: &[Logical]) -> DfResult<Vec<bool>> {
    let all = DFSchema::try_from(schema.clone())?;
    // What cannot be evaluated here is refused where it is evaluated for good.
    let filters: Vec<Arc<dyn PhysicalExpr>> =
        filters.iter().filter_map(|filter| session.create_physical_expr(filter.clone(), &all).ok()).collect();
    let predicate = PruningPredicateBuilder::new().with_file_schema(schema.clone()).build(conjunction(filters));
    let chosen = predicate.and_then(|predicate| predicate.prune(&Files { schema, files }).ok());
    Ok(chosen.unwrap_or_else(|| vec![true; files.len()]))
}

/// What is known of files, each of them one of the containers that filters may rule out.
struct Files<'a> {
    schema: &'a SchemaRef,
    files: &'a [&'a TableFile],
}

impl Files<'_> {
    fn column(&self, column: &Column) -> Option<usize> {
        self.schema.index_of(&column.name).ok()
    }

    /// An extreme of each file. There is none for floats: `NaN`, which passes `x > 5`, does not count in footers.
    fn extremes(&self, column: &Column, of: fn(&ColumnStatistics) -> &Precision<ScalarValue>) -> Option<ArrayRef> {
        let at = self.column(column)?;
        let data_type = self.schema.field(at).data_type();
        if data_type.is_floating() {
            return None;
        }
        let unknown = ScalarValue::try_from(data_type).ok()?;
        let known = |file: &&TableFile| of(&file.statistics.column_statistics[at]).get_value().unwrap_or(&unknown).clone();
        ScalarValue::iter_to_array(self.files.iter().map(known)).ok()
    }
}

impl PruningStatistics for Files<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.extremes(column, |known| &known.min_value)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.extremes(column, |known| &known.max_value)
    }

    fn num_containers(&self) -> usize {
        self.files.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let at = self.column(column)?;
        let nulls = self.files.iter().map(|file| match file.statistics.column_statistics[at].null_count {
            Precision::Exact(nulls) => u64::try_from(nulls).ok(),
            _ => None,
        });
        Some(Arc::new(nulls.collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(self.files.iter().map(|file| u64::try_from(file.rows).ok()).collect::<UInt64Array>()))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
