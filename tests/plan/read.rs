//! Cases as read from their folders.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use jot::{
    manifest,
    model::{
        Checkouts, Desired, Observed, Secret,
        desired::{Supply, Undeclared},
    },
    plan::Scope,
    recipe::{self, Request},
};
use serde_json::{Value as Json, json};

use crate::{
    case::{Ask, Back, Case},
    names::Names,
};

/// The case in which nothing differs.
const EQUAL: &str = "equal";
/// The value of every variable of the environment.
pub const CANARY: &str = "canary";
/// The files that a case may contain.
const FILES: [&str; 4] = ["jot.toml", "observed.json", "command", "plan.snap"];

/// Every case, by name. Each manifest is loaded once for each command that it is used with.
pub fn all() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan");
    let entries = fs::read_dir(&root).unwrap();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && !path.ends_with("sources"))
        .collect();
    folders.sort();
    assert!(folders.len() >= 110, "cases were lost: {}", folders.len());
    let equal = Wanted::read(&root.join(EQUAL)).desired();
    let mut known = BTreeMap::new();
    let read = |folder: &PathBuf| read(folder, &equal, &mut known);
    folders.iter().map(read).collect()
}

fn read(folder: &Path, equal: &Desired, known: &mut BTreeMap<(String, String), Desired>) -> Case {
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().file_name();
        let stray = !FILES.iter().any(|name| *name == file);
        assert!(
            !stray,
            "{}: {file:?} is no part of a case",
            folder.display()
        );
    }
    let wanted = Wanted::read(folder);
    let renamed = || Names::new(equal).renamed(wanted.desired());
    let key = (wanted.manifest.clone(), wanted.command.clone());
    let desired = known.entry(key).or_insert_with(renamed).clone();
    let observed: Observed = serde_json::from_value(observed(folder))
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let desired = desired.with_values(&observed.references).into_owned();
    let command = Command::parse(&wanted.command);
    Case {
        name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
        folder: folder.to_owned(),
        ask: command.ask,
        scope: command.scope,
        back: command.back,
        desired,
        observed,
    }
}

/// A manifest and the command that it is used with.
struct Wanted {
    manifest: String,
    path: PathBuf,
    command: String,
}

impl Wanted {
    /// What a folder lacks is that of the case `equal`.
    fn read(folder: &Path) -> Self {
        let own = folder.join(manifest::FILE);
        let path = match own.exists() {
            true => own,
            false => folder.with_file_name(EQUAL).join(manifest::FILE),
        };
        let command = fs::read_to_string(folder.join("command"));
        Self {
            manifest: fs::read_to_string(&path).unwrap(),
            path,
            command: command.unwrap_or_else(|_| "jot plan".to_owned()),
        }
    }

    /// The request that the command line would make.
    fn desired(&self) -> Desired {
        let command = Command::parse(&self.command);
        let loaded = manifest::load(&self.path, command.target.as_deref())
            .unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)));
        let environment = ["DATABASE_URL", "DATABASE_URL_2"]
            .into_iter()
            .filter(|name| command.unset.as_deref() != Some(name))
            .map(|name| (name.to_owned(), Secret::new(CANARY)))
            .collect();
        let request = Request {
            loaded: &loaded,
            select: &command.select,
            environment: &environment,
            cache: Some(std::path::Path::new("/nowhere/cache")),
            checkouts: &Checkouts::new(),
            region: None,
        };
        let desired = match command.ask {
            Ask::Destroy | Ask::Rollback => recipe::desired_names(&request),
            _ => recipe::desired(&request),
        };
        let mut desired =
            desired.unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)));
        if !command.scope.named.is_empty() {
            desired.whole = false;
            if command.select.is_empty() {
                desired.functions.clear();
            }
        }
        let supply = match (&command.images_from, command.no_build) {
            (Some(target), _) => {
                let source = Wanted {
                    manifest: self.manifest.clone(),
                    path: self.path.clone(),
                    command: format!("jot plan --target {target}"),
                };
                Supply::Target(Box::new(source.desired()))
            }
            (None, true) => Supply::Nowhere,
            (None, false) => Supply::Build,
        };
        Desired {
            supply,
            undeclared: command.undeclared,
            replace: command.replace,
            retry: command.retry,
            ..desired
        }
    }
}

/// `[env -u VARIABLE] jot plan|destroy|build|test|adopt|rollback [--declared] [--target TARGET]
/// [--no-build] [--images-from TARGET] [--delete-undeclared] [--allow-replace] [--retry]
/// [--adopted] [--undeclared NAME] [FUNCTION]...`
struct Command {
    ask: Ask,
    target: Option<String>,
    no_build: bool,
    images_from: Option<String>,
    undeclared: Undeclared,
    replace: bool,
    retry: bool,
    back: Back,
    select: Vec<String>,
    /// What a destroy includes besides what is declared.
    scope: Scope,
    /// A variable of the environment that is not set here.
    unset: Option<String>,
}

impl Command {
    fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace().map(str::to_owned).peekable();
        let unset = words.next_if(|word| word == "env").map(|_| {
            assert_eq!(words.next().unwrap(), "-u", "{text}");
            words.next().unwrap()
        });
        assert_eq!(words.next().unwrap(), "jot", "{text}");
        let ask = match words.next().as_deref() {
            Some("plan") => Ask::Plan,
            Some("destroy") => Ask::Destroy,
            Some("build") => Ask::Build,
            Some("test") => Ask::Test,
            Some("rollback") => Ask::Rollback,
            Some("adopt") => match words.next_if(|next| next == "--declared") {
                Some(_) => Ask::AdoptDeclared,
                None => Ask::Adopt,
            },
            other => panic!("no case runs {other:?}"),
        };
        let target = words
            .next_if(|next| next == "--target")
            .map(|_| words.next().unwrap());
        let no_build = words.next_if(|next| next == "--no-build").is_some();
        let images_from = words
            .next_if(|next| next == "--images-from")
            .map(|_| words.next().unwrap());
        let undeclared = match words.next_if(|next| next == "--delete-undeclared") {
            Some(_) => Undeclared::Delete,
            None => Undeclared::Keep,
        };
        let replace = words.next_if(|next| next == "--allow-replace").is_some();
        let retry = words.next_if(|next| next == "--retry").is_some();
        let mut flag = |name: &str| words.next_if(|next| next == name).is_some();
        let back = Back {
            gone: flag("--gone"),
            no_image: flag("--no-image"),
            same_code: flag("--same-code"),
            to: words
                .next_if(|next| next == "--to")
                .map(|_| words.next().unwrap()),
        };
        let adopted = words.next_if(|next| next == "--adopted").is_some();
        let named = words
            .next_if(|next| next == "--undeclared")
            .map(|_| words.next().unwrap());
        let scope = Scope {
            adopted,
            named: named.into_iter().collect(),
        };
        let select = words.collect();
        Self {
            ask,
            target,
            no_build,
            images_from,
            undeclared,
            replace,
            retry,
            back,
            select,
            scope,
            unset,
        }
    }
}

/// The case's JSON merge patch (RFC 7396), applied to what is observed in the case `equal`.
pub fn observed(folder: &Path) -> Json {
    let read = |folder: &Path| -> Json {
        match fs::read_to_string(folder.join("observed.json")) {
            Ok(text) => serde_json::from_str(&text).unwrap(),
            Err(_) => json!({}),
        }
    };
    let mut whole = read(&folder.with_file_name(EQUAL));
    merge(&mut whole, &read(folder));
    whole
}

fn merge(whole: &mut Json, patch: &Json) {
    let Json::Object(fields) = patch else {
        *whole = patch.clone();
        return;
    };
    if !whole.is_object() {
        *whole = json!({});
    }
    for (name, value) in fields {
        if value.is_null() {
            whole.as_object_mut().unwrap().remove(name);
        } else {
            merge(&mut whole[name], value);
        }
    }
}
