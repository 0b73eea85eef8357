//! Git: commits read through their objects. Nothing is checked out, and nothing is written.
//!
//! Uses the installed git: it knows every kind of repository (worktrees, partial and shallow
//! clones, alternates), and anyone with a repository to compare has git.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::engine::address::without_credentials;
use crate::error::{Error, Result};

use super::settings::variable;

/// Variables that would make git look at a repository other than the folder's.
const LOCAL_VARIABLES: [&str; 6] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"];

/// A repository, seen from a folder of its working tree.
#[derive(Debug, Clone)]
pub struct Repository {
    /// The folder that paths are relative to.
    folder: PathBuf,
    /// The folder's path in the repository, with a `/` at its end; empty at the top.
    prefix: String,
}

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Its path from the top of the repository.
    pub path: String,
    /// Its object.
    pub object: String,
    /// What it is.
    pub kind: Kind,
}

/// What an entry of a commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A symbolic link, whose content is where it leads.
    Link,
    /// Another repository, whose files the commit does not know.
    Module,
}

impl Repository {
    /// The repository that a folder lies in.
    ///
    /// # Errors
    /// When there is none, or no git is installed.
    pub fn of(folder: &Path) -> Result<Self> {
        let here = Self { folder: folder.to_owned(), prefix: String::new() };
        let prefix = here.ask(["rev-parse", "--show-prefix"]).map_err(|error| {
            Error::usage("no-repository", error.message().to_owned())
                .at(folder.display().to_string())
                .hint("name two files or two folders, or run it inside a git repository")
        })?;
        Ok(Self { prefix: prefix.trim_end_matches('\n').to_owned(), ..here })
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// When it names none.
    pub fn commit(&self, revision: &str) -> Result<String> {
        let wanted = format!("{revision}^{{commit}}");
        let found = self.ask(["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]);
        found.map(|id| id.trim().to_owned()).map_err(|_| {
            Error::usage("unknown-revision", format!("no revision '{revision}'"))
                .hint("a branch, a tag or a commit; in CI fetch it first (fetch-depth: 0)")
        })
    }

    /// The last commit that two have in common.
    ///
    /// # Errors
    /// When there is none, as in a shallow clone.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<String> {
        let found = self.ask(["merge-base", "--end-of-options", one, other]);
        found.map(|id| id.trim().to_owned()).map_err(|_| {
            Error::usage("no-merge-base", "the two revisions have no commit in common")
                .hint("a shallow clone lacks it: fetch the whole history (fetch-depth: 0)")
        })
    }

    /// The main branch: the change's target by CI, the one that settings name, the remote's head,
    /// or `main` or `master`. The change's own settings come after CI's word.
    ///
    /// # Errors
    /// When there is none of them.
    pub fn main_branch(&self, named: Option<&str>) -> Result<String> {
        let is_there = |name: &String| self.commit(name).is_ok();
        for name in ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] {
            let Some(target) = variable(name) else { continue };
            // Another branch would answer a different question.
            return Some(format!("origin/{target}")).filter(is_there).ok_or_else(|| {
                let message = format!("{name} names the branch '{target}', which is not here");
                Error::usage("no-main-branch", message)
                    .hint(format!("fetch it: fetch-depth: 0, or git fetch origin {target}"))
            });
        }
        if let Some(name) = named {
            // Only a branch, no other revision: HEAD would be compared with itself.
            let places = ["refs/remotes/origin/", "refs/heads/"];
            let found = places.into_iter().find(|p| self.commit(&format!("{p}{name}")).is_ok());
            return found
                .map(|place| match place {
                    "refs/heads/" => name.to_owned(),
                    _ => format!("origin/{name}"),
                })
                .ok_or_else(|| {
                    Error::usage("no-main-branch", format!("there is no branch '{name}'")).hint(
                        "diff: {main: …} in pactum.yaml names it; in CI fetch it (fetch-depth: 0)",
                    )
                });
        }
        let known = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];
        known.map(str::to_owned).into_iter().find(is_there).ok_or_else(|| {
            Error::usage("no-main-branch", "there is no branch main or master to compare with")
                .hint(
                    "name one: pactum diff BASE, or diff: {main: trunk} in pactum.yaml; in CI fetch it \
                     (fetch-depth: 0)",
                )
        })
    }

    /// Whether anything was committed yet.
    pub fn is_born(&self) -> bool {
        self.commit("HEAD").is_ok()
    }

    /// The tree that holds nothing: what a first commit is compared with.
    ///
    /// # Errors
    /// When git cannot say its name.
    pub fn empty_tree(&self) -> Result<String> {
        // Standard input is empty for every call of git here.
        let id = self.ask(["hash-object", "-t", "tree", "--stdin"])?;
        Ok(id.trim().to_owned())
    }

    /// A commit's short id.
    pub fn short(&self, commit: &str) -> String {
        let found = self.ask(["rev-parse", "--short", "--end-of-options", commit]);
        found.map_or_else(|_| commit.chars().take(7).collect(), |id| id.trim().to_owned())
    }

    /// The folder's path from the top of the repository, with a `/` at its end; empty at the top.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The top of the working tree.
    ///
    /// # Errors
    /// When there is none, as in a bare repository.
    pub fn top(&self) -> Result<PathBuf> {
        let top = self.ask(["rev-parse", "--show-toplevel"])?;
        Ok(PathBuf::from(top.trim_end_matches('\n')))
    }

    /// The files of a commit, its links and its submodules.
    ///
    /// # Errors
    /// When git cannot list them.
    pub fn files(&self, commit: &str) -> Result<Vec<Blob>> {
        let listed =
            self.bytes(["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit])?;
        let line = |entry: &[u8]| {
            // A working tree's names are read the same way.
            let text = String::from_utf8_lossy(entry).into_owned();
            let (about, path) = text.split_once('\t')?;
            let mut words = about.split_whitespace();
            let (mode, object) = (words.next()?, words.nth(1)?.to_owned());
            let kind = match mode {
                "120000" => Kind::Link,
                "160000" => Kind::Module,
                _ => Kind::File,
            };
            let path = path.to_owned();
            Some(Blob { path, object, kind })
        };
        Ok(listed.split(|byte| *byte == 0).filter_map(line).collect())
    }

    /// The contents of objects, in their order; `None` for what has more bytes than `most`.
    ///
    /// # Errors
    /// When git cannot read one.
    pub fn read(&self, objects: &[&str], most: usize) -> Result<Vec<Option<Vec<u8>>>> {
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        let mut child = self
            .git(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(missing)?;
        let names: String = objects.iter().map(|o| format!("{o}\n")).collect();
        let stdin = child.stdin.take();
        // Git answers while requests are sent: both sides of the pipe are served concurrently.
        let asked = std::thread::spawn(move || match stdin {
            Some(mut stdin) => stdin.write_all(names.as_bytes()),
            None => Ok(()),
        });
        let mut contents = Vec::with_capacity(objects.len());
        if let Some(stdout) = child.stdout.take() {
            let mut answers = BufReader::new(stdout);
            for object in objects {
                contents.push(answer(&mut answers, most).map_err(|e| {
                    Error::try_again("git", format!("object {object} cannot be read: {e}"))
                })?);
            }
        }
        let _ = asked.join();
        let _ = child.wait();
        Ok(contents)
    }

    /// Whether the working tree's index has a file, by its path from the top.
    pub fn tracks(&self, path: &str) -> bool {
        let top = format!(":(top,literal){path}");
        self.bytes(["ls-files", "-z", "--", &top]).is_ok_and(|found| !found.is_empty())
    }

    /// The repository's name: the remote `origin` as host and path, however it is reached.
    pub fn name(&self) -> Option<String> {
        self.origin().map(|url| repository_name(&url))
    }

    /// The address of the remote `origin`, without credentials.
    pub fn origin(&self) -> Option<String> {
        let url = self.ask(["remote", "get-url", "origin"]).ok()?;
        Some(without_credentials(url.trim()))
    }

    /// Whether the working tree differs from its commit.
    pub fn is_dirty(&self) -> Option<bool> {
        self.ask(["status", "--porcelain"]).ok().map(|changes| !changes.is_empty())
    }

    fn ask<const N: usize>(&self, arguments: [&str; N]) -> Result<String> {
        let bytes = self.bytes(arguments)?;
        String::from_utf8(bytes).map_err(|e| Error::try_again("git", e.to_string()))
    }

    fn bytes<const N: usize>(&self, arguments: [&str; N]) -> Result<Vec<u8>> {
        let output = self.git(arguments).output().map_err(missing)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ");
        Err(Error::usage("git", if said.is_empty() { "git found nothing" } else { said }))
    }

    fn git<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder);
        // A tree may hold files that look like a repository of its own, with another remote and with
        // commands to run: only a repository around the working tree counts.
        command.args(["-c", "safe.bareRepository=explicit"]).args(arguments);
        // Git must not prompt, or refresh its index. Hooks get variables of one repository; here
        // the folder decides.
        for variable in LOCAL_VARIABLES {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null());
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
        command
    }
}

/// One answer of `cat-file --batch`: `<object> <type> <size>`, the content, a line end.
fn answer(answers: &mut impl BufRead, most: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = String::new();
    answers.read_line(&mut head)?;
    let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok());
    let size = size.ok_or_else(|| std::io::Error::other(head.trim_end().to_owned()))?;
    if size > most {
        std::io::copy(&mut answers.take(size as u64 + 1), &mut std::io::sink())?;
        return Ok(None);
    }
    let mut content = vec![0; size + 1];
    answers.read_exact(&mut content)?;
    content.pop();
    Ok(Some(content))
}

fn missing(error: std::io::Error) -> Error {
    Error::usage("no-git", format!("git cannot be run: {error}"))
        .hint("install git, or compare two files or folders")
}

/// The name of a repository by its address, however that is spelled: `git@host:team/app.git`,
/// `https://HOST/team/app` and `ssh://git@host:22/team/app/` are one.
pub fn repository_name(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => (None, address),
    };
    let first = rest.find('/').unwrap_or(rest.len());
    let rest = rest[..first].rfind('@').map_or(rest, |at| &rest[at + 1..]);
    let head = rest.split('/').next().unwrap_or(rest);
    // `host:path`, as ssh has it.
    let is_short = scheme.is_none() && head.contains(':');
    let end = if is_short { head.find(':') } else { Some(head.len()) }.unwrap_or(head.len());
    let (host, path) = (&rest[..end], rest[end..].trim_start_matches(':'));
    // A name that is not an address may begin with a host too.
    let is_host = scheme.is_some() || is_short || (host.contains('.') && !host.starts_with('.'));
    let place = match is_host && !host.is_empty() {
        true => {
            let port = match scheme.as_deref() {
                Some("https") => ":443",
                Some("http") => ":80",
                _ => ":22",
            };
            let host = host.to_ascii_lowercase();
            let host = host.strip_suffix(port).unwrap_or(&host);
            format!("{host}/{}", path.trim_start_matches('/'))
        }
        false => rest.to_owned(),
    };
    let place = place.trim_end_matches('/');
    place.strip_suffix(".git").unwrap_or(place).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_one_name_however_it_is_reached() {
        for url in [
            "git@host:team/app.git",
            "https://host/team/app",
            "https://token@host/team/app.git",
            "ssh://git@host/team/app/",
            "ssh://git@HOST:22/team/app.git/",
            "HTTPS://Host:443/team/app",
            "http://host:80/team/app",
            "git@Host:/team/app",
            "Host:team/app",
        ] {
            assert_eq!(repository_name(url), "host/team/app", "{url}");
        }
        for (address, name) in [
            ("/srv/app", "/srv/app"),
            ("/srv/app@2", "/srv/app@2"),
            ("file:///srv/app.git", "/srv/app"),
            ("../App.git/", "../App"),
            ("Shop/App", "Shop/App"),
            ("Git.Example.com/Team/App.git", "git.example.com/Team/App"),
            ("ssh://host:2222/team/app", "host:2222/team/app"),
        ] {
            assert_eq!(repository_name(address), name, "{address}");
        }
    }
}
