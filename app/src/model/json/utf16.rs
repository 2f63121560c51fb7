//! Byte offsets as browsers count: in UTF-16 code units.

/// Walks through a text once and says for growing byte offsets how many UTF-16 code units lie before them.
pub struct Utf16Walk<'t> {
    text: &'t str,
    byte: usize,
    units: usize,
}

impl<'t> Utf16Walk<'t> {
    /// At the start of `text`.
    pub fn new(text: &'t str) -> Self {
        Self { text, byte: 0, units: 0 }
    }

    /// Code units before `byte`, which is a character boundary and not before the offset asked last.
    pub fn at(&mut self, byte: usize) -> usize {
        let byte = byte.clamp(self.byte, self.text.len());
        self.units += self.text[self.byte..byte].chars().map(char::len_utf16).sum::<usize>();
        self.byte = byte;
        self.units
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_code_units() {
        let text = "aé😀z";
        let mut walk = Utf16Walk::new(text);
        assert_eq!([0, 1, 3, 7, 8].map(|byte| walk.at(byte)), [0, 1, 2, 4, 5]);
        assert_eq!(walk.at(100), 5);
    }
}
