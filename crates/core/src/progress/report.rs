//! [`Report`]: what is said of a task on the way to the scheduler. [`TaskProgress`]: what whoever watches is told.

use crate::{Attempt, Index, LayerId, ResultId};
use serde::{Deserialize, Serialize};

/// What one attempt at a task says of how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The task, by what it will leave.
    pub result: ResultId,
    /// Which attempt at it.
    pub attempt: Attempt,
    /// What it says.
    pub news: News,
}

/// What a task says of how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// The stages in which it works, in reading order. Without them nobody is told of counts.
    Stages(Vec<PlannedStage>),
    /// What one share of a stage has done so far. Counts never shrink.
    Counts {
        /// The stage, by its number.
        stage: u32,
        /// Which share.
        share: u32,
        /// Partitions done.
        done: u64,
        /// Rows given.
        rows: u64,
    },
}

/// A stage of a task, before it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStage {
    /// A number of its own among the stages of the task.
    pub number: u32,
    /// What it does.
    pub name: String,
    /// Its partitions, over all shares.
    pub partitions: u64,
}

/// How far a task is that works in stages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskProgress {
    /// The layer of the task.
    pub layer: LayerId,
    /// The task.
    pub task: Index,
    /// Its stages, in reading order: who is read stands before who reads. None where the attempt that said something is over, and no
    /// other has said anything yet.
    pub stages: Vec<StageProgress>,
}

/// How far a stage of a task is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageProgress {
    /// What it does.
    pub name: String,
    /// Partitions done, or not needed any more.
    pub done: u64,
    /// All of its partitions.
    pub all: u64,
    /// Rows that it gave so far.
    pub rows: u64,
}
