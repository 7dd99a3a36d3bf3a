//! The one error of all crates: what failed, where, whether to try again, and what to do.
//!
//! An [`Error`] is cheap to clone (every dependent of a failed task gets it) and has a wire form (serde), so that what a
//! worker saw is what the user reads.

use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// `Result` with Stratal's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorKind {
    /// A column name that no input has.
    UnknownColumn,
    /// Types that an operation cannot take.
    TypeMismatch,
    /// A value that does not fit: an option, an argument, a field of a file.
    BadValue,
    /// A file, object or name that is not there.
    NotFound,
    /// Something that would be overwritten.
    Exists,
    /// The operating system or an object store refused.
    Io,
    /// Array shapes that do not go together.
    Shape,
    /// An array type that an operation cannot take.
    DType,
    /// A graph that cannot run: cycle, unknown key, wrong arity.
    Graph,
    /// A memory limit.
    Memory,
    /// A full or failing disk.
    Disk,
    /// A function or plan failed while it ran.
    Task,
    /// A worker went away, and with it what could not be made again.
    WorkerLost,
    /// A function or task kind that a process does not have.
    Unregistered,
    /// A missing or wrong token or certificate.
    Auth,
    /// Two processes of versions that do not go together.
    Version,
    /// A configuration key or value.
    Config,
    /// SQL text.
    Sql,
    /// The work was cancelled.
    Cancelled,
    /// A time limit passed.
    Timeout,
    /// A bug in Stratal.
    Internal,
}

/// Whether running the same task again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Retry {
    /// The same inputs give the same error.
    Never,
    /// Another worker may do better (disk full, file not seen there).
    Elsewhere,
    /// Any worker may do better next time.
    Again,
}

/// A place in the user's source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// File, as the compiler names it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl From<&std::panic::Location<'_>> for Location {
    fn from(at: &std::panic::Location<'_>) -> Self {
        Location { file: at.file().to_owned(), line: at.line(), column: at.column() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What failed, where, and what to do.
///
/// `Display` prints the place, the message and, on a line of its own, the help.
///
/// ```
/// use stratal_core::{Error, ErrorKind};
/// let error = Error::new(ErrorKind::UnknownColumn, "no column \"amont\" in [id, name, amount]")
///     .at_step(2, "filter")
///     .with_help("did you mean \"amount\"?");
/// assert_eq!(error.to_string(), "step 2, filter: no column \"amont\" in [id, name, amount]\nhelp: did you mean \"amount\"?");
/// assert!(error.is_user() && !error.is_retryable());
/// ```
#[derive(Clone, Serialize, Deserialize)]
pub struct Error(Arc<Inner>);

#[derive(Clone, Serialize, Deserialize)]
struct Inner {
    kind: ErrorKind,
    message: String,
    help: Option<String>,
    retry: Retry,
    step: Option<(u32, String)>,
    location: Option<Location>,
    layer: Option<String>,
    partition: Option<u32>,
    file: Option<String>,
    line: Option<u64>,
    column: Option<String>,
    worker: Option<String>,
    call: Option<String>,
    tries: u32,
}

impl Error {
    /// An error that is not worth a retry, with its message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let retry = match kind {
            ErrorKind::Io | ErrorKind::WorkerLost | ErrorKind::Timeout => Retry::Again,
            ErrorKind::Disk | ErrorKind::Memory | ErrorKind::Unregistered => Retry::Elsewhere,
            _ => Retry::Never,
        };
        Error(Arc::new(Inner {
            kind,
            message: message.into(),
            help: None,
            retry,
            step: None,
            location: None,
            layer: None,
            partition: None,
            file: None,
            line: None,
            column: None,
            worker: None,
            call: None,
            tries: 1,
        }))
    }

    /// A broken invariant of Stratal itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Internal, message).with_help("this is a bug in Stratal; please report it with the plan that led here")
    }

    /// The work was cancelled.
    pub fn cancelled() -> Self {
        Error::new(ErrorKind::Cancelled, "cancelled")
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        let help = help.into();
        self.with(|e| e.help = Some(help))
    }

    /// Sets whether the task may be tried again.
    #[must_use]
    pub fn with_retry(self, retry: Retry) -> Self {
        self.with(|e| e.retry = retry)
    }

    /// Names the step of a collection, counted from 1, unless one is named already. Of a collection whose steps have names
    /// and no numbers, an array, it is 0.
    #[must_use]
    pub fn at_step(self, number: u32, name: impl Into<String>) -> Self {
        let name = name.into();
        self.with(|e| {
            e.step.get_or_insert((number, name));
        })
    }

    /// Names the place in the user's source, unless one is named already.
    #[must_use]
    pub fn at(self, location: impl Into<Location>) -> Self {
        let location = location.into();
        self.with(|e| {
            e.location.get_or_insert(location);
        })
    }

    /// The same without the step and the place in the source, for a program whose user wrote neither.
    #[must_use]
    pub fn without_place(self) -> Self {
        self.with(|e| {
            e.step = None;
            e.location = None;
        })
    }

    /// Names the task, unless one is named already.
    #[must_use]
    pub fn in_task(self, layer: &str, partition: u32) -> Self {
        self.with(|e| {
            if e.layer.is_none() {
                e.layer = Some(layer.to_owned());
                e.partition = Some(partition);
            }
        })
    }

    /// Names the worker, unless one is named already.
    #[must_use]
    pub fn on_worker(self, worker: impl Into<String>) -> Self {
        let worker = worker.into();
        self.with(|e| {
            e.worker.get_or_insert(worker);
        })
    }

    /// Names the function and its arguments, unless a call is named already.
    #[must_use]
    pub fn in_call(self, call: impl Into<String>) -> Self {
        let call = call.into();
        self.with(|e| {
            e.call.get_or_insert(call);
        })
    }

    /// Says how often it was tried.
    #[must_use]
    pub fn after_tries(self, tries: u32) -> Self {
        self.with(|e| e.tries = tries)
    }

    /// Whether the two are clones of one error.
    pub fn is_same(&self, other: &Error) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Names the file, and the line (from 1) and column in it where they are known.
    #[must_use]
    pub fn in_file(self, file: impl Into<String>, line: Option<u64>, column: Option<&str>) -> Self {
        let file = file.into();
        self.with(|e| {
            e.file = Some(file);
            e.line = line;
            e.column = column.map(str::to_owned);
        })
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message alone, without place and help.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do next.
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Number (from 1, or 0 where steps are not counted) and name of the step of the collection.
    pub fn step(&self) -> Option<(u32, &str)> {
        self.0.step.as_ref().map(|(number, name)| (*number, name.as_str()))
    }

    /// Where the user's source asked for it.
    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    /// The layer whose task failed.
    pub fn layer(&self) -> Option<&str> {
        self.0.layer.as_deref()
    }

    /// The index of the task that failed.
    pub fn partition(&self) -> Option<u32> {
        self.0.partition
    }

    /// The file that was read or written.
    pub fn file(&self) -> Option<&str> {
        self.0.file.as_deref()
    }

    /// The line in [`file`](Self::file), from 1.
    pub fn line(&self) -> Option<u64> {
        self.0.line
    }

    /// The column in [`file`](Self::file).
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// The worker that failed.
    pub fn worker(&self) -> Option<&str> {
        self.0.worker.as_deref()
    }

    /// Whether running the task again may help.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// Whether the user's input is the cause, and not the machine or a bug.
    pub fn is_user(&self) -> bool {
        use ErrorKind::*;
        !matches!(self.0.kind, Io | Memory | Disk | WorkerLost | Version | Timeout | Internal)
    }

    /// Whether the same work may succeed when it is run again.
    pub fn is_retryable(&self) -> bool {
        self.0.retry != Retry::Never
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let e = &*self.0;
        match (&e.step, &e.location) {
            (Some((0, name)), Some(at)) => write!(f, "{name} ({at}): ")?,
            (Some((0, name)), None) => write!(f, "{name}: ")?,
            (Some((number, name)), Some(at)) => write!(f, "step {number}, {name} ({at}): ")?,
            (Some((number, name)), None) => write!(f, "step {number}, {name}: ")?,
            (None, Some(at)) => write!(f, "{at}: ")?,
            (None, None) => {}
        }
        if let Some(file) = &e.file {
            f.write_str(file)?;
            if let Some(line) = e.line {
                write!(f, ":{line}")?;
            }
            if let Some(column) = &e.column {
                write!(f, ", column {column:?}")?;
            }
            f.write_str(": ")?;
        }
        if let Some(call) = &e.call {
            write!(f, "task {call} failed")?;
            if let Some(worker) = &e.worker {
                write!(f, " on {worker}")?;
            }
            if e.tries > 1 {
                write!(f, " after {} tries", e.tries)?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&e.message)?;
        match &e.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        if let (Some(layer), Some(partition)) = (&self.0.layer, self.0.partition) {
            write!(f, " [task ({layer}, {partition})]")?;
        }
        match &self.0.worker {
            Some(worker) => write!(f, " [worker {worker}]"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl From<arrow_schema::ArrowError> for Error {
    fn from(error: arrow_schema::ArrowError) -> Self {
        use arrow_schema::ArrowError::*;
        let kind = match &error {
            IoError(..) => ErrorKind::Io,
            SchemaError(_) | CastError(_) => ErrorKind::TypeMismatch,
            MemoryError(_) => ErrorKind::Memory,
            _ => ErrorKind::BadValue,
        };
        Error::new(kind, error.to_string())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            std::io::ErrorKind::AlreadyExists => ErrorKind::Exists,
            std::io::ErrorKind::StorageFull => ErrorKind::Disk,
            _ => ErrorKind::Io,
        };
        Error::new(kind, error.to_string())
    }
}

/// The candidate nearest to `wanted`, if one is near enough to be a misspelling: for `did you mean` helps.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(wanted.len()) / 4)
        .min()
        .map(|(_, candidate)| candidate)
}
