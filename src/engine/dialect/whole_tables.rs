//! `TABLE name` is `SELECT * FROM name`. The parser knows it only within a query, and the engine not at all.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Whitespace};

/// Words that a query may follow.
const BEFORE: &[Keyword] = &[
    Keyword::UNION,
    Keyword::INTERSECT,
    Keyword::EXCEPT,
    Keyword::ALL,
    Keyword::DISTINCT,
    Keyword::EXPLAIN,
    Keyword::ANALYZE,
    Keyword::VERBOSE,
];

/// Words that may follow the name.
const BEHIND: &[Keyword] = &[
    Keyword::UNION,
    Keyword::INTERSECT,
    Keyword::EXCEPT,
    Keyword::ORDER,
    Keyword::LIMIT,
    Keyword::OFFSET,
    Keyword::FETCH,
    Keyword::FOR,
];

/// The same tokens with SELECT written out.
pub(in crate::engine) fn written_out(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let is_space = |token: &&TokenWithSpan| matches!(token.token, Token::Whitespace(_));
    let significant: Vec<&Token> =
        tokens.iter().filter(|token| !is_space(token)).map(|token| &token.token).collect();
    let mut found = Vec::with_capacity(tokens.len());
    let mut place = 0;
    for token in &tokens {
        let is_word = !is_space(&token);
        match is_word && is_query(&significant, place) {
            true => found.extend(select_all(token)),
            false => found.push(token.clone()),
        }
        place += usize::from(is_word);
    }
    found
}

/// Whether TABLE begins a query at a place.
fn is_query(tokens: &[&Token], place: usize) -> bool {
    if tokens.get(place).and_then(|token| keyword(token)) != Some(Keyword::TABLE) {
        return false;
    }
    let begins = match place.checked_sub(1).and_then(|before| tokens.get(before)) {
        None | Some(Token::LParen | Token::RParen | Token::SemiColon) => true,
        Some(token) => keyword(token).is_some_and(|word| BEFORE.contains(&word)),
    };
    let mut rest = tokens.iter().skip(place + 1);
    let mut has_name = matches!(rest.next(), Some(Token::Word(_)));
    loop {
        match rest.next() {
            Some(Token::Period) => has_name &= matches!(rest.next(), Some(Token::Word(_))),
            None | Some(Token::RParen | Token::SemiColon | Token::EOF) => {
                return begins && has_name;
            }
            Some(token) => {
                let ends = keyword(token).is_some_and(|word| BEHIND.contains(&word));
                return begins && has_name && ends;
            }
        }
    }
}

fn keyword(token: &Token) -> Option<Keyword> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.keyword),
        _ => None,
    }
}

/// `SELECT * FROM` in the place of a word.
fn select_all(table: &TokenWithSpan) -> Vec<TokenWithSpan> {
    let space = Token::Whitespace(Whitespace::Space);
    let words = [
        Token::make_keyword("SELECT"),
        space.clone(),
        Token::Mul,
        space,
        Token::make_keyword("FROM"),
    ];
    words.map(|token| TokenWithSpan { token, span: table.span }).to_vec()
}

#[cfg(test)]
mod tests {
    use super::super::super::statement::{located, statement};
    use super::*;

    fn text(of: &str) -> String {
        written_out(located(of).unwrap()).iter().map(|token| token.token.to_string()).collect()
    }

    #[test]
    fn table_is_select_of_all() {
        for (of, expected) in [
            ("table s.t", "SELECT * FROM s.t"),
            ("TABLE t order by 1 limit 2", "SELECT * FROM t order by 1 limit 2"),
            ("select 1 union all table t", "select 1 union all SELECT * FROM t"),
            ("with t as (select 1) table t", "with t as (select 1) SELECT * FROM t"),
            ("select * from (table \"T\") x", "select * from (SELECT * FROM \"T\") x"),
            ("explain table t", "explain SELECT * FROM t"),
            ("table s.t for release 6", "SELECT * FROM s.t for release 6"),
        ] {
            assert_eq!(text(of), expected);
            assert!(statement(of).is_ok(), "{of}");
        }
    }

    #[test]
    fn any_other_table_stays() {
        for of in [
            "create table t (a int)",
            "table t where a = 1",
            "table t x",
            "select \"table\" from t",
        ] {
            assert_eq!(text(of), of);
        }
    }
}
