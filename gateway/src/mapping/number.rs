//! Numbers as they were written.
//!
//! A mapping must not change a number that it only copies: order ids beyond 2^53, amounts like `10.00` and
//! decimals with more digits than a double holds go through digit for digit. So a number is its token. It is
//! only interpreted where an expression asks for it, and then exactly: comparing works on the digits, and sums
//! on 128-bit decimals.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::json_body::scan::number_token;

/// A JSON number; holds the token as it was written.
#[derive(Debug, Clone)]
pub(super) struct Number(Arc<str>);

impl Number {
    /// From a token that follows the number grammar of RFC 8259.
    pub(super) fn from_token(token: &str) -> Self {
        debug_assert!(number_token(token), "{token}");
        Self(token.into())
    }

    /// From text that may or may not be a number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        number_token(text).then(|| Self(text.into()))
    }

    /// As it was written.
    pub(super) fn token(&self) -> &str {
        &self.0
    }

    /// Compares by value, exactly and for numbers of any size.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        if self.0 == other.0 {
            return Ordering::Equal;
        }
        Parts::of(&self.0).compare(&Parts::of(&other.0))
    }

    /// As a 128-bit decimal; `None` when it has too many digits for one.
    pub(super) fn decimal(&self) -> Option<Decimal> {
        let parts = Parts::of(&self.0);
        let mut mantissa: i128 = 0;
        for digit in &parts.digits {
            mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
        }
        let exponent = parts.exponent.checked_sub(i64::try_from(parts.digits.len()).ok()?)?;
        Some(Decimal {
            mantissa: if parts.negative { -mantissa } else { mantissa },
            exponent: i32::try_from(exponent).ok()?,
        })
    }

    /// Without its sign.
    pub(super) fn abs(&self) -> Self {
        Self(self.0.strip_prefix('-').unwrap_or(&self.0).into())
    }
}

/// The parts of a number in normal form: ± 0.DIGITS × 10^exponent, where DIGITS neither begins nor ends with a
/// zero. Zero has no digits and no sign.
struct Parts {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Parts {
    fn of(token: &str) -> Self {
        let (negative, rest) = match token.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, token),
        };
        let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        // An exponent beyond 64 bits is beyond everything it could be compared with: clamp it.
        let limit = i64::MAX / 4;
        let clamped = if exponent.starts_with('-') { -limit } else { limit };
        let exponent: i64 = exponent.parse().unwrap_or(clamped).clamp(-limit, limit);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..leading);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return Self { negative: false, digits, exponent: 0 };
        }
        // Lengths are bounded by the body limit, far below i64.
        let exponent = exponent + whole.len() as i64 - leading as i64;
        Self { negative, digits, exponent }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let sign = |parts: &Self| match (parts.digits.is_empty(), parts.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitude = || {
            let ordering = self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
            if self.negative { ordering.reverse() } else { ordering }
        };
        match (sign(self), sign(other)) {
            (0, 0) => Ordering::Equal,
            (mine, theirs) if mine != theirs => mine.cmp(&theirs),
            _ => magnitude(),
        }
    }
}

/// mantissa × 10^exponent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decimal {
    mantissa: i128,
    exponent: i32,
}

impl Decimal {
    pub(super) const ZERO: Self = Self { mantissa: 0, exponent: 0 };

    pub(super) fn from_integer(integer: i128) -> Self {
        Self { mantissa: integer, exponent: 0 }
    }

    /// The same value with a smaller exponent.
    fn rescale(self, exponent: i32) -> Option<i128> {
        let shift = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        self.mantissa.checked_mul(10i128.checked_pow(shift)?)
    }

    /// The exact sum; `None` when it has too many digits.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        // Zero has no digits to keep, whatever its exponent.
        if self.mantissa == 0 {
            return Some(other);
        }
        if other.mantissa == 0 {
            return Some(self);
        }
        let exponent = self.exponent.min(other.exponent);
        let (mantissa, theirs) = (self.rescale(exponent)?, other.rescale(exponent)?);
        Some(Self { mantissa: mantissa.checked_add(theirs)?, exponent })
    }

    /// Divided by a count: exact when that takes no more than 20 further decimals, else rounded down there.
    pub(super) fn divided_by(self, count: i128) -> Option<Self> {
        let (mut mantissa, mut exponent) = (self.mantissa, self.exponent);
        for _ in 0..20 {
            if mantissa % count == 0 {
                break;
            }
            match mantissa.checked_mul(10) {
                Some(scaled) => mantissa = scaled,
                None => break,
            }
            exponent = exponent.checked_sub(1)?;
        }
        Some(Self { mantissa: mantissa.checked_div(count)?, exponent })
    }

    /// The largest integer that is not larger.
    pub(super) fn floor(self) -> Option<i128> {
        if self.exponent >= 0 {
            return self.rescale(0);
        }
        match 10i128.checked_pow(self.exponent.unsigned_abs()) {
            Some(scale) => Some(self.mantissa.div_euclid(scale)),
            // Smaller than any one.
            None => Some(if self.mantissa < 0 { -1 } else { 0 }),
        }
    }

    /// The smallest integer that is not smaller.
    pub(super) fn ceil(self) -> Option<i128> {
        let negated = Self { mantissa: self.mantissa.checked_neg()?, exponent: self.exponent };
        negated.floor()?.checked_neg()
    }

    /// As JSON writes it: plainly up to 40 places, beyond that with an exponent. `None` beyond what a double can
    /// hold, because readers would refuse it.
    pub(super) fn number(self) -> Option<Number> {
        const PLACES: i32 = 40;
        let Self { mantissa, exponent } = self;
        let token = match exponent {
            0 => mantissa.to_string(),
            _ if mantissa == 0 => "0".to_owned(),
            1..=PLACES => format!("{mantissa}{}", "0".repeat(exponent as usize)),
            _ if (-PLACES..0).contains(&exponent) => {
                let places = exponent.unsigned_abs() as usize;
                let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = places + 1);
                let (whole, fraction) = digits.split_at(digits.len() - places);
                let fraction = fraction.trim_end_matches('0');
                let point = if fraction.is_empty() { "" } else { "." };
                format!("{}{whole}{point}{fraction}", if mantissa < 0 { "-" } else { "" })
            }
            _ => format!("{mantissa}e{exponent}"),
        };
        Number::parse(&token)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(token: &str) -> Number {
        Number::from_token(token)
    }

    #[test]
    fn comparing_is_by_value_and_exact() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, expected) in [
            ("1", "1.0", Equal),
            ("-0", "0.000e5", Equal),
            ("1e2", "100", Equal),
            ("0.001", "1E-3", Equal),
            ("9007199254740993", "9007199254740992", Greater),
            ("18446744073709551617", "18446744073709551616", Greater),
            ("0.1000000000000000000001", "0.1", Greater),
            ("-2", "-1", Less),
            ("-1", "1e-400", Less),
            ("1e-99999999999999999999999", "0", Greater),
            ("1e-99999999999999999999999", "1e-5", Less),
            ("10", "9", Greater),
            ("0.09", "0.1", Less),
        ] {
            assert_eq!(number(a).compare(&number(b)), expected, "{a} {b}");
            assert_eq!(number(b).compare(&number(a)), expected.reverse(), "{b} {a}");
        }
    }

    #[test]
    fn sums_are_decimal() {
        let sum = |tokens: &[&str]| {
            let total =
                tokens.iter().try_fold(Decimal::ZERO, |sum, token| sum.plus(number(token).decimal()?));
            total.and_then(|total| Some(total.number()?.token().to_owned()))
        };
        assert_eq!(sum(&["0.1", "0.2"]).as_deref(), Some("0.3"));
        assert_eq!(sum(&["10.00", "5.50"]).as_deref(), Some("15.5"));
        assert_eq!(sum(&["9007199254740993", "1"]).as_deref(), Some("9007199254740994"));
        assert_eq!(sum(&["1e3", "-1"]).as_deref(), Some("999"));
        assert_eq!(sum(&["-0.5", "0.25"]).as_deref(), Some("-0.25"));
        assert_eq!(sum(&["0", "1e30"]).as_deref(), Some("1000000000000000000000000000000"));
        assert_eq!(sum(&["1e-300", "0"]).as_deref(), Some("1e-300"));
        assert_eq!(sum(&[]).as_deref(), Some("0"));
        assert_eq!(sum(&["1e308", "1e308"]), None);
        assert_eq!(sum(&["1e38", "1e-38"]), None);
        assert_eq!(sum(&["1e-99999999999999", "1"]), None);
    }

    #[test]
    fn rounding_and_dividing() {
        let decimal = |token| number(token).decimal().unwrap();
        assert_eq!((decimal("1.5").floor(), decimal("1.5").ceil()), (Some(1), Some(2)));
        assert_eq!((decimal("-1.5").floor(), decimal("-1.5").ceil()), (Some(-2), Some(-1)));
        assert_eq!((decimal("1e-300").floor(), decimal("1e-300").ceil()), (Some(0), Some(1)));
        assert_eq!(decimal("1e60").floor(), None);
        assert_eq!(decimal("10").divided_by(4).unwrap().number().unwrap().token(), "2.5");
        assert_eq!(decimal("1").divided_by(3).unwrap().number().unwrap().token(), "0.33333333333333333333");
        assert_eq!(number("-7.10").abs().token(), "7.10");
    }

    proptest! {
        #[test]
        fn agrees_with_integers(a: i64, b: i64) {
            let (x, y) = (number(&a.to_string()), number(&b.to_string()));
            prop_assert_eq!(x.compare(&y), a.cmp(&b));
            let sum = x.decimal().unwrap().plus(y.decimal().unwrap()).unwrap();
            let expected = number(&(i128::from(a) + i128::from(b)).to_string());
            prop_assert!(sum.number().unwrap().compare(&expected).is_eq());
        }

        #[test]
        fn agrees_with_doubles(a in -1e15f64..1e15, b in -1e15f64..1e15) {
            let (x, y) = (number(&format!("{a:?}")), number(&format!("{b:?}")));
            prop_assert_eq!(Some(x.compare(&y)), a.partial_cmp(&b));
            prop_assert_eq!(x.decimal().unwrap().floor().unwrap() as f64, a.floor());
            prop_assert_eq!(x.decimal().unwrap().ceil().unwrap() as f64, a.ceil());
        }

        #[test]
        fn what_is_written_is_a_number_of_the_same_value(mantissa in any::<i64>(), exponent in -60i32..60) {
            let decimal = Decimal { mantissa: mantissa.into(), exponent };
            let written = decimal.number().unwrap();
            prop_assert!(number_token(written.token()), "{}", written.token());
            prop_assert_eq!(written.compare(&number(&format!("{mantissa}e{exponent}"))), Ordering::Equal);
        }

        #[test]
        fn any_number_can_be_taken_apart(token in "-?(0|[1-9][0-9]{0,50})(\\.[0-9]{1,50})?([eE]([+-]?[0-9]{1,2}|-[0-9]{1,30}))?") {
            let number = number(&token);
            prop_assert_eq!(number.compare(&number), Ordering::Equal);
            let _ = number.decimal().map(|decimal| (decimal.floor(), decimal.ceil(), decimal.plus(decimal)));
        }
    }
}
