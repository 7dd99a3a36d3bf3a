//! A terminal progress bar, one line a run: shown when the setting `progress` is on and stderr is a terminal.

use crate::executor::RunHandle;
use indicatif::{MultiProgress, ProgressStyle};
use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// The bar of one run.
pub(crate) struct ProgressBar {
    bar: indicatif::ProgressBar,
    over: Arc<AtomicBool>,
}

impl ProgressBar {
    /// Takes the bar off the terminal.
    pub(crate) fn finish(&self) {
        self.over.store(true, Relaxed);
        self.bar.finish_and_clear();
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Shows how far a run is, until the bar is finished or dropped.
pub(crate) fn show(handle: &Arc<RunHandle>) -> ProgressBar {
    let bar = BARS.add(indicatif::ProgressBar::new(0));
    let style = ProgressStyle::with_template("{spinner} {msg:24!} {wide_bar} {pos}/{len} tasks  {elapsed} eta {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let over = Arc::new(AtomicBool::new(false));
    let (watched, shown, ended) = (Arc::downgrade(handle), bar.clone(), over.clone());
    crate::runtime::io().spawn(async move {
        while !ended.load(Relaxed) {
            let Some(handle) = watched.upgrade() else { break };
            let layers = handle.progress();
            let (done, all) = layers.iter().fold((0u64, 0u64), |sum, (_, done, all)| (sum.0 + *done as u64, sum.1 + *all as u64));
            shown.set_length(all);
            shown.set_position(done);
            if let Some((layer, ..)) = layers.iter().find(|(_, done, all)| done < all) {
                shown.set_message(handle.layer_name(*layer).to_owned());
            }
            drop(handle);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    ProgressBar { bar, over }
}
