//! DataFusion alone as a side: the SQL that a request brings, with DataFusion's own settings but for the number of threads.

use super::sql;
use datafusion::prelude::{SessionConfig, SessionContext};
use stratal::{Result, frame::DATAFUSION_VERSION};

/// Answers until stdin ends.
pub(super) fn serve(threads: usize) -> Result<()> {
    let session = move || SessionContext::new_with_config(SessionConfig::new().with_target_partitions(threads));
    sql::serve(format!("DataFusion {DATAFUSION_VERSION}"), threads, session)
}
