//! What stands where a file was looked for in vain: `data/ holds 4 files *.csv`.

use object_store::path::Path as ObjectPath;
use std::{collections::BTreeMap, fs, path::Path};
use stratal_stores::{Site, fixed, wait};

/// What to say of the place where `path` was looked for.
pub(super) fn help(path: &str, site: &Site, inside: &ObjectPath) -> Option<String> {
    if site.is_web() {
        return None;
    }
    if site.is_local() {
        let path = if path.contains("://") { site.show(inside) } else { path.to_owned() };
        return Some(on_disk(&path));
    }
    elsewhere(site, inside, path.ends_with('/'))
}

fn on_disk(path: &str) -> String {
    let directory = if Path::new(path).is_dir() { path } else { fixed(path) };
    let shown = if directory.is_empty() { "./".to_owned() } else { format!("{}/", directory.trim_end_matches('/')) };
    let Ok(entries) = fs::read_dir(if directory.is_empty() { "." } else { directory }) else {
        return format!("there is no directory {shown}");
    };
    let files = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file());
    count(&shown, files.map(|file| file.to_string_lossy().into_owned()))
}

fn elsewhere(site: &Site, inside: &ObjectPath, is_directory: bool) -> Option<String> {
    let directory = if is_directory { inside.clone() } else { ObjectPath::parse(fixed(inside.as_ref())).ok()? };
    let shown = format!("{}/", site.show(&directory).trim_end_matches('/'));
    let store = site.store().ok()?;
    let found = wait(async move { store.list_with_delimiter(Some(&directory)).await }).ok()?.ok()?;
    if found.objects.is_empty() && found.common_prefixes.is_empty() {
        return Some(format!("there is nothing below {shown}"));
    }
    Some(count(&shown, found.objects.into_iter().map(|object| object.location.into())))
}

fn count(shown: &str, files: impl Iterator<Item = String>) -> String {
    let mut endings: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let ending = Path::new(&file).extension().map(|ending| format!("*.{}", ending.to_string_lossy()));
        *endings.entry(ending.unwrap_or_else(|| "without an ending".to_owned())).or_default() += 1;
    }
    match endings.iter().max_by_key(|(_, count)| **count) {
        None => format!("{shown} holds no files"),
        Some((ending, 1)) => format!("{shown} holds 1 file {ending}"),
        Some((ending, count)) => format!("{shown} holds {count} files {ending}"),
    }
}
