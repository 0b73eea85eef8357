//! The SQL names that a publish needs: free or already its own, and claimed before its first entry.

use crate::error::{Error, Result};
use crate::warehouse::{Claim, Release};

use super::Request;

/// Refuses a contract whose SQL name another contract has. Writes nothing: the claim decides.
pub(super) async fn refuse_taken(request: &Request<'_>) -> Result<()> {
    let (warehouse, id) = (request.warehouse, &request.contract.id);
    let names = request.contract.schema_names();
    if !warehouse.names_are_complete()? {
        return match warehouse.released_under(&names, id).await? {
            Some(other) => Err(taken(request, &names[0], &other, None).await),
            None => Ok(()),
        };
    }
    for name in names {
        if let Claim::TakenBy { id, file } = warehouse.held(&name, id)? {
            return Err(taken(request, &name, &id, Some(file)).await);
        }
    }
    Ok(())
}

/// Claims the names: of two contracts that race for one, exactly one goes on.
pub(super) async fn claim(request: &Request<'_>) -> Result<()> {
    request.warehouse.complete_names().await?;
    refuse_released(request).await?;
    for name in request.contract.schema_names() {
        let claim = request.warehouse.claim(&name, &request.contract.id)?;
        if let Claim::TakenBy { id, file } = claim {
            return Err(taken(request, &name, &id, Some(file)).await);
        }
    }
    Ok(())
}

/// A claim that was lost does not free a name that a contract was released under.
async fn refuse_released(request: &Request<'_>) -> Result<()> {
    let (warehouse, id) = (request.warehouse, &request.contract.id);
    let mut free = Vec::new();
    for name in request.contract.schema_names() {
        if warehouse.is_free(&name)? {
            free.push(name);
        }
    }
    if free.is_empty() {
        return Ok(());
    }
    match warehouse.released_under(&free, id).await? {
        Some(other) => Err(taken(request, &free[0], &other, None).await),
        None => Ok(()),
    }
}

async fn taken(
    request: &Request<'_>,
    name: &str,
    other: &str,
    file: Option<std::path::PathBuf>,
) -> Error {
    let released = Release::current(&request.warehouse.contract(other)).await;
    let message = match released {
        Ok(None) => format!(
            "the SQL name '{name}' is claimed by contract '{other}', which has released nothing"
        ),
        _ => format!("the SQL name '{name}' is that of another contract, of id '{other}'"),
    };
    let place = request.contract.source.name.clone();
    let error = Error::mend("taken-name", message).at(place);
    match (file, released) {
        (Some(file), Ok(None)) => error.hint(format!(
            "set custom property sqlName; if '{other}' will never be published, remove {}",
            file.display()
        )),
        _ => error.hint("set custom property sqlName"),
    }
}
