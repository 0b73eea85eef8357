//! Rewrites functions that return rows, as they stand in the text, into items of arrays and series.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, Spanned, TableAlias, TableAliasColumnDef, TableFactor, Value, VisitorMut,
};

use crate::error::{Error, Result};

use super::super::arrays;
use super::super::functions::place;
use super::super::names;
use super::calls::{EACH, ITEMS, SERIES};

/// The rewriting.
pub(in super::super) struct Rows;

impl VisitorMut for Rows {
    type Break = Box<Error>;

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<Self::Break> {
        match in_from(table) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(Box::new(error)),
        }
    }

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Self::Break> {
        let Expr::Function(function) = &*expression else { return ControlFlow::Continue(()) };
        if let FunctionArguments::Subquery(query) = &function.args {
            let at = place(function.name.span().start);
            return match arrays::of_subquery(query, &at) {
                Ok(array) => {
                    *expression = array;
                    ControlFlow::Continue(())
                }
                Err(error) => ControlFlow::Break(Box::new(error)),
            };
        }
        let Some(mut rows) = rows_of(function) else { return ControlFlow::Continue(()) };
        match (rows.pop(), rows.is_empty()) {
            (Some(one), true) => *expression = one,
            _ => {
                let at = place(function.name.span().start);
                let message = format!("{} returns several columns{at}", function.name);
                let error = Error::usage("sql", message);
                return ControlFlow::Break(Box::new(error.hint("call it in FROM")));
            }
        }
        ControlFlow::Continue(())
    }
}

/// A function in FROM is `unnest` of what it returns, with a name for each column.
fn in_from(table: &mut TableFactor) -> Result<()> {
    let (name, arguments, alias, with_ordinality) = match table {
        TableFactor::Table { name, args: Some(given), alias, with_ordinality, .. } => {
            (name.clone(), given.args.clone(), alias.take(), *with_ordinality)
        }
        TableFactor::Function { name, args, alias, with_ordinality, .. } => {
            (name.clone(), args.clone(), alias.take(), *with_ordinality)
        }
        TableFactor::UNNEST { alias, array_exprs, with_ordinality, with_offset: false, .. } => {
            // What was rewritten is not rewritten again.
            if alias.as_ref().is_some_and(|alias| alias.at.is_some()) {
                return Ok(());
            }
            let given = array_exprs.iter().cloned().map(unnamed).collect();
            let name = ObjectName::from(vec![Ident::new("unnest")]);
            (name, given, alias.take(), *with_ordinality)
        }
        _ => return Ok(()),
    };
    let at = place(name.span().start);
    let bare = bare(&name);
    let count = if bare == "unnest" { arguments.len() } else { 1 };
    let own = columns(&bare, count, alias.as_ref());
    let alias = named(&bare, own, alias, with_ordinality, &at)?;
    let call = |given: Vec<FunctionArg>| Expr::Function(function(name.clone(), given));
    let array_exprs = match bare == "unnest" {
        true => arguments.into_iter().map(|argument| call(vec![argument])).collect(),
        false => match rows_of(&function(name.clone(), arguments.clone())) {
            // Their own calls are rewritten when they are visited.
            Some(rows) if rows.len() > 1 => rows,
            _ => vec![call(arguments)],
        },
    };
    *table = TableFactor::UNNEST {
        alias: Some(alias),
        array_exprs,
        with_offset: false,
        with_offset_alias: None,
        with_ordinality,
    };
    Ok(())
}

/// The names of the columns that a function has by itself.
fn columns(function: &str, count: usize, alias: Option<&TableAlias>) -> Vec<Ident> {
    match (function, count, alias) {
        ("json_each" | "jsonb_each" | "json_each_text" | "jsonb_each_text", ..) => {
            vec![Ident::new("key"), Ident::new("value")]
        }
        ("json_array_elements" | "jsonb_array_elements", ..)
        | ("json_array_elements_text" | "jsonb_array_elements_text", ..)
            if alias.is_none() =>
        {
            vec![Ident::new("value")]
        }
        (_, 1, Some(alias)) => vec![alias.name.clone()],
        _ => (1..=count).map(|n| Ident::with_quote('"', names::repeated(function, n))).collect(),
    }
}

/// The name of the table and of each column.
fn named(
    function: &str,
    mut own: Vec<Ident>,
    alias: Option<TableAlias>,
    with_ordinality: bool,
    at: &str,
) -> Result<TableAlias> {
    if with_ordinality {
        own.push(Ident::new("ordinality"));
    }
    let (name, written) = match alias {
        Some(alias) => (alias.name, alias.columns),
        None => (Ident::with_quote('"', function), Vec::new()),
    };
    if written.iter().any(|column| column.data_type.is_some()) {
        let message = format!("a column with a type behind a function is not supported{at}");
        return Err(Error::usage("sql", message).hint("leave the type out"));
    }
    if written.len() > own.len() {
        let (has, given) = (own.len(), written.len());
        let words = format!(
            "table \"{}\" has {has} columns available but {given} columns specified{at}",
            name.value
        );
        return Err(Error::usage("sql", words));
    }
    for (own, written) in own.iter_mut().zip(&written) {
        *own = written.name.clone();
    }
    let columns = own.into_iter().map(|name| TableAliasColumnDef { name, data_type: None });
    // Marks the alias as complete.
    let at = Some(Ident::new(function));
    Ok(TableAlias { explicit: true, name, columns: columns.collect(), at })
}

fn bare(name: &ObjectName) -> String {
    let written = name.to_string().to_ascii_lowercase();
    written.strip_prefix("pg_catalog.").unwrap_or(&written).to_owned()
}

/// What a function that returns rows is rewritten to: a call for each column.
fn rows_of(function: &Function) -> Option<Vec<Expr>> {
    let FunctionArguments::List(list) = &function.args else { return None };
    let given = &list.args;
    let items = |inner: Expr| call(ITEMS, vec![unnamed(inner)]);
    let each = |inner: Expr| call(EACH, vec![unnamed(inner)]);
    let of = |name: &str| call(name, given.clone());
    Some(match bare(&function.name).as_str() {
        "unnest" => vec![call(ITEMS, given.clone())],
        "generate_series" => vec![call(SERIES, given.clone())],
        "generate_subscripts" if given.len() == 2 => {
            let one = unnamed(Expr::value(Value::Number("1".to_owned(), false)));
            vec![call(SERIES, vec![one, unnamed(of("array_length"))])]
        }
        "string_to_table" => vec![items(of("string_to_array"))],
        "regexp_split_to_table" => vec![items(of("regexp_split_to_array"))],
        "regexp_matches" => vec![each(of("regexp_all_matches"))],
        name @ ("json_array_elements" | "jsonb_array_elements") => {
            vec![each(of(&name.replace("array_elements", "elements")))]
        }
        name @ ("json_array_elements_text" | "jsonb_array_elements_text") => {
            vec![each(of(&name.replace("array_elements_text", "element_texts")))]
        }
        name @ ("json_object_keys" | "jsonb_object_keys") => {
            vec![each(of(&name.replace("object_keys", "keys")))]
        }
        name @ ("json_each" | "jsonb_each") => {
            let values = name.replace("each", "values");
            vec![each(of(&name.replace("each", "keys"))), each(of(&values))]
        }
        name @ ("json_each_text" | "jsonb_each_text") => {
            let values = name.replace("each_text", "value_texts");
            vec![each(of(&name.replace("each_text", "keys"))), each(of(&values))]
        }
        _ => return None,
    })
}

fn unnamed(expression: Expr) -> FunctionArg {
    FunctionArg::Unnamed(FunctionArgExpr::Expr(expression))
}

fn call(name: &str, arguments: Vec<FunctionArg>) -> Expr {
    Expr::Function(function(ObjectName::from(vec![Ident::new(name)]), arguments))
}

fn function(name: ObjectName, args: Vec<FunctionArg>) -> Function {
    let list = FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() };
    Function {
        name,
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(list),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }
}
