//! This program as a side: requests in, replies out, and only the work is timed.

use super::protocol::{Hello, Reply, Request};
use crate::measure::digest;
use parquet::arrow::ArrowWriter;
use serde::Serialize;
use std::{
    fs::File,
    io::{self, BufRead, Write},
    time::Instant,
};
use stratal::{Error, ErrorKind, Result, frame::Frame};

/// A piece of work that can begin, any number of times: what it needs in memory is there.
pub(crate) struct Work {
    run: Box<dyn FnMut() -> Result<Done>>,
    promised: Option<u64>,
}

impl Work {
    /// Work that is timed from the call to the end of it.
    pub(crate) fn new(run: impl FnMut() -> Result<Done> + 'static) -> Self {
        Work { run: Box::new(run), promised: None }
    }

    /// The same, of which it was said beforehand how many bytes it takes at most beside what is there.
    pub(crate) fn promised(self, bytes: Option<u64>) -> Self {
        Work { promised: bytes, ..self }
    }
}

/// What a piece of work left.
pub(crate) struct Done {
    answer: Answer,
    /// How many pieces it was.
    units: u64,
}

/// What came out.
enum Answer {
    /// Nothing to compare.
    None,
    Rows(Frame),
    /// Something large, of which rows are made when they are wanted.
    Later(Box<dyn FnOnce() -> Result<Frame>>),
}

impl From<Frame> for Done {
    fn from(answer: Frame) -> Self {
        Done { answer: Answer::Rows(answer), units: 1 }
    }
}

impl Done {
    /// So many tasks.
    pub(crate) fn tasks(units: u64) -> Self {
        Done { answer: Answer::None, units }
    }

    /// Something large: what `answer` tells of it is compared. Telling it is not timed.
    pub(crate) fn later(answer: impl FnOnce() -> Result<Frame> + 'static) -> Self {
        Done { answer: Answer::Later(Box::new(answer)), units: 1 }
    }
}

impl Answer {
    fn rows(self) -> Result<Option<Frame>> {
        match self {
            Answer::None => Ok(None),
            Answer::Rows(rows) => Ok(Some(rows)),
            Answer::Later(rows) => rows().map(Some),
        }
    }
}

/// Answers until stdin ends. `ready` makes what a request needs in memory; it is asked once for all requests of the same work.
pub(super) fn answer(version: String, ready: impl Fn(&Request) -> Result<Work>) -> Result<()> {
    say(&Hello::Ready(version))?;
    let mut kept = None;
    for line in io::stdin().lock().lines() {
        let reply = replied(&line?, &ready, &mut kept);
        say(&reply.unwrap_or_else(|error| Reply::Error { error: error.to_string() }))?;
    }
    Ok(())
}

pub(super) fn say(message: &impl Serialize) -> Result<()> {
    let line = serde_json::to_string(message).map_err(|error| Error::internal(error.to_string()))?;
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

fn replied(line: &str, ready: &impl Fn(&Request) -> Result<Work>, kept: &mut Option<(Request, Work)>) -> Result<Reply> {
    let request: Request =
        serde_json::from_str(line).map_err(|error| Error::new(ErrorKind::BadValue, format!("{line:?} is no request: {error}")))?;
    let asked = Request { answer: None, digest: false, only_ready: false, ..request.clone() };
    // What other work needed is let go before more is made.
    let (_, work) = match kept.take().filter(|(same, _)| *same == asked) {
        Some(same) => kept.insert(same),
        None => {
            let work = ready(&asked)?;
            kept.insert((asked, work))
        }
    };
    let promised = work.promised;
    if request.only_ready {
        return Ok(Reply::Done { seconds: 0.0, rows: 0, units: 1, promised });
    }
    let started = Instant::now();
    let done = (work.run)()?;
    let seconds = started.elapsed().as_secs_f64();
    let answer = match done.answer {
        Answer::Later(_) if request.answer.is_none() => None,
        answer => answer.rows()?,
    };
    if let (Some(path), Some(answer)) = (&request.answer, &answer) {
        write(&if request.digest { digest::of(answer)? } else { answer.clone() }, path)?;
    }
    let rows = answer.as_ref().map_or(0, Frame::len) as u64;
    Ok(Reply::Done { seconds, rows, units: done.units, promised })
}

fn write(answer: &Frame, path: &str) -> Result<()> {
    let failed = |error: parquet::errors::ParquetError| Error::new(ErrorKind::Io, format!("{path}: {error}"));
    let mut writer = ArrowWriter::try_new(File::create(path)?, answer.schema().clone(), None).map_err(failed)?;
    answer.batches().iter().try_for_each(|batch| writer.write(batch)).map_err(failed)?;
    writer.close().map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Format;
    use std::{cell::Cell, path::Path, rc::Rc, sync::Arc};

    fn frame() -> Frame {
        let column: arrow_array::ArrayRef = Arc::new(arrow_array::Int64Array::from(vec![1, 2, 3]));
        arrow_array::RecordBatch::try_from_iter([("x", column)]).unwrap().into()
    }

    fn line(request: &Request) -> String {
        serde_json::to_string(request).unwrap()
    }

    #[test]
    fn an_answer_that_is_wanted_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("answer.parquet");
        let mut request = Request::new("tpch", "q1", Path::new("/data"), Format::Csv);
        request.answer = Some(path.display().to_string());
        let reply = replied(&line(&request), &|_| Ok(Work::new(|| Ok(frame().into()))), &mut None).unwrap();
        assert!(matches!(reply, Reply::Done { rows: 3, units: 1, .. }), "{reply:?}");
        assert!(path.is_file());
    }

    #[test]
    fn a_line_that_is_no_request_is_an_error_and_not_the_end() {
        let error = replied("hello", &|_| Ok(Work::new(|| Ok(Done::tasks(1)))), &mut None).unwrap_err();
        assert!(error.to_string().contains("is no request"), "{error}");
    }

    #[test]
    fn tasks_are_counted() {
        let request = Request::new("functions", "map", Path::new(""), Format::Csv);
        let reply = replied(&line(&request), &|_| Ok(Work::new(|| Ok(Done::tasks(7)))), &mut None).unwrap();
        assert!(matches!(reply, Reply::Done { rows: 0, units: 7, .. }), "{reply:?}");
    }

    #[test]
    fn what_work_needs_is_made_once_and_again_for_other_work() {
        let made = Rc::new(Cell::new(0));
        let (count, mut kept) = (made.clone(), None);
        let ready = move |_: &Request| {
            count.set(count.get() + 1);
            Ok(Work::new(|| Ok(Done::tasks(1))).promised(Some(5)))
        };
        let mut request = Request::new("array", "exp", Path::new(""), Format::Parquet);
        request.only_ready = true;
        let reply = replied(&line(&request), &ready, &mut kept).unwrap();
        assert_eq!(reply, Reply::Done { seconds: 0.0, rows: 0, units: 1, promised: Some(5) });
        request.only_ready = false;
        replied(&line(&request), &ready, &mut kept).unwrap();
        assert_eq!(made.get(), 1);
        request.case = "sin".to_owned();
        replied(&line(&request), &ready, &mut kept).unwrap();
        assert_eq!(made.get(), 2);
    }

    #[test]
    fn what_is_told_later_is_told_only_where_it_is_wanted() {
        let directory = tempfile::tempdir().unwrap();
        let told = Rc::new(Cell::new(0));
        let (count, mut kept) = (told.clone(), None);
        let ready = move |_: &Request| {
            let count = count.clone();
            Ok(Work::new(move || {
                let count = count.clone();
                Ok(Done::later(move || {
                    count.set(count.get() + 1);
                    Ok(frame())
                }))
            }))
        };
        let mut request = Request::new("array", "exp", Path::new(""), Format::Parquet);
        replied(&line(&request), &ready, &mut kept).unwrap();
        assert_eq!(told.get(), 0);
        request.answer = Some(directory.path().join("answer.parquet").display().to_string());
        let reply = replied(&line(&request), &ready, &mut kept).unwrap();
        assert!(matches!(reply, Reply::Done { rows: 3, .. }), "{reply:?}");
        assert_eq!(told.get(), 1);
    }
}
