//! The five characters that tell clients what kind of error ended their statement, as PostgreSQL
//! numbers them (its appendix A).

/// Declares every state: its code, and PostgreSQL's name for it.
macro_rules! states {
    ($($(#[$doc:meta])* $state:ident = $code:literal, $name:literal;)*) => {
        /// An SQLSTATE.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum SqlState {
            $($(#[$doc])* $state,)*
        }

        impl SqlState {
            /// Every state, in the order of codes.
            pub const ALL: &[Self] = &[$(Self::$state,)*];

            /// The five characters.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$state => $code,)*
                }
            }

            /// PostgreSQL's name of the condition.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$state => $name,)*
                }
            }
        }
    };
}

states! {
    /// It exists in PostgreSQL, and is not answered here.
    FeatureNotSupported = "0A000", "feature_not_supported";
    /// A subquery returned several rows where one is expected.
    CardinalityViolation = "21000", "cardinality_violation";
    /// Something about a value that no other state tells.
    DataException = "22000", "data_exception";
    /// A number that its type cannot hold.
    NumericValueOutOfRange = "22003", "numeric_value_out_of_range";
    /// A NULL where none is allowed.
    NullValueNotAllowed = "22004", "null_value_not_allowed";
    /// A text that is not a date, time, timestamp or interval.
    InvalidDatetimeFormat = "22007", "invalid_datetime_format";
    /// A date or time with a field beyond its range.
    DatetimeFieldOverflow = "22008", "datetime_field_overflow";
    /// A part of a text with a negative length.
    SubstringError = "22011", "substring_error";
    /// Division by zero.
    DivisionByZero = "22012", "division_by_zero";
    /// A window frame with a negative offset.
    InvalidPrecedingOrFollowingSize = "22013", "invalid_preceding_or_following_size";
    /// ntile() of nothing.
    InvalidArgumentForNtile = "22014", "invalid_argument_for_ntile_function";
    /// nth_value() before the first.
    InvalidArgumentForNthValue = "22016", "invalid_argument_for_nth_value_function";
    /// An escape that is longer than a character.
    InvalidEscapeCharacter = "22019", "invalid_escape_character";
    /// A pattern that is not a regular expression.
    InvalidRegularExpression = "2201B", "invalid_regular_expression";
    /// A logarithm of a number that is not positive.
    InvalidArgumentForLogarithm = "2201E", "invalid_argument_for_logarithm";
    /// A power or root that is not a real number.
    InvalidArgumentForPower = "2201F", "invalid_argument_for_power_function";
    /// width_bucket() without buckets.
    InvalidArgumentForWidthBucket = "2201G", "invalid_argument_for_width_bucket_function";
    /// A negative LIMIT.
    InvalidRowCountInLimit = "2201W", "invalid_row_count_in_limit_clause";
    /// A negative OFFSET.
    InvalidRowCountInOffset = "2201X", "invalid_row_count_in_result_offset_clause";
    /// Bytes that are not text in their encoding.
    CharacterNotInRepertoire = "22021", "character_not_in_repertoire";
    /// An argument that a function or setting does not take.
    InvalidParameterValue = "22023", "invalid_parameter_value";
    /// A pattern that ends with its escape character.
    InvalidEscapeSequence = "22025", "invalid_escape_sequence";
    /// A subscript that an array does not have.
    ArraySubscriptError = "2202E", "array_subscript_error";
    /// A text that is not a value of a type.
    InvalidTextRepresentation = "22P02", "invalid_text_representation";
    /// A character that has no place in a text.
    UntranslatableCharacter = "22P05", "untranslatable_character";
    /// A statement that writes.
    ReadOnlySqlTransaction = "25006", "read_only_sql_transaction";
    /// An unknown schema.
    InvalidSchemaName = "3F000", "invalid_schema_name";
    /// Somebody else was first: try again.
    SerializationFailure = "40001", "serialization_failure";
    /// The principal may not do this.
    InsufficientPrivilege = "42501", "insufficient_privilege";
    /// The text is not SQL.
    SyntaxError = "42601", "syntax_error";
    /// A column that occurs twice.
    DuplicateColumn = "42701", "duplicate_column";
    /// A column that several tables have.
    AmbiguousColumn = "42702", "ambiguous_column";
    /// An unknown column.
    UndefinedColumn = "42703", "undefined_column";
    /// An unknown type, window or setting.
    UndefinedObject = "42704", "undefined_object";
    /// A name that was given twice.
    DuplicateAlias = "42712", "duplicate_alias";
    /// Several functions fit.
    AmbiguousFunction = "42725", "ambiguous_function";
    /// Grouped and ungrouped values are mixed.
    GroupingError = "42803", "grouping_error";
    /// A value of another type than the one that belongs here.
    DatatypeMismatch = "42804", "datatype_mismatch";
    /// A thing of another kind than the one that belongs here.
    WrongObjectType = "42809", "wrong_object_type";
    /// A cast that does not exist.
    CannotCoerce = "42846", "cannot_coerce";
    /// A function or operator that does not exist for these types.
    UndefinedFunction = "42883", "undefined_function";
    /// An unknown table.
    UndefinedTable = "42P01", "undefined_table";
    /// A parameter without a value.
    UndefinedParameter = "42P02", "undefined_parameter";
    /// A reference to a column of the result that it does not have.
    InvalidColumnReference = "42P10", "invalid_column_reference";
    /// A parameter whose type nothing tells.
    IndeterminateDatatype = "42P18", "indeterminate_datatype";
    /// A recursive query that cannot be computed.
    InvalidRecursion = "42P19", "invalid_recursion";
    /// A window function where none may be.
    WindowingError = "42P20", "windowing_error";
    /// The disk is full.
    DiskFull = "53100", "disk_full";
    /// The memory limit was reached.
    OutOfMemory = "53200", "out_of_memory";
    /// Another limit of the program was reached.
    ProgramLimitExceeded = "54000", "program_limit_exceeded";
    /// The statement is too long or too deep.
    StatementTooComplex = "54001", "statement_too_complex";
    /// Something must be done first.
    ObjectNotInPrerequisiteState = "55000", "object_not_in_prerequisite_state";
    /// The deadline passed, or the caller left.
    QueryCanceled = "57014", "query_canceled";
    /// Storage failed.
    IoError = "58030", "io_error";
    /// A file that is not there.
    UndefinedFile = "58P01", "undefined_file";
    /// The call or its configuration is wrong.
    ConfigFileError = "F0000", "config_file_error";
    /// A fault of Pactum.
    InternalError = "XX000", "internal_error";
    /// Stored data are damaged.
    DataCorrupted = "XX001", "data_corrupted";
}

impl SqlState {
    /// The state of an error that has only its word.
    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "sql" => Self::SyntaxError,
            "execution" | "data" | "measure" | "not-one-value" => Self::DataException,
            "unknown-table" | "unknown-contract" | "unknown-consumer" | "no-table" => {
                Self::UndefinedTable
            }
            "unknown-column" => Self::UndefinedColumn,
            "ambiguous-contract" => Self::AmbiguousColumn,
            "unknown-parameter" | "missing-parameter" => Self::UndefinedParameter,
            "bad-parameter" | "bad-timestamp" => Self::InvalidTextRepresentation,
            "repeated-parameter" | "bad-release" | "unknown-release" => Self::InvalidParameterValue,
            "not-a-query" => Self::ReadOnlySqlTransaction,
            "not-released" | "no-release" | "unusable-table" => Self::ObjectNotInPrerequisiteState,
            "memory-limit" => Self::OutOfMemory,
            "timeout" => Self::QueryCanceled,
            "disk-full" => Self::DiskFull,
            "too-large" | "too-many-rows" | "row-too-long" => Self::ProgramLimitExceeded,
            "permission-denied" => Self::InsufficientPrivilege,
            "not-found" | "missing-file" | "not-a-file" => Self::UndefinedFile,
            "conflict" | "file-changed" => Self::SerializationFailure,
            "store" | "io" | "output" | "write-failed" | "delta" | "temporary-folder" => {
                Self::IoError
            }
            "internal" | "engine" | "runtime" | "system" | "clock" => Self::InternalError,
            word if word.starts_with("damaged-") || word.starts_with("lost-") => {
                Self::DataCorrupted
            }
            "parquet" | "missing-version" | "missing-ledger" | "newer-format" => {
                Self::DataCorrupted
            }
            _ => Self::ConfigFileError,
        }
    }
}

impl std::fmt::Display for SqlState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_in_order_and_each_occurs_once() {
        assert!(SqlState::ALL.is_sorted_by(|a, b| a.code() < b.code()));
    }

    #[test]
    fn every_word_has_a_state() {
        for (word, code) in [
            ("unknown-table", "42P01"),
            ("memory-limit", "53200"),
            ("timeout", "57014"),
            ("not-a-query", "25006"),
            ("damaged-file", "XX001"),
            ("lost-file", "XX001"),
            ("no-project", "F0000"),
        ] {
            assert_eq!(SqlState::of_word(word).code(), code, "{word}");
        }
    }
}
