//! The order of the sources, and what each refuses.

use super::*;
use crate::config::{Engine, Exchange, MemoryLimit};

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
    assert_eq!((config.frame.partition_bytes, config.array.chunk_bytes), (3072, 16 << 20));
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
