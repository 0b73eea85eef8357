//! Commands as messages offer them, with the user's own names.

use crate::contract::Contract;

/// The line that publishes a contract: every table with the files that are known of it, else `FILES`.
pub fn publish_command(contract: &Contract, files: &[(String, String)]) -> String {
    let mut words = vec![format!("pactum publish {}", contract.sql_name.value)];
    for table in &contract.tables {
        let name = &table.name.value;
        let own = files.iter().filter(|(of, _)| of == name).map(|(_, files)| shell_word(files));
        let own: Vec<String> = own.collect();
        match own.is_empty() {
            true => words.push(format!("{name}=FILES")),
            false => words.extend(own.iter().map(|files| format!("{name}={files}"))),
        }
    }
    words.join(" ")
}

/// A word as a shell takes it: in quotes where it has blanks or signs that the shell would read.
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn a_word_that_the_shell_would_read_is_quoted() {
        assert_eq!(shell_word("deliveries/a-1.parquet"), "deliveries/a-1.parquet");
        assert_eq!(shell_word("l/*.parquet"), "'l/*.parquet'");
        assert_eq!(shell_word("it's here"), r"'it'\''s here'");
        assert_eq!(shell_word(""), "''");
    }
}
