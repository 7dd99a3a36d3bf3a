//! A frame as CSV and JSON text.

use super::Frame;
use crate::format::{csv, json};

impl Frame {
    /// The rows as CSV, with a header: as `write_csv` writes them.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let frame = frame! { "name" => ["Alice", "B, ob"], "share" => [Some(0.5), None] }.collect()?;
    /// assert_eq!(frame.to_csv(), "name,share\nAlice,0.5\n\"B, ob\",\n");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn to_csv(&self) -> String {
        let mut out = Vec::new();
        csv::header(self.schema(), b',', &mut out);
        self.batches().iter().for_each(|batch| csv::rows(batch, b',', &mut out));
        text(out)
    }

    /// The rows as one JSON array, an object a line: as `write_json` writes them.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let frame = frame! { "name" => ["Alice", "Bob"], "share" => [Some(0.5), None] }.collect()?;
    /// assert_eq!(frame.to_json(), "[\n{\"name\":\"Alice\",\"share\":0.5},\n{\"name\":\"Bob\",\"share\":null}\n]\n");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        let mut out = json::ARRAY[0].to_vec();
        for batch in self.batches() {
            json::elements(batch, out == json::ARRAY[0], &mut out);
        }
        out.extend_from_slice(if self.is_empty() { json::EMPTY } else { json::ARRAY[2] });
        text(out)
    }

    /// The rows as one JSON object a line: as `write_json` writes them to a file `.ndjson`.
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let frame = frame! { "name" => ["Alice", "Bob"] }.collect()?;
    /// assert_eq!(frame.to_ndjson(), "{\"name\":\"Alice\"}\n{\"name\":\"Bob\"}\n");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn to_ndjson(&self) -> String {
        let mut out = Vec::new();
        self.batches().iter().for_each(|batch| json::lines(batch, &mut out));
        text(out)
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("texts are UTF-8, and all else is ASCII")
}
