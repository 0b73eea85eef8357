//! The engine's words about names, groups and shapes.

use super::super::type_words::in_sql;
use super::super::{SqlState as S, Subject};
use super::{Said, Say, bare, spaced};

/// Forms of SQL that the engine does not plan, in words that what follows would match, too.
pub(super) const FORMS: &[(&str, Say)] = &[
    (r"(?i)unsupported (LIMIT|OFFSET) expression", |c| {
        let message = format!("{} by a subquery is not supported", &c[1]);
        Said::new(S::FeatureNotSupported, message).about(Subject::Word(c[1].to_owned()))
    }),
    (r"(?i)there is only support Literal types for field at idx", |_| {
        let message = "offsets and defaults of window functions are constants";
        Said::new(S::FeatureNotSupported, message).about(Subject::Word("over".to_owned()))
    }),
    (r"(?i)retract_batch. is not implemented: ([a-z_0-9]+)", |c| {
        let message = format!("{} over a frame that moves on is not supported", &c[1]);
        Said::new(S::FeatureNotSupported, message)
            .about(Subject::Word(c[1].to_owned()))
            .hint("begin the frame with unbounded preceding")
    }),
    (r"(?i)operator '?AtAt'?", |_| {
        Said::new(S::FeatureNotSupported, "text search is not supported")
            .about(Subject::Operator("@@".to_owned()))
    }),
    (r"(?i)conflicting ordering requirements in aggregate functions", |_| {
        let message = "aggregates of one SELECT in different orders are not supported";
        Said::new(S::FeatureNotSupported, message).hint("aggregate in subqueries, and join them")
    }),
    (r"(?i)LATERAL syntax is not supported for", |_| {
        let message = "a function in FROM behind RIGHT or FULL JOIN is not supported";
        Said::new(S::FeatureNotSupported, message).hint("write (select * from function(…)) as name")
    }),
    (r"(?si)^plan: .* does not satisfy (?:order|distribution) requirements", |_| {
        let message = "this order over columns that are constant is not supported";
        Said::new(S::FeatureNotSupported, message).hint("leave the constants out of ORDER BY")
    }),
];

pub(super) const NAMES: &[(&str, Say)] = &[
    (r"(?s)(?i)invalid function '(.+?)'.*?(?:Did you mean '(.+?)'|$)", |c| {
        Said::new(S::UndefinedFunction, format!("there is no function '{}'", &c[1]))
            .about(Subject::Call(c[1].to_owned()))
    }),
    (r"(?i)^invalid qualifier (.+)$", |c| {
        Said::new(S::UndefinedTable, format!("nothing is called '{}' here", &c[1]))
            .about(Subject::Word(c[1].to_owned()))
    }),
    (r"(?i)^the window (.+) is not defined", |c| {
        Said::new(S::UndefinedObject, format!("there is no window '{}'", &c[1]))
            .hint("define it behind HAVING: window w as (…)")
            .about(Subject::Word(c[1].to_owned()))
    }),
    (r#"(?i)^WITH query name "(.+)" specified more than once"#, |c| {
        Said::new(S::DuplicateAlias, format!("WITH names '{}' twice", &c[1]))
    }),
    (r"(?i)^unsupported SQL type (.+)$", |c| no_type(&c[1])),
    (r"(?i)^source table contains (\d+) columns but only (\d+) names given", |c| {
        let message = format!("the table has {} columns, and {} names are given", &c[1], &c[2]);
        Said::new(S::InvalidColumnReference, message)
    }),
];

pub(super) const GROUPING: &[(&str, Say)] = &[
    (
        r#"(?i)column in (SELECT|HAVING|ORDER BY|QUALIFY).* must be in GROUP BY.*?column "(.+?)" must appear"#,
        |c| {
            let name = bare(&c[2]);
            Said::new(
                S::GroupingError,
                format!("column '{name}' is neither grouped by nor aggregated"),
            )
            .hint("add it to GROUP BY, or aggregate it")
            .about(Subject::Word(name))
        },
    ),
    (r"(?s)(?i)^HAVING clause references: (.+) must appear in the GROUP BY clause", |_| {
        let message = "HAVING uses a column that is neither grouped by nor aggregated";
        Said::new(S::GroupingError, message).hint("add it to GROUP BY, or aggregate it")
    }),
    (r"(?i)^aggregate functions are not allowed in (?:the )?(\w+)", |c| {
        Said::new(S::GroupingError, format!("aggregate functions are not allowed in {}", &c[1]))
            .hint("filter groups with HAVING")
    }),
    (r"(?i)^aggregate function calls cannot contain window", |_| {
        Said::new(S::GroupingError, "aggregate function calls cannot contain window function calls")
            .hint("compute the inner one in a subquery")
    }),
    (r"(?i)^aggregate function calls cannot be nested", |_| {
        Said::new(S::GroupingError, "aggregate function calls cannot be nested")
            .hint("compute the inner one in a subquery")
    }),
    (r"(?i)^window function calls cannot be nested", |_| {
        Said::new(S::WindowingError, "window function calls cannot be nested")
            .hint("compute the inner one in a subquery")
    }),
    (r"(?i)^argument (.+?) to grouping function", |_| {
        let message = "arguments to GROUPING must be grouping expressions of the same query";
        Said::new(S::GroupingError, message).about(Subject::Call("grouping".to_owned()))
    }),
    (r"(?i)^for SELECT DISTINCT, ORDER BY expressions (.+) must appear", |_| {
        let message = "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
        Said::new(S::InvalidColumnReference, message)
    }),
    (r"(?i)^SELECT DISTINCT ON expressions must match", |_| {
        let message = "SELECT DISTINCT ON expressions must match initial ORDER BY expressions";
        Said::new(S::InvalidColumnReference, message)
    }),
    (r"(?i)^order by column out of bounds, specified: (\d+)", |c| {
        let message = format!("ORDER BY position {} is not in select list", &c[1]);
        Said::new(S::InvalidColumnReference, message)
    }),
    (r"(?i)^order by index starts at 1", |_| {
        Said::new(S::InvalidColumnReference, "ORDER BY position 0 is not in select list")
    }),
    (r"(?i)^cannot find column with position (\d+) in SELECT clause", |c| {
        let message = format!("GROUP BY position {} is not in select list", &c[1]);
        Said::new(S::InvalidColumnReference, message)
    }),
];

pub(super) const SHAPES: &[(&str, Say)] = &[
    (r"(?i)^too many columns! The subquery should only return one column", |_| {
        Said::new(S::SyntaxError, "a subquery used as a value must return one column")
    }),
    (
        r"(?i)^(UNION|EXCEPT|INTERSECT)(?: ALL| DISTINCT)? queries have different number of columns",
        |c| {
            let message =
                format!("each {} query must have the same number of columns", c[1].to_uppercase());
            Said::new(S::SyntaxError, message).about(Subject::Word(c[1].to_owned()))
        },
    ),
    (r"(?i)^non-recursive term and recursive term must have the same number of columns", |_| {
        Said::new(S::SyntaxError, "each UNION query must have the same number of columns")
            .about(Subject::Word("union".to_owned()))
    }),
    (r"(?i)^multiple recursive references", |_| {
        let message = "the recursive query refers to itself more than once";
        Said::new(S::InvalidRecursion, message)
    }),
    (r"(?i)^SELECT \* with no tables specified", |_| {
        Said::new(S::SyntaxError, "SELECT * with no tables specified is not valid")
            .about(Subject::Operator("*".to_owned()))
    }),
    (r"(?i)^inconsistent data length across values list", |_| {
        Said::new(S::SyntaxError, "VALUES lists must all be the same length")
            .about(Subject::Word("values".to_owned()))
    }),
    (r"(?i)^expected (LIMIT|OFFSET) to be an integer or null, but got (.+)$", |c| {
        let message = format!("{} is a whole number, and this is {}", &c[1], in_sql(&c[2]));
        Said::new(S::DatatypeMismatch, message).about(Subject::Word(c[1].to_owned()))
    }),
    (r"(?i)^LIMIT must be >= ?0", |_| {
        Said::new(S::InvalidRowCountInLimit, "LIMIT must not be negative")
    }),
    (r"(?i)^OFFSET must be >= ?0", |_| {
        Said::new(S::InvalidRowCountInOffset, "OFFSET must not be negative")
    }),
    (r"(?i)^invalid window frame: frame offsets for .* must be non negative", |_| {
        let message = "the offsets of a window frame must not be negative";
        Said::new(S::InvalidPrecedingOrFollowingSize, message)
    }),
    (r"(?i)^invalid window frame: (.+)$", |c| {
        Said::new(S::WindowingError, format!("the window frame is not valid: {}", in_sql(&c[1])))
            .about(Subject::Word("over".to_owned()))
    }),
    (r"(?i)^scalar subquery returned more than one row", |_| {
        let message = "more than one row returned by a subquery used as an expression";
        Said::new(S::CardinalityViolation, message)
    }),
];

pub(super) const UNSUPPORTED: &[(&str, Say)] = &[
    (r"(?s)(?i)^physical plan does not support logical expression WindowFunction", |_| {
        Said::new(S::WindowingError, "window functions are not allowed here")
            .hint("compute it in a subquery, and filter outside of that")
    }),
    (r"(?s)(?i)^physical plan does not support logical expression Wildcard", |_| {
        Said::new(S::UndefinedFunction, "'*' is an argument of count alone")
    }),
    (
        r"(?s)(?i)(?:physical plan does not support logical expression|correlated).*(?:InSubquery|ScalarSubquery|Exists|OuterReferenceColumn|SetComparison|subquery)",
        |_| {
            Said::new(
                S::FeatureNotSupported,
                "this subquery over columns of the outer query is not supported",
            )
            .hint("write it as a join, or aggregate it over an equality with the outer column")
        },
    ),
    (r"(?i)^inconsistent metadata across values list", |_| {
        let message = "VALUES over columns of the outer query are not supported";
        Said::new(S::FeatureNotSupported, message)
            .hint("write unnest(array[t.a, t.b]) as v(x), with an array for each column")
    }),
    (r"(?s)(?i)OuterReferenceColumn", |_| {
        Said::new(
            S::FeatureNotSupported,
            "this subquery over columns of the outer query is not supported",
        )
        .hint("write it as a join, or aggregate it over an equality with the outer column")
    }),
    (r"(?s)(?i)^physical plan does not support (?:logical )?(?:expression|plan)? ?(\w+)", |c| {
        Said::new(S::FeatureNotSupported, format!("{} is not supported", spaced(&c[1])))
    }),
    (r"(?s)(?i)^dot access not supported", |_| {
        Said::new(S::WrongObjectType, "a value that is not a record has no fields")
    }),
    (r"(?s)(?i)^unsupported ast node (?:in sqltorel: )?(\w+)", |c| {
        Said::new(S::FeatureNotSupported, format!("{} is not supported", spaced(&c[1])))
    }),
    (r"(?s)(?i)^unsupported (?:sql )?(?:expression|operator|clause|statement)s?:? (\w+)", |c| {
        Said::new(S::FeatureNotSupported, format!("{} is not supported", spaced(&c[1])))
    }),
];

/// PostgreSQL's types that are not there.
const ABSENT: &[&str] = &[
    "bit",
    "box",
    "char",
    "cidr",
    "circle",
    "citext",
    "hstore",
    "inet",
    "int4range",
    "int8range",
    "json",
    "jsonb",
    "line",
    "lseg",
    "macaddr",
    "money",
    "name",
    "numrange",
    "oid",
    "path",
    "point",
    "polygon",
    "regclass",
    "regtype",
    "tsquery",
    "tsrange",
    "tstzrange",
    "daterange",
    "tsvector",
    "uuid",
    "varbit",
    "xml",
];

fn no_type(written: &str) -> Said {
    let name = written.to_lowercase();
    let bare = name.split('(').next().unwrap_or(&name).trim();
    let told = match (ABSENT.contains(&bare), bare.rsplit_once('.')) {
        (true, _) => Said::new(S::FeatureNotSupported, format!("type {bare} is not supported"))
            .hint("keep it as text"),
        (false, Some((schema, _))) if schema != "pg_catalog" => {
            Said::new(S::InvalidSchemaName, format!("there is no type '{name}'"))
        }
        _ => Said::new(S::UndefinedObject, format!("there is no type '{name}'")),
    };
    told.about(Subject::Word(bare.to_owned()))
}
