//! Times the 22 queries of TPC-H over released tables: through Pactum's gateway, or through
//! DataFusion's own listing tables over the same files.
//!
//! ```text
//! cargo run --release --example tpch_queries -- gateway WAREHOUSE SQL RUNS
//! cargo run --release --example tpch_queries -- listing WAREHOUSE SQL RUNS
//! ```
//!
//! `WAREHOUSE` holds a release of the contract `tpch`, `SQL` is the folder of the queries. Prints a
//! line for each query: its name, the median seconds of the runs, its rows.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use pactum::engine::{Limits, Runtime};
use pactum::query::{Catalog, CatalogSnapshot, Gateway, Request};
use pactum::warehouse::Warehouse;

const TABLES: [&str; 8] =
    ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"];

/// What answers a query.
enum Engine {
    Gateway(Gateway),
    Listing(SessionContext),
}

impl Engine {
    async fn gateway(warehouse: &str) -> Result<Self, Box<dyn Error>> {
        let catalog = Catalog::read(Some(&Warehouse::at(warehouse)?), None).await?;
        let limits = Limits { memory: 8 << 30, ..Limits::default() };
        let snapshot = Arc::new(CatalogSnapshot::new(catalog, Vec::new()));
        Ok(Self::Gateway(Gateway::new(Arc::new(Runtime::new(&limits)?), snapshot)))
    }

    async fn listing(warehouse: &str) -> Result<Self, Box<dyn Error>> {
        let threads = Limits::default().threads;
        let config = SessionConfig::new()
            .with_target_partitions(threads)
            .with_default_catalog_and_schema("datafusion", "tpch");
        let context = SessionContext::new_with_config(config);
        for table in TABLES {
            let folder = format!("{warehouse}/tpch/v1/{table}/");
            let name = format!("tpch.{table}");
            context.register_parquet(name, folder, ParquetReadOptions::default()).await?;
        }
        Ok(Self::Listing(context))
    }

    /// Answers a query to its last row, and counts the rows.
    async fn rows(&self, sql: &str) -> Result<usize, Box<dyn Error>> {
        let mut rows = 0;
        match self {
            Self::Gateway(gateway) => {
                let answer = gateway.answer(Request::local(sql)).await?;
                answer
                    .each(|batch| {
                        rows += batch.num_rows();
                        Ok(())
                    })
                    .await?;
            }
            Self::Listing(context) => {
                let batches = context.sql(sql).await?.collect().await?;
                rows = batches.iter().map(|batch| batch.num_rows()).sum();
            }
        }
        Ok(rows)
    }
}

fn queries(folder: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let files = std::fs::read_dir(folder)?.map(|file| Ok(file?.path()));
    let mut files = files.collect::<Result<Vec<_>, std::io::Error>>()?;
    files.retain(|file| file.extension().is_some_and(|e| e == "sql"));
    files.sort();
    Ok(files)
}

async fn time(engine: &Engine, file: &Path, runs: usize) -> Result<(), Box<dyn Error>> {
    let sql = std::fs::read_to_string(file)?;
    let mut seconds = Vec::with_capacity(runs);
    let mut rows = 0;
    for _ in 0..runs {
        let start = Instant::now();
        rows = engine.rows(&sql).await?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds.get(runs / 2).copied().unwrap_or_default();
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    println!("{name} {median:.4} {rows}");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, warehouse, folder, runs] = arguments.as_slice() else {
        return Err("usage: tpch_queries gateway|listing WAREHOUSE SQL RUNS".into());
    };
    let engine = match kind.as_str() {
        "gateway" => Engine::gateway(warehouse).await?,
        "listing" => Engine::listing(warehouse).await?,
        _ => return Err("usage: tpch_queries gateway|listing WAREHOUSE SQL RUNS".into()),
    };
    for file in queries(folder)? {
        time(&engine, &file, runs.parse()?).await?;
    }
    Ok(())
}
