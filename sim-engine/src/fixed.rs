//! Mathematics in 32.32 fixed point: logarithms, powers of two, the normal distribution. Integers
//! only: the logarithms and powers of floats differ between platforms. Knows no dice and no time.

/// One in 32.32 fixed point.
pub(crate) const ONE: u64 = 1 << 32;

/// The natural logarithm of 100.
const LN_100: u64 = 19_779_055_341;

/// The point of the standard normal distribution that one draw in a hundred exceeds.
const NORMAL_99: u64 = 9_991_588_038;

/// `2^(1/2)`, `2^(1/4)` ... `2^(1/2^32)` in 1.63 fixed point.
const ROOTS_OF_TWO: [u64; 32] = [
    13_043_817_825_332_782_212,
    10_968_499_650_544_839_023,
    10_058_158_527_438_640_870,
    9_631_725_603_661_576_980,
    9_425_337_585_438_007_767,
    9_323_807_973_325_342_579,
    9_273_454_034_941_487_980,
    9_248_379_135_337_035_440,
    9_235_867_122_425_417_552,
    9_229_617_465_154_500_136,
    9_226_494_222_562_136_016,
    9_224_932_997_620_185_949,
    9_224_152_484_218_207_414,
    9_223_762_252_282_022_472,
    9_223_567_142_504_825_507,
    9_223_469_589_163_912_706,
    9_223_420_812_880_372_951,
    9_223_396_424_835_331_638,
    9_223_384_230_836_993_048,
    9_223_378_133_843_869_260,
    9_223_375_085_348_818_742,
    9_223_373_561_101_671_327,
    9_223_372_798_978_192_080,
    9_223_372_417_916_476_072,
    9_223_372_227_385_623_972,
    9_223_372_132_120_199_398,
    9_223_372_084_487_487_480,
    9_223_372_060_671_131_613,
    9_223_372_048_762_953_702,
    9_223_372_042_808_864_753,
    9_223_372_039_831_820_280,
    9_223_372_038_343_298_044,
];

/// The 32 bits after the point of the binary logarithm of `n`, which must not be 0.
fn log2_fraction(n: u64) -> u64 {
    let mut mantissa = u128::from(n) << n.leading_zeros();
    let (mut fraction, mut bit) = (0_u64, 1_u64 << 31);
    while bit > 0 {
        mantissa = (mantissa * mantissa) >> 63;
        if mantissa >> 64 != 0 {
            mantissa >>= 1;
            fraction |= bit;
        }
        bit >>= 1;
    }
    fraction
}

/// The binary logarithm of `n`, which must not be 0.
fn log2(n: u64) -> u64 {
    u64::from(n.ilog2()) << 32 | log2_fraction(n)
}

/// `-ln(u / 2^53)` for `u` in `1..=2^53`. Worst error about 2.3e-10.
pub(crate) fn negative_ln(u: u64) -> u64 {
    let zeros = u.leading_zeros() - 10;
    // ln 2 in 0.64 fixed point turns the binary logarithm into the natural one.
    let log2 = (u128::from(zeros) << 32).saturating_sub(u128::from(log2_fraction(u)));
    whole((log2 * 12_786_308_645_202_655_660) >> 64)
}

/// `base * 2^exponent`, rounded down; the largest number if it is larger.
fn scale(base: u64, exponent: i128) -> u64 {
    let (shift, fraction) = (exponent >> 32, exponent & i128::from(ONE - 1));
    let mut mantissa = 1_u128 << 63;
    for (root, place) in ROOTS_OF_TWO.into_iter().zip((0..32).rev()) {
        if fraction >> place & 1 == 1 {
            mantissa = (mantissa * u128::from(root)) >> 63;
        }
    }
    // The mantissa is less than 2^64, so the product fits.
    let product = u128::from(base) * mantissa;
    match u32::try_from(63 - shift) {
        Ok(right) => whole(product.checked_shr(right).unwrap_or(0)),
        Err(_) => u64::MAX,
    }
}

/// A point of the log-normal distribution with this median and this 99th percentile, from a point
/// of the standard normal distribution.
pub(crate) fn log_normal(median: u64, p99: u64, normal: i64) -> u64 {
    assert!(0 < median && median <= p99, "a median of {median} under {p99}");
    let spread = i128::from(log2(p99) - log2(median));
    scale(median, spread * i128::from(normal) / i128::from(NORMAL_99))
}

/// A point of the Pareto distribution with this minimum and this 99th percentile, from a point of
/// the exponential distribution with the mean one.
pub(crate) fn pareto(min: u64, p99: u64, exponential: u64) -> u64 {
    assert!(0 < min && min <= p99, "a minimum of {min} under {p99}");
    let spread = i128::from(log2(p99) - log2(min));
    scale(min, spread * i128::from(exponential) / i128::from(LN_100))
}

/// A point of the standard normal distribution from two numbers of 32 bits: Marsaglia's polar
/// method. `None` if the point they name lies outside the unit circle, or in its middle.
pub(crate) fn normal(x: u32, y: u32) -> Option<i64> {
    let centre = |n: u32| i64::from(n) - (1 << 31);
    let (x, y) = (centre(x), centre(y));
    let square = (x * x).unsigned_abs() + (y * y).unsigned_abs();
    // The radius of the circle is 2^31, so its square is 2^62.
    let s = square >> 9;
    if s == 0 || square >= 1 << 62 {
        return None;
    }
    // `x / 2^31 * sqrt(-2 ln(s) / s)`: what is below the root has 64 places, so that it has 32.
    let root = ((u128::from(negative_ln(s)) << 86) / u128::from(s)).isqrt();
    let root = i128::try_from(root).unwrap_or(i128::MAX);
    i64::try_from((i128::from(x) * root) >> 31).ok()
}

fn whole(wide: u128) -> u64 {
    u64::try_from(wide).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_exact_at_its_ends() {
        assert_eq!(negative_ln(1 << 53), 0);
        // 53 ln 2 = 36.7368...
        assert_eq!(negative_ln(1) >> 32, 36);
    }

    #[test]
    fn powers_and_logarithms_undo_each_other() {
        for n in [1, 2, 3, 10, 999_999, 5_000_000, 86_400_000_000_000, 1 << 60] {
            let back = scale(1 << 20, i128::from(log2(n)) - (20 << 32));
            assert!(n - back <= 1 + n / 1_000_000_000, "{n} became {back}");
        }
    }

    #[test]
    fn points_of_the_log_normal_distribution_are_where_they_belong() {
        let (median, p99) = (5_000_000, 80_000_000);
        let unit = i64::try_from(ONE).unwrap();
        assert_eq!(log_normal(median, p99, 0), median);
        // 5 ms * 16^(1 / 2.3263) and 5 ms * 16^(-1 / 2.3263), from a table of logarithms.
        assert_eq!(log_normal(median, p99, unit) / 1_000, 16_465);
        assert_eq!(log_normal(median, p99, -unit) / 1_000, 1_518);
        assert!(log_normal(median, p99, 9_991_588_038).abs_diff(p99) < 10);
        assert_eq!(log_normal(median, median, unit), median);
        assert_eq!(log_normal(1, u64::MAX, 40 * unit), u64::MAX);
        assert_eq!(log_normal(median, p99, -200 * unit), 0);
    }

    #[test]
    fn points_of_the_pareto_distribution_are_where_they_belong() {
        let (min, p99) = (1_000_000, 100_000_000);
        assert_eq!(pareto(min, p99, 0), min);
        // ln 10: one draw in ten is longer than 10 ms.
        assert!(pareto(min, p99, 9_889_527_670).abs_diff(10_000_000) < 10);
        assert!(pareto(min, p99, LN_100).abs_diff(p99) < 10);
        assert_eq!(pareto(1, u64::MAX, 36 * ONE), u64::MAX);
    }

    #[test]
    fn the_polar_method_refuses_the_middle_and_the_outside() {
        assert_eq!(normal(1 << 31, 1 << 31), None);
        assert_eq!(normal(0, 0), None);
        assert_eq!(normal(u32::MAX, u32::MAX), None);
        // x = 1/2, y = 0: sqrt(-2 ln(1/4) / (1/4)) / 2 = 1.66510...
        let z = normal((1 << 31) + (1 << 30), 1 << 31).unwrap();
        assert_eq!((z * 100_000) >> 32, 166_510);
        assert_eq!(normal(1 << 30, 1 << 31), Some(-z - 1), "rounded down");
    }
}
