//! The verbs that write files.

use super::DFrame;
use crate::{
    run,
    sink::{CsvWrite, IpcWrite, Job, JsonWrite, ParquetWrite, Unfinished, WriteSummary},
};
use std::panic::Location;
use stratal_core::{Error, Result, graph::LayeredGraph, value::Data};

impl DFrame {
    /// Writes CSV: one file, if the path has an ending, else a directory of `part-00000.csv`, one a partition, and a
    /// `_manifest.json` that lists them. A write that fails, or is killed, leaves what was there before; writes to one directory
    /// at the same time are as if one came after the other. Files are compressed by their endings `.gz .zst .bz2 .xz`.
    ///
    /// ```
    /// use stratal_frame::{CsvWrite, DFrame, Mode, frame};
    /// let directory = std::env::temp_dir().join(format!("stratal-csv-{}", std::process::id()));
    /// let people = frame! { "name" => ["Alice", "Bob"], "amount" => [Some(1.5), None] };
    /// people.write_csv(directory.join("people.csv"))?;
    /// assert_eq!(std::fs::read_to_string(directory.join("people.csv"))?, "name,amount\nAlice,1.5\nBob,\n");
    /// let summary = people.write_csv(CsvWrite::new(directory.join("people.csv")).mode(Mode::Overwrite).delimiter(';'))?;
    /// assert_eq!((summary.files, summary.rows), (1, 2));
    /// # std::fs::remove_dir_all(directory)?;
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first step that is wrong, and what went wrong while it ran; `BadValue` for options that do not go together; `Exists`
    /// for what is there already, unless a [`Mode`](crate::Mode) says what becomes of it, and for a file that the frame itself
    /// reads.
    #[track_caller]
    pub fn write_csv(&self, options: impl Into<CsvWrite>) -> Result<WriteSummary> {
        self.write(&options.into().into_job(), Location::caller())
    }

    /// [`write_csv`](Self::write_csv), async.
    ///
    /// # Errors
    /// As [`write_csv`](Self::write_csv).
    pub async fn write_csv_async(&self, options: impl Into<CsvWrite>) -> Result<WriteSummary> {
        let job = options.into().into_job();
        self.write_async(job).await
    }

    /// Writes JSON: an array of objects in a file `.json`, one object a line in a file of another ending (`.ndjson`), and in
    /// the files of a directory. Else as [`write_csv`](Self::write_csv).
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let directory = std::env::temp_dir().join(format!("stratal-json-{}", std::process::id()));
    /// let people = frame! { "name" => ["Alice", "Bob"] };
    /// people.write_json(directory.join("people.json"))?;
    /// people.write_json(directory.join("people.ndjson"))?;
    /// assert_eq!(std::fs::read_to_string(directory.join("people.json"))?, "[\n{\"name\":\"Alice\"},\n{\"name\":\"Bob\"}\n]\n");
    /// assert_eq!(std::fs::read_to_string(directory.join("people.ndjson"))?, "{\"name\":\"Alice\"}\n{\"name\":\"Bob\"}\n");
    /// # std::fs::remove_dir_all(directory)?;
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`write_csv`](Self::write_csv).
    #[track_caller]
    pub fn write_json(&self, options: impl Into<JsonWrite>) -> Result<WriteSummary> {
        self.write(&options.into().into_job(), Location::caller())
    }

    /// [`write_json`](Self::write_json), async.
    ///
    /// # Errors
    /// As [`write_csv`](Self::write_csv).
    pub async fn write_json_async(&self, options: impl Into<JsonWrite>) -> Result<WriteSummary> {
        let job = options.into().into_job();
        self.write_async(job).await
    }

    /// Writes Parquet, its pages compressed by zstd, with statistics. Else as [`write_csv`](Self::write_csv).
    ///
    /// ```
    /// use stratal_frame::{ParquetWrite, frame};
    /// let directory = std::env::temp_dir().join(format!("stratal-parquet-{}", std::process::id()));
    /// let sales = frame! { "year" => [2023i64, 2024, 2024], "amount" => [1.0, 2.0, 3.0] };
    /// let summary = sales.write_parquet(ParquetWrite::new(&directory).partition_by("year"))?;
    /// assert_eq!((summary.files, summary.rows), (2, 3));
    /// assert!(directory.join("year=2024").join("part-00000.parquet").exists());
    /// # std::fs::remove_dir_all(directory)?;
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`write_csv`](Self::write_csv).
    #[track_caller]
    pub fn write_parquet(&self, options: impl Into<ParquetWrite>) -> Result<WriteSummary> {
        self.write(&options.into().into_job(), Location::caller())
    }

    /// [`write_parquet`](Self::write_parquet), async.
    ///
    /// # Errors
    /// As [`write_csv`](Self::write_csv).
    pub async fn write_parquet_async(&self, options: impl Into<ParquetWrite>) -> Result<WriteSummary> {
        let job = options.into().into_job();
        self.write_async(job).await
    }

    /// Writes files of Arrow's IPC format. Else as [`write_csv`](Self::write_csv).
    ///
    /// ```
    /// use stratal_frame::frame;
    /// let directory = std::env::temp_dir().join(format!("stratal-ipc-{}", std::process::id()));
    /// let summary = frame! { "x" => [1i64, 2, 3] }.write_ipc(directory.join("x.arrow"))?;
    /// assert_eq!((summary.files, summary.rows), (1, 3));
    /// # std::fs::remove_dir_all(directory)?;
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`write_csv`](Self::write_csv).
    #[track_caller]
    pub fn write_ipc(&self, options: impl Into<IpcWrite>) -> Result<WriteSummary> {
        self.write(&options.into().into_job(), Location::caller())
    }

    /// [`write_ipc`](Self::write_ipc), async.
    ///
    /// # Errors
    /// As [`write_csv`](Self::write_csv).
    pub async fn write_ipc_async(&self, options: impl Into<IpcWrite>) -> Result<WriteSummary> {
        let job = options.into().into_job();
        self.write_async(job).await
    }

    fn write(&self, job: &Job, at: &'static Location<'static>) -> Result<WriteSummary> {
        let (graph, unfinished) = self.writing(job).map_err(|error| error.at(at))?;
        finished(&run::run(&self.client, &graph)?, unfinished)
    }

    async fn write_async(&self, job: Job) -> Result<WriteSummary> {
        let frame = self.clone();
        let (graph, unfinished) = run::off_thread(move || frame.writing(&job)).await?;
        finished(&run::run_async(&self.client, &graph).await?, unfinished)
    }

    /// What will run, and what is to be removed if it fails.
    fn writing(&self, job: &Job) -> Result<(LayeredGraph, Unfinished)> {
        let target = run::target(&self.client)?;
        let plan = self.plan(&target)?;
        // Mistakes in options are those of a step after the last.
        job.lower(&self.steps, plan, target.is_cut).map_err(|error| error.at_step(self.steps.len() as u32 + 1, job.verb()))
    }
}

fn finished(results: &[Data], unfinished: Unfinished) -> Result<WriteSummary> {
    let [summary] = results else { return Err(Error::internal("a write has one result")) };
    let summary = WriteSummary::of_data(summary)?;
    unfinished.committed();
    Ok(summary)
}
