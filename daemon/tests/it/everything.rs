//! Every operation once, through the binary, QUIC and the client library.

mod notes;
mod paging;
mod past;
mod platform;
mod restart;
mod states;
mod subscriptions;
mod transfers;
