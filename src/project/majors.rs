//! Which major of a contract its bare name means, among the contracts of a project.

use crate::contract::Contract;

use super::Settings;

/// The contracts, of several majors of one the default first: the one that settings name, else the
/// oldest that is not retired.
pub fn default_first(mut contracts: Vec<Contract>, settings: &Settings) -> Vec<Contract> {
    let majors = &settings.default_major;
    contracts.sort_by_key(|contract| {
        let named = majors.get(&contract.id).or_else(|| majors.get(&contract.sql_name.value));
        let major = contract.version.major;
        (named != Some(&major), contract.is_retired(), major)
    });
    contracts
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::contract::parse;
    use crate::diagnostic::Source;

    fn majors(settings: &Settings) -> Vec<u64> {
        let one = |(major, status): (u64, &str)| {
            let text = format!(
                "apiVersion: v3.2.0\nkind: DataContract\nid: t\nname: t\nversion: {major}.0.0\n\
                 status: {status}\nschema: [{{name: t}}]\n"
            );
            parse(&Arc::new(Source::new("t", text))).contract.unwrap()
        };
        let all = [(3, "active"), (1, "retired"), (2, "active")].map(one);
        let sorted = default_first(all.to_vec(), settings);
        sorted.iter().map(|contract| contract.version.major).collect()
    }

    #[test]
    fn the_default_major_is_the_named_one_else_the_oldest_that_is_not_retired() {
        let mut settings = Settings::default();
        assert_eq!(majors(&settings), [2, 3, 1]);
        settings.default_major.insert("t".to_owned(), 3);
        assert_eq!(majors(&settings), [3, 2, 1]);
    }
}
