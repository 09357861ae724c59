use std::collections::BTreeMap;

use super::{JcsError, Value};
use crate::limits::{JSON_BYTES_MAX, JSON_DEPTH_MAX, JSON_INT_MAX};

/// Reads a text from its front. Deeper than [`JSON_DEPTH_MAX`] it does not go, so that nesting
/// costs no stack.
pub(super) struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a [u8]) -> Result<Self, JcsError> {
        if text.len() > JSON_BYTES_MAX {
            return Err(JcsError::TooLong(text.len()));
        }
        Ok(Self {
            text,
            at: 0,
            depth: 0,
        })
    }

    /// One value and nothing but white space around it.
    pub(super) fn text(mut self) -> Result<Value, JcsError> {
        let value = self.value()?;
        self.space();
        if self.at < self.text.len() {
            return Err(JcsError::Trailing(self.at));
        }
        Ok(value)
    }

    fn value(&mut self) -> Result<Value, JcsError> {
        self.space();
        match self.peek()? {
            b'n' => self.word(b"null", Value::Null),
            b't' => self.word(b"true", Value::Bool(true)),
            b'f' => self.word(b"false", Value::Bool(false)),
            b'"' => Ok(Value::String(self.string()?)),
            b'[' => self.array(),
            b'{' => self.object(),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(JcsError::Unexpected(self.at)),
        }
    }

    fn array(&mut self) -> Result<Value, JcsError> {
        self.open()?;
        let mut values = Vec::new();
        self.space();
        if self.peek()? == b']' {
            return self.close(Value::Array(values));
        }
        loop {
            values.push(self.value()?);
            if self.is_last(b']')? {
                return self.close(Value::Array(values));
            }
        }
    }

    fn object(&mut self) -> Result<Value, JcsError> {
        self.open()?;
        let mut members = BTreeMap::new();
        self.space();
        if self.peek()? == b'}' {
            return self.close(Value::Object(members));
        }
        loop {
            self.space();
            let name = self.name()?;
            self.space();
            self.take(b':')?;
            let value = self.value()?;
            if members.contains_key(&name) {
                return Err(JcsError::Duplicate(name));
            }
            members.insert(name, value);
            if self.is_last(b'}')? {
                return self.close(Value::Object(members));
            }
        }
    }

    fn open(&mut self) -> Result<(), JcsError> {
        if self.depth == JSON_DEPTH_MAX {
            return Err(JcsError::TooDeep(self.at));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    fn close(&mut self, value: Value) -> Result<Value, JcsError> {
        self.depth -= 1;
        self.at += 1;
        Ok(value)
    }

    /// Whether `end` comes next; otherwise a comma has to, and is taken.
    fn is_last(&mut self, end: u8) -> Result<bool, JcsError> {
        self.space();
        if self.peek()? == end {
            return Ok(true);
        }
        self.take(b',')?;
        Ok(false)
    }

    fn name(&mut self) -> Result<String, JcsError> {
        let at = self.at;
        let name = self.string()?;
        let is_allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || !name.bytes().all(is_allowed) {
            return Err(JcsError::Name(at));
        }
        Ok(name)
    }

    fn string(&mut self) -> Result<String, JcsError> {
        self.take(b'"')?;
        let start = self.at;
        let mut bytes = Vec::new();
        loop {
            let byte = self.peek()?;
            match byte {
                b'"' => break,
                b'\\' => self.escape(&mut bytes)?,
                0..=0x1f => return Err(JcsError::Text(self.at)),
                _ => {
                    bytes.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        String::from_utf8(bytes).map_err(|_| JcsError::Text(start))
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), JcsError> {
        let start = self.at;
        self.at += 1;
        let letter = self.peek()?;
        self.at += 1;
        let byte = match letter {
            b'"' | b'\\' | b'/' => letter,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let scalar = self.scalar(start)?;
                bytes.extend_from_slice(scalar.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(JcsError::Text(start)),
        };
        bytes.push(byte);
        Ok(())
    }

    /// What follows `\u`: four digits, or a pair of surrogates.
    fn scalar(&mut self, start: usize) -> Result<char, JcsError> {
        let first = self.four_digits()?;
        let scalar = match first {
            0xd800..=0xdbff => {
                if self.text.get(self.at..self.at + 2) != Some(b"\\u") {
                    return Err(JcsError::Surrogate(start));
                }
                self.at += 2;
                let second = self.four_digits()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(JcsError::Surrogate(start));
                }
                0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            _ => first,
        };
        char::from_u32(scalar).ok_or(JcsError::Surrogate(start))
    }

    fn four_digits(&mut self) -> Result<u32, JcsError> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(JcsError::End)?;
        let mut number = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16);
            number = number << 4 | digit.ok_or(JcsError::Text(self.at))?;
        }
        self.at += 4;
        Ok(number)
    }

    fn number(&mut self) -> Result<Value, JcsError> {
        let start = self.at;
        let wrong = JcsError::Number(start);
        let is_negative = self.text.get(self.at) == Some(&b'-');
        if is_negative {
            self.at += 1;
        }
        let first = self.at;
        let mut sum = 0u64;
        while let Some(digit @ b'0'..=b'9') = self.text.get(self.at) {
            sum = sum
                .checked_mul(10)
                .and_then(|sum| sum.checked_add(u64::from(digit - b'0')))
                .filter(|sum| *sum <= JSON_INT_MAX)
                .ok_or(wrong.clone())?;
            self.at += 1;
        }
        let digits = self.at - first;
        let has_leading_zero = digits > 1 && self.text.get(first) == Some(&b'0');
        let is_float = matches!(self.text.get(self.at), Some(b'.' | b'e' | b'E'));
        if digits == 0 || has_leading_zero || is_float || (is_negative && sum == 0) {
            return Err(wrong);
        }
        let int = i64::try_from(sum).map_err(|_| wrong)?;
        Ok(Value::Int(if is_negative { -int } else { int }))
    }

    fn word(&mut self, word: &[u8], value: Value) -> Result<Value, JcsError> {
        if self.text.get(self.at..self.at + word.len()) != Some(word) {
            return Err(JcsError::Unexpected(self.at));
        }
        self.at += word.len();
        Ok(value)
    }

    fn take(&mut self, byte: u8) -> Result<(), JcsError> {
        if self.peek()? != byte {
            return Err(JcsError::Unexpected(self.at));
        }
        self.at += 1;
        Ok(())
    }

    fn peek(&self) -> Result<u8, JcsError> {
        self.text.get(self.at).copied().ok_or(JcsError::End)
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.text.get(self.at) {
            self.at += 1;
        }
    }
}
