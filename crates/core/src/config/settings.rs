//! What can be set: the one table of keys, the [`Config`] made from it, and the order of its sources.
//!
//! Every source gives values under keys. [`figment`] keeps the strongest value of each key and remembers where it stood; the table
//! turns it into a field, or into an error that says where it stands and what is allowed there.

use crate::{Error, ErrorKind, Result, config::parse_bytes, error::nearest};
use figment::{
    Figment, Metadata, Profile, Provider, Source,
    error::Actual,
    providers::{Format, Toml},
    util::nest,
    value::{Dict, Map, Value},
};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// What can be done with a key: one row of the table.
struct Setting {
    key: &'static str,
    /// What is allowed, for people.
    takes: &'static str,
    /// Puts trimmed text into the field, or refuses it.
    read: fn(&mut Config, &str) -> Option<()>,
}

/// Makes the structs, their defaults and the rows from one table. A row is `field: type = default, reader, "what is allowed";`, and
/// the key is the path of the field.
macro_rules! settings {
    (
        $(#[$about:meta])*
        Config {
            $($(#[$doc:meta])* $field:ident: $type:ty = $default:expr, $read:expr, $takes:literal;)*
        }
        $($section:ident: $Section:ident {
            $($(#[$sub_doc:meta])* $sub:ident: $sub_type:ty = $sub_default:expr, $sub_read:expr, $sub_takes:literal;)*
        })*
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct Config {
            $($(#[$doc])* pub $field: $type,)*
            $(#[doc = concat!("The keys under `", stringify!($section), "`.")] pub $section: $Section,)*
        }

        $(
            #[doc = concat!("The keys under `", stringify!($section), "`.")]
            #[derive(Clone, Debug, PartialEq)]
            pub struct $Section {
                $($(#[$sub_doc])* pub $sub: $sub_type,)*
            }
        )*

        impl Default for Config {
            fn default() -> Self {
                Config { $($field: $default,)* $($section: $Section { $($sub: $sub_default,)* },)* }
            }
        }

        const KEYS: &[&str] = &[
            $(stringify!($field),)*
            $($(concat!(stringify!($section), ".", stringify!($sub)),)*)*
        ];

        const SETTINGS: &[Setting] = &[
            $(Setting {
                key: stringify!($field),
                takes: $takes,
                read: |config, text| {
                    config.$field = $read(text)?;
                    Some(())
                },
            },)*
            $($(Setting {
                key: concat!(stringify!($section), ".", stringify!($sub)),
                takes: $sub_takes,
                read: |config, text| {
                    config.$section.$sub = $sub_read(text)?;
                    Some(())
                },
            },)*)*
        ];
    };
}

settings! {
    /// What can be set. A field is named as its key: `memory.limit` is `config.memory.limit`.
    ///
    /// Later sources win, key by key: [`Config::default`]; `stratal.toml` in the working directory, else in `~/.config/stratal`;
    /// the environment, where `STRATAL_MEMORY_LIMIT` is `memory.limit`; the program.
    ///
    /// ```
    /// use stratal_core::config::{Config, MemoryLimit};
    /// let file = "threads = 4\n[memory]\nlimit = '8GiB'";
    /// let environment = [("STRATAL_THREADS".to_owned(), "2".to_owned())];
    /// let config = Config::layered(Some(("stratal.toml", file)), environment, &[])?;
    /// assert_eq!(config.memory.limit, MemoryLimit::Bytes(8 << 30));
    /// assert_eq!((config.threads, config.tasks.retries), (2, 3));
    /// # Ok::<_, stratal_core::Error>(())
    /// ```
    Config {
        /// Address of the scheduler that a client connects to when none is named; without one, work runs in this process.
        scheduler: Option<String> = None, optional, "the address of a scheduler, such as host:8786";
        /// Threads that compute; 0 for one a core. See [`thread_count`](Config::thread_count).
        threads: usize = 0, parsed, "a number of threads, 0 for one a core";
        /// Whether a progress bar is drawn while a verb runs.
        progress: bool = false, switch, "true or false";
        /// What is logged, as a `tracing` filter.
        log: Option<String> = None, optional, "a filter, such as info or stratal=debug";
    }
    memory: MemoryConfig {
        /// Bytes that this process may hold, results and operators together.
        limit: MemoryLimit = MemoryLimit::Auto, limit, "auto, none or a size such as 8GiB";
    }
    spill: SpillConfig {
        /// Where what does not fit in memory is written.
        dir: PathBuf = std::env::temp_dir(), directory, "the path of a directory";
        /// Bytes that may be written there; none for all that the disk has.
        limit: Option<u64> = None, optional_size, "none or a size such as 100GiB";
    }
    execution: ExecutionConfig {
        /// How rows pass between the partitions of a frame.
        exchange: Exchange = Exchange::Auto, word, "auto, pipe or store";
        /// What runs the queries of a frame on a cluster.
        engine: Engine = Engine::Auto, word, "auto, query or layers";
    }
    frame: FrameConfig {
        /// Bytes of input that one partition aims at.
        partition_bytes: u64 = 128 << 20, size, "a size such as 128MiB";
        /// Rows of one record batch.
        batch_rows: usize = 8192, positive, "a number of rows, at least 1";
    }
    array: ArrayConfig {
        /// Bytes that one chunk aims at where no chunk shape is given.
        chunk_bytes: u64 = 128 << 20, size, "a size such as 128MiB";
    }
    tasks: TasksConfig {
        /// How often a task that may do better is tried again.
        retries: u32 = 3, parsed, "a number of tries after the first, from 0";
    }
    worker: WorkerConfig {
        /// The program that a local cluster starts its workers from; none for this one, or the `stratal` beside it.
        bin: Option<PathBuf> = None, optional, "the path of a program";
    }
    cluster: ClusterConfig {
        /// File with the token that every process of the cluster shows.
        token_file: Option<PathBuf> = None, optional, "the path of a file";
        /// Certificates that the other side's is checked against.
        tls_ca: Option<PathBuf> = None, optional, "the path of a PEM file";
        /// Certificate that this process shows.
        tls_cert: Option<PathBuf> = None, optional, "the path of a PEM file";
        /// Key of [`tls_cert`](ClusterConfig::tls_cert).
        tls_key: Option<PathBuf> = None, optional, "the path of a PEM file";
        /// Codec of the record batches that go over the network; none for plain ones.
        compression: Option<String> = None, optional, "the name of a codec, such as lz4";
    }
}

/// How rows pass between partitions: `auto`, `pipe` or `store`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exchange {
    /// Pipes where a query runs in one process and fits in memory, else the stores.
    #[default]
    Auto,
    /// Inside one plan, from operator to operator.
    Pipe,
    /// As results in the stores of the workers.
    Store,
}

/// What runs a frame's queries: `auto`, `query` or `layers`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// The query engine for pure queries over files, layers for all else.
    #[default]
    Auto,
    /// The distributed query engine: one task a query, started again as a whole.
    Query,
    /// Layers of tasks, each of which can be run again alone.
    Layers,
}

/// A limit on memory: `auto`, `none` or a size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemoryLimit {
    /// 60 % of what this process can have: the smaller of the machine's memory and its cgroups' limits.
    #[default]
    Auto,
    /// No limit.
    None,
    /// This many bytes.
    Bytes(u64),
}

impl MemoryLimit {
    /// The limit in bytes, if there is one. `Auto` asks the system each time, and is none where there is no `/proc`.
    ///
    /// ```
    /// use stratal_core::config::MemoryLimit;
    /// assert_eq!(MemoryLimit::Bytes(4096).bytes(), Some(4096));
    /// assert_eq!(MemoryLimit::None.bytes(), None);
    /// ```
    pub fn bytes(self) -> Option<u64> {
        match self {
            MemoryLimit::Auto => available(|path| fs::read_to_string(path).ok()).map(|bytes| bytes / 5 * 3),
            MemoryLimit::None => None,
            MemoryLimit::Bytes(bytes) => Some(bytes),
        }
    }
}

/// The smaller of the machine's memory and the limits of the cgroups (version 2 or 1) that this process is in.
fn available(read: impl Fn(&Path) -> Option<String>) -> Option<u64> {
    let total = |line: &str| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok();
    let machine = read(Path::new("/proc/meminfo")).and_then(|info| info.lines().find_map(total)).map(|kib| kib * 1024);
    let limit = |group: &str| -> Option<u64> {
        let (controllers, group) = group.split_once(':')?.1.split_once(':')?;
        let (root, file) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            some if some.split(',').any(|controller| controller == "memory") => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            _ => return None,
        };
        // A group has what its parents have too. In a container the path may be the host's, and the root be the group's own.
        let groups = Path::new(group).ancestors().filter_map(|group| group.strip_prefix("/").ok());
        groups.filter_map(|group| read(&Path::new(root).join(group).join(file))?.trim().parse::<u64>().ok()).min()
    };
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    groups.lines().filter_map(limit).chain(machine).min()
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Empty text is nothing: how a variable takes back what a file says.
fn optional<T: FromStr>(text: &str) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { parsed(text).map(Some) }
}

fn optional_size(text: &str) -> Option<Option<u64>> {
    if matches!(text, "" | "none") { Some(None) } else { size(text).map(Some) }
}

fn size(text: &str) -> Option<u64> {
    parse_bytes(text).ok().filter(|bytes| *bytes > 0)
}

fn limit(text: &str) -> Option<MemoryLimit> {
    match text {
        "auto" => Some(MemoryLimit::Auto),
        "none" => Some(MemoryLimit::None),
        _ => size(text).map(MemoryLimit::Bytes),
    }
}

fn positive(text: &str) -> Option<usize> {
    parsed::<usize>(text).filter(|number| *number > 0)
}

fn directory(text: &str) -> Option<PathBuf> {
    optional(text).flatten()
}

fn switch(text: &str) -> Option<bool> {
    Value::from(text).to_bool_lossy()
}

/// A variant of an enum by its name in serde.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    Value::from(text).deserialize().ok()
}

impl Config {
    /// All keys.
    ///
    /// ```
    /// assert!(stratal_core::config::Config::keys().contains(&"memory.limit"));
    /// ```
    pub fn keys() -> &'static [&'static str] {
        KEYS
    }

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

    /// Sets one key, over all that was read.
    ///
    /// ```
    /// use stratal_core::config::Config;
    /// let mut config = Config::default();
    /// config.set("frame.partition_bytes", "64MiB")?;
    /// assert_eq!(config.frame.partition_bytes, 64 << 20);
    /// let error = config.set("frame.partition_byte", "64MiB").unwrap_err();
    /// assert_eq!(error.help(), Some("did you mean \"frame.partition_bytes\"?"));
    /// # Ok::<_, stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Config` for an unknown key, or a value that is not allowed.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let origin = program();
        find(key, &origin)?.apply(self, &Value::from(value), &origin)
    }

    /// The number of threads that compute: `threads`, or as many as this process has cores.
    pub fn thread_count(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, |cores| cores.get()),
            threads => threads,
        }
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

fn program() -> Metadata {
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
fn find(name: &str, origin: &Metadata) -> Result<&'static Setting> {
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

    fn apply(&self, config: &mut Config, value: &Value, origin: &Metadata) -> Result<()> {
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
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    fn layered(file: &str, env: &[(&str, &str)], program: &[(&str, &str)]) -> Result<Config> {
        Config::layered(Some(("stratal.toml", file)), pairs(env), &pairs(program))
    }

    fn refusal(file: &str, env: &[(&str, &str)], program: &[(&str, &str)]) -> String {
        let error = layered(file, env, program).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    }

    #[test]
    fn stronger_sources_win_key_by_key() -> Result<()> {
        let file = "threads = 1\n[tasks]\nretries = 1\n[frame]\nbatch_rows = 1\npartition_bytes = '1KiB'";
        let env = [("STRATAL_TASKS_RETRIES", "2"), ("STRATAL_FRAME_PARTITION_BYTES", "2KiB")];
        let config = layered(file, &env, &[("frame.partition_bytes", "3KiB")])?;
        assert_eq!((config.threads, config.frame.batch_rows, config.tasks.retries), (1, 1, 2));
        assert_eq!((config.frame.partition_bytes, config.array.chunk_bytes), (3072, 128 << 20));
        Ok(())
    }

    #[test]
    fn every_key_is_one_in_every_source() -> Result<()> {
        for &key in Config::keys() {
            let value = if key.starts_with("execution") { "auto" } else { "1" };
            let by_program = layered("", &[], &[(key, value)])?;
            let name = format!("STRATAL_{}", key.to_uppercase().replace('.', "_"));
            assert_eq!(layered("", &[(name.as_str(), value)], &[])?, by_program, "{name}");
            assert_eq!(layered(&format!("{key} = '{value}'"), &[], &[])?, by_program, "{key}");
            let mut set = Config::default();
            set.set(key, value)?;
            assert_eq!(set, by_program, "{key}");
        }
        Ok(())
    }

    #[test]
    fn numbers_and_flags_of_a_file_need_no_quotes() -> Result<()> {
        let config =
            layered("progress = true\n[memory]\nlimit = 4096\n[execution]\nexchange = 'store'\nengine = 'layers'\n[cluster]", &[], &[])?;
        assert_eq!((config.progress, config.memory.limit), (true, MemoryLimit::Bytes(4096)));
        assert_eq!((config.execution.exchange, config.execution.engine), (Exchange::Store, Engine::Layers));
        Ok(())
    }

    #[test]
    fn empty_text_takes_back_what_a_file_says() -> Result<()> {
        let config = layered("scheduler = 'host:8786'\nspill.limit = '1GiB'", &[("STRATAL_SCHEDULER", "")], &[("spill.limit", "none")])?;
        assert_eq!((config.scheduler, config.spill.limit), (None, None));
        Ok(())
    }

    #[test]
    fn an_unknown_key_names_its_place_and_the_nearest_key() {
        let file = refusal("[memroy]\nlimit = '8GiB'", &[], &[]);
        assert_eq!(file, "stratal.toml: unknown key \"memroy.limit\"\nhelp: did you mean \"memory.limit\"?");
        let env = refusal("", &[("STRATAL_MEMORY_LIMT", "8GiB")], &[]);
        assert_eq!(env, "environment: unknown key \"STRATAL_MEMORY_LIMT\"\nhelp: did you mean \"STRATAL_MEMORY_LIMIT\"?");
        let program = refusal("", &[], &[("memory_limit", "8GiB")]);
        assert_eq!(program, "program: unknown key \"memory_limit\"\nhelp: did you mean \"memory.limit\"?");
        let far = refusal("colour = 'red'", &[], &[]);
        assert!(far.starts_with("stratal.toml: unknown key \"colour\"\nhelp: there are scheduler, threads,"), "{far}");
    }

    #[test]
    fn a_value_that_is_not_allowed_names_its_place_and_what_is() {
        let help = "help: memory.limit takes auto, none or a size such as 8GiB";
        let file = refusal("memory.limit = true", &[], &[]);
        assert_eq!(file, format!("stratal.toml: memory.limit cannot be \"true\"\n{help}"));
        let env = refusal("", &[("STRATAL_MEMORY_LIMIT", "lots")], &[]);
        assert_eq!(env, format!("environment: STRATAL_MEMORY_LIMIT cannot be \"lots\"\n{help}"));
        let program = refusal("", &[], &[("memory.limit", "0")]);
        assert_eq!(program, format!("program: memory.limit cannot be \"0\"\n{help}"));
        let spill = refusal("spill.dir = ['/tmp']", &[], &[]);
        assert_eq!(spill, "stratal.toml: spill.dir cannot be a sequence\nhelp: spill.dir takes the path of a directory");
        for key in ["threads", "frame.batch_rows", "tasks.retries", "execution.engine", "progress"] {
            for value in ["['a']", "{ b = 1 }", "-1", "''"] {
                let place = format!("stratal.toml: {key} cannot be ");
                assert!(refusal(&format!("{key} = {value}"), &[], &[]).starts_with(&place), "{key} = {value}");
            }
        }
    }

    #[test]
    fn a_value_that_a_stronger_source_replaces_is_not_checked() -> Result<()> {
        assert_eq!(layered("threads = 'many'", &[("STRATAL_THREADS", "2")], &[])?.threads, 2);
        Ok(())
    }

    #[test]
    fn variables_of_others_are_left_alone() -> Result<()> {
        assert_eq!(layered("", &[("PATH", "/bin"), ("STRATALX", "1"), ("MEMORY_LIMIT", "lots")], &[])?, Config::default());
        Ok(())
    }

    #[test]
    fn broken_toml_is_named_by_its_line() {
        let error = layered("[memory]\nlimit = 8GiB", &[], &[]).expect_err("refused");
        assert_eq!((error.kind(), error.file(), error.line()), (ErrorKind::Config, Some("stratal.toml"), Some(2)));
    }

    #[test]
    fn available_memory_is_the_least_of_machine_and_cgroups() {
        let machine = ("/proc/meminfo", "MemTotal:       1000 kB\nMemFree:         10 kB\n");
        let available = |files: &[(&str, &str)]| {
            available(|path| files.iter().find(|(name, _)| Path::new(name) == path).map(|(_, text)| text.to_string()))
        };
        assert_eq!(available(&[]), None);
        assert_eq!(available(&[machine]), Some(1_024_000));
        let v2 = ("/proc/self/cgroup", "0::/user/me\n");
        let (own, parent) = (("/sys/fs/cgroup/user/me/memory.max", "max\n"), ("/sys/fs/cgroup/user/memory.max", "5000\n"));
        assert_eq!(available(&[machine, v2, own, parent]), Some(5000));
        assert_eq!(available(&[machine, v2, own]), Some(1_024_000));
        let v1 = ("/proc/self/cgroup", "3:cpu,memory:/docker/1f\n1:name=systemd:/docker/1f\n");
        let root = ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "7000\n");
        assert_eq!(available(&[machine, v1, root]), Some(7000));
    }
}
