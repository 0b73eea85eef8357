//! The form of a command that works, made of the words that the user gave in another order or form.

use std::path::Path;

use crate::contract::Contract;
use crate::engine::input::{InputFormat, is_remote};
use crate::error::Error;
use crate::project::{Project, publish_command, shell_word};

/// The commands that take a contract and files of its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `pactum check`
    Check,
    /// `pactum publish`
    Publish,
}

impl Form {
    /// The error about words that do not make sense, with the line that was probably meant.
    pub(super) fn taught(
        self,
        project: Option<&Project>,
        target: &str,
        files: &[String],
        error: Error,
    ) -> Error {
        const ABOUT_WORDS: [&str; 6] = [
            "unknown-contract",
            "unknown-table",
            "which-table",
            "one-table",
            "missing-file",
            "missing-files",
        ];
        if !ABOUT_WORDS.contains(&error.code()) {
            return error;
        }
        let contracts = project.and_then(|project| project.contracts().ok());
        let contracts = contracts.map(|found| found.contracts).unwrap_or_default();
        let words: Vec<&str> =
            std::iter::once(target).chain(files.iter().map(String::as_str)).collect();
        let error = match error.code() == "unknown-contract" && (is_file(target) || is_pair(target))
        {
            true => file_first(target, &error),
            false => error,
        };
        let Some(meant) = Meant::of(&contracts, &words) else { return error };
        // Words in the right form fail the same way where the file is missing.
        let are_there = meant.files.iter().all(|(_, files)| is_there(files));
        if error.code() == "missing-file" && !are_there {
            return error;
        }
        let given = words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ");
        match meant.line(self) {
            Some(line) if line != format!("pactum {} {given}", self.name()) => {
                error.hint(format!("write {line}"))
            }
            _ => error,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Publish => "publish",
        }
    }
}

/// The error about a contract that is none, since files come first.
fn file_first(target: &str, error: &Error) -> Error {
    let message = format!("'{target}' is not a contract: the contract comes first, then its files");
    let told = Error::usage("unknown-contract", message);
    match error.next_step() {
        Some(hint) => told.hint(hint),
        None => told,
    }
}

/// What a word can be.
enum Word<'a> {
    Contract(&'a Contract),
    Table(&'a Contract, &'a str),
    Pair((&'a Contract, &'a str), &'a str),
    Files(&'a str),
    Unknown,
}

/// A contract with files of its tables.
struct Meant<'a> {
    contract: &'a Contract,
    /// Files with the table that they are of, where that is known.
    files: Vec<(Option<&'a str>, &'a str)>,
    /// A table that is named without files.
    table: Option<&'a str>,
}

impl<'a> Meant<'a> {
    /// What some words mean, in whatever order; `None` where they mean several contracts, or nothing.
    fn of(contracts: &'a [Contract], words: &[&'a str]) -> Option<Self> {
        let mut named: Vec<&Contract> = Vec::new();
        let (mut files, mut pairs, mut table) = (Vec::new(), Vec::new(), None);
        for word in words.iter().copied() {
            match of_word(contracts, word) {
                Word::Contract(contract) => named.push(contract),
                Word::Table(contract, name) => {
                    named.push(contract);
                    table = Some(name);
                }
                Word::Pair((contract, name), path) => {
                    pairs.push(contract);
                    files.push((Some(name), path));
                }
                Word::Files(path) => files.push((None, path)),
                Word::Unknown => return None,
            }
        }
        let by_name = || {
            let (_, path) = files.first()?;
            Some(table_of(contracts, stem(path)?)?.0)
        };
        let contract = named.first().or(pairs.first()).copied().or_else(by_name)?;
        let is_one = named.iter().chain(&pairs).all(|other| other.id == contract.id);
        is_one.then_some(Self { contract, files, table })
    }

    /// The command, with files put to tables: as named, by the only table, by the name of the file.
    fn line(&self, form: Form) -> Option<String> {
        let tables: Vec<&str> =
            self.contract.tables.iter().map(|t| t.name.value.as_str()).collect();
        let only = match tables.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let of = |(table, files): &(Option<&'a str>, &'a str)| {
            let by_file = by_file_name(&tables, files);
            // A release has files of several tables, whichever is named.
            let own = match form {
                Form::Check => self.table.or(by_file),
                Form::Publish => by_file.or(self.table),
            };
            let table = table.or(own).or(only);
            // Which table it is cannot be known: the first one shows the form.
            Some((table.or(tables.first().copied())?.to_owned(), (*files).to_owned()))
        };
        let known: Vec<(String, String)> = self.files.iter().map(of).collect::<Option<_>>()?;
        if form == Form::Publish {
            return Some(publish_command(self.contract, &known));
        }
        let contract = &self.contract.sql_name.value;
        let first = match known.first() {
            Some((table, _)) => table.as_str(),
            None => self.table.or(tables.first().copied())?,
        };
        if known.iter().all(|(table, _)| table == first) {
            let files: Vec<String> = known.iter().map(|(_, files)| shell_word(files)).collect();
            let files = if files.is_empty() { "FILES".to_owned() } else { files.join(" ") };
            return Some(format!("pactum check {contract}.{first} {files}"));
        }
        let pairs = known.iter().map(|(table, files)| format!("{table}={}", shell_word(files)));
        Some(format!("pactum check {contract} {}", pairs.collect::<Vec<_>>().join(" ")))
    }
}

fn of_word<'a>(contracts: &'a [Contract], word: &'a str) -> Word<'a> {
    if let Some(contract) = contracts.iter().find(|c| c.source.name == word) {
        return Word::Contract(contract);
    }
    if let Ok(contract) = crate::project::choose(contracts, word) {
        return Word::Contract(contract);
    }
    if let Some((contract, table)) = table_of(contracts, word) {
        return Word::Table(contract, table);
    }
    if is_file(word) {
        return Word::Files(word);
    }
    let pair = word.split_once('=');
    match pair.and_then(|(name, files)| Some((table_of(contracts, name)?, files))) {
        Some((table, files)) => Word::Pair(table, files),
        None => Word::Unknown,
    }
}

/// A table as `contract.table` or `contract/table`, or by a name that one contract alone has.
fn table_of<'a>(contracts: &'a [Contract], word: &str) -> Option<(&'a Contract, &'a str)> {
    let named = |contract: &'a Contract, name: &str| {
        let table = contract.tables.iter().find(|t| t.name.value.eq_ignore_ascii_case(name))?;
        Some((contract, table.name.value.as_str()))
    };
    if let Some((contract, table)) = word.rsplit_once(['.', '/']) {
        return named(crate::project::choose(contracts, contract).ok()?, table);
    }
    let mut found = contracts.iter().filter_map(|contract| named(contract, word));
    let (contract, table) = found.next()?;
    // Majors of one contract share their tables: the newest is meant.
    if found.any(|(other, _)| other.id != contract.id) {
        return None;
    }
    let newest = crate::project::choose(contracts, &contract.id).ok()?;
    named(newest, table)
}

/// Whether a word is meant as files: something is there, or it looks like a file.
fn is_file(word: &str) -> bool {
    let looks_so = InputFormat::of_name(word).is_some() || word.contains(['*', '?', '[']);
    is_there(word) || (looks_so && !word.contains('='))
}

fn is_there(word: &str) -> bool {
    word == "-" || is_remote(word) || Path::new(word).exists()
}

/// Whether a word is `table=FILES`.
fn is_pair(word: &str) -> bool {
    word.contains('=')
}

/// The table whose name the file has.
fn by_file_name<'a>(tables: &[&'a str], files: &str) -> Option<&'a str> {
    let stem = stem(files)?;
    tables.iter().find(|table| table.eq_ignore_ascii_case(stem)).copied()
}

fn stem(files: &str) -> Option<&str> {
    Path::new(files).file_name()?.to_str()?.split('.').next()
}
