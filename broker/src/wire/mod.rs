//! The Redis protocol: bytes to requests, replies to bytes. Nothing behind this module knows of RESP.

mod decode;
mod encode;
mod inline;
mod refusal;

pub use decode::{BULK_LEN_MAX, Decoder, Malformed};
pub use encode::{encode, encode_publication};
pub use refusal::{code, refusal_text, write_refusal};
