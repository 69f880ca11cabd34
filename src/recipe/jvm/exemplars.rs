//! The handlers of an artifact and the arguments that its build replays.

use std::collections::BTreeSet;

use super::{Error, files::made};
use crate::{
    model::{ContextFile, Test},
    recipe::language::{Input, Peer},
};

/// Returns the files below `exemplar/`: the handlers of all functions that share the artifact, and
/// if they are `replayed`, the arguments of their tests. They are sorted by handler, so that no
/// function's key is part of the recipe, and have no duplicates.
pub fn files(input: &Input, replayed: bool) -> Result<Vec<ContextFile>, Error> {
    let alone;
    let peers = match input.peers {
        [] => {
            alone = [Peer {
                function: input.function,
                tests: input.tests.to_vec(),
            }];
            &alone[..]
        }
        peers => peers,
    };
    let handler = |peer: &Peer| peer.function.handler.clone();
    let handlers: Option<BTreeSet<String>> = peers.iter().map(handler).collect();
    let handlers = handlers.ok_or_else(|| Error::NoHandler {
        function: input.key.to_owned(),
    })?;
    let list: String = handlers.iter().map(|one| format!("{one}\n")).collect();
    let mut files = vec![made("exemplar/handlers", &list)];
    let several = handlers.len() > 1;
    let mut number = 0;
    for handler in handlers.iter().filter(|_| replayed) {
        for argument in arguments(peers, handler) {
            number += 1;
            files.push(made(&format!("exemplar/{number:04}.json"), argument));
            let named = several.then(|| made(&format!("exemplar/{number:04}.handler"), handler));
            files.extend(named);
        }
    }
    Ok(files)
}

/// The arguments of the exemplars of one handler without duplicates, in the order of the tests.
fn arguments<'a>(peers: &'a [Peer], handler: &str) -> Vec<&'a str> {
    let answering = peers
        .iter()
        .filter(|peer| peer.function.handler.as_deref() == Some(handler));
    let tests = answering.flat_map(|peer| peer.tests.iter());
    let mut seen = BTreeSet::new();
    tests
        .filter(|test: &&Test| test.exemplar)
        .map(|test| test.argument.as_str())
        .filter(|argument| seen.insert(*argument))
        .collect()
}
