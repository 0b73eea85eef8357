//! Generates the tables of TPC-H: `examples/tpch` has their contract and the queries.
//!
//! ```text
//! cargo run --release --example generate_tpch -- 1 /tmp/tpch
//! ```

use std::error::Error;
use std::path::Path;

#[path = "tpch/generate.rs"]
mod generate;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scale, folder] = arguments.as_slice() else {
        return Err("usage: generate_tpch SCALE FOLDER".into());
    };
    generate::generate(scale.parse()?, Path::new(folder))
}
