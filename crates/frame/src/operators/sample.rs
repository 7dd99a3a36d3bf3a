//! [`Sample`]: each row by its own chance.
//!
//! Whether a row is taken is a hash of the seed, the number of its partition, and its number there. No state is kept, and a
//! partition that is made again gives the same rows.

use super::{Rows, streamed};
use crate::lower::{Operator, OperatorExec};
use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext},
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;

/// About this part of the rows of its input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// From 0 to 1.
    pub(crate) fraction: f64,
    pub(crate) seed: u64,
}

/// The numbers that the rows of a partition draw, in order.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    next: u64,
}

impl Draws {
    pub(super) fn new(seed: u64, partition: usize) -> Self {
        Draws { next: mix(seed ^ mix(partition as u64)) }
    }
}

impl Iterator for Draws {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.next = self.next.wrapping_add(GOLDEN);
        Some(mix(self.next))
    }
}

/// The step and the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A number as a fraction of all of them, below 1.
fn unit(number: u64) -> f64 {
    (number >> 11) as f64 / (1u64 << 53) as f64
}

impl Operator for Sample {
    const NAME: &'static str = "SampleExec";

    fn layer(&self) -> Option<String> {
        Some("sample".to_owned())
    }

    fn arguments(&self) -> String {
        format!("fraction={}, seed={}", self.fraction, self.seed)
    }

    fn sees_order(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = node.input(0, partition, &context)?;
        let rows = Sampled { input, fraction: self.fraction, draws: Draws::new(self.seed, partition) };
        Ok(streamed(node.inputs()[0].schema(), rows))
    }
}

/// A partition at work.
struct Sampled {
    input: SendableRecordBatchStream,
    fraction: f64,
    draws: Draws,
}

impl Rows for Sampled {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        let Some(batch) = self.input.try_next().await? else { return Ok(None) };
        let fraction = self.fraction;
        let is_taken = self.draws.by_ref().take(batch.num_rows()).map(|number| Some(unit(number) < fraction));
        Ok(Some(filter_record_batch(&batch, &is_taken.collect::<BooleanArray>())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_differ_by_seed_and_partition() {
        let of = |seed, partition| Draws::new(seed, partition).take(10_000).collect::<Vec<u64>>();
        let mean = of(1, 0).into_iter().map(unit).sum::<f64>() / 10_000.0;
        // Five standard deviations of the mean of so many.
        assert!((mean - 0.5).abs() < 5.0 * (1.0f64 / 12.0 / 10_000.0).sqrt(), "{mean}");
        let tenths = of(7, 3).into_iter().fold([0; 10], |mut tenths, number| {
            tenths[(unit(number) * 10.0) as usize] += 1;
            tenths
        });
        assert!(tenths.iter().all(|rows| (850..1150).contains(rows)), "{tenths:?}");
        assert_eq!(of(1, 0), of(1, 0));
        for (seed, partition) in [(2, 0), (1, 1), (0, 1), (0, 0)] {
            assert!(of(1, 0).iter().zip(of(seed, partition)).all(|(one, other)| *one != other), "{seed} {partition}");
        }
    }

    #[test]
    fn no_draw_is_a_whole() {
        assert_eq!(unit(0), 0.0);
        assert!(unit(u64::MAX) < 1.0);
    }
}
