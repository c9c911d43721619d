//! Tables of what Redis 7.0.15 on x86-64 answered, and laws that hold for all numbers.

use proptest::prelude::*;

use super::*;

/// A value that was `SET`, what `INCRBYFLOAT` was called with, and its reply.
const SUMS: &[(&str, &str, &str)] = &[
    ("3.0e3", "200", "3200"),
    ("0.1", "0.2", "0.3"),
    ("5.0e-324", "0", "0"),
    ("1e17", "0", "100000000000000000"),
    ("10.5", "0.1", "10.6"),
    ("10.6", "-10.6", "0"),
    ("-1e-30", "0", "0"),
    ("1", "0.00000000000000001", "1.00000000000000001"),
    ("0.5e-17", "0", "0"),
    ("1.5e-17", "0", "0.00000000000000002"),
    ("2.5e-17", "0", "0.00000000000000002"),
    ("18446744073709551616", "1", "18446744073709551616"),
    ("36893488147419103232", "-1", "36893488147419103232"),
    ("9223372036854775807", "0.5", "9223372036854775807.5"),
    ("1e30", "1e-30", "1000000000000000000024696061952"),
    ("1e30", "-1e-30", "1000000000000000000024696061952"),
    ("0x1.8p1", "0xA", "13"),
    ("-0", "-0", "0"),
    ("3.14159265358979323846", "2.71828182845904523536", "5.85987448204883847"),
    ("123456.789", "-0.001", "123456.78800000000000381"),
    ("1.189731495357231765e4932", "-1.189731495357231765e4932", "0"),
    ("+5", ".5", "5.5"),
    ("5.", "1E2", "105"),
    ("3.6e-4951", "0", "0"),
];

/// Refused by `INCRBYFLOAT` with "value is not a valid float".
const NO_FLOATS: &[&str] = &[
    "",
    " 5",
    "5 ",
    "nan",
    "-nan",
    "nan(1)",
    ".",
    "-",
    "+",
    "1e",
    "1e+",
    "0x",
    "0x.",
    "0x1p",
    "1_0",
    "1,5",
    "--1",
    "1d5",
    "infin",
    "1e4933",
    "-1e4933",
    "1e-4952",
    "1e-99999999999999999999",
    "0x1p16384",
];

/// A score given to `ZADD`, and what `ZSCORE` replied, if it was accepted.
const DOUBLES: &[(&str, Option<&str>)] = &[
    ("0.1", Some("0.10000000000000001")),
    ("3", Some("3")),
    ("-3.5", Some("-3.5")),
    ("1e16", Some("10000000000000000")),
    ("1e17", Some("1e+17")),
    ("123456789012345678", Some("1.2345678901234568e+17")),
    ("1e-4", Some("0.0001")),
    ("1e-5", Some("1.0000000000000001e-05")),
    ("0.00012345", Some("0.00012344999999999999")),
    ("5e-324", Some("4.9406564584124654e-324")),
    ("4.9e-324", Some("4.9406564584124654e-324")),
    ("1.7976931348623157e308", Some("1.7976931348623157e+308")),
    ("0x1p-1074", Some("4.9406564584124654e-324")),
    ("0x1.fffffffffffff8p0", Some("2")),
    ("0x.8", Some("0.5")),
    ("inf", Some("inf")),
    ("-INFINITY", Some("-inf")),
    ("9007199254740993", Some("9007199254740992")),
    ("0.30000000000000004", Some("0.30000000000000004")),
    ("1e22", Some("1e+22")),
    ("1e23", Some("9.9999999999999992e+22")),
    ("+2", Some("2")),
    ("0x1.fffffffffffff7p1023", Some("1.7976931348623157e+308")),
    ("0x1p1024", None),
    ("1e309", None),
    ("1e-400", None),
    ("nan", None),
    ("0x", None),
    ("2e-324", None),
    ("0x1p-1075", None),
    ("0x1.1p-1075", Some("4.9406564584124654e-324")),
];

fn sum(left: &str, right: &str) -> Option<String> {
    let [left, right] = [left, right].map(|text| LongDouble::parse(text.as_bytes()));
    left?.plus(right?).map(|sum| sum.to_string())
}

#[test]
fn adds_as_incrbyfloat() {
    for (left, right, expected) in SUMS {
        assert_eq!(sum(left, right).as_deref(), Some(*expected), "{left} + {right}");
        assert_eq!(sum(right, left).as_deref(), Some(*expected), "{right} + {left}");
    }
}

#[test]
fn refuses_what_incrbyfloat_refuses() {
    for text in NO_FLOATS {
        assert_eq!(LongDouble::parse(text.as_bytes()), None, "{text}");
    }
    assert_eq!(LongDouble::parse(&b"1".repeat(5120)), None);
    assert!(LongDouble::parse(&b"0".repeat(5119)).is_some());
}

#[test]
fn infinities_are_read_but_not_added() {
    let infinity = LongDouble::parse(b"-inf").filter(|value| value.is_infinite());
    assert_eq!(infinity.and_then(|value| value.plus(value)), None);
    assert_eq!(sum("1.18973149535723176502e4932", "1.18973149535723176502e4932"), None);
}

#[test]
fn reads_and_prints_doubles_as_redis() {
    for (text, expected) in DOUBLES {
        let shown = parse_f64(text.as_bytes()).map(format_f64);
        assert_eq!(shown.as_deref(), *expected, "{text}");
    }
    assert_eq!(format_f64(-0.0), "-0");
    assert_eq!(format_f64(f64::NAN), "nan");
}

#[test]
fn reads_integers_in_their_one_form() {
    for value in [0, 1, -1, 10, i64::MAX, i64::MIN, i64::MIN + 1] {
        assert_eq!(parse_i64(value.to_string().as_bytes()), Some(value));
    }
    let refused = [
        "",
        "-",
        "-0",
        "00",
        "01",
        "-01",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "0x1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
        "1\0",
    ];
    for text in refused {
        assert_eq!(parse_i64(text.as_bytes()), None, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_integer_reads_as_it_prints(value in any::<i64>(), text in "-?[0-9]{0,20}") {
        prop_assert_eq!(parse_i64(value.to_string().as_bytes()), Some(value));
        if let Some(read) = parse_i64(text.as_bytes()) {
            prop_assert_eq!(read.to_string(), text);
        }
    }

    /// 17 digits tell any two doubles apart.
    #[test]
    fn a_double_survives_printing(bits in any::<u64>()) {
        let value = f64::from_bits(bits);
        prop_assume!(!value.is_nan());
        prop_assert_eq!(parse_f64(format_f64(value).as_bytes()), Some(value));
    }

    /// Hexadecimal numbers take the long way through big integers; short ones are exact.
    #[test]
    fn reads_hexadecimal_exactly(mantissa in 0..1u64 << 53, power in -1000..900i32) {
        let text = format!("0x{mantissa:x}p{power}");
        prop_assert_eq!(parse_f64(text.as_bytes()), Some(mantissa as f64 * 2f64.powi(power)));
    }

    /// Sums of numbers with few decimals: what is exact must come out exact.
    #[test]
    fn sums_of_halves_are_exact(left in -1i64 << 60..1 << 60, right in -1i64 << 60..1 << 60) {
        let half = |twice: i64| {
            let sign = if twice < 0 { "-" } else { "" };
            format!("{sign}{}.{}", twice.abs() / 2, twice.abs() % 2 * 5)
        };
        let plain = half(left + right);
        let expected = without_zeros(&plain);
        prop_assert_eq!(sum(&half(left), &half(right)), Some(expected.to_owned()));
    }

    /// The short way through machine integers and the long one agree: a zero more changes nothing.
    #[test]
    fn zeros_at_the_end_change_nothing(digits in any::<u64>(), power in -30..30i32) {
        let short = LongDouble::parse(format!("{digits}e{power}").as_bytes());
        let zeros = "0".repeat(25);
        let long = LongDouble::parse(format!("{digits}{zeros}e{}", power - 25).as_bytes());
        prop_assert_eq!(short, long);
    }
}
