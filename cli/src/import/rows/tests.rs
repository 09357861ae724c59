use super::*;

fn dialect() -> Dialect {
    Dialect {
        delimiter: b';',
        quote: Some(b'"'),
        encoding: RawEncoding::Utf8,
        columns: None,
        trim: false,
    }
}

fn read(text: &[u8], dialect: &Dialect) -> Vec<Result<(u64, String), String>> {
    let mut rows = Rows::open(text, dialect).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        found.push(match row {
            Ok(row) => Ok((row.line, row.values.join("|"))),
            Err(problem) => Err(problem.to_string()),
        });
    }
    found
}

fn row(line: u64, values: &str) -> Result<(u64, String), String> {
    Ok((line, values.to_owned()))
}

#[test]
fn rows_keep_their_lines() {
    let rows: [(&[u8], Vec<_>); 4] = [
        (b"a;b\n1;2\n3;4\n", vec![row(2, "1|2"), row(3, "3|4")]),
        (b"a;b\r\n1;2\r\n\r\n3;4", vec![row(2, "1|2"), row(4, "3|4")]),
        (
            b"a;b\n\"x;\"\"y\";2\n\"two\nlines\";4\n5;6\n",
            vec![row(2, "x;\"y|2"), row(3, "two\nlines|4"), row(5, "5|6")],
        ),
        (b"\xef\xbb\xbfa;b\n;\n", vec![row(2, "|")]),
    ];
    for (text, expected) in rows {
        assert_eq!(read(text, &dialect()), expected);
    }
}

#[test]
fn a_bad_row_is_named_and_the_next_one_read() {
    let rows = read(b"a;b\n1\n1;2;3\n\xff;2\n5;6\n", &dialect());
    assert_eq!(
        rows,
        [
            Err(
                "line 2: has 1 values for 2 columns; look for a delimiter or quote too many"
                    .to_owned()
            ),
            Err(
                "line 3: has 3 values for 2 columns; look for a delimiter or quote too many"
                    .to_owned()
            ),
            Err(
                "line 4, column `a` = `\u{fffd}`: not UTF-8; set `file.encoding = \"iso-8859-1\"` \
                 in the mapping"
                    .to_owned()
            ),
            row(5, "5|6"),
        ]
    );
}

#[test]
fn the_dialect_is_followed() {
    let tabs = Dialect {
        delimiter: b'\t',
        quote: None,
        encoding: RawEncoding::Latin1,
        columns: Some(vec!["a".to_owned(), "b".to_owned()]),
        trim: true,
    };
    assert_eq!(read(b" \"x \tM\xfcnchen\n", &tabs), [row(1, "\"x|München")]);
}

#[test]
fn a_quote_that_stays_open_does_not_take_all_memory() {
    let mut text = b"a;b\n1;2\n\"open;".to_vec();
    text.resize(4 * 1024 * 1024, b'x');
    let mut rows = Rows::open(text.as_slice(), &dialect()).unwrap();
    assert!(rows.next().unwrap().is_some());
    let error = rows.next().unwrap_err();
    assert!(matches!(error, RowsError::TooLong(3)), "{error}");
}

#[test]
fn a_file_without_names_is_refused() {
    let error = Rows::open(b"".as_slice(), &dialect()).err().unwrap();
    assert!(matches!(error, RowsError::NoHeader));
}
