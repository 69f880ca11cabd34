//! What Julia still compiles while tests run: in Lambda every cold start would pay for it.

use super::explain::broken;
use crate::model::TestOutcome;

/// The variable by which jot's entry point has Julia write down, to its error stream, each method that it compiles:
/// <https://docs.julialang.org/en/v1/manual/command-line-interface/#command-line-interface> (`--trace-compile`).
pub(super) const TRACE: (&str, &str) = ("JOT_TRACE_COMPILE", "stderr");
/// How such a line begins.
const STATEMENT: &str = "precompile(";

/// Whether a line of a log is Julia's about a method that it compiled.
pub(super) fn is_trace(line: &str) -> bool {
    line.starts_with(STATEMENT)
}

/// The methods that the lines of a log tell, in their order. Julia from 1.11 on adds a comment where it compiled one anew.
pub(super) fn compiled(lines: &[String]) -> Vec<String> {
    let traced = lines.iter().filter(|line| is_trace(line));
    traced
        .map(|line| line.split(" # ").next().unwrap_or(line).trim().to_owned())
        .collect()
}

/// The outcome where `methods` were compiled in all and `jit_budget` allows `budget`; none where it allows them.
pub(super) fn judge(methods: usize, budget: u32) -> Option<TestOutcome> {
    let over = usize::try_from(budget).is_ok_and(|budget| methods > budget);
    let plural = if methods == 1 { " was" } else { "s were" };
    over.then(|| {
        broken(
            format!("{methods} method{plural} compiled at run time, and jit_budget allows {budget}"),
            Some(
                "`jot test --jit-debt` lists them: set `compile = \"sysimage\"`, let a test with `exemplar = true` lead to them, or raise jit_budget"
                    .to_owned(),
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_told_from_what_the_function_writes() {
        let lines = [
            "loading",
            "precompile(Tuple{typeof(Main.f), Int64})",
            "precompile(Tuple{typeof(Main.g)}) # recompile",
            "END RequestId: 1",
        ];
        let lines = lines.map(str::to_owned);
        assert_eq!(
            compiled(&lines),
            [
                "precompile(Tuple{typeof(Main.f), Int64})",
                "precompile(Tuple{typeof(Main.g)})"
            ]
        );
    }

    #[test]
    fn a_budget_is_kept_up_to_its_last_method() {
        assert_eq!(judge(3, 3), None);
        assert!(matches!(
            judge(1, 0),
            Some(TestOutcome::Broken { message, .. })
                if message == "1 method was compiled at run time, and jit_budget allows 0"
        ));
    }
}
