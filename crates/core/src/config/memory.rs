//! How much memory a process may take: a setting, or what the machine and its cgroups leave.

use std::{fs, path::Path};

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

#[cfg(test)]
mod tests {
    use super::*;

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
