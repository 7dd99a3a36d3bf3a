//! [`Repartition`]: rows in other partitions; and [`Partitions`]: some of the partitions.

use super::node::{Node, NodeKind};
use crate::{
    lower::{EdgeInputExec, OperatorExec, Plan, estimated},
    operators::{self, By, RangeKey, window::Direction},
    source::{csv::CsvScanExec, json::JsonScan},
};
use arrow_schema::SchemaRef;
use datafusion::{
    catalog::memory::DataSourceExec, common::stats::Precision, datasource::physical_plan::FileScanConfig, logical_expr::LogicalPlan,
};
use std::{ops::Range, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

/// How rows are to be partitioned, keys by their names.
#[derive(Clone, Debug)]
pub(crate) enum Spread {
    /// Into so many partitions, in their order.
    Count(usize),
    /// In partitions of about so many bytes, in their order.
    Bytes(u64),
    /// Into so many by the hash of these columns.
    Hash(usize, Vec<String>),
    /// Into so many by ranges of these columns, in their directions.
    Range(usize, Vec<(String, Direction)>),
}

/// Rows in other partitions.
#[derive(Debug)]
struct Repartition(Spread);

/// The same rows in other partitions.
pub(crate) fn repartition(input: LogicalPlan, spread: Spread) -> LogicalPlan {
    Node::same(Repartition(spread), input)
}

impl NodeKind for Repartition {
    fn name(&self) -> &'static str {
        "Repartition"
    }

    fn arguments(&self) -> String {
        format!("{:?}", self.0)
    }

    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        let input = inputs.first().ok_or_else(|| Error::internal("a repartition without an input"))?;
        let schema = input.schema();
        let (by, into) = match &self.0 {
            Spread::Count(into) => (By::Order, *into),
            Spread::Bytes(bytes) => (By::Order, parts_of(input, *bytes)?),
            Spread::Hash(into, keys) => (By::Hash(keys.iter().map(|key| find(key, &schema)).collect::<Result<_>>()?), *into),
            Spread::Range(into, keys) => {
                let key = |(name, direction): &(String, Direction)| {
                    let Direction { descending, nulls_first } = *direction;
                    Ok(RangeKey { column: find(name, &schema)?, descending, nulls_first })
                };
                (By::Range(keys.iter().map(key).collect::<Result<_>>()?), *into)
            }
        };
        Ok(Arc::new(OperatorExec::new(operators::Repartition { by, into }, inputs)?))
    }

    fn reads(&self) -> Vec<Vec<String>> {
        vec![match &self.0 {
            Spread::Count(_) | Spread::Bytes(_) => Vec::new(),
            Spread::Hash(_, keys) => keys.clone(),
            Spread::Range(_, keys) => keys.iter().map(|(name, _)| name.clone()).collect(),
        }]
    }

    fn runs_apart(&self) -> bool {
        true
    }
}

fn find(name: &str, schema: &SchemaRef) -> Result<usize> {
    schema.index_of(name).map_err(|_| Error::internal(format!("key {name:?} is not among the columns")))
}

/// How many partitions of about so many bytes the rows of a plan make.
fn parts_of(plan: &Plan, bytes: u64) -> Result<usize> {
    let size = size(plan).ok_or_else(|| {
        let error = Error::new(ErrorKind::BadValue, "how large these rows are is not known before they are read");
        error.with_help("say how many partitions there shall be: repartition(8)")
    })?;
    Ok(usize::try_from(size.div_ceil(bytes.max(1))).unwrap_or(usize::MAX).max(1))
}

/// About how many bytes the rows of a plan have: as DataFusion estimates it, else as many as are read.
fn size(plan: &Plan) -> Option<u64> {
    if let Some(Precision::Exact(bytes) | Precision::Inexact(bytes)) = estimated(plan).map(|known| known.total_byte_size) {
        return Some(bytes as u64);
    }
    if let Some(scan) = plan.downcast_ref::<CsvScanExec>() {
        return Some(scan.bytes());
    }
    if let Some(scan) = plan.downcast_ref::<OperatorExec<JsonScan>>() {
        return Some(scan.operator().bytes());
    }
    if let Some(scan) = plan.downcast_ref::<DataSourceExec>() {
        let files = scan.data_source().downcast_ref::<FileScanConfig>()?;
        return Some(files.file_groups.iter().flat_map(|group| group.iter()).map(|file| file.effective_size()).sum());
    }
    if plan.is::<EdgeInputExec>() {
        // The steps as they were written: whatever comes is one partition.
        return Some(0);
    }
    let inputs = plan.children();
    if inputs.is_empty() { None } else { inputs.into_iter().map(size).sum() }
}

/// Some of the partitions.
#[derive(Debug)]
struct Partitions(Range<usize>);

/// The rows of these partitions alone, as far as there are any.
pub(crate) fn partitions(input: LogicalPlan, range: Range<usize>) -> LogicalPlan {
    Node::same(Partitions(range), input)
}

impl NodeKind for Partitions {
    fn name(&self) -> &'static str {
        "Partitions"
    }

    fn arguments(&self) -> String {
        format!("{:?}", self.0)
    }

    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        let Range { start, end } = self.0.clone();
        Ok(Arc::new(OperatorExec::new(operators::Partitions { start, end }, inputs)?))
    }
}
