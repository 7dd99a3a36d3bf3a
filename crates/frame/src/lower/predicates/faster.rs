//! [`faster`]: a plan that is about to run, whose filters are evaluated by ours.
//!
//! This is done where tasks run and never travels: what is sent, cut and explained are DataFusion's own expressions.

use super::exec::PassingExec;
use crate::lower::Plan;
use datafusion::{
    common::Result as DfResult,
    physical_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions},
};
use std::sync::Arc;

/// The plan with filters that cost less; the same plan, if it has none. Of all rows as much is known as was.
pub(crate) fn faster(plan: &Plan) -> DfResult<Plan> {
    let inputs = plan.children().into_iter().map(faster).collect::<DfResult<Vec<Plan>>>()?;
    let is_same = plan.children().into_iter().zip(&inputs).all(|(before, now)| Arc::ptr_eq(before, now));
    let plan = match is_same {
        true => plan.clone(),
        false => plan.clone().replace_children(inputs, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep))?,
    };
    match PassingExec::of(&plan)? {
        Some(filter) => Ok(Arc::new(filter)),
        None => Ok(plan),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DFrame, col, frame, lower::predicates::passing::Passing, session};
    use datafusion::physical_plan::{ExecutionPlanProperties, displayable, execution_plan::reset_plan_states, filter::FilterExec};
    use stratal_core::config::Config;

    fn plan(frame: &DFrame) -> Plan {
        session::physical_plan(&Config::default(), &frame.bound().unwrap(), 4, true).unwrap()
    }

    fn rows() -> DFrame {
        frame! { "k" => ["a", "b", "c"], "x" => [1i64, 2, 3] }
    }

    /// Filters of a plan: all, and those that are ours.
    fn filters(plan: &Plan) -> (usize, usize) {
        let own = plan.downcast_ref::<FilterExec>().map(|filter| (1, usize::from(filter.predicate().is::<Passing>())));
        let below = plan.children().into_iter().map(filters);
        below.chain(own).fold((0, 0), |(all, ours), (more, more_ours)| (all + more, ours + more_ours))
    }

    #[test]
    fn filters_become_ours_wherever_they_are_and_look_as_before() {
        let some = rows().filter(col("k").eq("a").or(col("k").eq("b")));
        let query = some.group_by("k").agg(col("x").sum().alias("n")).filter(col("n").gt(1).and(col("n").lt(5))).sort("k");
        let before = plan(&query);
        let after = faster(&before).unwrap();
        assert_eq!((filters(&before), filters(&after)), ((2, 0), (2, 2)));
        let shown = |plan: &Plan| displayable(plan.as_ref()).indent(false).to_string();
        assert_eq!(shown(&after), shown(&before));
        assert_eq!(after.output_ordering(), before.output_ordering());
    }

    /// How many columns of the rows of each node are known to be constant.
    fn constants(plan: &Plan) -> Vec<usize> {
        let below = plan.children().into_iter().flat_map(constants);
        below.chain([plan.equivalence_properties().constants().len()]).collect()
    }

    #[test]
    fn what_is_known_of_rows_stays_known_in_every_copy() {
        // The operator below the second is made anew for every copy, and so is what is known of all nodes above it.
        for rows in [rows(), rows().sample(0.5, 1)] {
            let before = plan(&rows.filter(col("k").eq("a").and(col("x").gt(1))));
            assert!(constants(&before).iter().any(|constants| *constants > 0));
            let after = faster(&before).unwrap();
            assert_eq!((filters(&after), constants(&after)), ((1, 1), constants(&before)));
            let [before, after] = [before, after].map(|plan| reset_plan_states(plan).unwrap());
            assert_eq!((filters(&after), constants(&after)), ((1, 1), constants(&before)));
        }
    }

    #[test]
    fn a_filter_of_nothing_but_a_pattern_of_several_texts_is_ours() {
        for condition in [col("k").like("%a%b%"), col("k").like("%a%b%").not()] {
            let after = faster(&plan(&rows().filter(condition))).unwrap();
            assert_eq!(filters(&after), (1, 1));
        }
        assert_eq!(filters(&faster(&plan(&rows().filter(col("k").like("%a%")))).unwrap()), (1, 0));
    }

    #[test]
    fn a_plan_without_such_filters_is_the_same() {
        for query in [rows().sort("x"), rows().filter(col("x").gt(1)), rows().group_by("k").agg(col("x").sum())] {
            let before = plan(&query);
            assert!(Arc::ptr_eq(&faster(&before).unwrap(), &before), "{query}");
        }
    }

    #[test]
    fn a_filter_keeps_its_columns_and_its_limit() {
        let some = rows().filter(col("k").eq("a").and(col("x").gt(0))).select("x").head(2);
        let before = plan(&some);
        let after = faster(&before).unwrap();
        assert_eq!(filters(&after), (1, 1));
        assert_eq!(after.schema(), before.schema());
        let shown = |plan: &Plan| displayable(plan.as_ref()).indent(false).to_string();
        assert_eq!(shown(&after), shown(&before));
    }
}
