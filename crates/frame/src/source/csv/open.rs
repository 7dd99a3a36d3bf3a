//! [`Csv`]: lists files, samples them, agrees on names and types, and cuts large files into partitions.

use super::{
    columns::{Columns, names},
    cuts::cuts,
    head::Preamble,
    infer::Kind,
    options::{CsvOptions, OnMismatch, RaggedRows},
    sample::{Sample, Sampler},
    table::{CsvFile, CsvTable, Layout},
};
use crate::{
    source::{
        ColumnOrigin, Source,
        files::{Compression, Extra, FileProvider, Listed, each, parts, sampled},
        origin::samples,
    },
    types::type_name,
};
use arrow_cast::can_cast_types;
use arrow_schema::{DataType, Field, Schema};
use datafusion::datasource::TableProvider;
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result, config::Config, error::nearest};
use stratal_stores::wait_here;

/// What is taken from a directory.
const ENDINGS: [&str; 10] = ["csv", "tsv", "csv.gz", "tsv.gz", "csv.zst", "tsv.zst", "csv.bz2", "tsv.bz2", "csv.xz", "tsv.xz"];

/// CSV files as the first step of a frame.
pub(crate) struct Csv(pub(crate) CsvOptions);

impl Source for Csv {
    fn name(&self) -> &'static str {
        "read_csv"
    }

    fn arguments(&self) -> String {
        self.0.asked.arguments()
    }

    fn reads(&self) -> Vec<(Vec<String>, Vec<(String, String)>)> {
        self.0.asked.reads()
    }

    fn open(&self, config: &Config) -> Result<Arc<dyn TableProvider>> {
        let every = self.0.partition_bytes()?.unwrap_or(config.frame.partition_bytes.max(1));
        Ok(Arc::new(FileProvider(Arc::new(self.table(every)?))))
    }

    fn origins(&self, _: &Config) -> Result<Vec<ColumnOrigin>> {
        let table = self.table(u64::MAX)?;
        let origin = |(at, field): (usize, &Arc<Field>)| match table.inferred.get(at) {
            Some(true) => ColumnOrigin::new(field, samples(table.sampled)),
            Some(false) => ColumnOrigin::new(field, "as given"),
            None => ColumnOrigin::new(field, "the paths"),
        };
        Ok(table.schema.fields().iter().enumerate().map(origin).collect())
    }
}

/// A file that was looked at, and where it is cut.
struct Seen {
    sample: Sample,
    cuts: Vec<u64>,
}

/// Names and types of the columns in the files.
struct Agreed {
    fields: Vec<Field>,
    /// For each of them, whether its type was inferred.
    inferred: Vec<bool>,
    /// The file that they are from.
    reference: String,
}

impl Csv {
    fn table(&self, every: u64) -> Result<CsvTable> {
        let options = &self.0;
        let dialect = options.dialect()?;
        let files = options.asked.list(&ENDINGS)?;
        let compressions =
            files.iter().map(|file| Compression::of(&file.path, options.compression.as_deref())).collect::<Result<Vec<_>>>()?;
        let preamble = Preamble { header: options.header, skip_rows: options.skip_rows };
        let mut extra = options.asked.extra(&files)?;
        let sampler = Sampler {
            dialect,
            preamble,
            rows: options.sample_rows,
            nulls: &options.null_values,
            ragged: options.ragged_rows,
            least: self.least(&extra),
            on_mismatch: options.on_mismatch,
        };
        let look = |file: &Listed| -> Result<Seen> {
            let compression = Compression::of(&file.path, options.compression.as_deref())?;
            wait_here(async {
                let sample = sampler.sample(file, compression).await?;
                let cuts = match compression {
                    None if sample.width > 0 => cuts(file, sample.body, sample.width, every, dialect).await?,
                    _ => Vec::new(),
                };
                Ok(Seen { sample, cuts })
            })
        };
        let chosen = if options.on_mismatch == OnMismatch::Widen { vec![true; files.len()] } else { sampled(&files) };
        let looked: Vec<&Listed> = files.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(file, _)| file).collect();
        let mut looked = each(&looked, look)?.into_iter();
        let seen: Vec<Option<Seen>> = chosen.into_iter().map(|chosen| if chosen { looked.next() } else { None }).collect();

        let agreed = self.agree(&files, &seen, &mut extra)?;
        let names: Vec<&str> = agreed.fields.iter().map(|field| field.name().as_str()).collect();
        let schema = extra.after(&Schema::new(agreed.fields.clone()))?;
        let (mut bound, mut all) = (Vec::new(), Vec::new());
        for (number, ((listed, compression), seen)) in files.into_iter().zip(compressions).zip(&seen).enumerate() {
            let cuts = seen.as_ref().map_or(&[][..], |seen| &seen.cuts[..]);
            all.extend(parts(number, listed.size, cuts));
            let layout = seen.as_ref().map(|seen| self.layout(&listed, &seen.sample, &names, &agreed.reference)).transpose()?;
            bound.push(CsvFile { listed, compression, layout });
        }
        let sampled = seen.iter().flatten().fold((0, 0), |(rows, files), seen| (rows + seen.sample.rows, files + 1));
        Ok(CsvTable {
            schema,
            extra,
            files: bound,
            parts: all,
            dialect,
            preamble,
            nulls: options.null_values.clone(),
            on_mismatch: options.on_mismatch,
            ragged: options.ragged_rows,
            union_by_name: options.union_by_name,
            inferred: agreed.inferred,
            sampled,
            reference: agreed.reference,
        })
    }

    /// How many columns are known to stand in the files though no header says so: the first record may be one that ends early.
    fn least(&self, extra: &Extra) -> usize {
        match &self.0.schema {
            Some(schema) if !self.0.header && self.0.ragged_rows == RaggedRows::FillNull => {
                schema.fields().iter().filter(|field| !is_extra(extra, field.name())).count()
            }
            _ => 0,
        }
    }

    fn layout(&self, file: &Listed, sample: &Sample, names: &[&str], reference: &str) -> Result<Layout> {
        columns(file, sample).layout(names, reference, self.0.union_by_name, self.0.ragged_rows)
    }

    /// The columns in the files. Types that were given for keys of directories go to `extra`.
    fn agree(&self, files: &[Listed], seen: &[Option<Seen>], extra: &mut Extra) -> Result<Agreed> {
        let looked: Vec<(&Listed, &Sample)> =
            files.iter().zip(seen).filter_map(|(file, seen)| seen.as_ref().map(|seen| (file, &seen.sample))).collect();
        let mut given = Vec::new();
        if let Some(schema) = &self.0.schema {
            given.extend(schema.fields().iter().map(|field| (field.name().as_str(), field.data_type().clone())));
        }
        let (names, reference): (Vec<String>, String) = match &self.0.schema {
            Some(_) => {
                let own = given.iter().map(|(name, _)| *name).filter(|name| !is_extra(extra, name));
                (own.map(str::to_owned).collect(), "the schema".to_owned())
            }
            None => names(&looked.iter().map(|(file, sample)| columns(file, sample)).collect::<Vec<_>>(), self.0.union_by_name)?,
        };
        for (name, data_type) in self.0.given_types()? {
            if !names.iter().any(|known| known == name) && !is_extra(extra, name) {
                return Err(unknown(name, &names, extra));
            }
            given.push((name, data_type));
        }
        for (name, data_type) in &given {
            *extra = extra.clone().with_type(name, data_type);
        }
        let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut kinds = vec![Kind::Null; names.len()];
        for (file, sample) in looked {
            let layout = self.layout(file, sample, &borrowed, &reference)?;
            for (kind, at) in kinds.iter_mut().zip(layout.order) {
                // A first record that ended early says nothing of what it lacks.
                *kind = kind.widen(at.and_then(|at| sample.kinds.get(at)).copied().unwrap_or(Kind::Null));
            }
        }
        let (mut fields, mut inferred) = (Vec::new(), Vec::new());
        for (name, kind) in names.iter().zip(kinds) {
            let fixed = given.iter().rev().find(|(of, _)| of == name).map(|(_, data_type)| data_type.clone());
            inferred.push(fixed.is_none());
            let data_type = fixed.unwrap_or_else(|| kind.data_type());
            if !can_cast_types(&DataType::Utf8, &data_type) {
                let message = format!("column {name:?} of a CSV file cannot be {}", type_name(&data_type));
                return Err(Error::new(ErrorKind::TypeMismatch, message).with_help("read it as \"str\" and take it apart afterwards"));
            }
            fields.push(Field::new(name, data_type, true));
        }
        Ok(Agreed { fields, inferred, reference })
    }
}

fn is_extra(extra: &Extra, name: &str) -> bool {
    extra.fields().iter().any(|field| field.name() == name)
}

fn columns<'a>(file: &'a Listed, sample: &'a Sample) -> Columns<'a> {
    Columns { file, names: sample.names.as_deref(), width: sample.width, blanks: sample.blanks }
}

fn unknown(name: &str, names: &[String], extra: &Extra) -> Error {
    let keys = extra.fields();
    let all: Vec<&str> = names.iter().map(String::as_str).chain(keys.iter().map(|field| field.name().as_str())).collect();
    let error = Error::new(ErrorKind::UnknownColumn, format!("no column {name:?} in [{}]", all.join(", ")));
    match nearest(name, all) {
        Some(near) => error.with_help(format!("did you mean {near:?}?")),
        None => error,
    }
}
