//! The control plane on the wire.
//!
//! - `message`: every message, in one file.
//! - `greeting`: how two processes meet: protocol and versions, before anything else is decoded.
//! - `frame`: messages packed into frames, large ones cut into pieces.
//! - `control`: frames as a gRPC service of two bidirectional streams.

mod control;
mod frame;
mod greeting;
mod message;

pub(crate) use control::{Accept, ControlServer, Frames, Inbox, Opened, Outbox, Role, open, outgoing};
pub(crate) use frame::{Frame, LARGEST, pack};
pub use greeting::{PROTOCOL, VersionEntry, versions};
pub(crate) use greeting::{check_versions, greet};
pub(crate) use message::{ClientHello, ClientWelcome, ForClient, ForWorker, FromClient, FromWorker, Peer, WorkerHello, WorkerWelcome};
