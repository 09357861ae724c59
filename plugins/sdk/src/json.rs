//! JSON without fractions, since amounts are counted and not measured. A reader of its own: those
//! that read fractions too would be three quarters of a small component.

use std::fmt;

/// Brackets within brackets.
const MAX_DEPTH: usize = 32;
/// The largest number that every reader of JSON takes for the same.
const MAX_NUMBER: i64 = 1 << 53;

/// What JSON says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number between -2^53 and 2^53.
    Number(i64),
    /// A text.
    Text(String),
    /// Values in brackets.
    List(Vec<Self>),
    /// Names and values in braces, no name twice.
    Object(Vec<(String, Self)>),
}

/// Why a text is not such JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JsonError {
    what: &'static str,
    at: usize,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.at)
    }
}

impl std::error::Error for JsonError {}

impl Json {
    /// Reads the whole of a text.
    ///
    /// # Errors
    /// It is not JSON, has a number that is not whole or too large, or a name twice.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.skip_space();
        if reader.at < text.len() {
            return Err(reader.error("text after the end"));
        }
        Ok(value)
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        if depth > MAX_DEPTH {
            return Err(self.error("too deep"));
        }
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        let mut fields: Vec<(String, Json)> = Vec::new();
        self.items(b'}', |reader| {
            reader.skip_space();
            let start = reader.at;
            let name = reader.string()?;
            if fields.iter().any(|(before, _)| *before == name) {
                reader.at = start;
                return Err(reader.error("a name is there twice"));
            }
            reader.skip_space();
            reader.expect(b':', "`:` is missing")?;
            fields.push((name, reader.value(depth + 1)?));
            Ok(())
        })?;
        Ok(Json::Object(fields))
    }

    fn list(&mut self, depth: usize) -> Result<Json, JsonError> {
        let mut values = Vec::new();
        self.items(b']', |reader| {
            values.push(reader.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Json::List(values))
    }

    /// What stands between an opening bracket and `end`, parted by commas.
    fn items(
        &mut self,
        end: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(end) {
            self.at += 1;
            return Ok(());
        }
        loop {
            item(self)?;
            self.skip_space();
            if self.peek() == Some(b',') {
                self.at += 1;
            } else {
                return self.expect(end, "`,` or a closing bracket is missing");
            }
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.expect(b'"', "`\"` is missing")?;
        let mut string = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .find(|c: char| c == '"' || c == '\\' || c < ' ')
                .and_then(|end| rest.get(..end))
                .ok_or_else(|| self.error("a text without an end"))?;
            string.push_str(plain);
            self.at += plain.len();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => string.push(self.escaped()?),
                _ => return Err(self.error("a control character in a text")),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, JsonError> {
        let escape = self.text.as_bytes().get(self.at + 1);
        let plain = match escape {
            Some(b'u') => return self.code_point(),
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return Err(self.error("an unknown escape")),
        };
        self.at += 2;
        Ok(plain)
    }

    /// `\u` and four digits, or two of those for what lies beyond 16 bits.
    fn code_point(&mut self) -> Result<char, JsonError> {
        let first = self.unit()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            let second = self.unit()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.error("half of a character"));
            }
            0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.error("half of a character"))
    }

    fn unit(&mut self) -> Result<u32, JsonError> {
        let digits = match self.rest().as_bytes() {
            [b'\\', b'u', digits @ ..] => digits.get(..4),
            _ => None,
        };
        let unit = digits.and_then(|digits| {
            digits.iter().try_fold(0, |unit, digit| {
                let digit = char::from(*digit).to_digit(16)?;
                Some(unit << 4 | digit)
            })
        });
        let unit = unit.ok_or_else(|| self.error("`\\u` without four digits"))?;
        self.at += 6;
        Ok(unit)
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let rest = self.rest();
        let is_other = |c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        let word = rest.split(is_other).next().unwrap_or_default();
        let digits = word.strip_prefix('-').unwrap_or(word);
        let is_whole = !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        if !is_whole {
            return Err(self.error("not a whole number"));
        }
        let number = word.parse().ok();
        let number = number.filter(|number| (-MAX_NUMBER..=MAX_NUMBER).contains(number));
        let number =
            number.ok_or_else(|| self.error("a number beyond 2^53, which belongs in quotes"))?;
        self.at += word.len();
        Ok(Json::Number(number))
    }

    fn word(&mut self) -> Result<Json, JsonError> {
        let words = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
        ];
        for (word, value) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.error("a value is missing"))
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), JsonError> {
        if self.peek() != Some(byte) {
            return Err(self.error(what));
        }
        self.at += 1;
        Ok(())
    }

    /// What is not read yet. The place is always one between two characters.
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn error(&self, what: &'static str) -> JsonError {
        JsonError { what, at: self.at }
    }
}

#[cfg(test)]
mod tests;
