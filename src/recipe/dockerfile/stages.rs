//! The stages of a Dockerfile.

use std::path::Path;

use super::Error;

/// Checks that the Dockerfile has the stage: by its name, in any case, or by its number, from 0.
/// <https://docs.docker.com/build/building/multi-stage/#name-your-build-stages>
pub fn check(function: &str, path: &Path, text: &str, stage: &str) -> Result<(), Error> {
    let stages = stages(text);
    let named = |name: &Option<String>| {
        name.as_ref()
            .is_some_and(|name| name.eq_ignore_ascii_case(stage))
    };
    let numbered = stage
        .parse::<usize>()
        .is_ok_and(|number| number < stages.len());
    if numbered || stages.iter().any(named) {
        return Ok(());
    }
    Err(Error::NoStage {
        function: function.to_owned(),
        path: path.to_owned(),
        stage: stage.to_owned(),
        stages: stages.into_iter().flatten().collect(),
    })
}

/// The names of all stages in order, `None` for one without a name. A `FROM` line may continue
/// after an escape.
fn stages(text: &str) -> Vec<Option<String>> {
    let joined = text
        .replace("\\\r\n", " ")
        .replace("\\\n", " ")
        .replace("`\n", " ");
    let from = joined.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        words
            .next()
            .filter(|word| word.eq_ignore_ascii_case("FROM"))?;
        let mut words = words.skip_while(|word| word.starts_with("--")).skip(1);
        let named = words
            .next()
            .filter(|word| word.eq_ignore_ascii_case("AS"))
            .and_then(|_| words.next());
        Some(named.map(str::to_owned))
    });
    from.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# FROM x AS comment\nARG V=1\nFROM --platform=$P a:${V} AS build\nRUN x\n\
        from scratch \\\n  as Release\nFROM release\n";

    #[test]
    fn stages_are_found_by_name_and_number() {
        let names = [Some("build".to_owned()), Some("Release".to_owned()), None];
        assert_eq!(stages(TEXT), names);
        let path = Path::new("Dockerfile");
        for stage in ["build", "BUILD", "release", "0", "2"] {
            assert!(check("f", path, TEXT, stage).is_ok(), "{stage}");
        }
        for stage in ["comment", "3", "-1", "a"] {
            assert!(check("f", path, TEXT, stage).is_err(), "{stage}");
        }
    }
}
