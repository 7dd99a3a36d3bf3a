//! `stratal query`: SQL over files, its rows to stdout or to files.

use super::{
    print_text,
    sql::{QueryArguments, RunArguments},
};
use crate::{
    Error, ErrorKind, Result,
    frame::{CsvWrite, DFrame, IpcWrite, JsonWrite, Mode, ParquetWrite},
};
use clap::{Args, ValueEnum};
use std::time::Instant;

/// What rows look like.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
    Ndjson,
    Parquet,
    Arrow,
}

#[derive(Args)]
pub(super) struct QueryCommand {
    #[command(flatten)]
    query: QueryArguments,
    #[command(flatten)]
    run: RunArguments,
    /// What rows look like; that of the output's ending, else a table.
    #[arg(long)]
    format: Option<Format>,
    /// A file, or a directory that gets a file for each partition; stdout unless given.
    #[arg(short, long, value_name = "PATH")]
    output: Option<String>,
    /// What an earlier run left at the output is replaced.
    #[arg(long, requires = "output")]
    overwrite: bool,
    /// Prints the plan, and runs nothing.
    #[arg(long)]
    explain: bool,
    /// Runs the query, and prints its plan with rows and times.
    #[arg(long, conflicts_with = "explain")]
    explain_analyze: bool,
    /// No more rows than these.
    #[arg(long, value_name = "N")]
    max_rows: Option<usize>,
    /// Nothing on stderr but errors.
    #[arg(short, long)]
    quiet: bool,
}

impl QueryCommand {
    pub(super) fn run(self) -> Result<()> {
        let client = self.run.client()?;
        let start = Instant::now();
        let frame = self.query.frame()?;
        let frame = match self.max_rows {
            Some(rows) => frame.head(rows),
            None => frame,
        };
        let rows = if self.explain {
            print_text(&frame.explain()?)?;
            None
        } else if self.explain_analyze {
            print_text(&frame.explain_analyze()?)?;
            None
        } else if let Some(path) = &self.output {
            Some(self.write(&frame, path)?)
        } else {
            Some(self.print(&frame)?)
        };
        if let (Some(rows), false) = (rows, self.quiet) {
            let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
            eprintln!("{rows} in {:.3} s", start.elapsed().as_secs_f64());
        }
        drop(client);
        Ok(())
    }

    fn print(&self, frame: &DFrame) -> Result<u64> {
        let format = self.format.unwrap_or(Format::Table);
        if matches!(format, Format::Parquet | Format::Arrow) {
            return Err(Error::new(ErrorKind::BadValue, "this format is no text").with_help("name a file for it: -o rows.parquet"));
        }
        let rows = frame.collect()?;
        let text = match (format, self.max_rows) {
            (Format::Csv, _) => rows.to_csv(),
            (Format::Json, _) => rows.to_json(),
            (Format::Ndjson, _) => rows.to_ndjson(),
            (_, Some(most)) => format!("{}\n", rows.table(most)),
            (_, None) => format!("{rows}\n"),
        };
        print_text(&text)?;
        Ok(rows.len() as u64)
    }

    fn write(&self, frame: &DFrame, path: &str) -> Result<u64> {
        let mode = if self.overwrite { Mode::Overwrite } else { Mode::Create };
        let summary =
            match self.format.or_else(|| of_ending(path)) {
                Some(Format::Csv) => frame.write_csv(CsvWrite::new(path).mode(mode)),
                Some(Format::Json | Format::Ndjson) => frame.write_json(JsonWrite::new(path).mode(mode)),
                Some(Format::Parquet) => frame.write_parquet(ParquetWrite::new(path).mode(mode)),
                Some(Format::Arrow) => frame.write_ipc(IpcWrite::new(path).mode(mode)),
                Some(Format::Table) => Err(Error::new(ErrorKind::BadValue, "a table is for people and is not written to files")
                    .with_help("--format csv, or > FILE")),
                None => {
                    let message = format!("the ending of {path:?} does not say what to write");
                    Err(Error::new(ErrorKind::BadValue, message).with_help("--format csv, json, ndjson, parquet or arrow"))
                }
            };
        summary.map(|summary| summary.rows)
    }
}

/// The format that a path's ending names.
fn of_ending(path: &str) -> Option<Format> {
    let name = path.to_lowercase();
    let plain = [".gz", ".zst", ".bz2", ".xz"].iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(&name);
    Some(match plain.rsplit_once('.')?.1 {
        "csv" => Format::Csv,
        "json" => Format::Json,
        "ndjson" | "jsonl" => Format::Ndjson,
        "parquet" => Format::Parquet,
        "arrow" | "ipc" | "feather" => Format::Arrow,
        _ => return None,
    })
}
