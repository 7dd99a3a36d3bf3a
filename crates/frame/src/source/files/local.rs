//! Files of this machine.

use super::{
    Listed,
    list::{Found, Listing, is_hidden, is_wanted},
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use stratal_core::{Error, ErrorKind, Result};
use stratal_stores::{Site, fixed, is_glob};

/// The files that a path, a glob or a directory stands for.
pub(super) fn find(path: &str, listing: &Listing<'_>) -> Result<Found> {
    let plain = Path::new(path);
    if plain.is_dir() {
        let mut files = Vec::new();
        directory(plain, listing, &mut files, &mut Vec::new())?;
        return Ok(Found::below(&Site::of(path, &[])?.1, files));
    }
    if plain.exists() || !is_glob(path) {
        return Ok(Found::named(plain.exists().then(|| Listed::local(plain)).transpose()?));
    }
    let found = glob::glob(path).map_err(|error| Error::new(ErrorKind::BadValue, format!("{path:?} is no glob: {error}")))?;
    let mut files = Vec::new();
    for file in found {
        let file = file.map_err(|error| Error::from(std::io::Error::from(error)))?;
        if file.is_file() {
            files.push(Listed::local(&file)?);
        }
    }
    let base = fixed(path);
    Ok(Found::below(&Site::of(if base.is_empty() { "." } else { base }, &[])?.1, files))
}

/// The wanted files of a directory and, if it is to be deep, of those below. `above` are the directories that it stands in:
/// a link that leads back to one of them is not followed.
fn directory(path: &Path, listing: &Listing<'_>, files: &mut Vec<Listed>, above: &mut Vec<PathBuf>) -> Result<()> {
    let named = |error: std::io::Error| Error::from(error).in_file(path.to_string_lossy(), None, None);
    let real = fs::canonicalize(path).map_err(named)?;
    if above.contains(&real) {
        return Ok(());
    }
    above.push(real);
    for entry in fs::read_dir(path).map_err(named)? {
        let entry = entry.map_err(named)?;
        let (file, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if is_wanted(&name, listing.endings) && file.is_file() {
            files.push(Listed::local(&file)?);
        } else if listing.hive && !is_hidden(&name) && file.is_dir() {
            directory(&file, listing, files, above)?;
        }
    }
    above.pop();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{list, list::Listing};
    use std::fs;
    use stratal_core::ErrorKind;

    fn listed(path: &str, hive: bool) -> stratal_core::Result<Vec<super::Listed>> {
        list(&Listing { paths: &[path.to_owned()], storage: &[], endings: &["csv", "csv.gz"], hive })
    }

    #[test]
    fn files_of_a_glob_are_sorted_and_a_miss_says_what_is_there() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_str().unwrap();
        for name in ["b.csv", "a.csv", "c.csv.gz", "notes.txt", "_tmp.csv"] {
            fs::write(directory.path().join(name), "x\n1\n").unwrap();
        }
        let names = |path: &str| -> Vec<String> {
            let files = listed(&format!("{root}/{path}"), true).unwrap();
            files.into_iter().map(|file| file.shown.rsplit_once('/').unwrap().1.to_owned()).collect()
        };
        assert_eq!(names("[abc].csv*"), ["a.csv", "b.csv", "c.csv.gz"]);
        assert_eq!(names(""), ["a.csv", "b.csv", "c.csv.gz"]);
        assert_eq!(names("notes.txt"), ["notes.txt"]);
        let error = listed(&format!("{root}/*.cvs"), true).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, &*format!("no file matches \"{root}/*.cvs\"")));
        assert_eq!(error.help(), Some(&*format!("{root}/ holds 3 files *.csv")));
        let error = listed(&format!("{root}/none/x.csv"), true).unwrap_err();
        assert_eq!(error.help(), Some(&*format!("there is no directory {root}/none/")));
        let url = listed(&format!("file://{root}/a.csv"), true).unwrap();
        assert_eq!((url[0].shown.clone(), url[0].size), (format!("{root}/a.csv"), 4));
    }

    #[test]
    fn keys_are_read_below_a_directory_or_a_glob_alone() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("k=0");
        for name in ["year=2024/month=1/x.csv", "year=2023/month=2/x.csv", ".git/year=1/x.csv", "year=2023/month=2/_x.csv"] {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), "x\n1\n").unwrap();
        }
        let root = root.to_str().unwrap();
        let keys = |path: &str, hive| -> Vec<String> {
            let show = |(key, value): &(String, Option<String>)| format!("{key}={}", value.as_deref().unwrap_or("null"));
            let files = listed(&format!("{root}{path}"), hive).unwrap();
            files.iter().map(|file| file.hive.iter().map(show).collect::<Vec<_>>().join("/")).collect()
        };
        assert_eq!(keys("", true), ["year=2023/month=2", "year=2024/month=1"]);
        assert_eq!(keys("/", true), ["year=2023/month=2", "year=2024/month=1"]);
        assert_eq!(keys("/year=2023/*/x.csv", true), ["month=2"]);
        assert_eq!(keys("/**/x.csv", true).len(), 3);
        assert_eq!(keys("/year=2023/month=2/x.csv", true), [""]);
        assert_eq!(keys("/*/*/*.csv", false).len(), 4);
        assert_eq!(listed(root, false).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_back_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        fs::create_dir(root.join("a")).unwrap();
        fs::write(root.join("a/x.csv"), "x\n1\n").unwrap();
        std::os::unix::fs::symlink(root, root.join("a/loop")).unwrap();
        assert_eq!(listed(root.to_str().unwrap(), true).unwrap().len(), 1);
    }
}
