//! `pactum explain`

use clap::Args as ClapArgs;

use crate::compat::rules::RULES as COMPAT;
use crate::contract::lint::rules::RULES as LINT;
use crate::diagnostic::RuleDoc;
use crate::error::{Error, Result};
use crate::project::RULES as PROJECT;

use super::output::Out;

/// Explain a diagnostic's code, or list all codes.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum explain L004
  pactum explain unknown-key
  pactum explain")]
pub(super) struct Args {
    /// Code or name of a rule [default: list every code]
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<u8> {
    let of_change = COMPAT.iter().map(|r| r.doc);
    let of_documents = LINT.iter().map(|r| r.doc).chain(PROJECT.iter().copied());
    let rules: Vec<RuleDoc> = of_documents.chain(of_change).collect();
    let Some(code) = &args.code else {
        for rule in rules {
            let (meta, severity) = (rule.meta, rule.meta.severity.to_string());
            out.line(format!("{}  {severity:<8} {}", meta.code, meta.name))?;
        }
        return Ok(0);
    };
    let found = rules
        .iter()
        .find(|r| r.meta.code.eq_ignore_ascii_case(code) || r.meta.name.eq_ignore_ascii_case(code));
    match found {
        Some(rule) => {
            out.line(rule.page().trim_end())?;
            Ok(0)
        }
        None => {
            let names = rules.iter().flat_map(|r| [r.meta.code, r.meta.name]);
            let error = Error::usage("unknown-code", format!("no rule '{code}'"));
            Err(match crate::diagnostic::nearest(code, names) {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error.hint("pactum explain lists every code"),
            })
        }
    }
}
