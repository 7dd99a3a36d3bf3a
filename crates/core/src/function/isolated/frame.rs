//! Bytes over a socket, with their number before them.

use std::io::{self, Read, Write};

/// Sends some bytes.
pub(super) fn write(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(&(bytes.len() as u64).to_le_bytes())?;
    stream.write_all(bytes)?;
    stream.flush()
}

/// Receives what was sent at once; none where the other side has closed.
pub(super) fn read(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    let (first, rest) = length.split_at_mut(1);
    loop {
        match stream.read(first) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    stream.read_exact(rest)?;
    let length = u64::from_le_bytes(length);
    let mut bytes = Vec::new();
    match stream.take(length).read_to_end(&mut bytes)? as u64 {
        read if read == length => Ok(Some(bytes)),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_arrive_as_they_were_sent_and_a_cut_one_is_an_error() {
        let mut sent = Vec::new();
        for bytes in [&b"one"[..], b"", &[7; 1000]] {
            write(&mut sent, bytes).unwrap();
        }
        let mut stream = &sent[..];
        let arrived: Vec<Vec<u8>> = std::iter::from_fn(|| read(&mut stream).unwrap()).collect();
        assert_eq!(arrived, [b"one".to_vec(), Vec::new(), vec![7; 1000]]);
        assert!(read(&mut &sent[..5]).is_err() && read(&mut &sent[..9]).is_err());
    }
}
