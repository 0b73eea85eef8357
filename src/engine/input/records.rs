//! Records of CSV text, as RFC 4180 defines them, and nothing that only looks like one.
//!
//! A reader that guesses what was meant swallows rows: an open quote takes the rest of the file
//! into one field. Anything the standard does not allow therefore fails, with its line. The only
//! deviations are a line end without carriage return, a BOM, and empty lines of a file with several
//! columns, which hold nothing.

use std::io::{BufRead, BufReader, Chain, Cursor, Read};

use super::reading::Reading;

/// Bytes that are read at a time.
const WINDOW: usize = 64 * 1024;
/// Most fields of a record.
pub(super) const MOST_FIELDS: usize = 16 * 1024;

/// Why no record was read.
#[derive(Debug)]
pub(super) enum Fault {
    /// The text is not CSV.
    Text {
        /// The line, from one.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The file could not be read.
    Io(std::io::Error),
}

/// One record: its fields' text, concatenated.
#[derive(Debug, Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    /// Where each field ends.
    ends: Vec<usize>,
    /// The line that it begins at.
    line: u64,
}

impl Record {
    /// How many fields it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The line that it begins at, from one.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Bytes of its fields.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The fields; `None` where they are not UTF-8.
    pub fn fields(&self) -> Option<impl Iterator<Item = &str>> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        let mut start = 0;
        Some(self.ends.iter().map(move |end| {
            // Fields end before a delimiter or a line's end: between two characters.
            let field = text.get(start..*end).unwrap_or_default();
            start = *end;
            field
        }))
    }

    fn clear(&mut self, line: u64) {
        self.bytes.clear();
        self.ends.clear();
        self.line = line;
    }
}

/// Where the reader is within a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte of a field.
    Before,
    /// In a field without quotes.
    Plain,
    /// In a field with quotes.
    Quoted,
    /// After a quote within a field with quotes: the field's end, or the first of two.
    Closing,
    /// After a carriage return that ends a record.
    Returned,
    /// After the record.
    Ended,
}

/// Reads records.
pub(super) struct Records<R: Read> {
    /// The first bytes, without a mark, and the rest.
    reader: BufReader<Chain<Cursor<Vec<u8>>, R>>,
    delimiter: u8,
    /// Most lines of a field.
    field_lines: u64,
    /// Most bytes of a record.
    most_bytes: usize,
    /// The line of the next byte, from one.
    line: u64,
}

impl<R: Read> Records<R> {
    /// Records of a text whose fields are separated by `delimiter`. A BOM is skipped.
    pub fn new(mut reader: R, delimiter: u8, reading: &Reading) -> Result<Self, Fault> {
        let mut head = Vec::new();
        reader.by_ref().take(3).read_to_end(&mut head).map_err(Fault::Io)?;
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            return Err(text(1, "the text is UTF-16, and UTF-8 is read: convert it first"));
        }
        if head == [0xef, 0xbb, 0xbf] {
            head.clear();
        }
        Ok(Self {
            reader: BufReader::with_capacity(WINDOW, Cursor::new(head).chain(reader)),
            delimiter,
            field_lines: reading.csv_field_lines,
            most_bytes: reading.most_line_bytes(),
            line: 1,
        })
    }

    /// Reads the next record that is not an empty line; `false` when there is none.
    pub fn next_filled(&mut self, record: &mut Record) -> Result<bool, Fault> {
        while self.next(record)? {
            if record.len() > 1 || record.size() > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the next record; `false` when there is none. An empty line is a record of one empty field.
    pub fn next(&mut self, record: &mut Record) -> Result<bool, Fault> {
        record.clear(self.line);
        let mut scan = Scan {
            delimiter: self.delimiter,
            field_lines: self.field_lines,
            line: self.line,
            opened: self.line,
            record,
        };
        let mut state = State::Before;
        loop {
            let window = self.reader.fill_buf().map_err(Fault::Io)?;
            if window.is_empty() {
                return scan.end(state);
            }
            let mut at = 0;
            while at < window.len() && state != State::Ended {
                let (used, next) = match state {
                    State::Plain => scan.plain(&window[at..])?,
                    State::Quoted => scan.quoted(&window[at..])?,
                    _ => scan.between(state, window[at])?,
                };
                at += used;
                state = next;
                scan.refuse_width()?;
            }
            self.reader.consume(at);
            if state == State::Ended {
                self.line = scan.line;
                return Ok(true);
            }
            if scan.record.bytes.len() > self.most_bytes {
                return Err(too_long(scan.record.line, self.most_bytes));
            }
        }
    }
}

/// One record while it is read. Each step returns how many bytes it used, and what comes next.
struct Scan<'a> {
    delimiter: u8,
    field_lines: u64,
    /// The line of the next byte.
    line: u64,
    /// The line that the field with quotes begins at.
    opened: u64,
    record: &'a mut Record,
}

impl Scan<'_> {
    fn plain(&mut self, window: &[u8]) -> Result<(usize, State), Fault> {
        let end = plain_end(window, self.delimiter);
        self.record.bytes.extend_from_slice(&window[..end]);
        match window.get(end) {
            None => Ok((end, State::Plain)),
            Some(b'"') => Err(text(self.line, QUOTE_WITHIN)),
            Some(0) => Err(text(self.line, NUL)),
            Some(byte) => Ok((end + 1, self.end_field(*byte))),
        }
    }

    fn quoted(&mut self, window: &[u8]) -> Result<(usize, State), Fault> {
        let end = quoted_end(window);
        self.record.bytes.extend_from_slice(&window[..end]);
        match window.get(end) {
            None => return Ok((end, State::Quoted)),
            Some(b'"') => return Ok((end + 1, State::Closing)),
            Some(0) => return Err(text(self.line, NUL)),
            Some(_) => {}
        }
        self.record.bytes.push(b'\n');
        self.line += 1;
        match self.line - self.opened >= self.field_lines {
            true => Err(too_many_lines(self.opened, self.field_lines)),
            false => Ok((end + 1, State::Quoted)),
        }
    }

    /// A byte before or after the text of a field.
    fn between(&mut self, state: State, byte: u8) -> Result<(usize, State), Fault> {
        let next = match (state, byte) {
            (State::Returned, b'\n') => {
                self.line += 1;
                State::Ended
            }
            (State::Returned, _) => return Err(text(self.line, LONE_RETURN)),
            (State::Closing, b'"') => {
                self.record.bytes.push(b'"');
                State::Quoted
            }
            (_, b'"') => {
                self.opened = self.line;
                State::Quoted
            }
            (_, byte) if byte == self.delimiter || matches!(byte, b'\n' | b'\r') => {
                self.end_field(byte)
            }
            (State::Closing, _) => return Err(text(self.line, BEHIND_QUOTE)),
            // The first byte of its text: it is looked at again.
            _ => return Ok((0, State::Plain)),
        };
        Ok((1, next))
    }

    /// After a field comes another, or the record's end.
    fn end_field(&mut self, byte: u8) -> State {
        self.record.ends.push(self.record.bytes.len());
        match byte {
            b'\n' => {
                self.line += 1;
                State::Ended
            }
            b'\r' => State::Returned,
            _ => State::Before,
        }
    }

    fn refuse_width(&self) -> Result<(), Fault> {
        if self.record.ends.len() <= MOST_FIELDS {
            return Ok(());
        }
        let what = format!("a record has more than {MOST_FIELDS} fields");
        Err(Fault::Text { line: self.record.line, what })
    }

    /// The text ends here.
    fn end(&mut self, state: State) -> Result<bool, Fault> {
        match state {
            State::Quoted => Err(text(self.opened, UNCLOSED)),
            // After the last line's end there is no further line.
            State::Before if self.record.ends.is_empty() => Ok(false),
            State::Returned | State::Ended => Ok(true),
            State::Before | State::Plain | State::Closing => {
                self.record.ends.push(self.record.bytes.len());
                Ok(true)
            }
        }
    }
}

const UNCLOSED: &str = "a quote is opened and never closed: the field would take in the rest of the \
                        file; close it, or write a quote within a field twice";
const QUOTE_WITHIN: &str = "a quote occurs within a field that does not begin with one; put the \
                            field in quotes, and write the quote twice";
const BEHIND_QUOTE: &str = "text follows a closing quote; write a quote within a field twice \
                            (a backslash does not escape it)";
const LONE_RETURN: &str = "a carriage return without a line feed after it; end every line with a \
                           line feed, or put the field in quotes";
const NUL: &str = "a NUL byte; is the text UTF-16?";

fn text(line: u64, what: &str) -> Fault {
    Fault::Text { line, what: what.to_owned() }
}

fn too_many_lines(line: u64, most: u64) -> Fault {
    let what = format!(
        "a field in quotes has more than {most} lines: is its quote never closed? \
         --csv-field-lines allows more"
    );
    Fault::Text { line, what }
}

pub(super) fn too_long(line: u64, most: usize) -> Fault {
    let most = most >> 20;
    let what =
        format!("longer than {most} MiB; --memory-limit decides what is read (64 MiB at most)");
    Fault::Text { line, what }
}

/// Where a plain field ends in a window, or the window does.
fn plain_end(window: &[u8], delimiter: u8) -> usize {
    let ends = |b: &u8| *b == delimiter || matches!(*b, b'\n' | b'\r' | b'"' | 0);
    window.iter().position(ends).unwrap_or(window.len())
}

/// Where the text of a field with quotes is interrupted.
fn quoted_end(window: &[u8]) -> usize {
    window.iter().position(|b| matches!(*b, b'"' | b'\n' | 0)).unwrap_or(window.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(csv_field_lines: u64) -> Reading {
        Reading { csv_field_lines, ..Reading::default() }
    }

    /// Fields of each record, or the line and the words of the fault; read a few bytes at a time too.
    fn read(text: &[u8], delimiter: u8, lines: u64) -> Result<Vec<Vec<String>>, (u64, String)> {
        let whole = of(text, delimiter, lines);
        assert_eq!(of(Drops(text), delimiter, lines), whole, "windows must not matter");
        whole
    }

    fn of(text: impl Read, delimiter: u8, lines: u64) -> Result<Vec<Vec<String>>, (u64, String)> {
        let told = |fault| match fault {
            Fault::Text { line, what } => (line, what),
            Fault::Io(error) => panic!("{error}"),
        };
        let mut records = Records::new(text, delimiter, &reading(lines)).map_err(told)?;
        let mut record = Record::default();
        let mut found = Vec::new();
        while records.next(&mut record).map_err(told)? {
            found.push(record.fields().unwrap().map(str::to_owned).collect());
        }
        Ok(found)
    }

    /// Hands over one byte at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[track_caller]
    fn reads(text: &str, expected: &[&[&str]]) {
        let expected: Vec<Vec<String>> =
            expected.iter().map(|r| r.iter().map(|f| (*f).to_owned()).collect()).collect();
        assert_eq!(read(text.as_bytes(), b',', 100).unwrap(), expected);
    }

    #[track_caller]
    fn fails(text: &[u8], line: u64, words: &str) {
        let (found, what) = read(text, b',', 3).unwrap_err();
        assert_eq!(found, line, "{what}");
        assert!(what.contains(words), "{what}");
    }

    #[test]
    fn what_the_standard_allows_is_read() {
        reads("a,b\n1,2\n", &[&["a", "b"], &["1", "2"]]);
        reads("a,b\r\n1,2", &[&["a", "b"], &["1", "2"]]);
        reads("\"a\",\"b,c\"\n\"\",\n", &[&["a", "b,c"], &["", ""]]);
        reads("\"say \"\"hi\"\"\",x\n", &[&["say \"hi\"", "x"]]);
        reads("\"two\nlines\r\n\",x\r\n", &[&["two\nlines\r\n", "x"]]);
        reads("\u{feff}a\n\n1", &[&["a"], &[""], &["1"]]);
        reads("a,\"b\"", &[&["a", "b"]]);
        reads("a,", &[&["a", ""]]);
        reads("\"backslash\\\",x\n", &[&["backslash\\", "x"]]);
        reads("", &[]);
    }

    #[test]
    fn what_it_does_not_allow_fails_with_its_line() {
        fails(b"a,b\n1,\"2\n3,4\n", 2, "never closed");
        fails(b"a,b\n1,2\n3,\"", 3, "never closed");
        fails(b"\"a,b\n1,2\n", 1, "never closed");
        fails(b"a\n\"1\n2\n3\n4\"\n", 2, "more than 3 lines");
        fails(b"a\n1\nx\"y\n", 3, "within a field");
        fails(b"a,b\n1, \"x\"\n", 2, "within a field");
        fails(b"a,b\n\"x\"y,1\n", 2, "follows a closing quote");
        fails(b"a,b\n\"x \\\"y\\\" z\",1\n", 2, "follows a closing quote");
        fails(b"a\r1\r2\r", 1, "carriage return");
        fails(b"a\n1\n\"x\ny\"\r2\n", 4, "carriage return");
        fails(b"a\n1\0\n", 2, "NUL");
        fails(b"a\n\"\0\"\n", 2, "NUL");
        fails(&[0xff, 0xfe, b'a', 0], 1, "UTF-16");
        fails(&[0xfe, 0xff, 0, b'a'], 1, "UTF-16");
    }

    #[test]
    fn a_field_may_have_as_many_lines_as_the_limit_says() {
        assert!(read(b"a\n\"1\n2\n3\"\n", b',', 3).is_ok());
        assert!(read(b"a\n\"1\n2\n3\n4\"\n", b',', 3).is_err());
        assert!(read(b"a\tb\n\"1\t2\"\t3\n", b'\t', 1).is_ok());
    }

    #[test]
    fn a_record_ends_at_the_limit_of_bytes() {
        let reading = Reading { memory: 0, ..Reading::default() };
        let endless = std::io::repeat(b'x');
        let mut records = Records::new(endless, b',', &reading).unwrap();
        let mut record = Record::default();
        let Err(Fault::Text { line: 1, what }) = records.next(&mut record) else {
            panic!("an endless line was read");
        };
        assert!(what.contains("longer than 1 MiB"), "{what}");
        let endless = std::io::Read::chain(&b"\""[..], std::io::repeat(b'x'));
        assert!(Records::new(endless, b',', &reading).unwrap().next(&mut record).is_err());
        let endless = std::io::repeat(b',');
        assert!(Records::new(endless, b',', &reading).unwrap().next(&mut record).is_err());
        assert!(record.bytes.capacity() < 4 << 20);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_by_the_standard_is_read_back(
            rows in proptest::collection::vec(
                proptest::collection::vec("[a,;\"\\r\n \\\\é]{0,6}", 2..3), 0..6,
            ),
        ) {
            let quoted = |f: &String| format!("\"{}\"", f.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
            let text: String = rows.iter().map(|row| line(row) + "\n").collect();
            proptest::prop_assert_eq!(read(text.as_bytes(), b',', 100).unwrap(), rows);
        }

        #[test]
        fn no_line_of_plain_text_is_lost(lines in proptest::collection::vec("[ab,]{1,5}", 0..9)) {
            let text = lines.join("\n");
            let expected: Vec<Vec<String>> =
                lines.iter().map(|l| l.split(',').map(str::to_owned).collect()).collect();
            proptest::prop_assert_eq!(read(text.as_bytes(), b',', 100).unwrap(), expected);
        }
    }
}
