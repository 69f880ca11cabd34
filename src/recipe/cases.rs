//! A function's tests, their JSON read and checked.

use std::{collections::BTreeSet, fs, path::Path};

use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::error::{Error, unreadable};
use crate::{
    manifest::types,
    model::{Expected, Test},
};

/// Returns the tests of a function, in order. Files are relative to `root`. A test without a name
/// is called `test 1` after its position. Duplicate names, unreadable files and invalid JSON are
/// errors.
pub fn read(root: &Path, function: &str, tests: &[types::Test]) -> Result<Vec<Test>, Error> {
    let mut names = BTreeSet::new();
    let mut read = Vec::new();
    for (index, test) in tests.iter().enumerate() {
        let name = test
            .name
            .clone()
            .unwrap_or_else(|| format!("test {}", index + 1));
        let case = Case {
            root,
            function,
            name: &name,
        };
        if !names.insert(name.clone()) {
            return Err(case.wrong(
                "another test has the same name",
                "give each test its own `name`",
            ));
        }
        read.push(case.read(test)?);
    }
    Ok(read)
}

/// The test that is being read, for the words of an error.
struct Case<'a> {
    root: &'a Path,
    function: &'a str,
    name: &'a str,
}

impl Case<'_> {
    fn read(&self, test: &types::Test) -> Result<Test, Error> {
        Ok(Test {
            name: self.name.to_owned(),
            argument: self.argument(test)?,
            expected: self.expected(test)?,
            tolerance: test.tolerance,
            exemplar: test.exemplar.unwrap_or(true),
        })
    }

    fn argument(&self, test: &types::Test) -> Result<String, Error> {
        let argument = self.json(
            "argument",
            &test.argument,
            &test.argument_file,
            &test.argument_json,
        )?;
        argument.ok_or_else(|| {
            self.wrong(
                "it has no argument",
                "add `argument`, `argument_file` or `argument_json`",
            )
        })
    }

    fn expected(&self, test: &types::Test) -> Result<Expected, Error> {
        if let Some(name) = &test.expected_error {
            return Ok(Expected::Error(name.clone()));
        }
        let expected = self.json(
            "expected",
            &test.expected,
            &test.expected_file,
            &test.expected_json,
        )?;
        Ok(expected.map_or(Expected::Anything, Expected::Json))
    }

    /// The JSON text of one of the three keys. The text stays as written, so that no number in it
    /// loses a digit.
    fn json(
        &self,
        key: &str,
        toml: &Option<Json>,
        file: &Option<String>,
        text: &Option<String>,
    ) -> Result<Option<String>, Error> {
        if let Some(value) = toml {
            return Ok(Some(value.to_string()));
        }
        if let Some(file) = file {
            let path = self.root.join(file);
            let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
            return self.checked(&format!("{key}_file"), &text).map(Some);
        }
        text.as_ref()
            .map(|text| self.checked(&format!("{key}_json"), text))
            .transpose()
    }

    fn checked(&self, key: &str, text: &str) -> Result<String, Error> {
        match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Ok(text.trim().to_owned()),
            Err(cause) => Err(Error::TestJson {
                function: self.function.to_owned(),
                test: self.name.to_owned(),
                key: key.to_owned(),
                cause,
            }),
        }
    }

    fn wrong(&self, what: &'static str, help: &'static str) -> Error {
        Error::Test {
            function: self.function.to_owned(),
            test: self.name.to_owned(),
            what,
            help,
        }
    }
}
