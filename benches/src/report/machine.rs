//! Where and with what it was measured.

use crate::allocated::ALLOCATOR;
use std::{env, fs, process::Command, time::SystemTime};

/// The day, in UTC.
pub(super) fn today() -> String {
    chrono::DateTime::<chrono::Utc>::from(SystemTime::now()).format("%Y-%m-%d").to_string()
}

/// What the figures depend on.
pub(super) fn describe() -> Vec<(String, String)> {
    let said = |name: &str, value: Option<String>| value.map(|value| (name.to_owned(), value));
    let build = if cfg!(debug_assertions) { "debug: the figures mean nothing" } else { "release" };
    let cores = std::thread::available_parallelism().ok().map(|cores| cores.to_string());
    let system = fs::read_to_string("/proc/sys/kernel/osrelease").ok().map(|release| format!("{} {}", env::consts::OS, release.trim()));
    [
        said("CPU", field("/proc/cpuinfo", "model name")),
        said("cores", cores),
        said("memory", field("/proc/meminfo", "MemTotal").and_then(|text| gibibytes(&text))),
        said("system", system.or_else(|| Some(env::consts::OS.to_owned()))),
        said("revision", revision()),
        said("build", Some(build.to_owned())),
        said("allocator of Stratal and DataFusion", Some(allocator(env::var("LD_PRELOAD").ok()))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The one that was built in, unless another one may have taken its place.
fn allocator(preloaded: Option<String>) -> String {
    preloaded.map_or_else(|| ALLOCATOR.to_owned(), |library| format!("{ALLOCATOR}, or what is in {library}"))
}

/// The value of the first line `name : value` of a file.
fn field(path: &str, name: &str) -> Option<String> {
    value(&fs::read_to_string(path).ok()?, name)
}

fn value(text: &str, name: &str) -> Option<String> {
    let of = |line: &str| line.split_once(':').filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned());
    text.lines().find_map(of)
}

/// `24567890 kB` as `23.4 GiB`.
fn gibibytes(text: &str) -> Option<String> {
    let kibibytes: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(format!("{:.1} GiB", kibibytes / f64::from(1 << 20)))
}

/// What git says that the sources are.
fn revision() -> Option<String> {
    let git = Command::new("git").args(["describe", "--always", "--dirty"]).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let text = git.ok().filter(|output| output.status.success()).and_then(|output| String::from_utf8(output.stdout).ok())?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_name() {
        let text = "processor\t: 0\nmodel name\t: A CPU @ 3:1\nmodel name\t: another\n";
        assert_eq!(value(text, "model name").as_deref(), Some("A CPU @ 3:1"));
        assert_eq!(value(text, "model"), None);
    }

    #[test]
    fn memory_is_in_gibibytes() {
        assert_eq!(gibibytes("3145728 kB").as_deref(), Some("3.0 GiB"));
        assert_eq!(gibibytes("much"), None);
    }

    #[test]
    fn a_library_that_was_loaded_before_is_told() {
        assert_eq!(allocator(None), ALLOCATOR);
        assert!(allocator(Some("/lib/libmimalloc.so".to_owned())).ends_with("/lib/libmimalloc.so"));
    }

    #[test]
    fn a_day_has_ten_characters() {
        assert_eq!(today().len(), 10);
    }
}
