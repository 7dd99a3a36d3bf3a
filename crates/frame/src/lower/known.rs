//! [`Known`]: what a plan knows of all its rows, as far as columns go. It goes along where a plan is cut: a window by a column that a
//! filter left one value of is planned without a sort, and asks again when it runs.

use crate::error::of_datafusion;
use datafusion::physical_expr::{
    AcrossPartitions, ConstExpr, EquivalenceProperties, PhysicalExpr, equivalence::EquivalenceClass, expressions::Column,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{Error, Result};

/// Columns that are one value, and columns that equal each other, by place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Each with whether the value is the same in all partitions.
    constant: Vec<(usize, bool)>,
    equal: Vec<Vec<usize>>,
}

impl Known {
    /// What these properties say.
    pub(super) fn of(properties: &EquivalenceProperties) -> Self {
        let place = |expr: &Arc<dyn PhysicalExpr>| expr.downcast_ref::<Column>().map(Column::index);
        let constant = properties.constants().into_iter().filter_map(|constant| {
            let is_everywhere = matches!(constant.across_partitions, AcrossPartitions::Uniform(_));
            Some((place(&constant.expr)?, is_everywhere))
        });
        let columns = |class: &EquivalenceClass| class.iter().filter_map(place).collect::<Vec<_>>();
        let equal = properties.eq_group().iter().map(columns).filter(|columns| columns.len() > 1);
        Known { constant: constant.collect(), equal: equal.collect() }
    }

    /// What is known of rows of all partitions together.
    pub(super) fn of_all_partitions(mut self) -> Self {
        self.constant.retain(|(_, is_everywhere)| *is_everywhere);
        self
    }

    /// Says it of other properties, of the same columns.
    pub(super) fn tell(&self, properties: &mut EquivalenceProperties) -> Result<()> {
        let schema = properties.schema().clone();
        let column = |at: usize| -> Result<Arc<dyn PhysicalExpr>> {
            let field = schema.fields().get(at).ok_or_else(|| Error::internal("something is known of a column that is none"))?;
            Ok(Arc::new(Column::new(field.name(), at)))
        };
        for pair in self.equal.iter().flat_map(|equal| equal.windows(2)) {
            properties.add_equal_conditions(column(pair[0])?, column(pair[1])?).map_err(of_datafusion)?;
        }
        for (at, is_everywhere) in &self.constant {
            let across = if *is_everywhere { AcrossPartitions::Uniform(None) } else { AcrossPartitions::Heterogeneous };
            properties.add_constants([ConstExpr::new(column(*at)?, across)]).map_err(of_datafusion)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::{DataType, Field, Schema};

    fn properties() -> EquivalenceProperties {
        let fields: Vec<Field> = ["a", "b", "c", "d"].map(|name| Field::new(name, DataType::Int64, true)).into();
        EquivalenceProperties::new(Arc::new(Schema::new(fields)))
    }

    #[test]
    fn what_is_known_is_known_of_what_travelled() {
        let column = |name: &str, at| -> Arc<dyn PhysicalExpr> { Arc::new(Column::new(name, at)) };
        let mut before = properties();
        before.add_equal_conditions(column("a", 0), column("c", 2)).unwrap();
        before.add_constants([ConstExpr::new(column("b", 1), AcrossPartitions::Heterogeneous)]).unwrap();
        let known = Known::of(&before);
        assert_eq!(known, Known { constant: vec![(1, false)], equal: vec![vec![0, 2]] });
        let mut after = properties();
        known.tell(&mut after).unwrap();
        assert_eq!(Known::of(&after), known);
        assert_eq!(known.of_all_partitions(), Known { constant: Vec::new(), equal: vec![vec![0, 2]] });
        assert!(after.is_expr_constant(&column("b", 1)).is_some() && after.is_expr_constant(&column("d", 3)).is_none());
        assert!(Known { constant: vec![(9, true)], equal: Vec::new() }.tell(&mut properties()).is_err());
    }
}
