//! Tables in memory under bare names, read by the same planning as released ones.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::ipc::reader::StreamReader;
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use pactum::engine::{Limits, Session, dialect, sql};
use pactum::error::Result;

/// The rows of an answer.
pub struct Rows {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

/// The tables.
#[derive(Clone, Default)]
pub struct Workbench {
    tables: HashMap<String, Arc<dyn TableProvider>>,
}

impl Workbench {
    /// Puts a table in the place of one of the same name, from an Arrow stream.
    pub fn put(&mut self, name: &str, stream: &[u8]) {
        let reader = StreamReader::try_new(stream, None).unwrap();
        let schema = reader.schema();
        let batches = reader.map(|batch| batch.unwrap()).collect();
        let table = MemTable::try_new(schema, vec![batches]).unwrap();
        self.tables.insert(name.to_owned(), Arc::new(table));
    }

    pub fn remove(&mut self, name: &str) {
        self.tables.remove(name);
    }

    pub async fn ask(&self, sql: &str) -> Result<Rows> {
        let session = Session::new(&Limits { memory: 1 << 30, threads: 2 }, "bench")?;
        session.register_all("bench", self.tables.clone())?;
        let frame = sql::plan_query(session.context(), sql).await?;
        let announced = sql::announced(&frame)?;
        let fields = announced.fields().iter();
        let fields = fields.map(|f| f.as_ref().clone().with_name(dialect::spoken(f.name())));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<Field>>()));
        Ok(Rows { schema, batches: frame.collect().await? })
    }
}
