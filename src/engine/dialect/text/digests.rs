//! Digests: md5 is a text in hexadecimal digits, the others are bytes.

use std::fmt::Write;

use md5::Md5;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::engine::dialect::scalars::{Form, Function, Gives, Kind, Value};

const TEXT: Gives = Gives::Kind(Kind::Text);
const BYTES: Gives = Gives::Kind(Kind::Bytes);

macro_rules! digest {
    ($name:literal, $digest:ty) => {
        Function {
            name: $name,
            forms: &[Form::strict(&[Kind::Bytes], BYTES, |row| {
                Ok(Value::bytes(<$digest>::digest(row.bytes(0)).to_vec()))
            })],
        }
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "md5",
        forms: &[
            Form::strict(&[Kind::Text], TEXT, |row| Ok(Value::text(md5(row.text(0).as_bytes())))),
            Form::strict(&[Kind::Bytes], TEXT, |row| Ok(Value::text(md5(row.bytes(0))))),
        ],
    },
    digest!("sha224", Sha224),
    digest!("sha256", Sha256),
    digest!("sha384", Sha384),
    digest!("sha512", Sha512),
];

fn md5(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(32);
    for byte in <Md5 as md5::Digest>::digest(bytes) {
        // A string takes whatever is written.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
