//! Files that cannot be written: in Lambda all but those below /tmp.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#images-reqs>

/// Advice on an error with this message, if it is about files.
pub(super) fn help(message: &str) -> Option<String> {
    let lower = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["no space left on device", "enospc"]) {
        return Some(
            "/tmp is full, as it would be in Lambda: raise ephemeral_storage_mb".to_owned(),
        );
    }
    let read_only = says(&["read-only file system", "erofs"]);
    if !read_only && !says(&["permission denied", "eacces"]) {
        return None;
    }
    let text = match read_only {
        true => "only /tmp is writable in Lambda: write below /tmp (size: ephemeral_storage_mb)",
        false => {
            "Lambda runs functions as a user without rights: write below /tmp, and make what \
             `build.dockerfile_extra` adds readable for everyone (chmod a+rX)"
        }
    };
    Some(text.to_owned())
}
