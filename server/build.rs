//! Puts the built console into the binary: every file of `dist/` as it is, and as brotli and gzip where that is
//! smaller, so that no request pays for compression.
//!
//! Invariant: the server also builds when the console does not exist yet; then it has none and says so.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Already compressed by their format.
const INCOMPRESSIBLE: &[&str] = &["png", "jpg", "webp", "avif", "woff2", "ico"];

fn main() -> io::Result<()> {
    let dist = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("../dist");
    let embedded = PathBuf::from(variable("OUT_DIR")).join("console");
    // Best compression takes a minute in an unoptimized build of the compressor, and nobody downloads a debug build.
    let quality = if variable("PROFILE") == "release" { 11 } else { 5 };
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
    fs::create_dir_all(&dist)?;
    if embedded.exists() {
        fs::remove_dir_all(&embedded)?;
    }
    fs::create_dir_all(&embedded)?;
    embed(&dist, &embedded, quality)
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|error| panic!("cargo sets {name}: {error}"))
}

fn embed(from: &Path, to: &Path, quality: i32) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        let target = to.join(name);
        if path.is_dir() {
            fs::create_dir_all(&target)?;
            embed(&path, &target, quality)?;
            continue;
        }
        println!("cargo::rerun-if-changed={}", path.display());
        let bytes = fs::read(&path)?;
        if !INCOMPRESSIBLE.iter().any(|extension| path.extension().is_some_and(|own| own == *extension)) {
            write_if_smaller(&target, "br", &bytes, brotli(&bytes, quality)?)?;
            write_if_smaller(&target, "gz", &bytes, gzip(&bytes)?)?;
        }
        fs::write(&target, bytes)?;
    }
    Ok(())
}

fn write_if_smaller(target: &Path, extension: &str, plain: &[u8], packed: Vec<u8>) -> io::Result<()> {
    if packed.len() >= plain.len() {
        return Ok(());
    }
    let mut name = target.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    fs::write(PathBuf::from(name), packed)
}

fn brotli(bytes: &[u8], quality: i32) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
