//! Whole manifests with their files, on a disk.

mod cases;
mod context;
mod desired;
mod fingerprint;
mod hash_cache;
pub(in crate::recipe) mod project;
mod rie;
mod secrets;
mod source;
mod write;
