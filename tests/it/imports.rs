//! Who imports whom: the files of the source tree as modules, and the circles among them.
//!
//! A name counts for the file that defines it: one that a `mod.rs` merely passes on, with `use` or
//! `pub use`, leads through it to that file, so that a folder's face ties nothing together. A
//! `mod.rs` that defines something and also runs the files below it is the head of its folder:
//! they may use its words, as `super::Word`, and that alone is not a circle. Between any other two
//! files of a layer an import counts. Imports of tests do not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

/// A `use`, with what it brings into scope.
static USE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\buse\s+([^;]+);").unwrap());

/// A path as it is written in code.
static PATH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:^|[^\w:.])([a-z]\w*)((?:::\w+)+)").unwrap());

/// A module by its path in the crate.
pub type Module = Vec<String>;

/// A path that a `use` brings into scope, and the name that it has there.
type Use = (Vec<String>, String);

/// The modules of a crate with their code.
pub struct Modules {
    code: BTreeMap<Module, String>,
    uses: BTreeMap<Module, Vec<Use>>,
}

impl Modules {
    /// Of files: paths below `src/`, and what they hold.
    pub fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let code: BTreeMap<Module, String> =
            files.into_iter().map(|(path, text)| (module(&path), without_tests(&text))).collect();
        let uses = code.iter().map(|(module, text)| {
            let trees = USE.captures_iter(text).map(|found| found[1].to_owned());
            (module.clone(), trees.flat_map(|tree| expanded(&tree)).collect())
        });
        let uses = uses.collect();
        Self { code, uses }
    }

    /// Modules that import each other in a circle, each circle once.
    pub fn circles(&self) -> Vec<BTreeSet<Module>> {
        let imports: BTreeMap<&Module, BTreeSet<Module>> =
            self.code.keys().map(|module| (module, self.imports(module))).collect();
        let reached: BTreeMap<&Module, BTreeSet<Module>> =
            imports.keys().map(|module| (*module, reach(module, &imports))).collect();
        let mut circles: Vec<BTreeSet<Module>> = Vec::new();
        for (module, all) in &reached {
            let back = |other: &&Module| reached[other].contains(*module);
            let circle: BTreeSet<Module> = all.iter().filter(back).cloned().collect();
            if !circle.is_empty() && !circles.contains(&circle) {
                circles.push(circle);
            }
        }
        circles
    }

    /// The files of its own layer that a module imports.
    pub fn imports(&self, module: &Module) -> BTreeSet<Module> {
        let used = &self.uses[module];
        let mut paths: Vec<Vec<String>> = used.iter().map(|(path, _)| path.clone()).collect();
        // A module that is imported as a whole stands for what is used of it.
        let whole = |path: &Vec<String>| {
            self.absolute(module, path).is_some_and(|path| self.code.contains_key(&path))
        };
        let aliases: BTreeMap<&str, &Vec<String>> = used
            .iter()
            .filter(|(path, _)| whole(path))
            .map(|(path, name)| (name.as_str(), path))
            .collect();
        paths.retain(|path| !whole(path));
        let body = USE.replace_all(&self.code[module], "").replace("pub(in ", "");
        for found in PATH.captures_iter(&body) {
            let rest = found[2].split("::").skip(1).map(str::to_owned);
            paths.push(match aliases.get(&found[1]) {
                Some(path) => path.iter().cloned().chain(rest).collect(),
                None => std::iter::once(found[1].to_owned()).chain(rest).collect(),
            });
        }
        let files = paths.iter().filter_map(|path| self.file(&self.absolute(module, path)?, 0));
        let other = |file: &Module| file.first() == module.first() && !module.starts_with(file);
        files.filter(other).collect()
    }

    /// A path from the crate's root; `None` where it leads out of the crate.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let mut base = module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => return Some(rest[1..].to_vec()),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            first => {
                let child: Module = base.iter().cloned().chain([first.to_owned()]).collect();
                self.code.get(&child)?;
            }
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    /// The file that defines what a path names.
    fn file(&self, path: &[String], depth: usize) -> Option<Module> {
        let length = (1..=path.len()).rev().find(|n| self.code.contains_key(&path[..*n]))?;
        let (module, rest) = (path[..length].to_vec(), &path[length..]);
        let Some(name) = rest.first().filter(|_| depth < 9) else { return Some(module) };
        for (passed, alias) in &self.uses[&module] {
            let to = match alias.as_str() {
                "*" if !defines(&self.code[&module], name) => &passed[..passed.len() - 1],
                alias if alias == name => &passed[..],
                _ => continue,
            };
            let Some(mut to) = self.absolute(&module, to) else { continue };
            to.extend(rest[usize::from(alias != "*")..].iter().cloned());
            if let Some(found) = self.file(&to, depth + 1) {
                return Some(found);
            }
        }
        Some(module)
    }
}

fn module(path: &str) -> Module {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').map(str::to_owned).collect()
}

/// The code before the tests of a file, without comments.
fn without_tests(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The single paths of a `use`, each with the name that it gives.
fn expanded(tree: &str) -> Vec<Use> {
    let tree = tree.trim();
    let Some((start, inner)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
        let mut path: Vec<String> = path.trim().split("::").map(str::to_owned).collect();
        let is_itself = path.len() > 1 && path.last().is_some_and(|last| last == "self");
        path.truncate(path.len() - usize::from(is_itself));
        let own = path.last().cloned().unwrap_or_default();
        let name = if alias.is_empty() { own } else { alias.trim().to_owned() };
        return vec![(path, name)];
    };
    let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
    let (mut depth, mut from, mut all) = (0, 0, Vec::new());
    for (at, letter) in inner.char_indices().chain([(inner.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let one = inner[from..at].trim();
                if !one.is_empty() {
                    all.extend(expanded(&format!("{}{one}", start.trim())));
                }
                from = at + 1;
            }
            _ => {}
        }
    }
    all
}

/// Whether a file has an item of a name.
fn defines(code: &str, name: &str) -> bool {
    let kinds = ["fn", "struct", "enum", "trait", "const", "static", "type", "mod"];
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    kinds.iter().any(|kind| {
        let item = format!("{kind} {name}");
        let mut found = code.match_indices(&item);
        found.any(|(at, _)| !code[at + item.len()..].starts_with(is_part))
    })
}

fn reach(from: &Module, imports: &BTreeMap<&Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let mut found = BTreeSet::new();
    let mut left: Vec<&Module> = vec![from];
    while let Some(module) = left.pop() {
        for next in &imports[module] {
            if found.insert(next.clone()) {
                left.push(next);
            }
        }
    }
    found
}

/// The circles of files that are given as path and text.
fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let circles = Modules::of(files).circles();
    circles.iter().map(|circle| circle.iter().map(|module| module.join("/")).collect()).collect()
}

#[test]
fn two_files_that_import_each_other_are_a_circle() {
    let circles = circles_of(&[
        ("a/mod.rs", "mod b;\nmod c;\nmod d;\npub use b::B;\n"),
        ("a/b.rs", "use super::c::{self, C};\npub struct B(C);\n"),
        ("a/c.rs", "pub struct C;\nfn made() { crate::a::b::make() }\n"),
        ("a/d.rs", "use super::{b::B, c::C as Other};\n"),
    ]);
    assert_eq!(circles, [["a/b", "a/c"]]);
}

#[test]
fn a_folders_face_ties_nothing_together() {
    let face = "mod b;\nmod c;\npub use b::B;\npub use c::*;\nfn run() { c::run(B) }\n";
    for c in ["use super::B;\n", "use crate::a::B;\n", "// use super::b;\nuse super::run;\n"] {
        let files = [("a/mod.rs", face), ("a/b.rs", "pub struct B;\n"), ("a/c.rs", c)];
        assert!(circles_of(&files).is_empty(), "{c}");
    }
    // What it passes on leads to the file that defines it.
    let files = [
        ("a/mod.rs", face),
        ("a/b.rs", "use crate::a::Found;\npub struct B;\n"),
        ("a/c.rs", "use super::B;\npub struct Found;\n"),
    ];
    assert_eq!(circles_of(&files), [["a/b", "a/c"]]);
}

#[test]
fn imports_of_tests_and_of_other_layers_are_no_circle() {
    let files = [
        ("a/b.rs", "use super::c;\nfn f() { c::g() }\n\n#[cfg(test)]\nmod tests {}\n"),
        ("a/c.rs", "pub fn g() {}\n\n#[cfg(test)]\nmod tests {\n    use crate::a::b::f;\n}\n"),
        ("d/e.rs", "use crate::a::c::g;\n"),
    ];
    assert!(circles_of(&files).is_empty());
}
