//! Sixteen bytes at a time: how many of them stand in a JSON string as they are.

use wide::u8x16;

/// Bytes that are looked at together.
pub(crate) const CHUNK: usize = size_of::<u8x16>();

/// How many bytes come before the first that is a quote, a backslash or a control character.
#[inline]
pub(crate) fn plain(chunk: [u8; CHUNK]) -> usize {
    before(special(chunk.into()))
}

/// How many bytes come before the first that is one of these, or no printable ASCII.
#[inline]
pub(crate) fn printable(chunk: [u8; CHUNK]) -> usize {
    let chunk = chunk.into();
    // Those beyond ASCII have the bit that says so.
    before(special(chunk) | is(chunk, 0x7f) | chunk)
}

/// A bit for each byte, which says whether that is a quote or a backslash.
#[inline]
pub(crate) fn escapes_and_quotes(chunk: [u8; CHUNK]) -> u32 {
    let chunk = chunk.into();
    (is(chunk, b'"') | is(chunk, b'\\')).to_bitmask()
}

#[inline]
fn special(chunk: u8x16) -> u8x16 {
    let control = chunk.min(u8x16::splat(0x1f)).simd_eq(chunk);
    control | is(chunk, b'"') | is(chunk, b'\\')
}

#[inline]
fn is(chunk: u8x16, byte: u8) -> u8x16 {
    chunk.simd_eq(u8x16::splat(byte))
}

/// How many bytes come before the first that has its high bit.
#[inline]
fn before(found: u8x16) -> usize {
    // A bit for each byte, and one behind them.
    let found = found.to_bitmask() | 1 << CHUNK;
    found.trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_unescaped(byte: u8) -> bool {
        !matches!(byte, b'"' | b'\\')
    }

    fn is_plain(byte: u8) -> bool {
        is_unescaped(byte) && byte >= b' '
    }

    fn is_printable(byte: u8) -> bool {
        is_plain(byte) && byte < 0x7f
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn each_byte_counts(
            others in prop::collection::vec(any::<u8>(), CHUNK), at in 0..=CHUNK,
            same in prop::sample::select(&b"a ~\x80\xff!#[]"[..]),
        ) {
            // Long runs of what is plain are rare in what is random.
            let mut bytes = [same; CHUNK];
            bytes[at..].copy_from_slice(&others[at..]);
            let before = |so: fn(u8) -> bool| bytes.iter().take_while(|byte| so(**byte)).count();
            prop_assert_eq!(plain(bytes), before(is_plain));
            prop_assert_eq!(printable(bytes), before(is_printable));
            for (at, byte) in bytes.into_iter().enumerate() {
                prop_assert_eq!(escapes_and_quotes(bytes) >> at & 1 == 0, is_unescaped(byte));
            }
        }
    }
}
