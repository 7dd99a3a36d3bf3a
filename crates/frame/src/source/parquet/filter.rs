//! [`Filter`]: a filter that a scan may have, to leave out what it rules out, or to have the decoder evaluate it.

use datafusion::{
    common::{Result as DfResult, tree_node::TreeNode},
    datasource::physical_plan::FileSource,
    execution::SessionStateDefaults,
    physical_expr::{
        PhysicalExpr, ScalarFunctionExpr,
        expressions::{case, lit},
        utils::collect_columns,
    },
    physical_expr_common::physical_expr::is_volatile,
};
use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, LazyLock},
};

/// A filter on rows of a scan, in the columns that come out of it.
pub(super) struct Filter {
    expr: Arc<dyn PhysicalExpr>,
    /// The columns of the table that it looks at.
    pub(super) columns: BTreeSet<usize>,
    has_floats: bool,
}

impl Filter {
    /// The filter, if the scan of a source may have it.
    pub(super) fn of(expr: &Arc<dyn PhysicalExpr>, source: &dyn FileSource) -> DfResult<Option<Self>> {
        if is_volatile(expr) || !is_built_in(expr)? {
            return Ok(None);
        }
        let of_files = match source.projection() {
            Some(projection) => projection.unproject_expr(expr)?,
            None => expr.clone(),
        };
        let schema = source.table_schema().table_schema();
        let (mut columns, mut has_floats) = (BTreeSet::new(), false);
        for column in collect_columns(&of_files) {
            let at = schema.index_of(column.name())?;
            let data_type = schema.field(at).data_type();
            if data_type.is_nested() {
                return Ok(None);
            }
            has_floats |= data_type.is_floating();
            columns.insert(at);
        }
        Ok(Some(Filter { expr: expr.clone(), columns, has_floats }))
    }

    /// Whether row groups and pages may be left out because of it. Footers do not count `NaN`, which may pass.
    pub(super) fn rules_out(&self) -> bool {
        !self.has_floats
    }

    /// As the scan gets it.
    pub(super) fn expr(self) -> DfResult<Arc<dyn PhysicalExpr>> {
        // Nothing is concluded from what stands in a case: it is evaluated for every row.
        match self.has_floats {
            true => case(None, vec![(self.expr, lit(true))], Some(lit(false))),
            false => Ok(self.expr),
        }
    }
}

/// Whether all its functions are DataFusion's. Those of users stay outside of the decoder, which reports their errors as text.
fn is_built_in(filter: &Arc<dyn PhysicalExpr>) -> DfResult<bool> {
    static NAMES: LazyLock<HashSet<String>> =
        LazyLock::new(|| SessionStateDefaults::default_scalar_functions().into_iter().map(|function| function.name().to_owned()).collect());
    let is_other = |expr: &Arc<dyn PhysicalExpr>| {
        let function = expr.downcast_ref::<ScalarFunctionExpr>();
        Ok(function.is_some_and(|function| !NAMES.contains(function.fun().name())))
    };
    filter.exists(is_other).map(|has_other| !has_other)
}
