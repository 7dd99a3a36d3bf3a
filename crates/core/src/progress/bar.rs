//! Terminal progress bars, one for a run and one for each stage of its tasks: shown when the setting `progress` is on and stderr is
//! a terminal.

use super::{StageProgress, TaskProgress};
use crate::{LayerId, executor::RunHandle};
use indicatif::{MultiProgress, ProgressStyle};
use parking_lot::Mutex;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// How often they are drawn anew.
const EVERY: Duration = Duration::from_millis(100);
/// Lines that are drawn of one run: so many find a place on a terminal.
const LINES: usize = 12;

/// The bars of one run.
pub(crate) struct ProgressBar(Arc<Mutex<Shown>>);

#[derive(Default)]
struct Shown {
    bars: Vec<indicatif::ProgressBar>,
    over: bool,
}

impl ProgressBar {
    /// Takes the bars off the terminal.
    pub(crate) fn finish(&self) {
        let mut shown = self.0.lock();
        shown.over = true;
        shown.show(&[]);
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Shows how far a run is, until the bar is finished or dropped.
pub(crate) fn show(handle: &Arc<RunHandle>) -> ProgressBar {
    let bar = ProgressBar(Arc::default());
    let (watched, shown) = (Arc::downgrade(handle), bar.0.clone());
    shown.lock().show(&[Line::default()]);
    crate::runtime::io().spawn(async move {
        while let Some(handle) = watched.upgrade() {
            let lines = lines(&handle.progress(), &handle.stages(), |layer| handle.layer_name(layer).to_owned());
            drop(handle);
            {
                let mut shown = shown.lock();
                if shown.over {
                    break;
                }
                shown.show(&lines);
            }
            tokio::time::sleep(EVERY).await;
        }
    });
    bar
}

/// What one bar shows.
#[derive(Debug, Default, PartialEq, Eq)]
struct Line {
    name: String,
    done: u64,
    all: u64,
    /// What is counted.
    of: String,
}

/// One line for the tasks of a run, and one for each stage of those that are at work. Where all tasks work in stages, these
/// stand for them. Of too many, stages that are done are not shown, and the last line stands for all that find no place.
fn lines(layers: &[(LayerId, u32, u32)], tasks: &[TaskProgress], name: impl Fn(LayerId) -> String) -> Vec<Line> {
    let staged = |layer: LayerId| tasks.iter().filter(move |task| task.layer == layer);
    let plain: Vec<_> = layers.iter().filter(|(layer, _, all)| staged(*layer).count() < *all as usize).collect();
    let mut lines = Vec::new();
    if !plain.is_empty() || layers.is_empty() {
        let (done, all) = plain.iter().fold((0u64, 0u64), |sum, (_, done, all)| (sum.0 + u64::from(*done), sum.1 + u64::from(*all)));
        let under_way = plain.iter().find(|(_, done, all)| done < all);
        let name = under_way.map(|(layer, ..)| name(*layer)).unwrap_or_default();
        lines.push(Line { name, done, all, of: "tasks".to_owned() });
    }
    let under_way = layers.iter().filter(|(_, done, all)| done < all);
    let mut stages: Vec<_> = under_way.flat_map(|(layer, ..)| staged(*layer)).flat_map(|task| &task.stages).collect();
    let room = LINES - lines.len();
    if stages.len() > room {
        stages.retain(|stage| stage.done < stage.all);
    }
    let shown = if stages.len() > room { room - 1 } else { stages.len() };
    for stage in &stages[..shown] {
        let (name, of) = (stage.name.clone(), format!("partitions, {} rows", stage.rows));
        lines.push(Line { name, done: stage.done, all: stage.all, of });
    }
    let more = &stages[shown..];
    if !more.is_empty() {
        let sum = |of: fn(&StageProgress) -> u64| more.iter().fold(0u64, |sum, stage| sum.saturating_add(of(stage)));
        let (name, of) = (format!("{} more stages", more.len()), format!("partitions, {} rows", sum(|stage| stage.rows)));
        lines.push(Line { name, done: sum(|stage| stage.done), all: sum(|stage| stage.all), of });
    }
    lines
}

impl Shown {
    /// Shows these lines, and no others.
    fn show(&mut self, lines: &[Line]) {
        for unused in self.bars.drain(lines.len().min(self.bars.len())..) {
            unused.finish_and_clear();
            BARS.remove(&unused);
        }
        while self.bars.len() < lines.len() {
            let bar = indicatif::ProgressBar::new(0);
            let style = ProgressStyle::with_template("{spinner} {msg:24!} {wide_bar} {pos}/{len} {prefix}  {elapsed} eta {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            let bar = match self.bars.last() {
                Some(last) => BARS.insert_after(last, bar),
                None => BARS.add(bar),
            };
            self.bars.push(bar);
        }
        for (bar, line) in self.bars.iter().zip(lines) {
            bar.set_length(line.all);
            bar.set_position(line.done);
            bar.set_prefix(line.of.clone());
            if !line.name.is_empty() {
                bar.set_message(line.name.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(name: &str, done: u64, all: u64, rows: u64) -> StageProgress {
        StageProgress { name: name.to_owned(), done, all, rows }
    }

    fn text(layers: &[(LayerId, u32, u32)], tasks: &[TaskProgress]) -> Vec<String> {
        let lines = lines(layers, tasks, |layer| format!("l{}", layer.0));
        lines.iter().map(|line| format!("{} {}/{} {}", line.name, line.done, line.all, line.of)).collect()
    }

    #[test]
    fn tasks_are_one_line_and_stages_stand_for_their_task() {
        let two = |task| TaskProgress { layer: LayerId(1), task, stages: vec![stage("read", 3, 4, 50), stage("gather", 0, 1, 0)] };
        let stages = ["read 3/4 partitions, 50 rows", "gather 0/1 partitions, 0 rows"];
        assert_eq!(text(&[], &[]), [" 0/0 tasks"]);
        assert_eq!(text(&[(LayerId(0), 4, 4), (LayerId(1), 1, 3)], &[]), ["l1 5/7 tasks"]);
        assert_eq!(text(&[(LayerId(1), 0, 1)], &[two(0)]), stages);
        // Beside other tasks.
        assert_eq!(text(&[(LayerId(0), 2, 4), (LayerId(1), 0, 1)], &[two(0)]), ["l0 2/4 tasks", stages[0], stages[1]]);
        assert_eq!(text(&[(LayerId(1), 0, 2)], &[two(1)]), ["l1 0/2 tasks", stages[0], stages[1]]);
        // What is done is not shown.
        assert_eq!(text(&[(LayerId(0), 2, 4), (LayerId(1), 1, 1)], &[two(0)]), ["l0 2/4 tasks"]);
    }

    #[test]
    fn however_many_stages_are_at_work_a_screen_of_them_is_drawn() {
        let one = |task: u32, done| TaskProgress { layer: LayerId(1), task, stages: vec![stage(&format!("s{task}"), done, 2, 5)] };
        let layers = [(LayerId(0), 2, 4), (LayerId(1), 0, 3000)];
        // As many as find a place, done or not.
        let few: Vec<TaskProgress> = (0..11).map(|task| one(task, u64::from(task % 3))).collect();
        assert_eq!(text(&layers, &few).len(), 12);
        // The first two thousand are done.
        let many: Vec<TaskProgress> = (0..3000).map(|task| one(task, if task < 2000 { 2 } else { 1 })).collect();
        let shown = text(&layers, &many);
        assert_eq!((shown.len(), &*shown[0], &*shown[1]), (12, "l0 2/4 tasks", "s2000 1/2 partitions, 5 rows"));
        assert_eq!((&*shown[10], &*shown[11]), ("s2009 1/2 partitions, 5 rows", "990 more stages 990/1980 partitions, 4950 rows"));
        // Without those that are done, the rest finds a place.
        let shown = text(&layers[1..], &many[1990..2012]);
        assert_eq!((shown.len(), &*shown[1], &*shown[11]), (12, "s2000 1/2 partitions, 5 rows", "2 more stages 2/4 partitions, 10 rows"));
        assert_eq!(text(&layers[1..], &many[1990..2011]).last().map(String::as_str), Some("s2010 1/2 partitions, 5 rows"));
    }
}
