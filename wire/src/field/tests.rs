use super::*;

fn encoded<T: Field>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    value.put(&mut out);
    out
}

#[test]
fn a_list_reserves_no_more_than_its_bytes_can_hold() {
    let mut bytes = 8_000u32.to_le_bytes().to_vec();
    bytes.extend([0; 64]);
    assert_eq!(
        decode::<Vec<u128>>(&bytes),
        Err(DecodeError::Truncated {
            need: 128_000,
            have: 64
        }
        .into())
    );
}

#[test]
fn a_list_above_its_limit_is_too_large() {
    let error = decode::<Vec<u8>>(&8_191u32.to_le_bytes()).unwrap_err();
    assert_eq!(
        error,
        MessageError::TooMany {
            count: 8_191,
            max: 8_190
        }
    );
    assert_eq!(error.code(), Code::TooLarge);
}

#[test]
fn bytes_after_the_value_are_refused() {
    assert_eq!(
        decode::<u8>(&[1, 2]),
        Err(DecodeError::TrailingBytes(1).into())
    );
}

#[test]
fn an_option_is_absent_or_present_and_nothing_else() {
    assert_eq!(decode::<Option<u8>>(&[0]), Ok(None));
    assert_eq!(decode::<Option<u8>>(&[1, 7]), Ok(Some(7)));
    assert_eq!(
        decode::<Option<u8>>(&[2, 7]),
        Err(MessageError::bad("option"))
    );
}

#[test]
fn text_is_cut_between_characters() {
    let text = Text::<4>::cut("abcäö");
    assert_eq!(&*text, "abc");
    assert_eq!(decode::<Text<4>>(&encoded(&text)), Ok(text));
    assert_eq!(
        decode::<Text<4>>(&[1, 0, 0xff]),
        Err(MessageError::bad("text"))
    );
    let long = [4, 0, 0, 0, 1, 2, 3, 4];
    assert_eq!(
        decode::<LongBlob<4>>(&long),
        Ok(LongBlob::new(vec![1, 2, 3, 4]).unwrap())
    );
    assert_eq!(
        decode::<LongBlob<3>>(&long),
        Err(MessageError::TooMany { count: 4, max: 3 })
    );
    let long = [5, 0, 1, 2, 3, 4, 5];
    assert_eq!(
        decode::<Blob<4>>(&long),
        Err(MessageError::TooMany { count: 5, max: 4 })
    );
}
