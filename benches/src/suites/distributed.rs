//! What it costs to be many processes: TPC-H on a scheduler and workers of one thread, by the query engine and as layers, beside that
//! engine alone on as many workers, and as many threads of one process. Batches that change partitions cross sockets here, and memory
//! there.

use super::{Suite, tpch};
use crate::{
    measure,
    report::Section,
    settings::Settings,
    sides::{Role, Side},
};
use stratal::Result;

/// The engine without Stratal, as it is called in tables.
const ALONE: &str = "datafusion-distributed";
/// What a reader of its figures should know.
const SETTINGS: &str = "datafusion-distributed has its own settings, but for two partitions a task, the fewest with which it spreads anything: \
    a table is scanned by more than one worker if it has more than 32 MiB, and what is not spread is done by the coordinator, on as many \
    threads as there are workers. What crosses sockets is compressed by lz4.";

pub(super) struct Distributed;

impl Suite for Distributed {
    fn name(&self) -> &'static str {
        "distributed"
    }

    fn about(&self) -> &'static str {
        "The 22 queries of TPC-H on a scheduler and workers of one thread, as processes: by the query engine, beside the same as layers, datafusion-distributed alone (SQL) on as many workers, and as many threads of one process."
    }

    fn measure(&self, settings: &Settings, section: &mut Section) -> Result<()> {
        let sides = measure::present(sides(), settings, section);
        if sides.iter().any(|side| side.name == ALONE) {
            section.notes.push(SETTINGS.to_owned());
        }
        tpch::over_files(&sides, settings, section)
    }
}

/// The first is always there, the others are chosen by their names.
fn sides() -> [Side; 4] {
    [
        Side::this("query", Role::Query),
        Side::this("layers", Role::Layers).into_peer(),
        Side::this(ALONE, Role::DatafusionDistributed),
        Side::this("local", Role::Stratal).into_peer(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_to_the_query_engine_and_all_others_can_be_left_out() {
        let sides = sides();
        let (first, others) = sides.split_first().unwrap();
        assert_eq!(first.name, "query");
        assert!(!first.is_peer() && others.iter().all(Side::is_peer));
    }
}
