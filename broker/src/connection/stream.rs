//! A TCP connection or a Unix one.

use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpStream, UnixStream};

/// The socket of a connection.
#[derive(Debug)]
pub enum Stream {
    /// TCP.
    Tcp(TcpStream),
    /// A Unix socket.
    Unix(UnixStream),
}

impl Stream {
    /// Reads what is there; 0 at the end. Unlike `try_read` this remembers after a short read that nothing is left,
    /// which saves a system call for each request.
    pub(super) fn poll_read(
        &mut self,
        input: &mut BytesMut,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        // Such a future holds nothing between two polls, so it may be a new one each time.
        match self {
            Self::Tcp(stream) => pin!(stream.read_buf(input)).poll(context),
            Self::Unix(stream) => pin!(stream.read_buf(input)).poll(context),
        }
    }

    /// Whether something can be written.
    pub(super) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_write_ready(context),
            Self::Unix(stream) => stream.poll_write_ready(context),
        }
    }

    /// Reads what is there without waiting.
    pub(super) fn try_read(&self, input: &mut BytesMut) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.try_read_buf(input),
            Self::Unix(stream) => stream.try_read_buf(input),
        }
    }

    /// Writes what fits without waiting.
    pub(super) fn try_write(&self, output: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.try_write(output),
            Self::Unix(stream) => stream.try_write(output),
        }
    }
}
