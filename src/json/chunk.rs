//! Eight bytes at a time: how many of them stand in a JSON string as they are.

/// Bytes that are looked at together.
pub(crate) const CHUNK: usize = size_of::<u64>();

const ONES: u64 = u64::MAX / 255;

/// How many bytes come before the first that is a quote, a backslash or a control character.
#[inline]
pub(crate) fn plain(chunk: [u8; CHUNK]) -> usize {
    before(special(u64::from_le_bytes(chunk)))
}

/// How many bytes come before the first that is one of these, or no printable ASCII.
#[inline]
pub(crate) fn printable(chunk: [u8; CHUNK]) -> usize {
    let chunk = u64::from_le_bytes(chunk);
    before(special(chunk) | is(chunk, 0x7f) | chunk)
}

/// How many bytes come before the first that is a quote or a backslash.
#[inline]
pub(crate) fn unescaped(chunk: [u8; CHUNK]) -> usize {
    let chunk = u64::from_le_bytes(chunk);
    before(is(chunk, b'"') | is(chunk, b'\\'))
}

#[inline]
fn special(chunk: u64) -> u64 {
    below(chunk, 0x20) | is(chunk, b'"') | is(chunk, b'\\')
}

#[inline]
fn is(chunk: u64, byte: u8) -> u64 {
    below(chunk ^ (ONES * u64::from(byte)), 1)
}

/// Mycroft's: a byte's high bit is set where it is below `n`; borrows can set it in higher bytes only, which come later.
#[inline]
fn below(chunk: u64, n: u64) -> u64 {
    chunk.wrapping_sub(ONES * n) & !chunk
}

#[inline]
fn before(high_bits: u64) -> usize {
    (high_bits & (ONES << 7)).trailing_zeros() as usize / 8
}
