//! One contract over every signer, against real counterparts, and their faults one by one.
#![cfg(test)]

mod contract;
mod double;
mod emergency;
mod hmac;
mod keys;
mod kms;
mod kms_faults;
mod local;
mod ministack;
mod openssl;
mod page;
mod pkcs11;
mod proxy;
mod proxy_faults;
mod softhsm;
mod tls;
mod tool;
