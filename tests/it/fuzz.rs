//! Byte fuzzers on seeds: contracts, and files beside a contract. As long as a variable says.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pactum::contract::parse;
use pactum::diagnostic::{Source, render};

use crate::support::{Random, note, root, times};

/// How long a fuzzer runs.
fn while_it_lasts(mut one: impl FnMut(usize)) -> usize {
    let time = Duration::from_secs(times("PACTUM_TEST_FUZZ_SECONDS", 3) as u64);
    let begun = Instant::now();
    let mut runs = 0;
    while begun.elapsed() < time {
        one(runs);
        runs += 1;
    }
    runs
}

/// Parts of other seeds, of the language, or any bytes: put in, put over, cut out.
fn mutate(seeds: &[Vec<u8>], tokens: &[&[u8]], random: &mut Random) -> Vec<u8> {
    let pick = |random: &mut Random, n: usize| random.below(n.max(1) as u64) as usize;
    let mut bytes = seeds[pick(random, seeds.len())].clone();
    for _ in 0..=random.below(6) {
        let at = pick(random, bytes.len() + 1).min(bytes.len());
        let end = (at + pick(random, 40)).min(bytes.len());
        match random.below(5) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let other = &seeds[pick(random, seeds.len())];
                let from = pick(random, other.len());
                let to = (from + pick(random, 200)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            2 => drop(bytes.splice(at..end, tokens[pick(random, tokens.len())].iter().copied())),
            3 => bytes.insert(at, random.below(256) as u8),
            _ if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ => {}
        }
    }
    bytes
}

fn contracts() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for folder in ["contracts", "tests/rules/lint", "examples/oulad/contracts", "benches"] {
        let Ok(entries) = std::fs::read_dir(root().join(folder)) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with(".odcs.yaml") {
                seeds.push(std::fs::read(path).unwrap());
            }
        }
    }
    seeds.sort();
    assert!(seeds.len() > 20);
    seeds
}

const YAML: &[&[u8]] = &[
    b"- ",
    b": ",
    b"\n",
    b"\n  ",
    b"{",
    b"}",
    b"[",
    b"]",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"!!str ",
    b"|\n",
    b">-\n",
    b"'",
    b"\"",
    b"#",
    b"---\n",
    b"\t",
    b"null",
    b"~",
    b"true",
    b"1e999",
    b"-0",
    b".inf",
    b".nan",
    b"minimum",
    b"pattern",
    b"(a+)+$",
    b"\\u{0}",
    b"primaryKey: true\n",
    b"quality:\n",
    b"items:\n",
    b"customProperties:\n",
    b"99999999999999999999999999999999999999999",
];

#[test]
fn no_bytes_bring_the_parser_of_contracts_down() {
    let seeds = contracts();
    let mut random = Random(times("PACTUM_TEST_SEED", 23) as u64);
    let runs = while_it_lasts(|_| {
        let bytes = mutate(&seeds, YAML, &mut random);
        let source = Arc::new(Source::new("f", String::from_utf8_lossy(&bytes).into_owned()));
        let parsed = parse(&source);
        for diagnostic in &parsed.diagnostics {
            assert!(!render::human(diagnostic, false).is_empty());
        }
        if let Some(contract) = &parsed.contract {
            for table in &contract.tables {
                let listed = pactum::check::clause_list(contract, table);
                assert!(listed.iter().all(|c| !c.id.is_empty()));
            }
        }
    });
    note("contracts, fuzzed", runs, "a contract or a diagnostic, never a panic");
}

const DATA: &[&[u8]] = &[
    b",",
    b"\n",
    b"\r\n",
    b"\"",
    b"\"\"",
    b";",
    b"{\"id\":",
    b"}",
    b"[",
    b"]",
    b"null",
    b"1e400",
    b"NaN",
    b"-0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"PAR1",
    b"ARROW1",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\x15\xfe\xff\xff\xff\x0f",
];

#[test]
fn no_bytes_bring_a_check_down() {
    let folder = tempfile::tempdir().unwrap();
    let text = crate::support::contract(
        "1.0.0",
        "- { name: id, logicalType: integer, primaryKey: true }\n\
         - { name: word, logicalType: string, logicalTypeOptions: { pattern: a } }\n\
         - { name: tags, logicalType: array, items: { logicalType: number } }",
        "quality: [{ id: q, type: sql, query: 'select count(*) from {table} where id > 5', mustBe: 0 }]",
    );
    let contract = parse(&Arc::new(Source::new("t", text))).valid().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let parquet = crate::hostile::small_files();
    let csv = b"id,word,tags\n1,a,\n2,\"b\"\"c\",\n".to_vec();
    let ndjson = b"{\"id\": 1, \"word\": \"a\", \"tags\": [1, 2.5]}\n{\"id\": 2}\n".to_vec();
    let arrow = crate::hostile::small_stream();
    let mut random = Random(times("PACTUM_TEST_SEED", 29) as u64);
    let runs = while_it_lasts(|n| {
        let (seeds, name): (&[Vec<u8>], &str) = match n % 4 {
            0 => (&parquet, "f.parquet"),
            1 => (std::slice::from_ref(&csv), "f.csv"),
            2 => (std::slice::from_ref(&ndjson), "f.ndjson"),
            _ => (std::slice::from_ref(&arrow), "f.arrow"),
        };
        let path = folder.path().join(name);
        std::fs::write(&path, mutate(seeds, DATA, &mut random)).unwrap();
        crate::hostile::run(&runtime, &contract, &path);
    });
    note("files, fuzzed beside a contract", runs, "a report, never a panic");
}
