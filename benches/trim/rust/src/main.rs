//! The same function in Rust, on AWS's own runtime crate; `benches/trim.rs` compares Julia programs
//! with it.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};

async fn answer(event: LambdaEvent<Vec<i64>>) -> Result<Vec<i64>, Error> {
    Ok(event.payload.iter().map(|element| element + 1).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(answer)).await
}
