//! A TCP connection or a Unix one.

use std::io;

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
    /// Waits until there is something to read, or the peer has closed.
    pub(super) async fn readable(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.readable().await,
            Self::Unix(stream) => stream.readable().await,
        }
    }

    /// Waits until something can be written.
    pub(super) async fn writable(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.writable().await,
            Self::Unix(stream) => stream.writable().await,
        }
    }

    /// Reads what is there; 0 at the end. Unlike `try_read` this remembers after a short read that nothing is left,
    /// which saves a system call for each request.
    pub(super) async fn read(&mut self, input: &mut BytesMut) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read_buf(input).await,
            Self::Unix(stream) => stream.read_buf(input).await,
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
