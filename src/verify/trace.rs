//! Code that is still compiled while tests run: in Lambda every cold start would compile it.

use super::explain::broken;
use crate::model::{TestOutcome, hints::Trace};

/// Whether a line of a log belongs to the trace.
pub(super) fn is_trace(line: &str, trace: &Trace) -> bool {
    line.starts_with(&trace.prefix)
}

/// What was compiled, by the lines of a log, in their order.
pub(super) fn compiled(lines: &[String], trace: &Trace) -> Vec<String> {
    let prepared =
        |line: &str| !trace.prepared.is_empty() && line.contains(trace.prepared.as_str());
    let traced = lines
        .iter()
        .filter(|line| is_trace(line, trace) && !prepared(line));
    let name = |line: &String| {
        let end = match trace.separator.as_str() {
            "" => None,
            separator => line.find(separator),
        };
        let named = &line[..end.unwrap_or(line.len())];
        let named = named.strip_prefix(trace.mark.as_str()).unwrap_or(named);
        named.trim().to_owned()
    };
    traced.map(name).collect()
}

/// Whether a compiled name is needed by the user's code.
///
/// It is if it belongs to more than the language's own modules and those of jot's runtime, where
/// the trace names those.
pub(super) fn is_own(name: &str, trace: &Trace) -> bool {
    let modules = name.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
    let mut modules = modules.filter_map(|path| {
        let module = path.trim_start_matches('.').split_once('.')?.0;
        let begins = module.chars().next().is_some_and(char::is_alphabetic);
        begins.then_some(module)
    });
    trace.beside.is_empty() || modules.any(|module| !trace.beside.iter().any(|one| one == module))
}

/// The outcome for `count` compiled methods with this budget; `None` if the budget allows them.
pub(super) fn judge(count: usize, budget: u32, trace: &Trace) -> Option<TestOutcome> {
    let over = usize::try_from(budget).is_ok_and(|budget| count > budget);
    let Trace {
        unit: (one, several),
        happened,
        budget: key,
        ..
    } = trace;
    let counted = match count {
        1 => format!("1 {one} was"),
        _ => format!("{count} {several} were"),
    };
    over.then(|| {
        broken(
            format!("{counted} {happened}, and {key} allows {budget}"),
            Some(trace.help.clone()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace() -> Trace {
        Trace {
            variable: ("TRACE".to_owned(), "stderr".to_owned()),
            prefix: "precompile(".to_owned(),
            mark: String::new(),
            separator: " # ".to_owned(),
            prepared: "from the cache".to_owned(),
            beside: vec!["Base".to_owned(), "Runtime".to_owned()],
            unit: ("method".to_owned(), "methods".to_owned()),
            happened: "compiled at run time".to_owned(),
            budget: "jit_budget".to_owned(),
            help: "compile more".to_owned(),
        }
    }

    #[test]
    fn what_was_compiled_is_distinguished_from_what_the_function_writes() {
        let lines = [
            "loading",
            "precompile(Tuple{typeof(Main.f), Int64})",
            "precompile(Tuple{typeof(Main.g)}) # recompile",
            "precompile(Tuple{typeof(Main.h)}) # from the cache",
            "END RequestId: 1",
        ];
        let lines = lines.map(str::to_owned);
        assert_eq!(
            compiled(&lines, &trace()),
            [
                "precompile(Tuple{typeof(Main.f), Int64})",
                "precompile(Tuple{typeof(Main.g)})"
            ]
        );
    }

    #[test]
    fn what_names_nothing_but_the_language_and_the_runtime_is_no_code_of_the_users() {
        let own = |name| is_own(name, &trace());
        assert!(own("precompile(Tuple{typeof(Mine.f), Int64})"));
        assert!(own(
            "precompile(Tuple{typeof(Base.map), typeof(Mine.f), Array{Float64, 1}})"
        ));
        assert!(!own(
            "precompile(Tuple{typeof(Base.map), Base.Iterators.Zip, Array{Float64, 1}})"
        ));
        assert!(!own("precompile(Tuple{typeof(Runtime.answer), 1.5})"));
        let anything = Trace {
            beside: Vec::new(),
            ..trace()
        };
        assert!(is_own("some.other.Thing", &anything));
    }

    #[test]
    fn a_budget_is_kept_up_to_its_last_method() {
        assert_eq!(judge(3, 3, &trace()), None);
        assert!(matches!(
            judge(1, 0, &trace()),
            Some(TestOutcome::Broken { message, .. })
                if message == "1 method was compiled at run time, and jit_budget allows 0"
        ));
    }
}
