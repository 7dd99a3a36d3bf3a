//! Files that no row is wanted of: a filter on keys of directories or on the path says so before a file is opened.

use super::{Extra, Listed};
use crate::error::of_datafusion;
use arrow_array::{Array, RecordBatch, RecordBatchOptions, cast::AsArray};
use datafusion::{
    common::{DFSchema, Result as DfResult},
    logical_expr::{
        Expr as Logical, TableProviderFilterPushDown, execution_props::ExecutionProps, physical_planning_context::PhysicalPlanningContext,
    },
    physical_expr::{PhysicalExpr, create_physical_expr},
};
use std::sync::Arc;
use stratal_core::Result;

/// What a table of files does with filters: those that look at nothing but extra columns choose files, and are evaluated
/// again above the scan.
pub(crate) fn pushdown(filters: &[&Logical], extra: &Extra) -> Vec<TableProviderFilterPushDown> {
    let each = |filter: &&Logical| match is_on_extra(filter, extra) {
        true => TableProviderFilterPushDown::Inexact,
        false => TableProviderFilterPushDown::Unsupported,
    };
    filters.iter().map(each).collect()
}

/// For each file, whether it may hold rows that pass all filters. Filters that look at the files' own columns are passed
/// over.
pub(crate) fn prune<'a>(files: impl IntoIterator<Item = &'a Listed>, extra: &Extra, filters: &[Logical]) -> Result<Vec<bool>> {
    let schema = DFSchema::try_from(extra.schema().clone()).map_err(of_datafusion)?;
    let (properties, context) = (ExecutionProps::new(), PhysicalPlanningContext::default());
    let filters = filters.iter().filter(|filter| is_on_extra(filter, extra));
    // What cannot be evaluated here chooses nothing.
    let filters: Vec<_> = filters.filter_map(|filter| create_physical_expr(filter, &schema, &properties, &context).ok()).collect();
    files.into_iter().map(|file| passes(file, extra, &filters)).collect()
}

fn is_on_extra(filter: &Logical, extra: &Extra) -> bool {
    let columns = filter.column_refs();
    !columns.is_empty() && !filter.is_volatile() && columns.iter().all(|column| extra.schema().index_of(&column.name).is_ok())
}

fn passes(file: &Listed, extra: &Extra, filters: &[Arc<dyn PhysicalExpr>]) -> Result<bool> {
    if filters.is_empty() {
        return Ok(true);
    }
    let values = extra.values(file)?;
    let columns = values.iter().map(|value| value.to_array()).collect::<DfResult<Vec<_>>>().map_err(of_datafusion)?;
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let row = RecordBatch::try_new_with_options(extra.schema().clone(), columns, &options)?;
    let passes = |filter: &Arc<dyn PhysicalExpr>| {
        let value = filter.evaluate(&row).and_then(|value| value.into_array(1));
        // A filter that fails here fails where it is evaluated for good, if a row comes to it.
        value.ok().as_ref().and_then(|value| value.as_boolean_opt()).is_none_or(|value| value.is_valid(0) && value.value(0))
    };
    Ok(filters.iter().all(passes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::logical_expr::{col, lit};
    use stratal_stores::Site;

    fn files() -> Vec<Listed> {
        let file = |path: &str| {
            let (site, inside) = Site::of(&format!("s3://lake/{path}"), &[]).unwrap();
            Listed { shown: path.to_owned(), site, hive: super::super::hive::keys(path), path: inside.into(), size: 0, modified: None }
        };
        ["year=2023/a", "year=2024/b", "year=__HIVE_DEFAULT_PARTITION__/c"].map(file).to_vec()
    }

    #[test]
    fn files_are_chosen_by_the_values_of_their_keys() {
        let files = files();
        let extra = Extra::of(&files, Some("path")).unwrap();
        let kept = |filter: Logical| prune(&files, &extra, &[filter]).unwrap();
        assert_eq!(kept(col("year").gt(lit(2023i64))), [false, true, false]);
        assert_eq!(kept(col("year").is_null()), [false, false, true]);
        assert_eq!(kept(col("path").eq(lit("year=2023/a"))), [true, false, false]);
        assert_eq!(kept(col("own").gt(lit(1i64))), [true, true, true]);
        assert_eq!(kept(col("own").gt(col("year"))), [true, true, true]);
    }

    #[test]
    fn filters_on_the_files_own_columns_are_left_to_others() {
        let extra = Extra::of(&files(), None).unwrap();
        let (on_key, on_both, on_none) = (col("year").eq(lit(1i64)), col("year").eq(col("x")), lit(true));
        let answers = pushdown(&[&on_key, &on_both, &on_none], &extra);
        use TableProviderFilterPushDown::{Inexact, Unsupported};
        assert_eq!(answers, [Inexact, Unsupported, Unsupported]);
    }
}
