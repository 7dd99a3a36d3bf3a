//! `stratal tasks`: the functions that this program has for workers.

use super::print_line;
use crate::{Result, core::registry::Registry};

pub(super) fn run() -> Result<()> {
    for function in Registry::global().functions() {
        let line = format!(
            "{:016x} {}  {}",
            function.signature_hash(),
            function.name().unwrap_or_default(),
            function.signature().unwrap_or_default()
        );
        if !print_line(&line) {
            break;
        }
    }
    Ok(())
}
