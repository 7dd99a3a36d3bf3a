//! [`Reader`]: the rows of a partition as one place gets them.

use super::{
    Open,
    rows::{SharedRows, Told},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::{
    common::Result as DfResult,
    execution::{RecordBatchStream, SendableRecordBatchStream},
};
use futures::{Stream, StreamExt};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// A partition, as it is shared or as the place makes it itself.
pub(super) struct Reader {
    rows: Arc<SharedRows>,
    /// The place, and the partition.
    at: (usize, usize),
    own: Open,
    schema: SchemaRef,
    reading: Reading,
}

enum Reading {
    Shared,
    /// The rows were given up before this place asked for any.
    Apart(SendableRecordBatchStream),
    Over,
}

impl Reader {
    /// Of a seat that was taken.
    pub(super) fn new(rows: Arc<SharedRows>, at: (usize, usize), own: Open, schema: SchemaRef) -> Self {
        Reader { rows, at, own, schema, reading: Reading::Shared }
    }

    /// Reads no more.
    fn end(&mut self) {
        self.reading = Reading::Over;
        self.rows.leave(self.at.0, self.at.1);
    }
}

impl Stream for Reader {
    type Item = DfResult<RecordBatch>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let told = match &mut this.reading {
                Reading::Apart(rows) => return rows.poll_next_unpin(cx),
                Reading::Over => return Poll::Ready(None),
                Reading::Shared => this.rows.poll_next(this.at, &this.own, cx),
            };
            match told {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Told::Rows(batch)) => return Poll::Ready(Some(Ok(batch))),
                Poll::Ready(Told::End(error)) => {
                    this.end();
                    return Poll::Ready(error.map(Err));
                }
                Poll::Ready(Told::Apart) => match (this.own)(this.at.1) {
                    Ok(rows) => this.reading = Reading::Apart(rows),
                    Err(error) => {
                        this.end();
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            }
        }
    }
}

impl RecordBatchStream for Reader {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if matches!(self.reading, Reading::Shared) {
            self.end();
        }
    }
}
