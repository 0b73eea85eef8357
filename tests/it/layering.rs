//! The layers hold: arrows only point down, and inside a layer in no circle.

use std::path::Path;

use crate::imports::Modules;
use crate::support::root;

/// From the top down. A layer may use any below it and none above.
const LAYERS: &[&str] = &[
    "cli",
    "publish",
    "compat",
    "profile",
    "check",
    "query",
    "warehouse",
    "project",
    "engine",
    "contract",
    "error",
    "diagnostic",
];

/// Words that a pure layer must not contain.
const IMPURE: &[&str] = &["tokio", "datafusion", "std::fs", "std::env", "deltalake"];

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn layer_files(layer: &str) -> Vec<std::path::PathBuf> {
    let src = root().join("src");
    let mut found = Vec::new();
    if src.join(layer).is_dir() {
        sources(&src.join(layer), &mut found);
    }
    found.extend(Some(src.join(format!("{layer}.rs"))).filter(|p| p.is_file()));
    assert!(!found.is_empty(), "layer {layer} has no files");
    found
}

#[test]
fn no_layer_uses_one_above_it() {
    for (height, layer) in LAYERS.iter().enumerate() {
        for path in layer_files(layer) {
            let text = std::fs::read_to_string(&path).unwrap();
            for above in &LAYERS[..height] {
                let used = text.contains(&format!("crate::{above}::"))
                    || text.contains(&format!("crate::{above};"));
                assert!(!used, "{} ({layer}) uses {above}, which lies above it", path.display());
            }
        }
    }
}

/// As `imports` reads them: a name counts for the file that defines it.
#[test]
fn no_files_of_a_layer_import_each_other_in_a_circle() {
    let src = root().join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let read = |path: &std::path::PathBuf| {
        let name = path.strip_prefix(&src).unwrap().display().to_string();
        (name, std::fs::read_to_string(path).unwrap())
    };
    let modules = Modules::of(files.iter().map(read));
    let mut told = String::new();
    for circle in modules.circles() {
        for module in &circle {
            let next = modules.imports(module);
            let next = next.iter().filter(|other| circle.contains(*other));
            for other in next {
                told.push_str(&format!("{} imports {}\n", module.join("/"), other.join("/")));
            }
        }
        told.push('\n');
    }
    assert!(told.is_empty(), "circles of imports:\n{told}");
}

#[test]
fn every_module_has_a_layer() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for line in lib.lines().filter_map(|l| l.strip_prefix("pub mod ")) {
        let name = line.trim_end_matches(';');
        assert!(LAYERS.contains(&name), "module {name} has no layer");
    }
}

#[test]
fn contracts_and_diagnostics_are_pure() {
    for layer in ["contract", "diagnostic"] {
        for path in layer_files(layer) {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.lines().filter(|l| !l.trim_start().starts_with("//"));
            let code: String = code.collect::<Vec<_>>().join("\n");
            for word in IMPURE {
                assert!(!code.contains(word), "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn rules_of_change_are_pure() {
    let mut files = Vec::new();
    sources(&root().join("src/compat/rules"), &mut files);
    assert!(files.len() > 60);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in IMPURE {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn only_the_warehouse_uses_deltalake_and_only_the_engine_makes_sessions() {
    for layer in LAYERS {
        for path in layer_files(layer) {
            let text = std::fs::read_to_string(&path).unwrap();
            let owner = |word: &str, owner: &str| {
                assert!(
                    *layer == owner || !text.contains(word),
                    "{} contains {word}, which is {owner}'s alone",
                    path.display()
                );
            };
            owner("deltalake_core::", "warehouse");
            owner("SessionContext::new", "engine");
            owner("RuntimeEnvBuilder", "engine");
        }
    }
}

#[test]
fn every_dependency_has_its_reason_beside_it() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let lines: Vec<&str> = manifest.lines().collect();
    let mut inside = false;
    for (n, line) in lines.iter().enumerate() {
        if line.starts_with('[') {
            inside = line.contains("dependencies]");
            continue;
        }
        let named = line
            .split_once(" = ")
            .is_some_and(|(name, _)| !name.is_empty() && !name.starts_with([' ', '#']));
        if inside && named {
            assert!(lines[n - 1].starts_with("# "), "no reason beside: {line}");
        }
    }
}
