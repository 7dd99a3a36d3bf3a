//! Many files, looked at several at once.

use super::Listed;
use std::thread;
use stratal_core::{Error, Result, runtime};

/// Files on object stores that types are inferred from, at most; they are spread evenly over all that are read.
const SAMPLED: usize = 32;

/// Files that are fetched at once.
const FETCHED: usize = 16;

/// Which files types are inferred from: all that are on this machine, and some of those that are not.
pub(crate) fn sampled(files: &[Listed]) -> Vec<bool> {
    let distant = files.iter().filter(|file| !file.site.is_local()).count();
    let mut nth = 0;
    let chosen = files.iter().map(|file| {
        if file.site.is_local() || distant <= SAMPLED {
            return true;
        }
        let share = |nth: usize| nth * (SAMPLED - 1) / (distant - 1);
        nth += 1;
        // The first, and wherever the share of the files seen reaches another whole number: the last for the last time.
        nth == 1 || share(nth - 1) > share(nth - 2)
    });
    chosen.collect()
}

/// Looks at all files, several at once, in threads of their own: looking computes, and may wait.
pub(crate) fn each<T: Send>(files: &[&Listed], look: impl Fn(&Listed) -> Result<T> + Sync) -> Result<Vec<T>> {
    let at_once = if files.iter().all(|file| file.site.is_local()) { runtime::cores() } else { FETCHED };
    let threads = at_once.min(files.len());
    if threads <= 1 {
        return files.iter().map(|file| look(file)).collect();
    }
    let (share, look) = (files.len().div_ceil(threads), &look);
    thread::scope(|scope| {
        let workers: Vec<_> =
            files.chunks(share).map(|files| scope.spawn(move || files.iter().map(|file| look(file)).collect::<Result<Vec<_>>>())).collect();
        let seen = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(Error::internal("looking at a file panicked"))));
        seen.collect::<Result<Vec<_>>>().map(|seen| seen.into_iter().flatten().collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratal_stores::Site;

    fn files(count: usize) -> Vec<Listed> {
        let file = |at: usize| {
            let (site, path) = Site::of(&format!("s3://lake/{at}.csv"), &[]).unwrap();
            Listed { shown: site.show(&path), site, path: path.into(), size: at as u64, modified: None, hive: Vec::new() }
        };
        (0..count).map(file).collect()
    }

    #[test]
    fn a_bounded_number_of_files_is_sampled_the_first_and_the_last_among_them() {
        for count in [1, 2, SAMPLED, SAMPLED + 1, 100, 1000, 4097] {
            let chosen = sampled(&files(count));
            assert_eq!(chosen.iter().filter(|chosen| **chosen).count(), count.min(SAMPLED), "{count}");
            assert!(chosen[0] && chosen[count - 1], "{count}");
        }
    }

    #[test]
    fn what_was_seen_is_in_the_order_of_the_files() {
        let files = files(100);
        let files: Vec<&Listed> = files.iter().collect();
        assert_eq!(each(&files, |file| Ok(file.size)).unwrap(), (0..100).collect::<Vec<u64>>());
        let error = each(&files, |file| if file.size % 40 == 39 { Err(Error::internal(file.path.clone())) } else { Ok(()) });
        assert_eq!(error.unwrap_err().message(), "39.csv");
    }
}
