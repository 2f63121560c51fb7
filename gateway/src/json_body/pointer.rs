//! Reads one value by JSON pointer (RFC 6901), stepping over everything else.

use super::tokens::Scanner;

/// The string or number at `pointer`; a number as it is written, so that no digit is lost.
///
/// `None` when the pointer is malformed, leads nowhere or leads to anything else (null, a boolean, an array or
/// an object), or when the bytes up to there are not JSON. The bytes after the value are not looked at: a
/// response that was cut short still yields what comes before the cut. Of duplicate keys the first counts;
/// [`validate`](super::validate) refuses them.
pub fn pointer_get(bytes: &[u8], pointer: &str) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // A cut can fall inside a character.
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?,
    };
    let mut scanner = Scanner::new(text);
    let steps = match pointer.strip_prefix('/') {
        Some(steps) => Some(steps),
        None if pointer.is_empty() => None,
        None => return None,
    };
    for step in steps.into_iter().flat_map(|steps| steps.split('/')) {
        match scanner.peek()? {
            b'{' => enter_object(&mut scanner, &unescape(step)?)?,
            b'[' => enter_array(&mut scanner, step)?,
            _ => return None,
        }
    }
    match scanner.peek()? {
        b'"' => Some(scanner.string().ok()?.decode().into_owned()),
        b'-' | b'0'..=b'9' => {
            let number = scanner.number().ok()?;
            // Inside an array or object something must follow; if nothing does, a cut may have taken digits.
            if scanner.at_end() && !pointer.is_empty() { None } else { Some(number.to_owned()) }
        }
        _ => None,
    }
}

/// One step with `~1` and `~0` resolved; `None` for any other use of `~`.
fn unescape(step: &str) -> Option<std::borrow::Cow<'_, str>> {
    if !step.contains('~') {
        return Some(step.into());
    }
    let mut key = String::with_capacity(step.len());
    let mut chars = step.chars();
    while let Some(c) = chars.next() {
        match c {
            '~' => match chars.next()? {
                '0' => key.push('~'),
                '1' => key.push('/'),
                _ => return None,
            },
            c => key.push(c),
        }
    }
    Some(key.into())
}

/// Moves to the value of `key`.
fn enter_object(scanner: &mut Scanner<'_>, key: &str) -> Option<()> {
    scanner.skip_byte();
    loop {
        if scanner.peek()? != b'"' {
            return None;
        }
        let found = scanner.string().ok()?;
        if scanner.peek()? != b':' {
            return None;
        }
        scanner.skip_byte();
        if found.is(key) {
            return Some(());
        }
        scanner.skip_value()?;
        if scanner.peek()? != b',' {
            return None;
        }
        scanner.skip_byte();
    }
}

/// Moves to the element that `step` numbers.
fn enter_array(scanner: &mut Scanner<'_>, step: &str) -> Option<()> {
    let canonical = step == "0" || (!step.starts_with(['0', '+']) && !step.is_empty());
    let index: usize = if canonical { step.parse().ok()? } else { return None };
    scanner.skip_byte();
    if scanner.peek()? == b']' {
        return None;
    }
    for _ in 0..index {
        scanner.skip_value()?;
        if scanner.peek()? != b',' {
            return None;
        }
        scanner.skip_byte();
    }
    Some(())
}
