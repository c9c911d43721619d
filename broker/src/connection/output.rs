//! What is on its way to a client.

use std::io;

use super::stream::Stream;

/// Encoded replies and pushes that the socket has not taken yet.
///
/// A client may send a million requests before it reads the first reply, so a full socket never stops the connection
/// from reading; only this much output may pile up.
#[derive(Debug, Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    sent: usize,
}

/// The most output that may wait for a client that does not read: 1 GiB, as much as may wait as input.
const PENDING_BYTES_MAX: usize = 1 << 30;
/// Room that is kept for the next replies when everything has been sent.
const KEEP_BYTES_MAX: usize = 16 * 1024;

impl Output {
    /// Where replies are encoded to.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// How much room there is, for what waits and for more.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Whether everything was sent.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How much waits.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Sends what the socket takes; the number of bytes sent.
    ///
    /// # Errors
    /// The socket's, and [`io::ErrorKind::OutOfMemory`] when too much waits.
    pub(super) fn send(&mut self, stream: &Stream) -> io::Result<usize> {
        let before = self.sent;
        while self.sent < self.bytes.len() {
            match stream.try_write(&self.bytes[self.sent..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return self.wait(before);
                }
                Err(error) => return Err(error),
            }
        }
        let count = self.sent - before;
        self.sent = 0;
        self.bytes.clear();
        self.bytes.shrink_to(KEEP_BYTES_MAX);
        Ok(count)
    }

    fn wait(&mut self, before: usize) -> io::Result<usize> {
        let count = self.sent - before;
        if self.len() > PENDING_BYTES_MAX {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        // Drop what was sent once it is the larger part, so that each byte is moved at most once on average.
        if self.sent > self.bytes.len() / 2 {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
        Ok(count)
    }
}
