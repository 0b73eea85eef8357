//! Words within dates and times.

pub(in super::super) use crate::contract::date_format::MONTHS;

/// Days of the week in full, in the order of their numbers.
pub(in super::super) const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Meaning {
    /// The word adds nothing: `at`, `on`.
    Nothing,
    Month(i64),
    Weekday,
    Forenoon,
    Afternoon,
    BeforeChrist,
    AnnoDomini,
    /// Names the field behind it: `y2001`, `j2451187`.
    Unit(&'static str),
    /// The time follows: `t040506`.
    Time,
    Now,
    Today,
    Tomorrow,
    Yesterday,
    Midnight,
    Epoch,
    Infinity,
    MinusInfinity,
    Unknown,
}

/// The meaning of a word in lower case.
pub(in super::super) fn meaning(word: &str) -> Meaning {
    use Meaning as M;
    match word {
        "at" | "on" => M::Nothing,
        "am" | "a.m" => M::Forenoon,
        "pm" | "p.m" => M::Afternoon,
        "bc" => M::BeforeChrist,
        "ad" => M::AnnoDomini,
        "d" => M::Unit("day"),
        "h" => M::Unit("hour"),
        "j" | "jd" | "julian" => M::Unit("julian"),
        "m" => M::Unit("month"),
        "mm" => M::Unit("minute"),
        "s" => M::Unit("second"),
        "y" => M::Unit("year"),
        "t" => M::Time,
        "now" => M::Now,
        "today" => M::Today,
        "tomorrow" => M::Tomorrow,
        "yesterday" => M::Yesterday,
        "allballs" => M::Midnight,
        "epoch" => M::Epoch,
        "infinity" => M::Infinity,
        "-infinity" => M::MinusInfinity,
        _ => named(word),
    }
}

fn named(word: &str) -> Meaning {
    let is = |name: &&str| {
        let lower = name.to_ascii_lowercase();
        lower == word || (word.len() == 3 && lower.starts_with(word))
    };
    if let Some(month) = MONTHS.iter().position(&is) {
        return Meaning::Month(month as i64 + 1);
    }
    let is_weekday = DAYS.iter().any(is);
    match word {
        "sept" => Meaning::Month(9),
        "tues" | "wednes" | "weds" | "thur" | "thurs" | "tue" | "wed" => Meaning::Weekday,
        _ if is_weekday => Meaning::Weekday,
        _ => Meaning::Unknown,
    }
}

/// The unit that a word names, in one spelling: `hrs` is `hour`.
pub(in super::super) fn unit(word: &str) -> Option<&'static str> {
    // Only ten letters count.
    let word = word.get(..10).unwrap_or(word);
    Some(match word {
        "c" | "cent" | "centuries" | "century" => "century",
        "d" | "day" | "days" => "day",
        "dec" | "decade" | "decades" | "decs" => "decade",
        "h" | "hour" | "hours" | "hr" | "hrs" => "hour",
        "m" | "min" | "mins" | "minute" | "minutes" => "minute",
        "microsecon" | "us" | "usec" | "usecond" | "useconds" | "usecs" => "microsecond",
        "mil" | "millennia" | "millennium" | "mils" => "millennium",
        "millisecon" | "ms" | "msec" | "msecond" | "mseconds" | "msecs" => "millisecond",
        "mon" | "mons" | "month" | "months" => "month",
        "qtr" | "quarter" => "quarter",
        "s" | "sec" | "second" | "seconds" | "secs" => "second",
        "timezone" => "timezone",
        "timezone_h" => "timezone_hour",
        "timezone_m" => "timezone_minute",
        "w" | "week" | "weeks" => "week",
        "y" | "year" | "years" | "yr" | "yrs" => "year",
        _ => return None,
    })
}

/// The part of a point in time that a word names: a unit, or a part that is not one.
pub(in super::super) fn part(word: &str) -> Option<&'static str> {
    let found = unit(word);
    found.or_else(|| {
        ["dow", "doy", "epoch", "isodow", "isoyear", "julian"]
            .into_iter()
            .find(|part| *part == word || (*part == "julian" && (word == "j" || word == "jd")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_postgresqls_meanings() {
        assert_eq!(meaning("sep"), Meaning::Month(9));
        assert_eq!(meaning("sept"), Meaning::Month(9));
        assert_eq!(meaning("tuesday"), Meaning::Weekday);
        assert_eq!(meaning("janu"), Meaning::Unknown);
        assert_eq!(unit("milliseconds"), Some("millisecond"));
        assert_eq!(unit("mon"), Some("month"));
        assert_eq!(unit("fortnight"), None);
        assert_eq!(part("isodow"), Some("isodow"));
    }
}
