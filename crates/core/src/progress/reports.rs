//! [`Reports`]: what the tasks of one run said, put together for whoever watches.
//!
//! Every report is of one attempt at a task. Those of an attempt that is over, by its failure or the loss of its worker, are
//! dropped, however late they come. Those of the attempt that left the result stay, as the last that is known of it.
//!
//! What was told is not told again: of thousands of tasks most are done, or wait.

use super::{News, PlannedStage, Report, StageProgress, TaskProgress};
use crate::{Attempt, Index, LayerId};
use std::collections::BTreeMap;

/// What is known of the tasks of one run that work in stages.
#[derive(Debug, Default)]
pub struct Reports {
    tasks: BTreeMap<(LayerId, Index), Known>,
    has_news: bool,
    /// As of the last update.
    told: BTreeMap<(LayerId, Index), Vec<StageProgress>>,
}

#[derive(Debug)]
struct Known {
    attempt: Attempt,
    stages: Vec<PlannedStage>,
    /// By stage and share: partitions done, and rows.
    counts: BTreeMap<(u32, u32), (u64, u64)>,
}

impl Reports {
    /// Takes a report in.
    pub fn take(&mut self, report: Report) {
        let Report { result, attempt, news } = report;
        let new = || Known { attempt, stages: Vec::new(), counts: BTreeMap::new() };
        let known = self.tasks.entry((result.layer, result.index)).or_insert_with(new);
        if attempt < known.attempt {
            return;
        }
        if attempt > known.attempt {
            *known = new();
        }
        match news {
            News::Stages(stages) => known.stages = stages,
            News::Counts { stage, share, done, rows } => {
                let counts = known.counts.entry((stage, share)).or_default();
                // One that was overtaken on its way says nothing new.
                *counts = (counts.0.max(done), counts.1.max(rows));
            }
        }
        self.has_news = true;
    }

    /// Whether a report came since the last update.
    pub fn has_news(&self) -> bool {
        self.has_news
    }

    /// Puts together what is known, and gives the tasks of which that is something else than before: without stages where nothing
    /// is known any more. `standing` is that of the scheduler: the attempt at a task that is under way or has left its result, and
    /// whether it has.
    pub fn update(&mut self, standing: impl Fn(LayerId, Index) -> Option<(Attempt, bool)>) -> Vec<TaskProgress> {
        let mut now = BTreeMap::new();
        self.tasks.retain(|(layer, task), known| {
            let Some((_, is_done)) = standing(*layer, *task).filter(|(attempt, _)| *attempt == known.attempt) else { return false };
            if !known.stages.is_empty() {
                now.insert((*layer, *task), known.progress(is_done));
            }
            true
        });
        self.has_news = false;
        let before = std::mem::replace(&mut self.told, now);
        let changed = self.told.iter().filter(|(task, stages)| before.get(*task) != Some(*stages));
        let gone = before.keys().filter(|task| !self.told.contains_key(*task));
        let all = changed.map(|(task, stages)| (*task, stages.clone())).chain(gone.map(|task| (*task, Vec::new())));
        all.map(|((layer, task), stages)| TaskProgress { layer, task, stages }).collect()
    }
}

impl Known {
    fn progress(&self, is_done: bool) -> Vec<StageProgress> {
        let of_stage = |stage: &PlannedStage| {
            let shares = self.counts.range((stage.number, 0)..=(stage.number, u32::MAX));
            let add = |sum: u64, more: &u64| sum.saturating_add(*more);
            let (done, rows) = shares.fold((0, 0), |sum, (_, (done, rows))| (add(sum.0, done), add(sum.1, rows)));
            // What a task that is done has not made, it did not need.
            let done = if is_done { stage.partitions } else { done.min(stage.partitions) };
            StageProgress { name: stage.name.clone(), done, all: stage.partitions, rows }
        };
        self.stages.iter().map(of_stage).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ResultId, RunId};

    fn report(attempt: u32, news: News) -> Report {
        let result = ResultId { run: RunId(1), layer: LayerId(2), index: 0 };
        Report { result, attempt: Attempt(attempt), news }
    }

    fn stages() -> News {
        let stage = |number, name: &str, partitions| PlannedStage { number, name: name.to_owned(), partitions };
        News::Stages(vec![stage(1, "read", 4), stage(0, "gather", 1)])
    }

    fn counts(stage: u32, share: u32, done: u64, rows: u64) -> News {
        News::Counts { stage, share, done, rows }
    }

    /// The task is at an attempt, and done or not.
    fn at(attempt: u32, is_done: bool) -> impl Fn(LayerId, Index) -> Option<(Attempt, bool)> {
        move |layer, task| ((layer, task) == (LayerId(2), 0)).then_some((Attempt(attempt), is_done))
    }

    fn nowhere(_: LayerId, _: Index) -> Option<(Attempt, bool)> {
        None
    }

    /// Name, partitions done and all, rows of each stage of the only task.
    fn told(reports: &Reports) -> Vec<(&str, u64, u64, u64)> {
        let mut tasks = reports.told.iter();
        let (Some((task, stages)), None) = (tasks.next(), tasks.next()) else { panic!("one task is told of: {:?}", reports.told) };
        assert_eq!(*task, (LayerId(2), 0));
        stages.iter().map(|stage| (&*stage.name, stage.done, stage.all, stage.rows)).collect()
    }

    #[test]
    fn the_newest_of_each_share_counts_and_stages_stay_in_order() {
        let mut reports = Reports::default();
        // What is counted elsewhere may come before the stages.
        reports.take(report(1, counts(1, 1, 1, 20)));
        assert!(reports.has_news() && reports.update(at(1, false)).is_empty());
        assert!(reports.told.is_empty() && !reports.has_news());
        for news in [stages(), counts(1, 0, 0, 5), counts(1, 0, 2, 30), counts(0, 0, 0, 7)] {
            reports.take(report(1, news));
        }
        assert_eq!(reports.update(at(1, false)).len(), 1);
        assert_eq!(told(&reports), [("read", 3, 4, 50), ("gather", 0, 1, 7)]);
        // One that was overtaken.
        reports.take(report(1, counts(1, 0, 1, 25)));
        assert!(reports.has_news() && reports.update(at(1, false)).is_empty());
        assert_eq!(told(&reports)[0], ("read", 3, 4, 50));
    }

    #[test]
    fn what_an_attempt_said_that_is_over_is_dropped_however_late_it_comes() {
        let mut reports = Reports::default();
        reports.take(report(1, stages()));
        reports.take(report(1, counts(1, 0, 2, 30)));
        assert_eq!(reports.update(at(1, false)).len(), 1);
        // It failed, and is not tried again yet.
        assert_eq!(reports.update(nowhere), [TaskProgress { layer: LayerId(2), task: 0, stages: Vec::new() }]);
        assert!(reports.told.is_empty());
        reports.take(report(1, counts(1, 1, 2, 30)));
        assert!(reports.update(nowhere).is_empty() && reports.told.is_empty());
        // The second attempt.
        reports.take(report(1, stages()));
        reports.take(report(2, stages()));
        reports.take(report(1, counts(1, 0, 2, 30)));
        assert_eq!(reports.update(at(2, false)).len(), 1);
        assert_eq!(told(&reports), [("read", 0, 4, 0), ("gather", 0, 1, 0)]);
        reports.take(report(2, counts(1, 0, 1, 3)));
        reports.update(at(2, false));
        assert_eq!(told(&reports)[0], ("read", 1, 4, 3));
        // One of the third that comes before anything else of it.
        reports.take(report(3, counts(1, 0, 1, 4)));
        assert_eq!(reports.update(at(3, false)), [TaskProgress { layer: LayerId(2), task: 0, stages: Vec::new() }]);
        assert!(reports.told.is_empty());
    }

    #[test]
    fn of_a_task_that_is_done_all_is_done_and_late_rows_are_added() {
        let mut reports = Reports::default();
        for news in [stages(), counts(1, 0, 1, 30), counts(0, 0, 1, 9)] {
            reports.take(report(1, news));
        }
        assert_eq!(reports.update(at(1, true)).len(), 1);
        assert_eq!(told(&reports), [("read", 4, 4, 30), ("gather", 1, 1, 9)]);
        reports.take(report(1, counts(1, 1, 2, 12)));
        assert_eq!(reports.update(at(1, true)).len(), 1);
        assert_eq!(told(&reports)[0], ("read", 4, 4, 42));
    }

    #[test]
    fn of_many_tasks_only_what_is_new_is_told() {
        let of = |index: Index, news: News| {
            let result = ResultId { run: RunId(1), layer: LayerId(2), index };
            Report { result, attempt: Attempt(1), news }
        };
        let mut reports = Reports::default();
        let done = |_: LayerId, task: Index| Some((Attempt(1), task < 900));
        let told = |reports: &mut Reports| reports.update(done).iter().map(|task| task.task).collect::<Vec<Index>>();
        (0..1000).for_each(|task| reports.take(of(task, stages())));
        assert_eq!(told(&mut reports).len(), 1000);
        assert!(told(&mut reports).is_empty());
        // One at work, one that says the same again, and late rows of one that is done.
        reports.take(of(950, counts(1, 0, 1, 7)));
        reports.take(of(960, counts(1, 0, 0, 0)));
        reports.take(of(3, counts(1, 0, 4, 9)));
        assert_eq!(told(&mut reports), [3, 950]);
        // One is done.
        let now = reports.update(|_, task| Some((Attempt(1), task < 900 || task == 950)));
        assert_eq!((now.len(), now[0].task, now[0].stages[0].done), (1, 950, 4));
    }

    #[test]
    fn no_stage_has_more_done_than_there_is() {
        let mut reports = Reports::default();
        for news in [stages(), counts(1, 0, 3, 0), counts(1, 1, 3, 0)] {
            reports.take(report(1, news));
        }
        reports.update(at(1, false));
        assert_eq!(told(&reports)[0], ("read", 4, 4, 0));
        // Whatever a worker says, it does no harm to whoever adds it up.
        reports.take(report(1, counts(1, 2, u64::MAX, u64::MAX)));
        reports.take(report(1, counts(1, 3, 1, 1)));
        reports.update(at(1, false));
        assert_eq!(told(&reports)[0], ("read", 4, 4, u64::MAX));
    }
}
