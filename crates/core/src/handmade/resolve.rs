//! From keys to calls: a walk over the wanted keys with a worklist, each key after those that it reads.

use super::graph::{Entry, Graph, What};
use crate::{
    Error, ErrorKind, Key, Result,
    delayed::Node,
    error::nearest,
    function::{Recorded, given_back},
    value::Data,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Values up to this size are copied into the calls that read them; a larger one is a task of its own.
const INLINE_BYTES: u64 = 1024;

/// How deep lists of keys may stand in lists of keys.
const DEEPEST: u32 = 64;

/// The calls behind the wanted keys, in their order.
pub(super) fn nodes(graph: &Graph, wanted: &[Key]) -> Result<Vec<Arc<Node>>> {
    let walk = Walk::over(graph, wanted)?;
    wanted.iter().map(|key| walk.node(walk.by_key[key])).collect()
}

/// For each key of the graph, whether it is one of the wanted ones or read by one that is needed.
pub(super) fn needed(graph: &Graph, wanted: &[Key]) -> Result<Vec<bool>> {
    let walk = Walk::over(graph, wanted)?;
    Ok(walk.state.iter().map(|state| *state == State::Done).collect())
}

/// The keys that no other reads; of a list, those that it names.
pub(super) fn unread(graph: &Graph) -> Result<Vec<Key>> {
    let walk = Walk::new(graph)?;
    let (mut is_read, mut read) = (vec![false; walk.entries.len()], Vec::new());
    let is_list = |at: usize| matches!(walk.entries[at].what, What::List(_));
    for at in (0..walk.entries.len()).filter(|at| !is_list(*at)) {
        read.extend(walk.reads(at)?);
    }
    while let Some(at) = read.pop() {
        // A list is read when its name is.
        if !std::mem::replace(&mut is_read[at], true) && is_list(at) {
            read.extend(walk.reads(at)?);
        }
    }
    let results: Vec<usize> = (0..walk.entries.len()).filter(|at| !is_list(*at)).collect();
    let unread: Vec<usize> = results.iter().copied().filter(|at| !is_read[*at]).collect();
    // Where every key is read by another there is a cycle, which asking for all of them finds.
    let wanted = if unread.is_empty() { results } else { unread };
    Ok(wanted.into_iter().map(|at| walk.entries[at].key.clone()).collect())
}

/// The same arguments, with the keys of lists in place of the lists' names.
pub(super) fn spread(graph: &Graph, args: Recorded) -> Result<Recorded> {
    let walk = Walk::new(graph)?;
    walk.spread(args, 0)
}

fn fail(message: String) -> Error {
    Error::new(ErrorKind::Graph, format!("graph: {message}"))
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Unseen,
    Open,
    Done,
}

struct Walk<'a> {
    /// Values up to this size are copied into the calls that read them.
    inline: u64,
    entries: Vec<&'a Arc<Entry>>,
    by_key: FxHashMap<&'a Key, usize>,
    state: Vec<State>,
    nodes: Vec<Option<Arc<Node>>>,
}

impl<'a> Walk<'a> {
    /// A walk that has visited all that these keys need.
    fn over(graph: &'a Graph, wanted: &[Key]) -> Result<Self> {
        let mut walk = Walk::new(graph)?;
        for key in wanted {
            let root = *walk.by_key.get(key).ok_or_else(|| walk.unknown(key, format!("there is no key {:?}", key.to_string())))?;
            walk.visit(root)?;
        }
        Ok(walk)
    }

    fn new(graph: &'a Graph) -> Result<Self> {
        let entries = graph.entries();
        let mut by_key = FxHashMap::default();
        for (at, entry) in entries.iter().enumerate() {
            if by_key.insert(&entry.key, at).is_some() {
                return Err(fail(format!("key {:?} was added twice", entry.key.to_string())).with_help("rename one of the two"));
            }
        }
        let (state, nodes) = (vec![State::Unseen; entries.len()], vec![None; entries.len()]);
        let inline = if graph.is_inlined() { u64::MAX } else { INLINE_BYTES };
        Ok(Walk { inline, entries, by_key, state, nodes })
    }

    fn unknown(&self, key: &Key, message: String) -> Error {
        let names: Vec<String> = self.entries.iter().map(|entry| entry.key.to_string()).collect();
        match nearest(&key.to_string(), names.iter().map(String::as_str)) {
            Some(near) => fail(message).with_help(format!("did you mean {near:?}?")),
            None => fail(message),
        }
    }

    /// Makes the calls of a key and of all keys that it reads.
    fn visit(&mut self, root: usize) -> Result<()> {
        let mut path: Vec<(usize, std::vec::IntoIter<usize>)> = Vec::new();
        let mut next = Some(root);
        loop {
            match next {
                Some(at) if self.state[at] == State::Open => return Err(self.cycle(at, path.iter().map(|(at, _)| *at).collect())),
                Some(at) if self.state[at] == State::Unseen => {
                    self.state[at] = State::Open;
                    path.push((at, self.reads(at)?.into_iter()));
                }
                _ => {}
            }
            let Some((at, reads)) = path.last_mut() else { return Ok(()) };
            next = reads.next();
            if next.is_none() {
                let at = *at;
                self.nodes[at] = self.call(at)?.map(Arc::new);
                self.state[at] = State::Done;
                path.pop();
            }
        }
    }

    /// The keys that a key reads.
    fn reads(&self, at: usize) -> Result<Vec<usize>> {
        let entry = self.entries[at];
        let (What::Call(_, args) | What::List(args)) = &entry.what else { return Ok(Vec::new()) };
        let mut reads = Vec::new();
        each_key(args, &mut |key| {
            let unknown = || self.unknown(key, format!("{:?} reads {:?}, which is not there", entry.key.to_string(), key.to_string()));
            reads.push(*self.by_key.get(key).ok_or_else(unknown)?);
            Ok(())
        })?;
        Ok(reads)
    }

    fn cycle(&self, at: usize, path: Vec<usize>) -> Error {
        let start = path.iter().position(|other| *other == at).unwrap_or(0);
        let name = |at: &usize| self.entries[*at].key.to_string();
        let way: Vec<String> = path[start..].iter().chain([&at]).map(name).collect();
        let way = match way.len() {
            0..=12 => way.join(" -> "),
            n => format!("{} -> … {} more … -> {}", way[..5].join(" -> "), n - 10, way[n - 5..].join(" -> ")),
        };
        fail(format!("{:?} depends on itself: {way}", name(&at))).with_help("remove one of these references")
    }

    fn node(&self, at: usize) -> Result<Arc<Node>> {
        self.nodes[at].clone().ok_or_else(|| match &self.entries[at].what {
            What::List(_) => fail(format!("{:?} is a list of keys, which has no result of its own", self.entries[at].key.to_string()))
                .with_help("ask for it with get_nested, or for its keys with get_all"),
            _ => Error::internal("a key was asked for before it was visited"),
        })
    }

    /// The call of a key whose reads were visited; none for a list.
    fn call(&self, at: usize) -> Result<Option<Node>> {
        let entry = self.entries[at];
        let node = match &entry.what {
            What::Value(data) => value(data),
            What::Call(function, args) => Node::new(function.clone(), self.resolve(args, 0)?),
            What::List(_) => return Ok(None),
        };
        Ok(Some(node.with_key(entry.key.clone())))
    }

    fn resolve(&self, args: &[Recorded], depth: u32) -> Result<Vec<Recorded>> {
        let one = |arg: &Recorded| {
            Ok(match arg {
                Recorded::Key(key) => match &self.entries[self.by_key[key]].what {
                    What::Value(data) if data.bytes() <= self.inline => Recorded::Literal(data.clone()),
                    What::List(items) => Recorded::List(self.resolve(items, deeper(depth)?)?),
                    _ => Recorded::Delayed(self.node(self.by_key[key])?),
                },
                Recorded::List(items) => Recorded::List(self.resolve(items, deeper(depth)?)?),
                other => other.clone(),
            })
        };
        args.iter().map(one).collect()
    }

    fn spread(&self, arg: Recorded, depth: u32) -> Result<Recorded> {
        let items = match arg {
            Recorded::List(items) => items,
            Recorded::Key(key) => match self.by_key.get(&key).map(|at| &self.entries[*at].what) {
                Some(What::List(items)) => items.clone(),
                // One that is not there is found when it is asked for.
                _ => return Ok(Recorded::Key(key)),
            },
            other => return Ok(other),
        };
        let depth = deeper(depth)?;
        Ok(Recorded::List(items.into_iter().map(|item| self.spread(item, depth)).collect::<Result<_>>()?))
    }
}

/// One list further in.
fn deeper(depth: u32) -> Result<u32> {
    match depth < DEEPEST {
        true => Ok(depth + 1),
        false => Err(fail(format!("lists of keys stand in one another more than {DEEPEST} deep"))
            .with_help("a list that names itself, or one that names it, has no end")),
    }
}

/// A call that gives back a value, for values that are wanted themselves or too large to be copied.
fn value(data: &Data) -> Node {
    Node::new(given_back(), vec![Recorded::Literal(data.clone())])
}

fn each_key<'a>(args: &'a [Recorded], each: &mut dyn FnMut(&'a Key) -> Result<()>) -> Result<()> {
    args.iter().try_for_each(|arg| match arg {
        Recorded::Key(key) => each(key),
        Recorded::List(items) => each_key(items, each),
        _ => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::{Function, Given};

    #[test]
    fn a_value_is_given_back_as_it_is() {
        let function: Arc<Function> = given_back();
        assert_eq!(function.name(), Some("stratal::value"));
        let crate::function::Outcome::Ready(Ok(data)) = function.call(vec![Given::One(Data::Unit)]) else { panic!("it gives back") };
        assert_eq!(data.type_name(), "()");
    }
}
