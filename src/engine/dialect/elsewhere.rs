//! Words of other dialects, and what PostgreSQL has in their place.

/// What to write in the place of another dialect's function.
pub(super) fn advice(name: &str) -> Option<&'static str> {
    let found = ADVICE.binary_search_by_key(&name, |(word, _)| word).ok()?;
    ADVICE.get(found).map(|(_, advice)| *advice)
}

/// Whether PostgreSQL has a function that is not here: no other name means the same.
pub(super) fn is_absent(name: &str) -> bool {
    ABSENT.binary_search(&name).is_ok()
}

/// By name, in its order.
const ABSENT: &[&str] = &[
    "age",
    "current_user",
    "format",
    "gen_random_uuid",
    "generate_series",
    "json_agg",
    "json_build_object",
    "jsonb_agg",
    "jsonb_build_object",
    "jsonb_path_query",
    "justify_days",
    "justify_hours",
    "justify_interval",
    "lpad",
    "make_interval",
    "make_timestamp",
    "make_timestamptz",
    "mod",
    "mode",
    "num_nonnulls",
    "num_nulls",
    "percentile_disc",
    "quote_ident",
    "quote_literal",
    "regexp_split_to_array",
    "regexp_split_to_table",
    "regexp_substr",
    "repeat",
    "row_to_json",
    "rpad",
    "sign",
    "to_char",
    "to_date",
    "to_json",
    "to_number",
    "variance",
    "version",
    "width_bucket",
];

/// By name, in its order.
const ADVICE: &[(&str, &str)] = &[
    ("any", "compare with = any(array[…])"),
    ("arg_max", "take the first row: select distinct on (key) … order by key, measure desc"),
    ("arg_min", "take the first row: select distinct on (key) … order by key, measure"),
    ("array_contains", "write value = any(list)"),
    ("count_if", "write count(*) filter (where condition)"),
    ("countif", "write count(*) filter (where condition)"),
    ("date_add", "add an interval: at + interval '1 day'"),
    ("date_diff", "subtract: b - a is an interval, and of dates a number of days"),
    ("date_sub", "subtract an interval: at - interval '1 day'"),
    ("dateadd", "add an interval: at + interval '1 day'"),
    ("datediff", "subtract: b - a is an interval, and of dates a number of days"),
    ("datetrunc", "write date_trunc('day', at)"),
    ("day", "write extract(day from at)"),
    ("dayofweek", "write extract(dow from at)"),
    ("dayofyear", "write extract(doy from at)"),
    ("epoch", "write extract(epoch from at)"),
    ("epoch_ms", "write extract(epoch from at) * 1000"),
    ("hour", "write extract(hour from at)"),
    ("if", "write case when condition then a else b end"),
    ("iff", "write case when condition then a else b end"),
    ("ifnull", "write coalesce(a, b)"),
    ("instr", "write strpos(text, part)"),
    ("isnan", "compare: value = 'NaN'"),
    ("isnull", "write value is null"),
    ("len", "write length(text)"),
    ("list", "write array_agg(value)"),
    ("list_aggregate", "write a subquery over unnest(list)"),
    ("list_contains", "write value = any(list)"),
    ("max_by", "take the first row: select distinct on (key) … order by key, measure desc"),
    ("mean", "write avg(value)"),
    ("min_by", "take the first row: select distinct on (key) … order by key, measure"),
    ("minute", "write extract(minute from at)"),
    ("month", "write extract(month from at)"),
    ("nvl", "write coalesce(a, b)"),
    ("nvl2", "write case when a is not null then b else c end"),
    ("quarter", "write extract(quarter from at)"),
    ("regexp_extract", "write (regexp_match(text, pattern))[1]"),
    ("regexp_matches", "write regexp_match(text, pattern)"),
    ("safe_divide", "write a / nullif(b, 0)"),
    ("second", "write extract(second from at)"),
    ("strftime", "cast it: at::date::text; or take its parts: extract(month from at)"),
    ("strptime", "cast the text: text::timestamp"),
    ("time_bucket", "write date_bin(interval '15 minutes', at, timestamp '2000-01-01')"),
    ("today", "write current_date"),
    ("toyear", "write extract(year from at)"),
    ("typeof", "write pg_typeof(value)"),
    ("unixepoch", "write extract(epoch from at)"),
    ("week", "write extract(week from at)"),
    ("weekday", "write extract(dow from at)"),
    ("year", "write extract(year from at)"),
];

#[cfg(test)]
mod tests {
    use super::super::functions::FUNCTIONS;
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ADVICE.is_sorted_by_key(|(word, _)| *word));
        assert!(ABSENT.is_sorted());
    }

    #[test]
    fn advice_names_what_is_there() {
        let words = ["any", "array", "extract", "over", "values"];
        for (word, advice) in ADVICE {
            for (at, _) in advice.match_indices('(') {
                let before = advice[..at].trim_end_matches('(');
                let name = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next();
                let name = name.unwrap_or_default();
                let is_there = FUNCTIONS.contains(&name) || words.contains(&name);
                assert!(name.is_empty() || is_there, "{word}: {name}");
            }
            assert!(!FUNCTIONS.contains(word) && !ABSENT.contains(word), "{word}");
        }
        assert!(!ABSENT.iter().any(|word| FUNCTIONS.contains(word)));
    }

    #[test]
    fn a_word_of_another_dialect_is_found() {
        assert_eq!(advice("len"), Some("write length(text)"));
        assert_eq!(advice("length"), None);
    }
}
