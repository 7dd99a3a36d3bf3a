//! What it costs to be many processes: TPC-H on a scheduler and workers of one thread, beside as many threads of one process. Batches
//! that change partitions cross sockets here, and memory there.

use super::{Suite, tpch};
use crate::{
    measure,
    report::Section,
    settings::Settings,
    sides::{Role, Side},
};
use stratal::Result;

pub(super) struct Distributed;

impl Suite for Distributed {
    fn name(&self) -> &'static str {
        "distributed"
    }

    fn about(&self) -> &'static str {
        "The 22 queries of TPC-H on a scheduler and workers of one thread, as processes, beside as many threads of one process."
    }

    fn measure(&self, settings: &Settings, section: &mut Section) -> Result<()> {
        let workers = Side::this(format!("{} workers", settings.threads), Role::Workers);
        let threads = Side::this(format!("{} threads", settings.threads), Role::Stratal);
        let sides = measure::present([workers, threads], settings, section);
        tpch::over_files(&sides, settings, section)
    }
}
