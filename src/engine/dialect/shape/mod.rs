//! The shape of a query, as its text alone tells: where aggregates and windows may stand, positions in
//! the select list, columns that must be as many. PostgreSQL's errors, at PostgreSQL's places; the
//! engine finds some of them later, without a place, and passes over others.

mod ambiguous;
mod calls;
mod distinct;
mod lists;
mod names;
mod positions;
mod repeated;

use datafusion::sql::sqlparser::ast::{Query, Spanned};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::error::{Error, Result, SqlState};

use super::functions::placed;
pub(super) use calls::{computes_from_rows, is_of_windows};

/// Refuses a query of a shape that PostgreSQL does not take.
pub(super) fn refuse(query: &Query) -> Result<()> {
    calls::refuse(query)?;
    positions::refuse(query)?;
    lists::refuse(query)?;
    names::refuse(query)?;
    repeated::refuse(query)?;
    distinct::refuse(query)?;
    ambiguous::refuse(query)
}

type Refusal = std::ops::ControlFlow<Box<Error>>;

/// Ends the walk.
fn no(state: SqlState, message: impl Into<String>, at: Location) -> Refusal {
    Refusal::Break(Box::new(placed(Error::usage("sql", message).state(state), at)))
}

/// Ends the walk, with what to do.
fn no_but(state: SqlState, message: impl Into<String>, hint: &str, at: Location) -> Refusal {
    let error = Error::usage("sql", message).state(state).hint(hint);
    Refusal::Break(Box::new(placed(error, at)))
}

/// Runs a walk.
fn walked(flow: Refusal) -> Result<()> {
    match flow {
        Refusal::Continue(()) => Ok(()),
        Refusal::Break(error) => Err(*error),
    }
}

fn start(of: &impl Spanned) -> Location {
    of.span().start
}

#[cfg(test)]
mod tests {
    use crate::engine::statement;
    use crate::error::Error;

    /// What a text is refused with: SQLSTATE and column.
    fn refused(text: &str) -> Option<(&'static str, usize)> {
        let mut parsed = statement::statement(text).unwrap();
        let error: Error = super::refuse(statement::query_of(&mut parsed).unwrap()).err()?;
        Some((error.sqlstate().code(), error.mark().map_or(0, |((_, column), _)| column)))
    }

    #[test]
    fn a_query_of_a_wrong_shape_is_refused_in_its_place() {
        for (text, state, column) in [
            ("select count(*) from t where count(*) > 1", "42803", 30),
            ("select id from t where row_number() over () = 1", "42P20", 24),
            ("select id from t group by count(*)", "42803", 27),
            ("select id from t group by row_number() over ()", "42P20", 27),
            ("select id from t having row_number() over () = 1", "42P20", 25),
            ("select t.id from t join u on count(*) > 1", "42803", 30),
            ("select sum(count(*)) from t", "42803", 12),
            ("select sum(row_number() over ()) from t", "42803", 12),
            ("select sum(id) filter (where count(*) > 1) from t", "42803", 30),
            ("select row_number() over (order by row_number() over ()) from t", "42P20", 36),
            ("select row_number() from t", "42809", 8),
            ("select lower(name) over () from t", "42809", 8),
            ("select lower(name) filter (where true) from t", "42809", 8),
            ("select lower(distinct name) from t", "42809", 8),
            ("select sum(distinct id) over () from t", "0A000", 8),
            ("select count() from t", "42809", 8),
            ("select sum(*) from t", "42883", 8),
            ("select id from t limit id", "42P10", 24),
            ("select id from t limit sum(1)", "42803", 24),
            ("values (sum(1))", "42803", 9),
            ("select id from t order by 2", "42P10", 27),
            ("select id from t order by 0", "42P10", 27),
            ("select id from t order by -1", "42P10", 27),
            ("select id from t order by 'a'", "42601", 27),
            ("select id from t order by null", "42601", 27),
            ("select id from t group by 2", "42P10", 27),
            ("select id from t group by true", "42601", 27),
            ("select distinct on (3) id from t", "42P10", 21),
            ("select 1 union select 2 order by 2", "42P10", 34),
            ("select 1 union select 1, 2", "42601", 23),
            ("select 1 except select 1, 2", "42601", 24),
            ("values (1), (2, 3)", "42601", 14),
            ("select (select id, name from u) from t", "42601", 9),
            ("select id in (select id, name from u) from t", "42601", 15),
            ("with a as (select 1), a as (select 2) select * from a", "42712", 23),
            ("with a(x, y) as (select 1) select * from a", "42P10", 6),
            ("select * from t, t", "42712", 18),
            ("select * from t a join u a on true", "42712", 26),
            ("select * from t, (select 1) t", "42712", 29),
            ("select * from (values (1, 2)) v(a, b, c)", "42P10", 31),
            ("with recursive a as (select * from a) select * from a", "42P19", 16),
            (
                "with recursive a(n) as (select 1 union all select count(*) from a) table a",
                "42P19",
                51,
            ),
            ("select a from (select id as a, n as a from t) x", "42702", 8),
            ("select 1 from (select id, n as id from t) x where x.id = 1", "42702", 51),
            ("with x as (select 1, 2) select \"?column?\" from x", "42702", 32),
            ("select count(id, name) from t", "42883", 8),
            ("select id as a, n as a from t order by a", "42702", 40),
            ("select id as a, n as a from t order by id, (\"a\")", "42702", 45),
            ("select id, n as id from t order by id", "42702", 36),
            ("select t.id, u.id from t, u order by id", "42702", 38),
            ("select count(*), 5 as count from t order by count", "42702", 45),
            ("select 1, 2 order by \"?column?\"", "42702", 22),
            ("select distinct on (a) id as a, n as a from t", "42702", 21),
            ("select id as a, id + 0 as a from t group by a", "42702", 45),
            ("select id as a, id + 0 as a from t group by rollup (a)", "42702", 53),
            ("select distinct id from t order by -id", "42P10", 37),
            ("select distinct * from t order by n + 1", "42P10", 35),
            ("select count(distinct id order by n) from t", "42P10", 35),
            ("select array_agg(distinct id order by -id) from t", "42P10", 40),
            ("select exists (select id as a, n as a from t order by a)", "42702", 55),
        ] {
            assert_eq!(refused(text), Some((state, column)), "{text}");
        }
    }

    #[test]
    fn a_query_of_a_sound_shape_passes() {
        for text in [
            "select count(*), sum(id) from t where id > 1 having count(*) > 1 order by 2, count(*)",
            "select sum(sum(id)) over (order by n) from t group by n",
            "select id from t where id = (select max(id) from t)",
            "select id from t where (select count(*) from u) > 1 order by id limit $1 offset $2",
            "select *, 1 from t order by 12",
            "select id as a, id as a from t group by a order by a, (a)",
            "select id, t.id from t order by id",
            "select id as a, n as a from t order by 1, id, a + 1",
            "select id, sum(n) as id from t group by id order by 1",
            "select id as a, n as \"A\" from t order by a",
            "select string_agg(distinct name, ',' order by t.name desc) from t",
            "select distinct t.id + 1, n::text from t order by (ID + 1), cast(n as text), 1",
            "select 1 + 1 group by 1 order by 'a' || 'b', 1 + 1",
            "select id from t limit (select max(id) from t)",
            "select sum(id) filter (where id > 1) over (partition by n) from t",
            "select string_agg(name, ',' order by name) from t",
            "select percentile_cont(0.5) within group (order by id) from t",
            "select a.t, b.t from s.t a, s.t b",
            "select 1 from s.t, r.t",
            "select * from t, lateral (select t.id from u) x",
            "select * from (values (1, 2)) v(a)",
            "select (select t.* from t), exists (select 1, 2)",
            "with recursive a(n) as (select 1 union all select n + 1 from a where n < 9) table a",
            "select array_agg(id order by 1) from t",
            "select * from (select id as a, n as a from t) x",
            "select b from (select id as a, n as a from t) x(a, b)",
            "select a from (select id as a from t) x",
        ] {
            assert_eq!(refused(text), None, "{text}");
        }
    }
}
