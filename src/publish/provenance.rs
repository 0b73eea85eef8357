//! Provenance: who publishes, from which commit, in which CI run.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::error::{Error, Result};
use crate::project::{Repository, variable};
use crate::warehouse::Origin;

/// Variables in which CI systems keep the run.
const RUN_VARIABLES: [&str; 5] =
    ["GITHUB_RUN_ID", "CI_PIPELINE_ID", "BUILDKITE_BUILD_ID", "CIRCLE_WORKFLOW_ID", "BUILD_ID"];

/// Who, from where, and with which labels.
#[derive(Debug, Clone, Default)]
pub struct Provenance {
    /// The publish id: a UUIDv7 unless one was given.
    pub publish_id: String,
    /// Who publishes.
    pub publisher: Option<String>,
    /// The CI run.
    pub run_id: Option<String>,
    /// Repositories and commits.
    pub sources: Vec<Origin>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

impl Provenance {
    /// The provenance from the environment and the repository of a folder.
    ///
    /// # Errors
    /// When the given publish id cannot be one.
    pub fn gather(folder: &Path, publish_id: Option<String>) -> Result<Self> {
        let publish_id = match publish_id {
            Some(id) => valid_id(id)?,
            None => uuid::Uuid::now_v7().to_string(),
        };
        Ok(Self {
            publish_id,
            publisher: publisher(),
            run_id: RUN_VARIABLES.into_iter().find_map(variable),
            sources: repository(folder).into_iter().collect(),
            labels: BTreeMap::new(),
        })
    }
}

/// The publisher: the person that CI or the system names.
pub fn publisher() -> Option<String> {
    let people = ["PACTUM_PUBLISHER", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME"];
    people.into_iter().find_map(variable).or_else(system_user)
}

/// Who the system says is running, where no variable does.
fn system_user() -> Option<String> {
    let output = Command::new("id").arg("-un").output().ok()?;
    let name = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !name.is_empty()).then_some(name)
}

fn valid_id(id: String) -> Result<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    // Names of data files begin with the id, and readers of folders skip those that begin with `_`.
    let is_passed_over = id.starts_with('_');
    if (1..=64).contains(&id.len()) && id.chars().all(fits) && !is_passed_over {
        return Ok(id);
    }
    Err(Error::usage("bad-publish-id", format!("'{id}' cannot be a publish id"))
        .hint("1 to 64 letters, digits, '-' and '_', and no '_' at the beginning"))
}

fn repository(folder: &Path) -> Option<Origin> {
    let repository = Repository::of(folder).ok()?;
    let commit = repository.commit("HEAD").ok()?;
    let (repo, dirty) = (repository.origin(), repository.is_dirty());
    Some(Origin { repo, commit: Some(commit), dirty })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publish_id_is_a_word() {
        assert!(valid_id("../x".to_owned()).is_err() && valid_id("run-7".to_owned()).is_ok());
        for hidden in ["_run", ".run", "_"] {
            assert!(valid_id(hidden.to_owned()).is_err(), "{hidden}");
        }
        assert!(valid_id("run_7_".to_owned()).is_ok());
    }
}
