//! The report for people.

use crate::check::report::Sample;
use crate::compat::report::{
    Backtest, ConsumerReport, ContractReport, DiffReport, Fate, JudgedFinding, Raised, Violation,
};
use crate::compat::{Bump, Effect};
use crate::error::Result;

use super::super::output::{Out, Paint, count};
use super::super::report::human::{key, text};

/// Writes the report.
pub(super) fn show(report: &DiffReport, verbose: bool, out: &Out) -> Result<()> {
    let paint = out.paint();
    for Raised { file, from, to } in &report.raised {
        out.row(paint.good(&format!("raised  {file}: version {from} to {to}")))?;
    }
    out.row(paint.dim(&format!("{} → {}", report.base, report.head)))?;
    for contract in &report.contracts {
        show_contract(contract, verbose, paint, out)?;
    }
    show_consumers(report, paint, out)?;
    show_violations(report, paint, out)?;
    for undone in &report.not_executed {
        out.row("")?;
        let line = format!("! {}", undone.line());
        // Where nothing was published yet, no consumer is registered either.
        let is_quiet = undone.what == "consumers of other repositories";
        out.row(if is_quiet { paint.dim(&line) } else { paint.warn(&line) })?;
    }
    for notice in &report.notices {
        out.row("")?;
        let text = format!("{} [{}]", notice.message, notice.code);
        out.row(match notice.severity {
            crate::check::report::Level::Error => paint.bad(&format!("✗ {text}")),
            crate::check::report::Level::Warning => paint.warn(&format!("! {text}")),
        })?;
        out.row(paint.dim(&format!("    {}", notice.place)))?;
        if let Some(hint) = &notice.hint {
            out.row(format!("    {} {hint}", paint.dim("help:")))?;
        }
    }
    out.row("")?;
    out.row(conclusion(report, paint))
}

fn show_contract(contract: &ContractReport, verbose: bool, paint: Paint, out: &Out) -> Result<()> {
    out.row("")?;
    out.row(heading(contract, paint))?;
    if let Some(note) = &contract.note {
        out.row(paint.warn(&format!("  ! {note}")))?;
    }
    let is_said = |f: &&JudgedFinding| {
        verbose || f.reader.max(f.writer) != Effect::Safe || f.counts_as > Bump::Patch
    };
    for finding in contract.findings.iter().filter(is_said) {
        show_finding(finding, paint, out)?;
    }
    let quiet = contract.findings.iter().filter(|f| !is_said(f)).count() as u64;
    if quiet > 0 {
        let many = count(quiet, "change needs a patch at most", "changes need a patch at most");
        out.row(paint.dim(&format!("  · {many} (--verbose lists them)")))?;
    }
    Ok(())
}

fn heading(contract: &ContractReport, paint: Paint) -> String {
    let versions = match (&contract.base_version, &contract.head_version) {
        (Some(base), Some(head)) if base == head => base.clone(),
        (Some(base), Some(head)) => format!("{base} → {head}"),
        (None, Some(head)) => format!("{head}, new"),
        (Some(base), None) => format!("{base}, removed"),
        (None, None) => String::new(),
    };
    let against = contract.against.as_ref().map(|a| format!(" against {a}")).unwrap_or_default();
    let verdict = match (&contract.needs_version, &contract.exempt, contract.needed) {
        (Some(version), ..) => {
            paint.bad(&format!("needs {version}: a {} step", contract.needed.word()))
        }
        (None, Some(exempt), _) => paint.dim(&format!("exempt: {exempt}")),
        (None, None, Bump::None | Bump::Patch) => paint.dim("no step needed"),
        _ if contract.head_version.is_none() => paint.bad("no version makes room for that"),
        (None, None, needed) => match contract.made.is_some_and(|made| made.suffices(needed)) {
            true => paint.good(&format!("a {} step is needed, and made", needed.word())),
            false => paint.warn(&format!("a {} step is needed, and not made", needed.word())),
        },
    };
    let title = paint.bold(&format!("{} {versions}{against}", contract.sql_name));
    format!("{title}  {}  {verdict}", paint.dim(&contract.file))
}

fn show_finding(finding: &JudgedFinding, paint: Paint, out: &Out) -> Result<()> {
    let text = format!("{}: {}", finding.element, finding.message);
    let line = match (finding.reader.max(finding.writer), finding.counts_as) {
        (_, Bump::Major) => paint.bad(&format!("  ✗ {text}")),
        (Effect::Breaking | Effect::Dangerous, _) => paint.warn(&format!("  ! {text}")),
        _ => format!("  · {text}"),
    };
    let step = match finding.counts_as == finding.bump {
        true => finding.bump.word().to_owned(),
        false => format!("{}, counts as {}", finding.bump.word(), finding.counts_as.word()),
    };
    out.row(format!("{line} {}", paint.dim(&format!("[{}]", finding.code))))?;
    let effect = format!(
        "    reader {}, writer {}; step: {step}",
        finding.reader.word(),
        finding.writer.word()
    );
    out.row(paint.dim(&effect))?;
    for (word, value, place) in
        [("was", &finding.old, &finding.base), ("is ", &finding.new, &finding.head)]
    {
        let Some(place) = place else { continue };
        // An absent element has no place.
        let elsewhere = finding.old.is_some() != finding.new.is_some();
        if value.is_none() && elsewhere {
            out.row(format!("    {word} {}", paint.dim("absent")))?;
            continue;
        }
        let value = value.as_ref().map(|v| format!("{}  ", shortened(v))).unwrap_or_default();
        out.row(format!("    {word} {value}{}", paint.dim(&place.position())))?;
    }
    if !finding.felt_by.is_empty() {
        out.row(format!("    read by {}", finding.felt_by.join(", ")))?;
    }
    if let Some(because) = &finding.because {
        out.row(format!("    {because}"))?;
    }
    if let Some(backtest) = &finding.backtest {
        show_backtest(backtest, paint, out)?;
    }
    if let Some(hint) = finding.hint.as_ref().filter(|_| finding.counts_as > Bump::Patch) {
        out.row(format!("    {} {hint}", paint.dim("help:")))?;
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn show_backtest(backtest: &Backtest, paint: Paint, out: &Out) -> Result<()> {
    let line = format!("    {}", backtest_words(backtest));
    out.row(if backtest.rejected.is_empty() { paint.good(&line) } else { paint.warn(&line) })?;
    for rejected in &backtest.rejected {
        let rows = rejected.failing_rows.map(|n| count(n, "row fails", "rows fail"));
        let measured = rejected.measured.as_ref().map(|m| format!("measured {}", text(m)));
        let what = rows.or(measured).unwrap_or_default();
        out.row(format!("      release {}: {what}", rejected.release))?;
        for sample in rejected.samples.iter().filter(|s| s.row.is_some()) {
            out.row(paint.dim(&format!("        {}", sample_words(sample))))?;
        }
    }
    for (release, reason) in &backtest.not_executed {
        out.row(paint.warn(&format!("      release {release}: not executed: {reason}")))?;
    }
    Ok(())
}

fn sample_words(sample: &Sample) -> String {
    let (key, value) = (key(sample), text(&sample.value));
    if key.is_empty() { value } else { format!("{key}: {value}") }
}

/// What is shown with a finding's message: why it counts less, and the backtest.
pub(super) fn asides(finding: &JudgedFinding) -> Vec<String> {
    let backtest = finding.backtest.as_ref().map(backtest_words);
    finding.because.iter().cloned().chain(backtest).collect()
}

/// `would have rejected 2 of the last 30 releases`
pub(super) fn backtest_words(backtest: &Backtest) -> String {
    let clause = &backtest.clause;
    match (backtest.releases, backtest.rejected.len()) {
        (0, _) => format!("{clause} was checked against no release"),
        (1, 0) => format!("{clause} would have passed the last release"),
        (1, _) => format!("{clause} would have rejected the last release"),
        (of, n) => format!("{clause} would have rejected {n} of the last {of} releases"),
    }
}

fn show_consumers(report: &DiffReport, paint: Paint, out: &Out) -> Result<()> {
    let of = &report.consumers;
    if of.total == 0 {
        return Ok(());
    }
    out.row("")?;
    let headline = report.headline();
    out.row(if of.broken > 0 { paint.bad(&headline) } else { paint.bold(&headline) })?;
    for consumer in &of.list {
        show_consumer(consumer, paint, out)?;
    }
    if of.unaffected > 0 {
        out.row(paint.dim(&format!("  {} unaffected", of.unaffected)))?;
    }
    Ok(())
}

fn show_consumer(consumer: &ConsumerReport, paint: Paint, out: &Out) -> Result<()> {
    let fate = consumer.fate.word();
    let fate = match consumer.fate {
        Fate::Broken => paint.bad(fate),
        Fate::Affected
        | Fate::Changed
        | Fate::ToMigrate
        | Fate::NotPlanned
        | Fate::ChangedTogether => paint.warn(fate),
        _ => fate.to_owned(),
    };
    out.row(format!("  {fate}  {} (owner {})", consumer.label(), consumer.owner))?;
    for reason in &consumer.reasons {
        let place = reason.place.as_ref().map(|p| format!("  {}", paint.dim(&p.position())));
        out.row(format!("    {}{}", reason.message, place.unwrap_or_default()))?;
        if let Some(hint) = &reason.hint {
            out.row(format!("    {} {hint}", paint.dim("help:")))?;
        }
    }
    for line in consumer.deploy.iter().chain(&consumer.waived) {
        out.row(format!("    {line}"))?;
    }
    Ok(())
}

fn show_violations(report: &DiffReport, paint: Paint, out: &Out) -> Result<()> {
    // Broken consumers are listed above, with every reason.
    let told = |v: &&Violation| v.rule == "consumer-broken";
    let violations: Vec<&Violation> = report.violations.iter().filter(|v| !told(v)).collect();
    if violations.is_empty() {
        return Ok(());
    }
    out.row("")?;
    for violation in violations {
        let place = violation.place.as_ref().map(|p| p.position()).unwrap_or_default();
        let text = format!("{} [{}]", violation.message, violation.code);
        match &violation.waived {
            Some(words) => {
                out.row(format!("  · {text}"))?;
                out.row(format!("    {words}"))?;
            }
            None => {
                out.row(paint.bad(&format!("✗ {text}")))?;
                out.row(paint.dim(&format!("    {place}")))?;
                if let Some(hint) = &violation.hint {
                    out.row(format!("    {} {hint}", paint.dim("help:")))?;
                }
            }
        }
    }
    Ok(())
}

fn conclusion(report: &DiffReport, paint: Paint) -> String {
    let changed = report.changed() as u64;
    let contracts = count(changed, "contract changed", "contracts changed");
    let contracts = if changed == 0 { "no contract changed".to_owned() } else { contracts };
    if !report.passed() {
        let unwaived = report.violations.iter().filter(|v| v.waived.is_none()).count() as u64;
        let errors = report
            .notices
            .iter()
            .filter(|n| n.severity == crate::check::report::Level::Error)
            .count() as u64;
        let reasons = count(unwaived + errors, "reason to stop", "reasons to stop");
        return paint.bad(&format!("✗ {contracts}: {reasons}"));
    }
    match report.is_empty() && changed == 0 && report.notices.is_empty() {
        true => paint.good("✓ nothing changed"),
        false if report.consumers.not_planned > 0 => {
            let unknown =
                count(report.consumers.not_planned as u64, "consumer does", "consumers do");
            paint.warn(&format!(
                "✓ {contracts}: versions hold; {unknown} not plan, whatever the change"
            ))
        }
        false => paint.good(&format!("✓ {contracts}: versions and consumers hold")),
    }
}
