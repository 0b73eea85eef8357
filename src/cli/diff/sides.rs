//! What is compared: paths, revisions, releases; and what surrounds them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::compat::{Registered, Sides, served_majors, with_further_majors};
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::project::{Project, Repository, Side, Snapshot};
use crate::query::{Catalog, Served};
use crate::warehouse::{Release, Warehouse};

use super::super::context::Global;
use super::{Against, Args};

/// The project and its warehouse, as far as they exist.
pub(in crate::cli) struct Surroundings {
    pub project: Option<Project>,
    /// A warehouse that has been published to.
    pub warehouse: Option<Warehouse>,
    /// Whether a warehouse is named, existing or not.
    is_named: bool,
    /// What it serves, read once.
    served: OnceCell<Vec<Served>>,
}

/// `a..b`, unless it is a path or exists as one.
fn is_range(word: &str) -> bool {
    let is_path = ["/", "./", "../"].iter().any(|start| word.starts_with(start));
    word.contains("..") && !is_path && !Path::new(word).exists()
}

impl Surroundings {
    pub(in crate::cli) fn of(global: &Global, project: Option<Project>) -> Result<Self> {
        let named = match global.warehouse(project.as_ref()) {
            Ok(warehouse) => warehouse,
            // A fork's pull request has no secrets: steps that need the warehouse are not executed.
            Err(error) if error.code() == "unset-variable" => None,
            Err(error) => return Err(error),
        };
        let is_named = named.is_some();
        let warehouse = match named {
            Some(warehouse) if warehouse.exists()? => Some(warehouse),
            _ => None,
        };
        Ok(Self { project, warehouse, is_named, served: OnceCell::new() })
    }

    /// Reads both sides.
    pub(super) async fn sides(&self, args: &Args) -> Result<Sides> {
        match args.against {
            Some(against) => self.against(against).await,
            None => self.two(args).await,
        }
    }

    async fn two(&self, args: &Args) -> Result<Sides> {
        let (base_side, head_side) = self.named(args)?;
        let project = self.project.as_ref();
        let mut read = Snapshot::read_both(&[&base_side, &head_side], project)?.into_iter();
        let missing = || Error::usage("nothing-to-compare", "nothing to compare");
        let (base, head) = (read.next().ok_or_else(missing)?, read.next().ok_or_else(missing)?);
        let is_file = |side: &Side| matches!(side, Side::Path(path) if path.is_file());
        let (base_is_file, head_is_file) = (is_file(&base_side), is_file(&head_side));
        let mut sides = Sides::named(base, (head, head_side), head_is_file);
        if base_is_file || head_is_file {
            sides.narrow_to_file(base_is_file, head_is_file);
            if let Some(project) = &self.project {
                sides.surround_with(Snapshot::read(&Side::WorkingTree, Some(project))?);
            }
        }
        self.around(&mut sides).await?;
        if base_is_file && head_is_file {
            sides.take_for_versions();
        }
        Ok(sides)
    }

    /// The two sides that the command line names.
    fn named(&self, args: &Args) -> Result<(Side, Side)> {
        match (&args.base, &args.head) {
            (Some(base), Some(head)) => Ok((self.side(base, true)?, self.side(head, false)?)),
            (Some(range), None) if is_range(range) => self.range(range),
            (Some(base), None) => {
                let side = self.side(base, true)?;
                self.refuse_itself(&side)?;
                Ok((side, Side::WorkingTree))
            }
            (None, _) => {
                let repository = self.repository()?;
                if !repository.is_born() {
                    let name = "nothing (no commit yet)".to_owned();
                    let base = Side::Commit { id: repository.empty_tree()?, name, shown: None };
                    return Ok((base, Side::WorkingTree));
                }
                let named = self.project.as_ref().and_then(|p| p.settings.diff.main.as_deref());
                let main = repository.main_branch(named)?;
                let id = repository.merge_base(&main, "HEAD")?;
                let short = repository.short(&id);
                let name = format!("the merge base with {main} ({short})");
                Ok((Side::Commit { id, name, shown: Some(short) }, Side::WorkingTree))
            }
        }
    }

    /// The working tree is not a base for itself.
    fn refuse_itself(&self, side: &Side) -> Result<()> {
        let (Side::Path(path), Some(project)) = (side, &self.project) else { return Ok(()) };
        let real = |path: &Path| crate::engine::paths::real_path(path).ok();
        let own = real(&project.root.join(&project.settings.contracts));
        let (Some(path), Some(own)) = (real(path), own) else { return Ok(()) };
        if !path.starts_with(&own) && !own.starts_with(&path) {
            return Ok(());
        }
        Err(Error::usage("same-side", "the working tree would be compared with itself")
            .at(path.display().to_string())
            .hint("name the old side too: pactum diff main FILE, or pactum diff OLD NEW"))
    }

    /// `a..b`, `a..` and `a...b`, as git reads them.
    fn range(&self, range: &str) -> Result<(Side, Side)> {
        let repository = self.repository()?;
        let or_head =
            |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
        let (from, to, merge) = match (range.split_once("..."), range.split_once("..")) {
            (Some((from, to)), _) => (or_head(from), or_head(to), true),
            (None, Some((from, to))) => (or_head(from), or_head(to), false),
            (None, None) => (range.to_owned(), "HEAD".to_owned(), false),
        };
        let (base, head) = (repository.commit(&from)?, repository.commit(&to)?);
        let base = if merge { repository.merge_base(&base, &head)? } else { base };
        let name = |name: &str, id: &str| match id.starts_with(name) {
            true => repository.short(id),
            false => format!("{name} ({})", repository.short(id)),
        };
        Ok((
            Side::Commit {
                name: name(&from, &base),
                shown: Some(repository.short(&base)),
                id: base,
            },
            Side::Commit { name: name(&to, &head), id: head, shown: None },
        ))
    }

    /// A path where one exists, else a revision.
    fn side(&self, name: &str, is_base: bool) -> Result<Side> {
        let path = PathBuf::from(name);
        if path.exists() {
            return Ok(Side::Path(path));
        }
        let starts = ["/", "./", "../"];
        let looks_like_path = name.ends_with(".yaml")
            || name.ends_with(".yml")
            || starts.iter().any(|start| name.starts_with(start));
        if looks_like_path {
            return Err(Error::usage("missing-file", "no such file or folder").at(name));
        }
        let repository = self.repository().map_err(|error| match error.code() {
            "no-project" | "no-repository" => {
                Error::usage("missing-file", "no such file, folder or revision").at(name)
            }
            _ => error,
        })?;
        let id = repository.commit(name)?;
        let short = repository.short(&id);
        let name = match id.starts_with(name) {
            true => short.clone(),
            false => format!("{name} ({short})"),
        };
        Ok(Side::Commit { id, name, shown: is_base.then_some(short) })
    }

    fn repository(&self) -> Result<Repository> {
        let project = self.project.as_ref().ok_or_else(|| {
            Error::usage("no-project", "there is no pactum.yaml here or in a folder above")
                .hint("name two files or two folders, or run it inside a project")
        })?;
        Repository::of(&project.root)
    }

    /// The contracts of releases, and the working tree.
    async fn against(&self, against: Against) -> Result<Sides> {
        let Some(warehouse) = &self.warehouse else {
            return Err(Error::usage("no-warehouse", "there is no warehouse with releases")
                .hint("name one: --warehouse DIR, or warehouse: in pactum.yaml"));
        };
        let head = Snapshot::read(&Side::WorkingTree, self.project.as_ref())?;
        let (contracts, name) = match against {
            Against::Served => (self.served_majors(&head).await?, "what is served"),
            Against::Release => (self.current(warehouse, &head).await?, "the current releases"),
        };
        let mut sides = Sides::of_releases(name, contracts, head);
        self.around(&mut sides).await?;
        Ok(sides)
    }

    /// The releases of the head's contracts: the current one of each, and those of further majors
    /// that the head has documents of.
    async fn current(&self, warehouse: &Warehouse, head: &Snapshot) -> Result<Vec<Arc<Contract>>> {
        let ids: BTreeSet<&str> = head.contracts.iter().map(|c| c.id.as_str()).collect();
        let mut found: Vec<Arc<Contract>> = Vec::new();
        for id in warehouse.contracts()?.iter().filter(|id| ids.contains(id.as_str())) {
            let release = Release::current(&warehouse.contract(id)).await?;
            found.extend(release.map(|r| Arc::new(r.contract)));
        }
        Ok(with_further_majors(found, self.served().await?, head))
    }

    /// What the warehouse serves: the newest release of every major.
    async fn served(&self) -> Result<&[Served]> {
        let read = || async { Ok(Catalog::read(self.warehouse.as_ref(), None).await?.served) };
        self.served.get_or_try_init(read).await.map(Vec::as_slice)
    }

    /// The newest contract of every major that is released, of the head's contracts.
    pub(super) async fn served_majors(&self, head: &Snapshot) -> Result<Vec<Arc<Contract>>> {
        Ok(served_majors(self.served().await?, head))
    }

    /// Whether a warehouse is meant, existing or not.
    pub(in crate::cli) fn means_warehouse(&self) -> bool {
        self.is_named || self.hides_warehouse()
    }

    /// Contracts and consumers of other repositories, from the warehouse.
    async fn around(&self, sides: &mut Sides) -> Result<()> {
        let Some(warehouse) = &self.warehouse else {
            // Without a warehouse there are no other repositories to ask.
            sides.registered = (!self.is_named && !self.hides_warehouse()).then(Vec::new);
            return Ok(());
        };
        sides.surround_with_served(self.served().await?);
        sides.registered = Some(Registered::all(warehouse, self.repository_name().as_deref())?);
        Ok(())
    }

    /// What this repository's consumers are registered under.
    pub(in crate::cli) fn repository_name(&self) -> Option<String> {
        let project = self.project.as_ref()?;
        let origin = Repository::of(&project.root).ok().and_then(|r| r.name());
        origin.or_else(|| Some(project.root.file_name()?.to_string_lossy().into_owned()))
    }

    /// Whether a warehouse is meant that is unknown here: the settings name one, or an empty
    /// variable would.
    fn hides_warehouse(&self) -> bool {
        let is_meant = std::env::var_os("PACTUM_WAREHOUSE").is_some();
        is_meant || self.project.as_ref().is_some_and(|p| p.settings.warehouse.is_some())
    }
}
