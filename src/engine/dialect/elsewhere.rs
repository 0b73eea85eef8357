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

/// Functions of PostgreSQL that are not here.
pub(super) fn absent() -> impl Iterator<Item = &'static str> {
    ABSENT.iter().copied()
}

/// By name, in its order.
const ABSENT: &[&str] =
    &["gen_random_uuid", "jsonb_path_query", "normalize", "row_to_json", "scale", "trim_scale"];

/// By name, in its order.
const ADVICE: &[(&str, &str)] = &[
    ("any", "compare with = any(array[…])"),
    ("any_value", "write min(value)"),
    ("approx_count_distinct", "write count(distinct value)"),
    ("approx_distinct", "write count(distinct value)"),
    ("approx_median", "write percentile_cont(0.5) within group (order by value)"),
    ("approx_percentile_cont", "write percentile_cont(0.5) within group (order by value)"),
    ("approx_quantile", "write percentile_cont(0.5) within group (order by value)"),
    ("arg_max", "take the first row: select distinct on (key) … order by key, measure desc"),
    ("arg_min", "take the first row: select distinct on (key) … order by key, measure"),
    ("array_contains", "write value = any(list)"),
    ("char", "write chr(code)"),
    ("clock_timestamp", "write now(), the instant at which the query began"),
    ("contains", "write strpos(text, part) > 0"),
    ("count_if", "write count(*) filter (where condition)"),
    ("countif", "write count(*) filter (where condition)"),
    (
        "current_setting",
        "settings are fixed: the time zone is UTC, dates are ISO, intervals are written as in PostgreSQL",
    ),
    ("current_time", "write localtime, which has no zone"),
    ("date_add", "add an interval: at + interval '1 day'"),
    ("date_diff", "subtract: b - a is an interval, and of dates a number of days"),
    ("date_sub", "subtract an interval: at - interval '1 day'"),
    ("dateadd", "add an interval: at + interval '1 day'"),
    ("datediff", "subtract: b - a is an interval, and of dates a number of days"),
    ("datetrunc", "write date_trunc('day', at)"),
    ("day", "write extract(day from at)"),
    ("dayofweek", "write extract(dow from at)"),
    ("dayofyear", "write extract(doy from at)"),
    ("digest", "write sha256(bytes)"),
    ("ends_with", "write right(text, length(part)) = part"),
    ("epoch", "write extract(epoch from at)"),
    ("epoch_ms", "write extract(epoch from at) * 1000"),
    ("first", "take the first row: select distinct on (key) … order by key, at"),
    ("group_concat", "write string_agg(text, ',')"),
    ("hour", "write extract(hour from at)"),
    ("if", "write case when condition then a else b end"),
    ("iff", "write case when condition then a else b end"),
    ("ifnull", "write coalesce(a, b)"),
    ("instr", "write strpos(text, part)"),
    ("isnan", "compare: value = 'NaN'"),
    ("isnull", "write value is null"),
    ("last", "take the first row: select distinct on (key) … order by key, at desc"),
    ("lcase", "write lower(text)"),
    ("len", "write length(text)"),
    ("list", "write array_agg(value)"),
    ("list_aggregate", "write a subquery over unnest(list)"),
    ("list_contains", "write value = any(list)"),
    ("listagg", "write string_agg(text, ',')"),
    ("log2", "write log(2, value)"),
    ("max_by", "take the first row: select distinct on (key) … order by key, measure desc"),
    ("mean", "write avg(value)"),
    ("min_by", "take the first row: select distinct on (key) … order by key, measure"),
    ("minute", "write extract(minute from at)"),
    ("month", "write extract(month from at)"),
    ("nvl", "write coalesce(a, b)"),
    ("nvl2", "write case when a is not null then b else c end"),
    ("percentile", "write percentile_cont(0.5) within group (order by value)"),
    ("product", "write exp(sum(ln(value)))"),
    ("quantile", "write percentile_cont(0.5) within group (order by value)"),
    ("quantile_cont", "write percentile_cont(0.5) within group (order by value)"),
    ("quantile_disc", "write percentile_disc(0.5) within group (order by value)"),
    ("quarter", "write extract(quarter from at)"),
    ("rand", "write random()"),
    ("regexp_extract", "write (regexp_match(text, pattern))[1]"),
    ("regexp_split", "write regexp_split_to_array(text, pattern)"),
    ("safe_divide", "write a / nullif(b, 0)"),
    ("second", "write extract(second from at)"),
    ("sha1", "write sha256(bytes)"),
    ("signum", "write sign(value)"),
    ("stddev_population", "write stddev_pop(value)"),
    ("str_split", "write string_to_array(text, delimiter)"),
    ("strftime", "cast it: at::date::text; or take its parts: extract(month from at)"),
    ("string_split", "write string_to_array(text, delimiter)"),
    ("strptime", "cast the text: text::timestamp"),
    ("substring_index", "write split_part(text, delimiter, n)"),
    ("suffix", "write right(text, length(part)) = part"),
    ("time_bucket", "write date_bin(interval '15 minutes', at, timestamp '2000-01-01')"),
    ("timeofday", "write to_char(now(), 'Dy Mon DD HH24:MI:SS YYYY')"),
    ("to_base64", "write encode(bytes, 'base64')"),
    ("today", "write current_date"),
    ("toyear", "write extract(year from at)"),
    ("truncate", "write trunc(value, places)"),
    ("typeof", "write pg_typeof(value)"),
    ("ucase", "write upper(text)"),
    ("unixepoch", "write extract(epoch from at)"),
    ("var", "write variance(value)"),
    ("week", "write extract(week from at)"),
    ("weekday", "write extract(dow from at)"),
    ("year", "write extract(year from at)"),
];

#[cfg(test)]
mod tests {
    use super::super::function_table::admitted;
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
                let is_there = admitted(name).is_some() || words.contains(&name);
                assert!(name.is_empty() || is_there, "{word}: {name}");
            }
            assert!(admitted(word).is_none() && !ABSENT.contains(word), "{word}");
        }
        assert!(!ABSENT.iter().any(|word| admitted(word).is_some()));
    }

    #[test]
    fn a_word_of_another_dialect_is_found() {
        assert_eq!(advice("len"), Some("write length(text)"));
        assert_eq!(advice("length"), None);
    }
}
