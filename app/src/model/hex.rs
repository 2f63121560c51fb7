//! Bytes that are no text, for reading: sixteen on a line, with their place and the letters among them.

use std::fmt::Write;

/// Bytes on one line.
pub const PER_LINE: usize = 16;

/// `bytes` as lines; the first stands at `offset` of the whole.
pub fn dump(bytes: &[u8], offset: usize) -> String {
    let mut out = String::with_capacity(bytes.len() * 5);
    for (index, line) in bytes.chunks(PER_LINE).enumerate() {
        // Writing to a string does not fail.
        let _ = write!(out, "{:08x} ", offset + index * PER_LINE);
        for place in 0..PER_LINE {
            let gap = if place == PER_LINE / 2 { "  " } else { " " };
            let _ = match line.get(place) {
                Some(byte) => write!(out, "{gap}{byte:02x}"),
                None => write!(out, "{gap}  "),
            };
        }
        out.push_str("  ");
        out.extend(line.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_place_bytes_and_letters() {
        let bytes: Vec<u8> = (0..8).chain(*b"<b>\xff\x7f~").collect();
        assert_eq!(
            dump(&bytes, 32),
            "00000020  00 01 02 03 04 05 06 07  3c 62 3e ff 7f 7e        ........<b>..~\n"
        );
        let two = dump(&[b'a'; 17], 0);
        assert_eq!(two.lines().count(), 2);
        assert!(two.ends_with("00000010  61                                                a\n"), "{two}");
        assert_eq!(dump(&[], 0), "");
    }
}
