//! [`Manifest`]: what the writes to a directory left there, in its `_manifest.json`. Readers pass over it, as over all names
//! that begin with `_`.

use super::{found::read, target::Target};
use crate::types::type_name;
use arrow_schema::Schema;
use object_store::UpdateVersion;
use serde::{Deserialize, Serialize};
use stratal_core::{Error, ErrorKind, Result};

/// The name of the file.
pub(super) const NAME: &str = "_manifest.json";

/// The form of the file.
const VERSION: u32 = 1;

/// A column of the rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    /// As tables print it.
    #[serde(rename = "type")]
    pub(super) data_type: String,
}

/// A file of the data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Below the directory.
    pub(super) path: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// What is in a directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    version: u32,
    rows: u64,
    bytes: u64,
    pub(super) columns: Vec<Column>,
    pub(super) files: Vec<Entry>,
    /// The write that left it, where others might leave one that says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    write: Option<String>,
}

/// The columns of a schema.
pub(super) fn columns(schema: &Schema) -> Vec<Column> {
    schema.fields().iter().map(|field| Column { name: field.name().clone(), data_type: type_name(field.data_type()) }).collect()
}

impl Manifest {
    /// A data set of these files.
    pub(super) fn new(columns: Vec<Column>, files: Vec<Entry>) -> Self {
        let (rows, bytes) = (files.iter().map(|file| file.rows).sum(), files.iter().map(|file| file.bytes).sum());
        Manifest { version: VERSION, rows, bytes, columns, files, write: None }
    }

    /// The same, as that of the write of this token.
    pub(super) fn with_write(mut self, token: &str) -> Self {
        self.write = Some(token.to_owned());
        self
    }

    /// Whether the write of this token left it.
    pub(super) fn is_of(&self, token: &str) -> bool {
        self.write.as_deref() == Some(token)
    }

    /// That of a directory, if it has one.
    ///
    /// # Errors
    /// `BadValue` for a file of that name that is no manifest.
    pub(super) fn read(target: &Target) -> Result<Option<Self>> {
        Ok(Self::read_version(target)?.map(|(manifest, _)| manifest))
    }

    /// The same, with what an object store calls this version of it.
    pub(super) fn read_version(target: &Target) -> Result<Option<(Self, UpdateVersion)>> {
        let Some((bytes, version)) = read(target, NAME)? else { return Ok(None) };
        let wrong = |what: String| {
            let error = Error::new(ErrorKind::BadValue, format!("{NAME} does not say what earlier writes left: {what}"));
            error.in_file(target.shown(), None, None).with_help("remove it if no write to this directory is to know of what is there")
        };
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if manifest.version != VERSION {
            return Err(wrong(format!("it is of version {}, and {VERSION} is known", manifest.version)));
        }
        match manifest.files.iter().find(|file| !is_below(&file.path)) {
            Some(file) => Err(wrong(format!("{:?} is not below the directory", file.path))),
            None => Ok(Some((manifest, version))),
        }
    }

    /// As it stands in the file.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        let bytes = serde_json::to_vec_pretty(self);
        let mut bytes = bytes.map_err(|error| Error::internal(format!("a manifest cannot be written: {error}")))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// Whether a path stays below where it begins: what a manifest lists may be removed.
pub(super) fn is_below(path: &str) -> bool {
    !path.is_empty() && path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !path.contains('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_are_not_below() {
        assert!(is_below("part-00000.csv") && is_below("k=a%2Fb/part-00000.csv"));
        for path in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./x", "a\\..\\x"] {
            assert!(!is_below(path), "{path}");
        }
    }

    #[test]
    fn the_file_has_sums_and_types() {
        let columns = vec![Column { name: "x".into(), data_type: "i64".into() }];
        let entry = |path: &str, rows| Entry { path: path.into(), rows, bytes: 10 };
        let manifest = Manifest::new(columns, vec![entry("part-00000.csv", 3), entry("part-00001.csv", 4)]);
        let text = String::from_utf8(manifest.to_bytes().unwrap()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((json["rows"].as_u64(), json["bytes"].as_u64(), json["columns"][0]["type"].as_str()), (Some(7), Some(20), Some("i64")));
        assert_eq!(serde_json::from_str::<Manifest>(&text).unwrap(), manifest);
    }
}
