//! Where settings come from, and which source is stronger.
//!
//! Every source gives values under keys. [`figment`] keeps the strongest value of each key and remembers where it stood; the
//! table turns it into a field, or into an error that says where it stands and what is allowed there.

use super::settings::{Config, KEYS, SETTINGS, Setting};
use crate::{Error, ErrorKind, Result, error::nearest};
use figment::{
    Figment, Metadata, Profile, Provider, Source,
    error::Actual,
    providers::{Format, Toml},
    util::nest,
    value::{Dict, Map, Value},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

impl Config {
    /// The configuration of this process: its `stratal.toml` and its environment.
    ///
    /// # Errors
    /// `Config` for an unreadable file, an unknown key or variable, or a value that is not allowed.
    pub fn load() -> Result<Config> {
        Config::load_with(&[])
    }

    /// [`load`](Self::load), and over it what the program sets, as pairs of key and value. Fails as that does.
    pub fn load_with(overrides: &[(String, String)]) -> Result<Config> {
        let file = stratal_toml()?;
        let file = file.as_ref().map(|(path, text)| (path.as_str(), text.as_str()));
        let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Config::layered(file, std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))), overrides)
    }

    /// The configuration that the path and text of a file, an environment, and pairs of key and value make. Looks at nothing else.
    ///
    /// A value is checked only if no stronger source gives another. Fails as [`load`](Self::load) does.
    pub fn layered(
        file: Option<(&str, &str)>,
        env: impl IntoIterator<Item = (String, String)>,
        overrides: &[(String, String)],
    ) -> Result<Config> {
        let mut figment = Figment::new();
        if let Some((path, text)) = file {
            let origin = Metadata::from(path.to_owned(), Path::new(path)).interpolater(dotted);
            figment = merge_table(figment, "", table(path, text)?, &origin)?;
        }
        let origin = Metadata::named("environment").interpolater(variable);
        for (name, value) in env.into_iter().filter(|(name, _)| name.starts_with("STRATAL_")) {
            figment = figment.merge(Entry::new(&name, value.into(), &origin)?);
        }
        let origin = program();
        for (key, value) in overrides {
            figment = figment.merge(Entry::new(key, Value::from(value.as_str()), &origin)?);
        }
        let mut config = Config::default();
        for setting in SETTINGS {
            if let (Ok(value), Some(origin)) = (figment.find_value(setting.key), figment.find_metadata(setting.key)) {
                setting.apply(&mut config, &value, origin)?;
            }
        }
        Ok(config)
    }
}

/// One value of one source: a figment provider, so that figment orders the values and knows where each stood.
struct Entry {
    key: &'static str,
    value: Value,
    origin: Metadata,
}

impl Entry {
    fn new(name: &str, value: Value, origin: &Metadata) -> Result<Entry> {
        Ok(Entry { key: find(name, origin)?.key, value, origin: origin.clone() })
    }
}

impl Provider for Entry {
    fn metadata(&self) -> Metadata {
        self.origin.clone()
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Profile::Default.collect(nest(self.key, self.value.clone()).into_dict().unwrap_or_default()))
    }
}

/// Merges what a table holds. An empty one sets nothing, whatever its name.
fn merge_table(mut figment: Figment, prefix: &str, table: Dict, origin: &Metadata) -> Result<Figment> {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        figment = match value {
            Value::Dict(_, inner) if !KEYS.contains(&key.as_str()) => merge_table(figment, &format!("{key}."), inner, origin)?,
            value => figment.merge(Entry::new(&key, value, origin)?),
        };
    }
    Ok(figment)
}

fn table(path: &str, text: &str) -> Result<Dict> {
    Toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| 1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() as u64);
        Error::new(ErrorKind::Config, error.message().replace('\n', ", "))
            .in_file(path, line, None)
            .with_help("this is TOML: text, such as \"8GiB\", stands in quotes")
    })
}

/// Path and text of the file of this process, if it has one.
fn stratal_toml() -> Result<Option<(String, String)>> {
    let home = std::env::home_dir().map(|home| home.join(".config/stratal/stratal.toml"));
    let Some(path) = [Some(PathBuf::from("stratal.toml")), home].into_iter().flatten().find(|path| path.is_file()) else {
        return Ok(None);
    };
    let name = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some((name, text))),
        Err(error) => Err(Error::new(ErrorKind::Config, error.to_string()).in_file(name, None, None)),
    }
}

pub(super) fn program() -> Metadata {
    Metadata::named("program").interpolater(dotted)
}

/// How files and the program spell a key.
fn dotted(_: &Profile, key: &[&str]) -> String {
    key.join(".")
}

/// How the environment spells a key.
fn variable(_: &Profile, key: &[&str]) -> String {
    format!("STRATAL_{}", key.join("_").replace('.', "_").to_uppercase())
}

/// The setting that `origin` calls `name`.
pub(super) fn find(name: &str, origin: &Metadata) -> Result<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.spelled(origin) == name).ok_or_else(|| {
        let names: Vec<String> = SETTINGS.iter().map(|setting| setting.spelled(origin)).collect();
        let help = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("there are {}", names.join(", ")),
        };
        refused(origin, format!("unknown key {name:?}")).with_help(help)
    })
}

impl Setting {
    fn spelled(&self, origin: &Metadata) -> String {
        origin.interpolate(&Profile::Default, &[self.key])
    }

    pub(super) fn apply(&self, config: &mut Config, value: &Value, origin: &Metadata) -> Result<()> {
        let actual = value.to_actual();
        let text = match &actual {
            Actual::Str(text) => Some(text.clone()),
            Actual::Bool(value) => Some(value.to_string()),
            Actual::Unsigned(number) => Some(number.to_string()),
            Actual::Signed(number) => Some(number.to_string()),
            Actual::Float(number) => Some(number.to_string()),
            _ => None,
        };
        text.as_deref().and_then(|text| (self.read)(config, text.trim())).ok_or_else(|| {
            let value = text.map_or_else(|| format!("a {actual}"), |text| format!("{text:?}"));
            refused(origin, format!("{} cannot be {value}", self.spelled(origin))).with_help(format!("{} takes {}", self.key, self.takes))
        })
    }
}

/// An error that says where it stands: in a file, in the environment or in the program.
fn refused(origin: &Metadata, message: String) -> Error {
    match origin.source {
        Some(Source::File(_)) => Error::new(ErrorKind::Config, message).in_file(origin.name.clone(), None, None),
        _ => Error::new(ErrorKind::Config, format!("{}: {message}", origin.name)),
    }
}

#[cfg(test)]
mod tests;
