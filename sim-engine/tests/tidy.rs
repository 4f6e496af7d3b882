//! The rules of the house that no compiler checks, as tests: sizes, first lines, and who may know
//! whom.
#![expect(clippy::unwrap_used, reason = "a test that cannot read the house has failed")]

use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 400;
const COLUMNS_MAX: usize = 100;
const CRATES: [&str; 4] = ["sim-engine", "protocols", "reports", "scenarios"];

/// A file of the house: its path from the root, with `/`, and its text.
struct File {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every file with this ending in the four crates.
fn files(ending: &str) -> Vec<File> {
    let mut found = Vec::new();
    for name in CRATES {
        walk(&root().join(name), ending, &mut found);
    }
    assert!(!found.is_empty(), "no {ending} files");
    found
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<File>) {
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                walk(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            let inside = path.strip_prefix(root()).unwrap();
            let parts: Vec<_> =
                inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            found.push(File { path: parts.join("/"), text: fs::read_to_string(&path).unwrap() });
        }
    }
}

/// Fails with every breach at once.
fn assert_none(breaches: &[String], rule: &str) {
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}

/// The code of a file without its unit tests, comments taken away.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let product = file.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    (1..).zip(product.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn every_rust_file_says_first_what_it_is_for() {
    let silent = files(".rs").into_iter().filter(|file| !file.text.starts_with("//! "));
    let silent: Vec<_> = silent.map(|file| file.path).collect();
    assert_none(&silent, "begin with `//!` and what the file is for");
}

#[test]
fn files_are_short_or_say_why_not() {
    let long = files(".rs").into_iter().filter(|file| {
        let product = file.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let comment = file.text.lines().take_while(|line| line.starts_with("//!"));
        product.lines().count() > LINES_MAX
            && !comment.into_iter().any(|line| line.contains("Long because"))
    });
    let long: Vec<_> = long.map(|file| file.path).collect();
    assert_none(&long, "over 400 lines without `Long because ...` in the first comment");
}

#[test]
fn lines_are_short() {
    let mut long = Vec::new();
    // Snapshots of the command line show its output as it is.
    for file in files(".rs").into_iter().filter(|file| file.path != "scenarios/tests/cli.rs") {
        for (number, line) in (1..).zip(file.text.lines()) {
            if line.chars().count() > COLUMNS_MAX {
                long.push(format!("{}:{number}", file.path));
            }
        }
    }
    assert_none(&long, "over 100 columns");
}

/// The names of the protocols: the folders of that crate.
fn protocol_names() -> Vec<String> {
    let entries = fs::read_dir(root().join("protocols/src")).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn rooms_know_only_those_they_may() {
    let forbidden = [
        ("sim-engine/src/", &["protocols", "reports", "scenarios"][..]),
        ("protocols/src/", &["reports", "scenarios"]),
        ("reports/src/", &["protocols", "scenarios"]),
    ];
    let mut breaches = Vec::new();
    for file in files(".rs") {
        for (room, others) in forbidden {
            if !file.path.starts_with(room) {
                continue;
            }
            for (number, line) in code(&file) {
                let names = |other: &&&str| line.contains(&format!("{other}::"));
                if let Some(other) = others.iter().find(names) {
                    breaches.push(format!("{}:{number} names `{other}`", file.path));
                }
            }
        }
    }
    assert_none(&breaches, "imports go one way: engine <- protocols, reports <- scenarios");
}

#[test]
fn manifests_know_only_those_they_may() {
    let allowed = [
        ("sim-engine", &[][..]),
        ("protocols", &["sim-engine"]),
        ("reports", &["sim-engine"]),
        ("scenarios", &["sim-engine", "protocols", "reports"]),
    ];
    for (room, may) in allowed {
        let manifest = fs::read_to_string(root().join(room).join("Cargo.toml")).unwrap();
        for other in CRATES.iter().filter(|other| **other != room && !may.contains(other)) {
            let named = manifest.lines().any(|line| {
                line.strip_prefix(other).is_some_and(|rest| rest.starts_with([' ', '.', '=']))
            });
            assert!(!named, "{room} must not depend on {other}");
        }
    }
}

#[test]
fn engine_and_reports_name_no_protocol_in_code() {
    let mut breaches = Vec::new();
    let names = protocol_names();
    for file in files(".rs") {
        if !(file.path.starts_with("sim-engine/src/") || file.path.starts_with("reports/src/")) {
            continue;
        }
        for (number, line) in code(&file) {
            let lower = line.to_lowercase();
            let words: Vec<_> =
                lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
            if let Some(name) = names.iter().find(|name| words.contains(&name.as_str())) {
                breaches.push(format!("{}:{number} names `{name}`", file.path));
            }
        }
    }
    assert_none(&breaches, "engine and reports know no protocol");
}

#[test]
fn what_a_run_hashes_has_the_same_width_everywhere() {
    let hashed = ["message", "durable", "fact", "facts", "log"];
    let mut breaches = Vec::new();
    for file in files(".rs").iter().filter(|file| file.path.starts_with("protocols/src/")) {
        let stem = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        if !hashed.contains(&stem) {
            continue;
        }
        for (number, line) in fields_with_usize(file) {
            breaches.push(format!("{}:{number} {}", file.path, line.trim()));
        }
    }
    assert_none(&breaches, "no `usize` in messages, durable states, facts and logs");
}

/// Lines of `struct` and `enum` items that hold a `usize`; inside functions it does no harm.
fn fields_with_usize(file: &File) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (number, line) in code(file) {
        let item = line.trim_start_matches("pub ").trim_start_matches("pub(super) ");
        if item.starts_with("struct ") || item.starts_with("enum ") {
            inside = true;
        }
        if inside && line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "usize") {
            found.push((number, line));
        }
        if inside && (line == "}" || line.ends_with(';')) {
            inside = false;
        }
    }
    found
}

#[test]
fn every_story_says_first_what_the_reader_will_see() {
    let stories = files(".txt").into_iter().filter(|file| file.path.contains("/testdata/"));
    let silent = stories.filter(|file| !file.text.starts_with("# "));
    let silent: Vec<_> = silent.map(|file| file.path).collect();
    assert_none(&silent, "begin with a `#` comment");
}

#[test]
fn the_rules_find_what_they_look_for() {
    let file = |text: &str| File { path: "x.rs".into(), text: text.into() };
    let hashed = file("//! X.\npub struct Log {\n    places: Vec<usize>,\n}\nfn f(n: usize) {}\n");
    assert_eq!(fields_with_usize(&hashed), [(3, "    places: Vec<usize>,")]);
    let tuple = file("struct Place(usize);\nfn f(n: usize) {}\n");
    assert_eq!(fields_with_usize(&tuple).len(), 1);
    let tested = file("use a::b;\n// use c::d;\n#[cfg(test)]\nmod tests {\n    use e::f;\n}\n");
    assert_eq!(code(&tested).collect::<Vec<_>>(), [(1, "use a::b;"), (2, "")][..1]);
}
