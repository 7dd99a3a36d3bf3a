//! [`Json`]: lists files, samples them, agrees on names and types, and cuts large files into partitions.

use super::{
    decode::Decode,
    kind::Kind,
    options::JsonOptions,
    sample::{Sample, conflict},
    table::{JsonFile, JsonTable},
};
use crate::source::{
    ColumnOrigin, Source,
    files::{Compression, FileProvider, Listed, each, newline_cuts, parts, sampled},
    origin::samples,
};
use arrow_schema::{Field, Schema};
use datafusion::datasource::TableProvider;
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result, config::Config};
use stratal_stores::wait_here;

/// What is taken from a directory.
const ENDINGS: [&str; 15] = [
    "ndjson",
    "jsonl",
    "json",
    "ndjson.gz",
    "jsonl.gz",
    "json.gz",
    "ndjson.zst",
    "jsonl.zst",
    "json.zst",
    "ndjson.bz2",
    "jsonl.bz2",
    "json.bz2",
    "ndjson.xz",
    "jsonl.xz",
    "json.xz",
];

/// JSON files as the first step of a frame.
pub(crate) struct Json(pub(crate) JsonOptions);

impl Source for Json {
    fn name(&self) -> &'static str {
        "read_json"
    }

    fn arguments(&self) -> String {
        self.0.asked.arguments()
    }

    fn reads(&self) -> Vec<(Vec<String>, Vec<(String, String)>)> {
        self.0.asked.reads()
    }

    fn open(&self, config: &Config) -> Result<Arc<dyn TableProvider>> {
        Ok(Arc::new(FileProvider(Arc::new(self.table(config.frame.partition_bytes.max(1))?))))
    }

    fn origins(&self, _: &Config) -> Result<Vec<ColumnOrigin>> {
        let table = self.table(u64::MAX)?;
        let of_files = table.sampled.map_or_else(|| "as given".to_owned(), samples);
        let origin = |(at, field): (usize, &Arc<Field>)| match at < table.own {
            true => ColumnOrigin::new(field, of_files.clone()),
            false => ColumnOrigin::new(field, "the paths"),
        };
        Ok(table.schema.fields().iter().enumerate().map(origin).collect())
    }
}

/// A file that was looked at, and where it is cut.
struct Seen {
    sample: Sample,
    cuts: Vec<u64>,
}

impl Json {
    fn table(&self, every: u64) -> Result<JsonTable> {
        let options = &self.0;
        let files = options.asked.list(&ENDINGS)?;
        let compressions =
            files.iter().map(|file| Compression::of(&file.path, options.compression.as_deref())).collect::<Result<Vec<_>>>()?;
        let rows = if options.schema.is_some() { 0 } else { options.sample_rows };
        let look = |file: &Listed| -> Result<Seen> {
            let compression = Compression::of(&file.path, options.compression.as_deref())?;
            wait_here(async {
                let sample = Sample::of(file, compression, rows).await?;
                let cuts = match compression {
                    None if !sample.is_array => newline_cuts(file, 0, every).await?,
                    _ => Vec::new(),
                };
                Ok(Seen { sample, cuts })
            })
        };
        let chosen = sampled(&files);
        let looked: Vec<&Listed> = files.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(file, _)| file).collect();
        let mut looked = each(&looked, look)?.into_iter();
        let seen: Vec<Option<Seen>> = chosen.into_iter().map(|chosen| if chosen { looked.next() } else { None }).collect();

        let mut extra = options.asked.extra(&files)?;
        let own = match &options.schema {
            Some(given) => {
                let is_extra = |name: &str| extra.fields().iter().any(|field| field.name() == name);
                let (outside, inside): (Vec<_>, Vec<_>) = given.fields().iter().partition(|field| is_extra(field.name()));
                for field in outside {
                    extra = extra.with_type(field.name(), field.data_type());
                }
                inside.into_iter().map(|field| Field::new(field.name(), field.data_type().clone(), true)).collect()
            }
            None => self.infer(&files, &seen)?,
        };
        let own = Schema::new(own);
        // A type that JSON is not decoded to is an error now, not when rows are read.
        Decode::new(own.fields(), 1).map_err(|error| {
            Error::new(ErrorKind::TypeMismatch, error.to_string()).with_help("read it as another type, and cast it afterwards")
        })?;
        let schema = extra.after(&own)?;
        let sampled = seen.iter().flatten().fold((0, 0), |(rows, files), seen| (rows + seen.sample.rows, files + 1));
        let (mut bound, mut all) = (Vec::new(), Vec::new());
        for (number, ((listed, compression), seen)) in files.into_iter().zip(compressions).zip(&seen).enumerate() {
            let cuts = seen.as_ref().map_or(&[][..], |seen| &seen.cuts[..]);
            all.extend(parts(number, listed.size, cuts));
            bound.push(JsonFile { listed, compression });
        }
        let sampled = options.schema.is_none().then_some(sampled);
        Ok(JsonTable { schema, own: own.fields().len(), extra, files: bound, parts: all, sampled })
    }

    /// The columns of all files that were looked at.
    fn infer(&self, files: &[Listed], seen: &[Option<Seen>]) -> Result<Vec<Field>> {
        let mut all: Option<(&Listed, Kind)> = None;
        let looked = files.iter().zip(seen).filter_map(|(file, seen)| seen.as_ref().map(|seen| (file, &seen.sample.kind)));
        for (file, kind) in looked.filter(|(_, kind)| **kind != Kind::EMPTY) {
            all = Some(match all {
                None => (file, kind.clone()),
                Some((first, before)) => {
                    self.check(first, &before, file, kind)?;
                    let together = before.widen(kind.clone());
                    (first, together.map_err(|inner| conflict(inner).in_file(&*file.shown, None, None))?)
                }
            });
        }
        let Some((_, Kind::Struct(columns))) = all else {
            let what = if files.len() == 1 { "the file has no keys" } else { "the files have no keys" };
            let error = Error::new(ErrorKind::BadValue, format!("{what}: there are no columns"));
            return Err(error.in_file(&*files[0].shown, None, None).with_help("name the columns: JsonOptions::schema(..)"));
        };
        Ok(columns.into_iter().map(|(name, kind)| Field::new(name, kind.data_type(), true)).collect())
    }

    /// Whether a file has no keys but those that are known, or may have others.
    fn check(&self, first: &Listed, known: &Kind, file: &Listed, kind: &Kind) -> Result<()> {
        let (Kind::Struct(known), Kind::Struct(keys)) = (known, kind) else { return Ok(()) };
        let is_new = |key: &str| !known.iter().any(|(name, _)| name == key);
        let new: Vec<String> = keys.iter().map(|(key, _)| key).filter(|key| is_new(key)).map(|key| format!("{key:?}")).collect();
        if new.is_empty() || self.0.union_by_name {
            return Ok(());
        }
        Err(Error::new(ErrorKind::TypeMismatch, format!("other keys than {}: extra {}", first.shown, new.join(", ")))
            .in_file(&*file.shown, None, None)
            .with_help("JsonOptions::union_by_name(true) takes the keys of all files, JsonOptions::schema(..) those that are named"))
    }
}
