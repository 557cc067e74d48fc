//! Tar headers, read strictly: where readers of tar disagree about a header, it is refused, so that
//! this crate and the `tar` command that people extract with see the same files.
//!
//! Format: <https://www.gnu.org/software/tar/manual/html_node/Standard.html>.

use crate::error::EntryRule;

/// The unit of a tar archive, in bytes.
pub(crate) const BLOCK: usize = 512;

/// How many bytes fill the last block of `size` bytes.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a remainder is less than a block"
)]
pub(crate) fn padding(size: u64) -> usize {
    (size.wrapping_neg() % BLOCK as u64) as usize
}

/// The facts of one header.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) kind: Result<Kind, EntryRule>,
    pub(crate) path: Vec<u8>,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) executable: bool,
}

/// What follows a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    /// GNU: the data is the path of the next entry.
    LongName,
    /// The data describes the next entry.
    Pax,
    /// The data describes all following entries.
    GlobalPax,
}

impl Header {
    /// Parses a block. Fails with what is wrong with it.
    pub(crate) fn parse(block: &[u8; BLOCK]) -> Result<Self, &'static str> {
        let checksum = number(&block[148..156]).ok_or("its checksum is not a number")?;
        let sum: u64 = block
            .iter()
            .enumerate()
            .map(|(at, byte)| match at {
                148..156 => u64::from(b' '),
                _ => u64::from(*byte),
            })
            .sum();
        if checksum != sum {
            return Err("its checksum is wrong");
        }
        let mode = number(&block[100..108]).ok_or("its mode is not a number")?;
        // Nothing comes of owner and time, but `tar` fails over a bundle where they are no numbers.
        for owner in [&block[108..116], &block[116..124]] {
            if number(owner).is_none_or(|id| u32::try_from(id).is_err()) {
                return Err("its owner is not a number");
            }
        }
        if number(&block[136..148]).is_none_or(|time| i64::try_from(time).is_err()) {
            return Err("its time is not a number");
        }
        Ok(Self {
            kind: kind(block[156]),
            path: path(block)?,
            size: number(&block[124..136]).ok_or("its size is not a number or absurdly large")?,
            executable: mode & 0o111 != 0,
        })
    }
}

/// The path, with the prefix that POSIX headers have and GNU's do not.
fn path(block: &[u8; BLOCK]) -> Result<Vec<u8>, &'static str> {
    let name = until_nul(&block[..100]);
    match &block[257..265] {
        b"ustar\x0000" => {
            let prefix = until_nul(&block[345..500]);
            // Star's variant of the header has other fields here, and readers tell it apart in
            // different ways.
            if block[345 + prefix.len()..].iter().any(|byte| *byte != 0) {
                return Err("there is something after its prefix");
            }
            if prefix.is_empty() {
                return Ok(name.to_vec());
            }
            Ok([prefix, b"/", name].concat())
        }
        b"ustar  \0" | b"\0\0\0\0\0\0\0\0" => Ok(name.to_vec()),
        _ => Err("it is of an unknown variant of tar"),
    }
}

fn kind(flag: u8) -> Result<Kind, EntryRule> {
    Err(EntryRule::Type(match flag {
        b'0' | 0 => return Ok(Kind::File),
        b'5' => return Ok(Kind::Folder),
        b'L' => return Ok(Kind::LongName),
        b'x' => return Ok(Kind::Pax),
        b'g' => return Ok(Kind::GlobalPax),
        b'1' => "hard link",
        b'2' | b'K' => "symbolic link",
        b'3' => "character device",
        b'4' => "block device",
        b'6' => "named pipe",
        b'7' => "contiguous file",
        b'S' => "sparse file",
        b'D' => "GNU dump folder",
        b'M' => "part of a multi-volume archive",
        b'V' => "volume label",
        b'X' => "Solaris extended header",
        other => return Err(EntryRule::UnknownType(other)),
    }))
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or(field)
}

/// A numeric field: octal digits, or GNU's base 256 when the first byte is 0x80.
fn number(field: &[u8]) -> Option<u64> {
    if field.first() == Some(&0x80) {
        return field[1..].iter().try_fold(0_u64, |value, byte| {
            value.checked_mul(256).map(|value| value | u64::from(*byte))
        });
    }
    let start = field.iter().position(|byte| *byte != b' ')?;
    let field = &field[start..];
    let end = field
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'7'))
        .unwrap_or(field.len());
    let (digits, rest) = field.split_at(end);
    let ended = rest.iter().all(|byte| matches!(byte, 0 | b' '));
    // Twelve octal digits are 36 bits, so this cannot overflow.
    (!digits.is_empty() && ended).then(|| {
        digits
            .iter()
            .fold(0, |value, digit| value << 3 | u64::from(digit - b'0'))
    })
}
