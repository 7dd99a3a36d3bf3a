//! Putting chains of calls together: where a call is read by one other, and is all that the other reads, it runs inside it.
//!
//! Nothing that could run at once is put one after the other, and nothing runs twice.

use super::lower::{CallPlan, Link, Planned, Read, Wanted, each_read};
use crate::Key;
use rustc_hash::FxHashMap;

/// How many calls stand inside one another at most: bodies recurse over them.
const DEEPEST: u32 = 32;

impl CallPlan {
    /// Puts chains of calls of one class together. What is wanted stays a call of its own.
    pub(crate) fn fuse_chains(&mut self, wanted: &mut [(Wanted, Key)]) {
        let inside = self.inside(wanted);
        if !inside.contains(&true) {
            return;
        }
        let mut moved = Moved { numbers: Vec::with_capacity(inside.len()), inner: FxHashMap::default() };
        let mut kept: Vec<Planned> = Vec::new();
        for (mut call, goes_inside) in std::mem::take(&mut self.calls).into_iter().zip(inside) {
            call.args.iter_mut().for_each(|arg| moved.apply(arg));
            let number = moved.numbers.len() as u32;
            moved.numbers.push(kept.len() as u32);
            match goes_inside {
                true => drop(moved.inner.insert(number, call)),
                false => kept.push(call),
            }
        }
        for planted in &mut self.planted {
            planted.sources.iter_mut().flatten().for_each(|link| moved.apply(link));
            planted.before = moved.numbers.get(planted.before).map_or(kept.len(), |number| *number as usize);
        }
        for (what, _) in wanted {
            if let Wanted::Calls(calls) = what {
                let start = moved.numbers[calls.start as usize];
                *calls = start..start + calls.len() as u32;
            }
        }
        self.calls = kept;
    }

    /// Which calls run inside the one that reads them.
    fn inside(&self, wanted: &[(Wanted, Key)]) -> Vec<bool> {
        let mut readers = vec![0u32; self.calls.len()];
        let mut only: Vec<Option<u32>> = Vec::with_capacity(self.calls.len());
        for call in &self.calls {
            let (mut reads, mut read_call) = (0, None);
            for arg in &call.args {
                each_read(arg, &mut |read| {
                    reads += 1;
                    if let Read::Call(call) = read {
                        readers[call as usize] += 1;
                        read_call = Some(call);
                    }
                });
            }
            let waits_for_others = reads > 1 || call.args.iter().any(reads_held);
            only.push(read_call.filter(|_| !waits_for_others));
        }
        // Whatever is read from elsewhere too stays where it is.
        for link in self.planted.iter().flat_map(|planted| planted.sources.iter().flatten()) {
            each_read(link, &mut |read| {
                if let Read::Call(call) = read {
                    readers[call as usize] += 2;
                }
            });
        }
        for (what, _) in wanted {
            if let Wanted::Calls(calls) = what {
                calls.clone().for_each(|call| readers[call as usize] += 2);
            }
        }
        let mut inside = vec![false; self.calls.len()];
        let mut depth = vec![0u32; self.calls.len()];
        for (reader, read) in only.into_iter().enumerate() {
            let Some(read) = read.map(|read| read as usize) else { continue };
            let (outer, inner) = (&self.calls[reader], &self.calls[read]);
            let apart = outer.function.options().isolated || inner.function.options().isolated;
            if readers[read] == 1 && outer.class == inner.class && !apart && depth[read] < DEEPEST {
                inside[read] = true;
                depth[reader] = depth[read] + 1;
            }
        }
        inside
    }
}

/// Whether a link reads results of other runs, which may come later than those of this one.
fn reads_held(link: &Link) -> bool {
    match link {
        Link::Held(_) | Link::HeldList(_) => true,
        Link::List(items) => items.iter().any(reads_held),
        Link::Inner(call) => call.args.iter().any(reads_held),
        Link::Literal(_) | Link::Call(_) | Link::Part(..) => false,
    }
}

/// Where calls are after some went inside others.
struct Moved {
    /// The new number of each call that stayed.
    numbers: Vec<u32>,
    /// Calls that wait for the one that reads them.
    inner: FxHashMap<u32, Planned>,
}

impl Moved {
    fn apply(&mut self, link: &mut Link) {
        match link {
            Link::Call(call) => match self.inner.remove(&*call) {
                Some(inner) => *link = Link::Inner(Box::new(inner)),
                None => *call = self.numbers[*call as usize],
            },
            Link::List(items) => items.iter_mut().for_each(|item| self.apply(item)),
            // What stands in it was moved with it.
            Link::Inner(_) | Link::Literal(_) | Link::Part(..) | Link::Held(_) | Link::HeldList(_) => {}
        }
    }
}
