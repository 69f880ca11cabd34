//! The binary of jot; the library contains all of its code.

fn main() -> std::process::ExitCode {
    jot::cli::main()
}
