//! DataFusion's rules for physical plans, and ours among them.

use super::{
    build_side::ChooseBuildSide, count_distinct::CountByKey, fold::Fold, keep_order::KeepOrder, predicates::OrderConjuncts,
    spread::SpreadBuildRows,
};
use datafusion::physical_optimizer::{PhysicalOptimizerRule, optimizer::PhysicalOptimizer};
use std::sync::Arc;

type Rule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// The rules for plans that will be cut, or for those that will not.
pub(crate) fn rules(is_cut: bool) -> Vec<Rule> {
    let mut rules = PhysicalOptimizer::new().rules;
    for rule in rules.iter_mut().filter(|rule| rule.name() == Fold::NAME) {
        *rule = Arc::new(Fold::new());
    }
    // It is decided how joins run, and not yet which exchanges and sorts that takes.
    let decided = rules.iter().position(|rule| rule.name() == "join_selection").map_or(0, |at| at + 1);
    if is_cut {
        rules.insert(decided, Arc::new(SpreadBuildRows));
    }
    rules.insert(decided, Arc::new(ChooseBuildSide { is_cut }));
    let enforced = rules.iter().position(|rule| rule.name() == "EnsureRequirements").unwrap_or(decided);
    rules.insert(enforced, Arc::new(CountByKey));
    rules.insert(enforced, Arc::new(KeepOrder));
    // Filters went down as far as they go, and no condition changes any more: columns are only numbered anew.
    rules.insert(enforced, Arc::new(OrderConjuncts));
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_stand_between_the_choice_of_joins_and_the_exchanges() {
        for is_cut in [false, true] {
            let rules = rules(is_cut);
            let at = |name: &str| rules.iter().position(|rule| rule.name() == name);
            assert!(at("join_selection") < at("keep_order") && at("keep_order") < at("EnsureRequirements"));
            assert!(at("join_selection") < at("count_by_key") && at("count_by_key") < at("EnsureRequirements"));
            assert_eq!(at("spread_build_rows").is_some(), is_cut);
            assert!(rules.iter().any(|rule| format!("{rule:?}").starts_with("Fold(")) && at(Fold::NAME) < at("join_selection"));
            assert!(at("join_selection") < at("choose_build_side") && at("choose_build_side") < at("keep_order"));
            assert!(!is_cut || at("choose_build_side") < at("spread_build_rows"));
            assert!(at("FilterPushdown").is_some() && at("FilterPushdown") < at("order_conjuncts"));
            assert!(at("WindowTopN") < at("order_conjuncts") && at("order_conjuncts") < at("EnsureRequirements"));
        }
    }
}
