//! Which parts of a plan are shared.

use super::number::{Numbered, Part};
use std::{collections::HashSet, iter};

impl Numbered {
    /// The largest parts that stand in the plan more than once and are worth sharing, but for those that are not to be. None is
    /// within another: what a part has twice in itself is found when that is planned by itself.
    pub(super) fn common(&self, unshared: &HashSet<usize>) -> Vec<usize> {
        let mut common = Vec::new();
        // How often each part is met on the way down from the top, if nobody looks into what is shared.
        let mut met = vec![0usize; self.parts.len()];
        if let Some(top) = self.nodes.first() {
            met[top.number] = 1;
        }
        for (number, part) in self.parts.iter().enumerate().rev() {
            if met[number] > 1 && part.is_worth_sharing() && !unshared.contains(&number) {
                common.push(number);
                continue;
            }
            for input in &part.inputs {
                met[*input] = met[*input].saturating_add(met[number]);
            }
        }
        common
    }

    /// The part and those in it to which a filter on its rows, or a limit, would come down as well.
    pub(super) fn reached_from(&self, number: usize) -> impl Iterator<Item = usize> {
        let below = move |number: &usize| {
            let part = &self.parts[*number];
            if part.passes { part.inputs.first().copied() } else { None }
        };
        iter::successors(Some(number), below)
    }
}

impl Part {
    /// A sort is no work that is always done: it is left out where nobody looks at the order, which is not known of a part by
    /// itself. What is below it is shared. So is what is below columns that are chosen and renamed: others may want it by other
    /// names.
    fn is_worth_sharing(&self) -> bool {
        self.is_heavy && !self.varies && !self.is_sorted && !self.is_hint && !self.only_renames
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DFrame, How, call, col, count, frame, on};

    fn rows() -> DFrame {
        frame! { "k" => [1i64, 2, 2, 3], "x" => [10i64, 20, 30, 40] }
    }

    /// A frame that is worth sharing.
    fn joined() -> DFrame {
        rows().join(&frame! { "k" => [1i64, 2], "name" => ["one", "two"] }, on("k"))
    }

    /// A frame beside itself.
    fn twice(frame: &DFrame) -> DFrame {
        both(frame, frame)
    }

    fn both(one: &DFrame, other: &DFrame) -> DFrame {
        DFrame::concat(&[one, other], How::ByName)
    }

    /// How many parts of a frame's plan are shared.
    fn shared(frame: &DFrame) -> usize {
        Numbered::of(&frame.bound().unwrap()).unwrap().common(&HashSet::new()).len()
    }

    #[test]
    fn what_is_work_is_shared() {
        let groups = rows().group_by("k").agg(count());
        for frame in [joined(), groups, rows().unique(["k"]), joined().sort("x").head(2)] {
            assert_eq!(shared(&twice(&frame)), 1);
            assert_eq!(shared(&frame), 0);
        }
        let sums = rows().group_by("k").agg(col("x").sum());
        assert_eq!(shared(&both(&twice(&joined().select(["k", "x"])), &twice(&sums))), 2);
    }

    #[test]
    fn files_with_filters_and_columns_are_not_worth_it() {
        for frame in [rows(), rows().filter(col("x").gt(10)), rows().with_column("y", col("x") + 1)] {
            assert_eq!(shared(&twice(&frame)), 0);
        }
    }

    #[test]
    fn two_tables_of_one_schema_are_not_one() {
        let one = rows().group_by("k").agg(col("x").sum());
        let other = frame! { "k" => [7i64, 8, 8, 9], "x" => [1i64, 2, 3, 4] }.group_by("k").agg(col("x").sum());
        assert_eq!((shared(&both(&one, &other)), shared(&both(&one, &one))), (0, 1));
    }

    #[test]
    fn what_may_be_other_rows_when_it_is_computed_again_is_not_shared() {
        let drawn = joined().filter(call("random", ()).lt(0.5));
        // What they are made of is shared all the same.
        for frame in [drawn, joined().head(2), joined().tail(2), joined().sample(0.5, 7)] {
            let plan = twice(&frame).bound().unwrap();
            let numbered = Numbered::of(&plan).unwrap();
            let common = numbered.common(&HashSet::new());
            assert!(common.iter().all(|number| !numbered.parts[*number].varies));
            assert_eq!(common.len(), 1);
        }
        assert_eq!(shared(&twice(&rows().head(2).group_by("k").agg(count()))), 0);
    }

    #[test]
    fn a_sort_is_done_by_who_looks_at_it_and_what_is_sorted_is_shared() {
        let frame = twice(&joined().sort("x"));
        let numbered = Numbered::of(&frame.bound().unwrap()).unwrap();
        let common = numbered.common(&HashSet::new());
        assert!(common.len() == 1 && !numbered.parts[common[0]].is_sorted);
    }

    #[test]
    fn columns_are_chosen_by_each_place_of_what_is_shared_by_all() {
        let frame = joined();
        let (some, swapped) = (frame.select(["k", "x"]), frame.select(["x", "k"]));
        assert_eq!(shared(&both(&twice(&some), &twice(&swapped))), 1);
        // What is computed is computed once.
        let (more, less) = (frame.with_column("x", col("x") + 1), frame.with_column("x", col("x") - 1));
        assert_eq!(shared(&both(&twice(&more), &twice(&less))), 2);
    }

    #[test]
    fn the_largest_part_is_shared_and_what_is_in_it_only_by_itself() {
        let inner = joined();
        let outer = twice(&inner).group_by("k").agg(count());
        let plan = twice(&outer).bound().unwrap();
        let numbered = Numbered::of(&plan).unwrap();
        let common = numbered.common(&HashSet::new());
        assert_eq!(common.len(), 1);
        // Where the largest is not to be shared, the one in it is.
        let unshared: HashSet<usize> = numbered.reached_from(common[0]).collect();
        let within = numbered.common(&unshared);
        assert!(within.len() == 1 && within[0] < common[0]);
    }

    #[test]
    fn a_part_that_is_left_once_outside_of_what_is_shared_is_not() {
        let inner = joined();
        let outer = inner.group_by("k").agg(col("x").sum());
        assert_eq!(shared(&both(&twice(&outer), &inner.select(["k", "x"]))), 1);
    }

    #[test]
    fn a_thousand_steps_are_numbered_once_each() {
        let long = (0..1000).fold(joined(), |frame, _| frame.with_column("x", col("x") + 1));
        let plan = long.join(&long.select(["k", "x"]).rename([("x", "y")]), on("k")).bound().unwrap();
        let numbered = Numbered::of(&plan).unwrap();
        assert!(numbered.nodes.len() > 2000 && 2 * numbered.parts.len() < numbered.nodes.len() + 100, "{}", numbered.parts.len());
        assert_eq!(numbered.common(&HashSet::new()).len(), 1);
    }
}
