//! Services of other crates of which workers have different versions: who needs one is sent only to workers of its own. Versions
//! that the scheduler's own program knows are compared before that, at the greeting.

use stratal_core::sched::WorkerInfo;

/// What is to be said when a worker joins others: for each service of another version than one of them has, both.
pub(super) fn disagreements<'a>(joins: &WorkerInfo, there: impl Iterator<Item = &'a WorkerInfo> + Clone) -> Vec<String> {
    let differs = |(service, version): (&String, &String)| {
        let (other, theirs) = there.clone().find_map(|other| {
            let theirs = other.services.get(service)?;
            (theirs != version).then_some((&other.name, theirs))
        })?;
        let name = &joins.name;
        Some(format!(
            "worker {name} serves {service} {version}, worker {other} {theirs}: what needs it runs only on the workers that have the \
             version of its client"
        ))
    };
    joins.services.iter().filter_map(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(name: &str, services: &[(&str, &str)]) -> WorkerInfo {
        let services = services.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned())).collect();
        let (address, resources) = Default::default();
        WorkerInfo { name: name.to_owned(), address, slots: 1, memory: 0, resources, functions: None, services }
    }

    #[test]
    fn a_version_that_others_do_not_have_is_named_with_theirs() {
        let there = [
            worker("w1", &[]),
            worker("w2", &[("pictures", "2.0"), ("sounds", "1.0")]),
            worker("w3", &[("pictures", "1.9"), ("sounds", "1.0")]),
        ];
        let joins = worker("w4", &[("maps", "3"), ("pictures", "2.1"), ("sounds", "1.0")]);
        let said = disagreements(&joins, there.iter());
        let expected = "worker w4 serves pictures 2.1, worker w2 2.0: what needs it runs only on the workers that have the version of \
                        its client";
        assert_eq!(said, [expected]);
        assert!(disagreements(&worker("w5", &[("sounds", "1.0")]), there.iter()).is_empty());
        assert!(disagreements(&joins, [].iter()).is_empty());
    }
}
