//! Rows as they come, and the different values of a column.

use super::{DFrame, verbs::rows_of_partition};
use crate::{
    frame::FromColumn,
    run::{self, Reading},
};
use arrow_array::RecordBatch;
use futures::{StreamExt, stream, stream::BoxStream};
use stratal_core::Result;

/// The batches of a run, partition after partition.
struct Batches {
    reading: Reading,
    rows: std::vec::IntoIter<RecordBatch>,
}

impl Batches {
    fn new(reading: Reading) -> Self {
        Batches { reading, rows: Vec::new().into_iter() }
    }

    async fn next_async(&mut self) -> Option<Result<RecordBatch>> {
        loop {
            if let Some(batch) = self.rows.next() {
                return Some(Ok(batch));
            }
            match self.reading.next_async().await?.and_then(rows_of_partition) {
                Ok(rows) => self.rows = rows.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.rows.next() {
                return Some(Ok(batch));
            }
            match self.reading.next()?.and_then(rows_of_partition) {
                Ok(rows) => self.rows = rows.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl DFrame {
    /// Runs everything and gives the batches of rows, partition after partition, each as soon as it is there. What was given is
    /// let go. Partitions far ahead of the reader are not begun, except for what an exchange or a function between needs of
    /// them: a sort or a join holds its rows as it does for [`collect`](Self::collect). Dropping the iterator ends the run.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "x" => vec![1i64; 1000] }.repartition(4).filter(col("x").eq(1));
    /// let mut rows = 0;
    /// for batch in df.collect_stream()? {
    ///     rows += batch?.num_rows();
    /// }
    /// assert_eq!(rows, 1000);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first step that is wrong. What goes wrong while it runs is the last item.
    pub fn collect_stream(&self) -> Result<impl Iterator<Item = Result<RecordBatch>> + Send + use<>> {
        let (graph, _) = self.lowered()?;
        Ok(Batches::new(Reading::begin(&self.client, graph)?))
    }

    /// [`collect_stream`](Self::collect_stream), async.
    ///
    /// ```
    /// use futures::StreamExt;
    /// use stratal_frame::frame;
    /// let df = frame! { "x" => [1i64, 2, 3] };
    /// let rows = futures::executor::block_on(async {
    ///     let batches = df.collect_stream_async().await?;
    ///     Ok::<_, stratal_core::Error>(batches.map(|batch| batch.map_or(0, |batch| batch.num_rows())).collect::<Vec<_>>().await)
    /// })?;
    /// assert_eq!(rows, [3]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`collect_stream`](Self::collect_stream).
    pub async fn collect_stream_async(&self) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let (graph, _) = self.lowered_async().await?;
        let client = self.client.clone();
        let reading = run::off_thread(move || Reading::begin(&client, graph)).await?;
        let batches = stream::unfold(Batches::new(reading), |mut batches| async move {
            let batch = batches.next_async().await?;
            Some((batch, batches))
        });
        Ok(batches.boxed())
    }

    /// The different values of a column, in their order. Nulls are left out.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let df = frame! { "month" => [Some("jan"), None, Some("feb"), Some("jan")] };
    /// assert_eq!(df.distinct_values::<String>("month")?, ["feb", "jan"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`collect`](Self::collect); `TypeMismatch` for a column of another type.
    #[track_caller]
    pub fn distinct_values<T: FromColumn>(&self, name: &str) -> Result<Vec<T>> {
        self.distinct(name).collect()?.column(name)
    }

    /// [`distinct_values`](Self::distinct_values), async.
    ///
    /// # Errors
    /// As [`distinct_values`](Self::distinct_values).
    pub async fn distinct_values_async<T: FromColumn>(&self, name: &str) -> Result<Vec<T>> {
        self.distinct(name).collect_async().await?.column(name)
    }

    #[track_caller]
    fn distinct(&self, name: &str) -> DFrame {
        self.select(name).unique(()).drop_nulls(()).sort(name)
    }
}
