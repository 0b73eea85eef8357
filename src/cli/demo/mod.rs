//! `pactum demo`: the whole journey in one sitting, on an embedded project.

mod data;
mod defects;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args as ClapArgs;

use crate::check::{Delivery, Report};
use crate::contract::odcs::json_schema;
use crate::engine::progress::Silent;
use crate::engine::{Runtime, temporary};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::publish::{Provenance, Request, StageLimits, publish};
use crate::query::{Catalog, CatalogSnapshot, Encoder, Format, Gateway, Request as Query, bind};
use crate::warehouse::Warehouse;

use super::check::{House, How};
use super::context::Global;
use super::init::write_new;
use super::output::{Out, count};
use super::report;

/// Take a guided tour: generate, check, publish, reject, query.
///
/// Generates learners, courses and activity; computes recommendations three ways in SQL; checks
/// and publishes them; delivers a second set with defects, which is rejected; publishes a good
/// second release; and answers the home page's query for one learner.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  pactum demo
  pactum demo --dir tour --learners 20000")]
pub(super) struct Args {
    /// The folder, which must be new or empty [default: a fresh temporary one]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Learners to generate
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(50..=1_000_000))]
    learners: u64,
    /// Seed of the generator
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
}

const FILES: &[(&str, &str)] = &[
    ("pactum.yaml", include_str!("../../../pactum.yaml")),
    ("contracts/learning.odcs.yaml", include_str!("../../../contracts/learning.odcs.yaml")),
    (
        "contracts/recommendations.odcs.yaml",
        include_str!("../../../contracts/recommendations.odcs.yaml"),
    ),
    ("sql/home_page.sql", include_str!("../../../sql/home_page.sql")),
    ("sql/because_you_viewed.sql", include_str!("../../../sql/because_you_viewed.sql")),
    ("sql/model_overview.sql", include_str!("../../../sql/model_overview.sql")),
    ("sql/popular_courses.sql", include_str!("../../../sql/popular_courses.sql")),
    (".gitignore", "/warehouse\n"),
];

/// The learner whose home page is queried.
const LEARNER: u64 = 42;

pub(super) async fn run(args: Args, global: &Global, out: &Out) -> Result<u8> {
    let begun = Instant::now();
    let folder = folder(args.dir.as_deref())?;
    std::env::set_current_dir(&folder).map_err(|e| Error::io(&folder, e))?;
    let tour = Tour { out, global, project: write_project(&folder)? };
    tour.intro(&folder)?;
    tour.first_release(&args).await?;
    tour.rejected_delivery().await?;
    tour.second_release(&args).await?;
    tour.answer().await?;
    tour.outro(&folder, begun)
}

fn folder(wanted: Option<&Path>) -> Result<PathBuf> {
    let Some(wanted) = wanted else {
        return temporary::lasting("pactum-demo-");
    };
    std::fs::create_dir_all(wanted).map_err(|e| Error::io(wanted, e))?;
    let mut entries = std::fs::read_dir(wanted).map_err(|e| Error::io(wanted, e))?;
    if entries.next().is_some() {
        return Err(Error::usage("folder-in-use", "the folder is not empty")
            .at(wanted.display().to_string())
            .hint("name a new one; the demo overwrites nothing"));
    }
    std::fs::canonicalize(wanted).map_err(|e| Error::io(wanted, e))
}

fn write_project(folder: &Path) -> Result<Project> {
    for (name, text) in FILES {
        write_new(&folder.join(name), text)?;
    }
    let schema = format!("{:#}\n", json_schema());
    write_new(&folder.join("contracts/odcs.schema.json"), &schema)?;
    Project::open(folder)
}

struct Tour<'a> {
    out: &'a Out,
    global: &'a Global,
    project: Project,
}

impl Tour<'_> {
    fn heading(&self, number: usize, text: &str) -> Result<()> {
        self.out.line(format!("\n{}", self.out.paint().bold(&format!("{number}. {text}"))))
    }

    fn say(&self, text: &str) -> Result<()> {
        self.out.line(text)
    }

    fn command(&self, text: &str) -> Result<()> {
        self.out.line(self.out.paint().dim(&format!("   $ {text}")))
    }

    fn intro(&self, folder: &Path) -> Result<()> {
        self.say(
            &self
                .out
                .paint()
                .bold("Pactum: data contracts that are enforced, published and served"),
        )?;
        self.say(&format!(
            "\nA project was written to {}: two contracts that declare tables, and the SQL\n\
             of four consumers that read them.",
            folder.display()
        ))
    }

    async fn first_release(&self, args: &Args) -> Result<()> {
        self.heading(1, "Scientists deliver, and everything keeps its contract")?;
        let made = data::generate(args.learners, args.seed, self.global).await?;
        made.write_all(Path::new("deliveries/1"))?;
        self.say(&format!(
            "{}, {} and {} were generated; recommendations were computed in SQL\n\
             by popularity, co-occurrence and recent activity.\n",
            count(made.learners, "learner", "learners"),
            count(made.courses, "course", "courses"),
            count(made.activity, "visit", "visits"),
        ))?;
        self.publish("learning", &data::LEARNING, "deliveries/1").await?;
        self.say("")?;
        self.publish("recommendations", &data::RECOMMENDATIONS, "deliveries/1").await?;
        Ok(())
    }

    async fn rejected_delivery(&self) -> Result<()> {
        self.heading(2, "A delivery with defects is rejected, and readers notice nothing")?;
        self.say(
            "The next model run went wrong: a score above 1, one that is not a number, a rank twice,\n\
             a module that nobody knows.\n",
        )?;
        defects::deliver(Path::new("deliveries/1"), Path::new("deliveries/2"))?;
        let report =
            self.publish("recommendations", &data::RECOMMENDATIONS, "deliveries/2").await?;
        if report.passed() {
            return Err(Error::try_again("demo", "the defects went unnoticed"));
        }
        Ok(())
    }

    async fn second_release(&self, args: &Args) -> Result<()> {
        self.heading(3, "The mended run becomes release 2")?;
        let made = data::generate(args.learners, args.seed.wrapping_add(1), self.global).await?;
        made.write(Path::new("deliveries/3"), &data::RECOMMENDATIONS)?;
        self.publish("recommendations", &data::RECOMMENDATIONS, "deliveries/3").await?;
        Ok(())
    }

    async fn answer(&self) -> Result<()> {
        self.heading(4, "An engineer builds the home page on it")?;
        self.command(&format!("pactum query home_page -p learner_id={LEARNER}"))?;
        let (consumers, _) = self.project.consumers()?;
        let consumer = consumers.iter().find(|c| c.name == "home_page");
        let consumer = consumer.ok_or_else(|| Error::try_again("demo", "no home page"))?;
        let given = BTreeMap::from([("learner_id".to_owned(), LEARNER.to_string())]);
        let parameters = bind(consumer, &given)?;
        let warehouse = self.warehouse()?;
        let catalog = Catalog::read(Some(&warehouse), Some(&self.project)).await?;
        let request = Query { parameters, ..Query::local(consumer.source.text.clone()) };
        let runtime = Arc::new(Runtime::new(&self.global.limits())?);
        let snapshot = Arc::new(CatalogSnapshot::new(catalog, consumers));
        let answer = Gateway::new(runtime, snapshot).answer(request).await?;
        let mut encoder =
            Encoder::new(Format::Table, Arc::clone(&answer.schema), std::io::stdout())?;
        answer.each(|batch| encoder.write(batch)).await?;
        encoder.finish()
    }

    fn outro(&self, folder: &Path, begun: Instant) -> Result<u8> {
        self.heading(5, &format!("Go on ({:.1} s so far)", begun.elapsed().as_secs_f64()))?;
        self.command(&format!("cd {}", folder.display()))?;
        for command in [
            "pactum tables",
            "pactum describe recommendations.results",
            "pactum releases --all",
            "pactum releases show recommendations 2",
            "pactum query popular_courses -p level=beginner",
            "pactum query \"select module, count(*) from recommendations.results group by module\" --release 1",
            "pactum query \"select clause, reason from pactum.clauses where verdict = 'failed'\"",
            "pactum check recommendations.results deliveries/2/results.parquet",
            "pactum lint",
        ] {
            self.command(command)?;
        }
        Ok(0)
    }

    fn warehouse(&self) -> Result<Warehouse> {
        // The tour stays in its own folder, whatever the environment names.
        Warehouse::at(&self.project.root.join("warehouse").display().to_string())
    }

    async fn publish(&self, contract: &str, tables: &[&str], folder: &str) -> Result<Report> {
        let files: Vec<String> =
            tables.iter().map(|table| format!("{table}={folder}/{table}.parquet")).collect();
        self.command(&format!("pactum publish {contract} {}", files.join(" ")))?;
        let contract = self.project.contract(contract)?;
        let delivery = Delivery::gather(&contract, None, &files, None).await?;
        let house = House::of(Some(&self.project))?;
        let how = How { samples: 3, ..How::default() };
        let options = house.options(self.global, &how, &Silent);
        let request = Request {
            contract: &contract,
            delivery: &delivery,
            warehouse: &self.warehouse()?,
            options: &options,
            settings: house.settings(),
            consumers: &self.project.consumers()?.0,
            stage: StageLimits::default(),
            provenance: Provenance::gather(&self.project.root, None)?,
            dry_run: false,
        };
        let report = publish(&request).await?;
        report::show(&report, self.out, false)?;
        Ok(report)
    }
}
