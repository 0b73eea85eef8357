//! What a session reads of published releases.

use std::sync::Arc;

use crate::check::delivery::find_table;
use crate::check::released::Released;
use crate::contract::Contract;
use crate::error::Result;

use super::session::Tables;

/// Adds the current release's tables, and those of other contracts.
pub(in crate::check) fn add_released(
    contract: &Contract,
    tables: &mut Tables,
    released: &Released,
) -> Result<()> {
    for (name, provider) in released.own.iter().flat_map(|own| &own.tables) {
        tables.add_previous(name, Arc::clone(provider))?;
        let Ok(table) = find_table(contract, name) else { continue };
        if !tables.has(name) && tables.unusable(name).is_none() {
            tables.add_released(table, Arc::clone(provider))?;
        }
    }
    for (other, found) in &released.others {
        for (name, provider) in &found.tables {
            tables.add_other(other, name, Arc::clone(provider))?;
        }
    }
    Ok(())
}
