//! [`Csv`]: lists files, samples them, agrees on names and types, and cuts large files into partitions.

use super::{
    blocks::{BLOCK, Blocks},
    files,
    infer::Kind,
    options::CsvOptions,
    record::Dialect,
    sample::{Sample, Sampler},
    table::{CsvFile, CsvProvider, CsvTable, Part},
};
use crate::{source::Source, types::type_name};
use arrow_cast::can_cast_types;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::datasource::TableProvider;
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};
use stratal_core::{Error, ErrorKind, Result, config::Config, error::nearest};

/// CSV files as the first step of a frame.
pub(crate) struct Csv(pub(crate) CsvOptions);

impl Source for Csv {
    fn name(&self) -> &'static str {
        "read_csv"
    }

    fn arguments(&self) -> String {
        match &self.0.paths[..] {
            [path] => format!("{path:?}"),
            paths => format!("{paths:?}"),
        }
    }

    fn open(&self, config: &Config) -> Result<Arc<dyn TableProvider>> {
        let table = self.table(config.frame.partition_bytes)?;
        Ok(Arc::new(CsvProvider(Arc::new(table))))
    }
}

impl Csv {
    fn table(&self, partition_bytes: u64) -> Result<CsvTable> {
        let options = &self.0;
        let dialect = options.dialect()?;
        let paths = files::list(&options.paths)?;
        let sampler = Sampler { dialect, header: options.header, rows: options.sample_rows, nulls: &options.null_values };
        let samples = sample_all(&sampler, &paths)?;
        let names = self.names(&paths, &samples)?;
        let (schema, inferred, orders) = self.types(&names, &paths, &samples)?;
        let sampled = samples.iter().map(|sample| sample.rows).sum();
        let (mut files, mut parts) = (Vec::new(), Vec::new());
        for (file, ((path, sample), order)) in paths.into_iter().zip(samples).zip(orders).enumerate() {
            let absolute = std::path::absolute(&path)?;
            let path = path.to_string_lossy().into_owned();
            let whole = Part { file, start: sample.body, end: sample.size };
            parts.extend(cut(&absolute, &path, whole, partition_bytes, dialect)?);
            files.push(CsvFile { path, absolute, size: sample.size, modified: sample.modified, width: sample.width, order });
        }
        let (nulls, on_mismatch) = (options.null_values.clone(), options.on_mismatch);
        Ok(CsvTable { schema, files, parts, dialect, nulls, on_mismatch, inferred, sampled })
    }

    /// The columns of the first file that has any, by which the others are read.
    fn names(&self, paths: &[PathBuf], samples: &[Sample]) -> Result<Vec<String>> {
        let first = samples.iter().position(|sample| sample.width > 0);
        let names = match (&self.0.schema, first.map(|at| &samples[at])) {
            (Some(schema), _) => schema.fields().iter().map(|field| field.name().clone()).collect(),
            (None, Some(Sample { names: Some(names), .. })) => names.clone(),
            (None, Some(sample)) => (1..=sample.width).map(|at| format!("column_{at}")).collect::<Vec<_>>(),
            (None, None) => {
                let what = if paths.len() == 1 { "the file is empty" } else { "all files are empty" };
                let error = Error::new(ErrorKind::BadValue, format!("{what}: there are no columns"));
                return Err(error.in_file(paths[0].to_string_lossy(), None, None).with_help("name the columns: CsvOptions::schema(..)"));
            }
        };
        let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
        match (twice, first) {
            (Some((_, name)), first) => {
                let error = Error::new(ErrorKind::BadValue, format!("two columns are named {name:?}"));
                let path = paths[first.unwrap_or_default()].to_string_lossy();
                Err(error.in_file(path, Some(1), None).with_help("if the first line is data, use CsvOptions::header(false)"))
            }
            (None, _) => Ok(names),
        }
    }

    /// The schema, which of its types were inferred, and which field of each file is which column.
    fn types(&self, names: &[String], paths: &[PathBuf], samples: &[Sample]) -> Result<(SchemaRef, Vec<bool>, Vec<Vec<usize>>)> {
        let reference = samples.iter().position(|sample| sample.width > 0).unwrap_or_default();
        let orders = paths.iter().zip(samples).map(|(path, sample)| order(names, path, sample, &paths[reference]));
        let orders = orders.collect::<Result<Vec<_>>>()?;
        let given = self.0.given_types()?;
        for (name, _) in &given {
            if !names.iter().any(|known| known == name) {
                let error = Error::new(ErrorKind::UnknownColumn, format!("no column {name:?} in [{}]", names.join(", ")));
                return Err(match nearest(name, names.iter().map(String::as_str)) {
                    Some(near) => error.with_help(format!("did you mean {near:?}?")),
                    None => error,
                });
            }
        }
        let mut inferred = Vec::new();
        let mut fields = Vec::new();
        for (column, name) in names.iter().enumerate() {
            let by_name = given.iter().rev().find(|(of, _)| of == name).map(|(_, data_type)| data_type.clone());
            let by_schema = self.0.schema.as_ref().map(|schema| schema.field(column).data_type().clone());
            let seen = || {
                let kinds =
                    samples.iter().zip(&orders).filter(|(sample, _)| sample.width > 0).map(|(sample, order)| sample.kinds[order[column]]);
                kinds.fold(Kind::Null, Kind::widen).data_type()
            };
            let fixed = by_name.or(by_schema);
            inferred.push(fixed.is_none());
            let data_type = fixed.unwrap_or_else(seen);
            if !can_cast_types(&DataType::Utf8, &data_type) {
                let message = format!("column {name:?} of a CSV file cannot be {}", type_name(&data_type));
                return Err(Error::new(ErrorKind::TypeMismatch, message).with_help("read it as \"str\" and take it apart afterwards"));
            }
            fields.push(Field::new(name, data_type, true));
        }
        Ok((Arc::new(Schema::new(fields)), inferred, orders))
    }
}

/// Looks at all files, several at once.
fn sample_all(sampler: &Sampler<'_>, paths: &[PathBuf]) -> Result<Vec<Sample>> {
    let each = |path: &PathBuf| sampler.sample(path, &path.to_string_lossy());
    if paths.len() == 1 {
        return paths.iter().map(each).collect();
    }
    let threads = thread::available_parallelism().map_or(1, usize::from).min(paths.len());
    let share = paths.len().div_ceil(threads);
    thread::scope(|scope| {
        let workers: Vec<_> =
            paths.chunks(share).map(|paths| scope.spawn(move || paths.iter().map(each).collect::<Result<Vec<_>>>())).collect();
        let samples =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(Error::internal("sampling a CSV file panicked"))));
        samples.collect::<Result<Vec<_>>>().map(|samples| samples.into_iter().flatten().collect())
    })
}

/// Which field of a file each column is: by name where there is a header, else by position.
fn order(names: &[String], path: &Path, sample: &Sample, reference: &Path) -> Result<Vec<usize>> {
    let own = match &sample.names {
        _ if sample.width == 0 => return Ok(Vec::new()),
        None if sample.width == names.len() => return Ok((0..names.len()).collect()),
        None => {
            let message = format!("{} columns, and {} has {}", sample.width, reference.display(), names.len());
            return Err(differ(message, path));
        }
        Some(own) => own,
    };
    let order: Vec<Option<usize>> = names.iter().map(|name| own.iter().position(|other| other == name)).collect();
    let list = |names: Vec<&String>| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let missing: Vec<&String> = names.iter().filter(|name| !own.contains(name)).collect();
    let extra: Vec<&String> = own.iter().filter(|name| !names.contains(name)).collect();
    if missing.is_empty() && own.len() == names.len() {
        return Ok(order.into_iter().flatten().collect());
    }
    let missing = (!missing.is_empty()).then(|| format!("missing {}", list(missing)));
    let extra = (!extra.is_empty()).then(|| format!("extra {}", list(extra)));
    let parts: Vec<String> = missing.into_iter().chain(extra).collect();
    Err(differ(format!("other columns than {}: {}", reference.display(), parts.join("; ")), path))
}

fn differ(message: String, path: &Path) -> Error {
    let error = Error::new(ErrorKind::TypeMismatch, message).in_file(path.to_string_lossy(), None, None);
    error.with_help("give all files the same columns, in any order, or read them apart")
}

/// Cuts a large file where records begin. A file without quotes is cut at newlines; in any other one all records are
/// split, since nothing less tells a newline in a field from one after it.
fn cut(path: &Path, shown: &str, whole: Part, every: u64, dialect: Dialect) -> Result<Vec<Part>> {
    if whole.end - whole.start <= every {
        return Ok(vec![whole]);
    }
    let named = |error: std::io::Error| Error::from(error).in_file(shown, None, None);
    let cuts = match dialect.quote {
        Some(quote) if contains(path, whole, quote).map_err(named)? => record_cuts(path, shown, whole, every, dialect)?,
        _ => newline_cuts(path, whole, every).map_err(named)?,
    };
    let starts = std::iter::once(whole.start).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([whole.end]);
    Ok(starts.zip(ends).map(|(start, end)| Part { start, end, ..whole }).collect())
}

fn contains(path: &Path, part: Part, wanted: u8) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(part.start))?;
    let mut block = vec![0; BLOCK];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 || block[..read].contains(&wanted) {
            return Ok(read > 0);
        }
    }
}

fn newline_cuts(path: &Path, whole: Part, every: u64) -> std::io::Result<Vec<u64>> {
    let mut file = File::open(path)?;
    let mut cuts = Vec::new();
    let mut block = vec![0; 64 << 10];
    let mut at = whole.start + every;
    while at < whole.end {
        file.seek(SeekFrom::Start(at))?;
        let read = file.read(&mut block)?;
        match block[..read].iter().position(|byte| *byte == b'\n') {
            Some(step) if at + step as u64 + 1 < whole.end => {
                cuts.push(at + step as u64 + 1);
                at += every.max(step as u64 + 1);
            }
            Some(_) => break,
            None if read == 0 => break,
            None => at += read as u64,
        }
    }
    Ok(cuts)
}

fn record_cuts(path: &Path, shown: &str, whole: Part, every: u64, dialect: Dialect) -> Result<Vec<u64>> {
    let mut blocks = Blocks::open(path, shown, whole.start..whole.end, dialect)?;
    let (mut cuts, mut fields, mut last) = (Vec::new(), Vec::new(), whole.start);
    while let Some(record) = blocks.record(&mut fields)? {
        if record.end - last >= every && record.end < whole.end {
            cuts.push(record.end);
            last = record.end;
        }
    }
    Ok(cuts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_is_where_a_record_begins() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.csv");
        let dialect = Dialect { delimiter: b',', quote: Some(b'"') };
        for text in ["foo,bar\n\"a\",1\n\"b\",2\n\"c\nd\ne\n\",3\n\"h\",4\n", "foo,bar\na,1\nb,2\nc,3\nd,4", "a,b\r\n1,2\r\n3,4\r\n5,6\r\n"]
        {
            std::fs::write(&path, text).unwrap();
            let whole = Part { file: 0, start: 0, end: text.len() as u64 };
            let starts = |parts: &[Part]| parts.iter().map(|part| part.start).collect::<Vec<_>>();
            let records = starts(&cut(&path, "a.csv", whole, 0, dialect).unwrap());
            for every in 1..text.len() as u64 + 2 {
                let parts = cut(&path, "a.csv", whole, every, dialect).unwrap();
                assert!(starts(&parts).iter().all(|start| records.contains(start)), "{every}: {parts:?} {records:?}");
                assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
                assert_eq!((parts[0].start, parts[parts.len() - 1].end), (0, whole.end));
            }
        }
    }
}
