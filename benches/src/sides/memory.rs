//! How much memory a process and those that it started had in use at most: the sum of their resident peaks.
//!
//! Read from `/proc`, the same for every side, so that no side has to tell. Where there is no `/proc`, nothing is known. Pages
//! that processes share are counted in each, and so are pages of files that a process has mapped.

use std::{collections::BTreeMap, fs};

/// Forgets the peaks so far.
pub(crate) fn forget_peaks(root: u32) {
    for process in family(root) {
        // Nothing of it depends on whether this works: an old peak is then reported, which is no smaller.
        let _ = fs::write(format!("/proc/{process}/clear_refs"), "5");
    }
}

/// The sum of the peaks, in bytes.
pub(crate) fn peak(root: u32) -> Option<u64> {
    sum(root, "VmHWM:")
}

/// What is in use now, in bytes.
pub(crate) fn resident(root: u32) -> Option<u64> {
    sum(root, "VmRSS:")
}

/// The sum of a field of `/proc/PID/status`.
fn sum(root: u32, field: &str) -> Option<u64> {
    let sizes = family(root).into_iter().filter_map(|process| {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        size(&status, field)
    });
    let sum: u64 = sizes.sum();
    (sum > 0).then_some(sum)
}

/// A process, and all that descend from it.
fn family(root: u32) -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Some(parent) = fs::read_to_string(entry.path().join("stat")).ok().and_then(|stat| parent(&stat)) else { continue };
        children.entry(parent).or_default().push(process);
    }
    descendants(root, &children)
}

fn descendants(root: u32, children: &BTreeMap<u32, Vec<u32>>) -> Vec<u32> {
    let mut family = vec![root];
    let mut at = 0;
    while let Some(&process) = family.get(at) {
        family.extend(children.get(&process).into_iter().flatten());
        at += 1;
    }
    family
}

/// The parent in a line of `/proc/PID/stat`: the second field after the name, which may hold spaces and parentheses.
fn parent(stat: &str) -> Option<u32> {
    let (_, after) = stat.rsplit_once(')')?;
    after.split_whitespace().nth(1)?.parse().ok()
}

/// A field of `/proc/PID/status`, in bytes.
fn size(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_found_behind_a_name_with_spaces_and_parentheses() {
        assert_eq!(parent("42 (a (b) c) S 7 42 42 0 -1"), Some(7));
        assert_eq!(parent("42 no name"), None);
    }

    #[test]
    fn sizes_are_in_bytes() {
        let status = "Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t   3072 kB\nVmRSS:\t 1 kB\n";
        assert_eq!((size(status, "VmHWM:"), size(status, "VmRSS:")), (Some(3 << 20), Some(1 << 10)));
        assert_eq!(size("Name:\tkthreadd\n", "VmHWM:"), None);
    }

    #[test]
    fn children_of_children_are_family() {
        let children = BTreeMap::from([(1, vec![2, 3]), (3, vec![4]), (9, vec![10])]);
        assert_eq!(descendants(1, &children), [1, 2, 3, 4]);
        assert_eq!(descendants(5, &children), [5]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_was_written_to_is_in_the_peak() {
        let before = peak(std::process::id()).unwrap();
        let bytes = vec![1u8; 64 << 20];
        let after = peak(std::process::id()).unwrap();
        let now = resident(std::process::id()).unwrap();
        assert!(bytes.iter().all(|byte| *byte == 1));
        assert!(after >= 64 << 20 && after >= before, "{before} {after}");
        assert!(now >= 64 << 20, "{now}");
    }
}
