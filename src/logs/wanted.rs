//! Filters on calls.

use crate::model::LoggedCall;

/// The properties of calls to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Text in one of its lines or its error.
    pub text: Option<String>,
    /// Whether only failed calls are shown.
    pub errors: bool,
    /// The beginning of its request id.
    pub request: Option<String>,
    /// The version that answered.
    pub version: Option<String>,
}

impl Wanted {
    /// Whether any filter is set.
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }

    /// Whether the call matches.
    pub fn has(&self, call: &LoggedCall) -> bool {
        let begins = |wanted: &String| {
            let id = call.request_id.as_deref().unwrap_or_default();
            id.starts_with(wanted.as_str())
        };
        let holds = |wanted: &String| {
            let lines = call.lines.iter().map(|line| &line.message);
            lines
                .chain(&call.error)
                .any(|line| line.contains(wanted.as_str()))
        };
        (!self.errors || call.error.is_some())
            && self.request.as_ref().is_none_or(begins)
            && self.text.as_ref().is_none_or(holds)
            && (self.version.is_none() || self.version == call.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LoggedLine;

    #[test]
    fn a_call_must_have_all_that_is_asked_for() {
        let call = LoggedCall {
            request_id: Some("8f507cfc".to_owned()),
            version: Some("7".to_owned()),
            error: Some("timeout".to_owned()),
            lines: vec![LoggedLine {
                message: "order 12 lost".to_owned(),
                ..LoggedLine::default()
            }],
            ..LoggedCall::default()
        };
        let text = |text: &str| Some(text.to_owned());
        let all = Wanted {
            text: text("order 12"),
            errors: true,
            request: text("8f5"),
            version: text("7"),
        };
        assert!(all.has(&call) && Wanted::default().has(&call));
        for wrong in [
            Wanted {
                text: text("order 13"),
                ..all.clone()
            },
            Wanted {
                request: text("507"),
                ..all.clone()
            },
            Wanted {
                version: text("8"),
                ..all.clone()
            },
        ] {
            assert!(!wrong.has(&call), "{wrong:?}");
        }
        let fine = LoggedCall {
            error: None,
            ..call
        };
        assert!(!all.has(&fine));
    }
}
