//! Arguments of `check` and `publish` in another order or form: the error shows the line that works, with
//! the user's own names.

use serde_json::{Value, json};

use crate::support::{Project, contract, longs};

const COLUMNS: &str = "- { name: a, logicalType: integer }";

/// A contract `shop` of the tables `orders` and `items`, a contract `t` of one table, and their files.
fn project() -> Project {
    let one = contract("1.0.0", COLUMNS, "");
    let two = one
        .replace("id: t\nname: t", "id: shop\nname: shop")
        .replace("- name: t", "- name: orders");
    let items = "  - { name: items, properties: [{ name: a, logicalType: integer }] }\n";
    let project = Project::new(&[("t", &one), ("shop", &format!("{two}{items}"))]);
    for name in ["new/orders.parquet", "new/items.parquet", "new/t.parquet", "new/x y.parquet"] {
        project.parquet(name, vec![("a", longs([1]))]);
    }
    project
}

fn refused(project: &Project, words: &[&str]) -> Value {
    let words = [words, &["--format", "json"]].concat();
    project.run(&words).expect(2).json()["error"].clone()
}

#[test]
fn the_line_that_works_is_shown_with_the_words_that_were_given() {
    let project = project();
    for (words, line) in [
        ("check new/orders.parquet shop.orders", "check shop.orders new/orders.parquet"),
        ("check shop new/items.parquet", "check shop.items new/items.parquet"),
        ("check shop orders new/x", "check shop.orders new/x"),
        ("check orders new/orders.parquet", "check shop.orders new/orders.parquet"),
        ("check shop/orders new/orders.parquet", "check shop.orders new/orders.parquet"),
        ("check shop.orders orders=new/orders.parquet", "check shop.orders new/orders.parquet"),
        (
            "check shop.orders shop.orders=new/orders.parquet",
            "check shop.orders new/orders.parquet",
        ),
        ("check orders=new/orders.parquet shop", "check shop.orders new/orders.parquet"),
        ("check new/orders.parquet", "check shop.orders new/orders.parquet"),
        ("check shop.items", "check shop.items FILES"),
        ("check t t new/t.parquet", "check t.t new/t.parquet"),
        (
            "check shop new/orders.parquet new/items.parquet",
            "check shop orders=new/orders.parquet items=new/items.parquet",
        ),
        ("publish t.t new/t.parquet", "publish t t=new/t.parquet"),
        ("publish new/t.parquet t", "publish t t=new/t.parquet"),
        ("publish t=new/t.parquet t", "publish t t=new/t.parquet"),
        ("publish t", "publish t t=FILES"),
        ("publish shop new/items.parquet", "publish shop orders=FILES items=new/items.parquet"),
        (
            "publish shop.orders new/orders.parquet new/items.parquet",
            "publish shop orders=new/orders.parquet items=new/items.parquet",
        ),
    ] {
        let given: Vec<&str> = words.split(' ').collect();
        if line.contains("new/x") {
            project.parquet("new/x/part.parquet", vec![("a", longs([1]))]);
        }
        let error = refused(&project, &given);
        let hint = error["hint"].as_str().unwrap_or_default();
        let line = format!("pactum {line}");
        assert_eq!(hint.trim_start_matches("write "), line, "{words}: {error}");
        if !line.contains("FILES") {
            let runs: Vec<&str> = line.split(' ').skip(1).collect();
            project.run(&runs).expect(0);
        }
    }
}

#[test]
fn a_path_with_blanks_is_quoted_and_what_comes_first_is_named_whole() {
    let project = project();
    let error = refused(&project, &["publish", "new/x y.parquet", "t"]);
    assert_eq!(error["hint"], "write pactum publish t t='new/x y.parquet'");
    let message = "'new/x y.parquet' is not a contract: the contract comes first, then its files";
    assert_eq!(error["message"], message);
}

#[test]
fn a_missing_file_and_a_misspelt_name_keep_their_own_hints() {
    let project = project();
    let error = refused(&project, &["check", "t", "new/none.parquet"]);
    assert_eq!((&error["message"], &error["hint"]), (&json!("no such file"), &Value::Null));
    let error = refused(&project, &["publish", "shop", "orders=new/none.parquet"]);
    assert_eq!((&error["message"], &error["hint"]), (&json!("no such file"), &Value::Null));
    let error = refused(&project, &["check", "shpo", "new/orders.parquet"]);
    assert_eq!(error["hint"], "did you mean 'shop'?");
    let error = refused(&project, &["check", "shop", "ordres=new/orders.parquet"]);
    assert_eq!(error["hint"], "did you mean 'orders'?");
}
