//! The functions that SQL may call. What is not in the table does not exist here, whatever the engine
//! has: some of its functions tell where files lie, others abort the process.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, ObjectName, Query, Spanned, TableFactor, Visit, Visitor,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::diagnostic::nearest;
use crate::error::{Error, Result};

use super::elsewhere;

/// Every function, in the order of names.
pub(super) const FUNCTIONS: &[&str] = &[
    "abs",
    "acos",
    "acosh",
    "any_value",
    "approx_distinct",
    "approx_median",
    "approx_percentile_cont",
    "array_agg",
    "array_append",
    "array_cat",
    "array_dims",
    "array_length",
    "array_ndims",
    "array_position",
    "array_positions",
    "array_prepend",
    "array_remove",
    "array_replace",
    "array_to_string",
    "ascii",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "avg",
    "bit_and",
    "bit_length",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "btrim",
    "cardinality",
    "cbrt",
    "ceil",
    "char_length",
    "character_length",
    "chr",
    "coalesce",
    "concat",
    "concat_ws",
    "corr",
    "cos",
    "cosh",
    "cot",
    "count",
    "covar_pop",
    "covar_samp",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "date_bin",
    "date_part",
    "date_trunc",
    "decode",
    "degrees",
    "dense_rank",
    "digest",
    "encode",
    "exp",
    "factorial",
    "first_value",
    "floor",
    "gcd",
    "greatest",
    "grouping",
    "initcap",
    "lag",
    "last_value",
    "lcm",
    "lead",
    "least",
    "left",
    "length",
    "ln",
    "log",
    "log10",
    "lower",
    "ltrim",
    "make_date",
    "make_time",
    "max",
    "md5",
    "median",
    "min",
    "now",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "overlay",
    "percent_rank",
    "percentile_cont",
    "pg_typeof",
    "pi",
    "position",
    "pow",
    "power",
    "radians",
    "random",
    "rank",
    "regexp_count",
    "regexp_instr",
    "regexp_like",
    "regexp_match",
    "regexp_replace",
    "regr_avgx",
    "regr_avgy",
    "regr_count",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
    "replace",
    "reverse",
    "right",
    "round",
    "row_number",
    "rtrim",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sin",
    "sinh",
    "split_part",
    "sqrt",
    "starts_with",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "string_agg",
    "string_to_array",
    "strpos",
    "substr",
    "substring",
    "sum",
    "tan",
    "tanh",
    "timezone",
    "to_hex",
    "to_timestamp",
    "translate",
    "trim",
    "trunc",
    "unnest",
    "upper",
    "var",
    "var_pop",
    "var_samp",
];

/// Refuses a query that calls a function which is not in the table.
pub(super) fn refuse_unknown(query: &Query) -> Result<()> {
    match query.visit(&mut Calls) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

struct Calls;

impl Visitor for Calls {
    type Break = Box<Error>;

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<Self::Break> {
        match expression {
            Expr::Function(Function { name, .. }) => admitted(name),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<Self::Break> {
        match table {
            TableFactor::Function { name, .. } | TableFactor::Table { name, args: Some(_), .. } => {
                admitted(name)
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

fn admitted(name: &ObjectName) -> ControlFlow<Box<Error>> {
    let written = name.to_string().to_ascii_lowercase();
    let bare = written.strip_prefix("pg_catalog.").unwrap_or(&written);
    match FUNCTIONS.binary_search(&bare) {
        Ok(_) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(Box::new(unknown(bare, name.span().start))),
    }
}

fn unknown(name: &str, at: Location) -> Error {
    if elsewhere::is_absent(name) {
        return Error::usage("sql", format!("function '{name}' is not supported{}", place(at)));
    }
    let error = Error::usage("sql", format!("there is no function '{name}'{}", place(at)));
    if let Some(advice) = elsewhere::advice(name) {
        return error.hint(advice);
    }
    match nearest(name, FUNCTIONS.iter().copied()) {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error,
    }
}

/// As the engine writes places, which diagnostics read.
pub(super) fn place(at: Location) -> String {
    match at.line {
        0 => String::new(),
        line => format!(" at Line: {line}, Column: {}", at.column),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(FUNCTIONS.is_sorted());
    }
}
