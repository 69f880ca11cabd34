//! Circles of imports between source files. A file imports another if it names what the other
//! defines: `mod` items and re-exports are not imports, a re-exported name leads to the file that
//! defines it, and tests do not count.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, ItemMod, ItemUse, Macro, UseTree, Visibility,
    visit::{self, Visit},
};

/// The segments of a path: a module below the crate, or a path as the source has it.
type Segments = Vec<String>;

/// What one source file names.
#[derive(Default)]
struct Source {
    /// Imported or re-exported name -> its path.
    uses: BTreeMap<String, Segments>,
    /// All paths of the code, with those of its imports.
    paths: BTreeSet<Segments>,
    /// The child modules with files of their own.
    children: Vec<String>,
    /// How many modules of the file enclose the item that is read.
    depth: usize,
}

/// The source files of a crate, by module.
#[derive(Default)]
pub struct Crate(BTreeMap<Segments, Source>);

impl Crate {
    /// Reads a crate from its root file, along its `mod` items.
    pub fn read(root: &Path) -> Self {
        Self::of(&|module: &Segments| {
            let below = root.with_file_name(module.iter().collect::<PathBuf>());
            let files = [below.with_extension("rs"), below.join("mod.rs")];
            let file = files
                .iter()
                .find(|file| !module.is_empty() && file.exists());
            fs::read_to_string(file.map_or(root, PathBuf::as_path)).unwrap()
        })
    }

    /// Makes a crate of the texts that `load` returns for its modules.
    pub fn of(load: &dyn Fn(&Segments) -> String) -> Self {
        let mut all = BTreeMap::new();
        let mut waiting = vec![Segments::new()];
        while let Some(module) = waiting.pop() {
            let mut source = Source::default();
            source.visit_file(&syn::parse_file(&load(&module)).unwrap());
            waiting.extend(source.children.iter().map(|child| joined(&module, child)));
            all.insert(module, source);
        }
        Self(all)
    }

    /// The circles, each as its imports: `plan::role -> plan::record: super::record::Record`.
    pub fn circles(&self) -> Vec<Vec<String>> {
        let reached: BTreeMap<_, _> = self.0.keys().map(|one| (one, self.reached(one))).collect();
        let mut circles = BTreeSet::new();
        for module in self.0.keys() {
            let both = |other: &&Segments| reached[*other].contains(module);
            circles.insert(reached[module].iter().filter(both).collect::<Vec<_>>());
        }
        circles.remove(&Vec::new());
        let inside = |circle: Vec<&Segments>| {
            let imports = circle.iter().flat_map(|from| {
                let imports = self.imports(from).into_iter();
                imports.map(move |(to, path)| (*from, to, path))
            });
            imports
                .filter(|(_, to, _)| circle.contains(&to))
                .map(|(from, to, path)| {
                    format!(
                        "{} -> {}: {}",
                        from.join("::"),
                        to.join("::"),
                        path.join("::")
                    )
                })
                .collect()
        };
        circles.into_iter().map(inside).collect()
    }

    /// All that a module imports, directly or through others.
    fn reached(&self, module: &Segments) -> BTreeSet<Segments> {
        let mut reached = BTreeSet::new();
        let mut waiting = vec![module.clone()];
        while let Some(from) = waiting.pop() {
            for (to, _) in self.imports(&from) {
                if reached.insert(to.clone()) {
                    waiting.push(to);
                }
            }
        }
        reached
    }

    /// The other modules that a module imports, and by which path.
    fn imports(&self, module: &Segments) -> BTreeSet<(Segments, &Segments)> {
        let paths = self.0[module].paths.iter();
        paths
            .filter_map(|path| Some((self.defines(module, path)?, path)))
            .filter(|(to, _)| to != module)
            .collect()
    }

    /// The module that defines what `path` names in `module`; `None` for a module itself and for
    /// other crates.
    fn defines(&self, module: &[String], path: &[String]) -> Option<Segments> {
        let mut at = module.to_vec();
        for (index, name) in path.iter().enumerate() {
            let child = joined(&at, name);
            let rest = &path[index + 1..];
            let import = self.0[&at].uses.get(name);
            match name.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => drop(at.pop()),
                _ if self.0.contains_key(&child) && !(rest.is_empty() && import.is_some()) => {
                    at = child;
                }
                _ => {
                    return match import {
                        Some(import) if import[0] == *name && rest.is_empty() => None,
                        Some(import) => self.defines(&at, &[import, rest].concat()),
                        None => Some(at).filter(|_| index > 0),
                    };
                }
            }
        }
        None
    }
}

impl<'ast> Visit<'ast> for Source {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes: &[Attribute] = match item {
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        let tests = |one: &Attribute| {
            one.path().is_ident("cfg")
                && one.parse_args::<syn::Ident>().is_ok_and(|it| it == "test")
        };
        if !attributes.iter().any(tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_none() {
            self.children.push(item.ident.to_string());
        }
        self.depth += 1;
        visit::visit_item_mod(self, item);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let private = matches!(item.vis, Visibility::Inherited);
        self.import(&item.tree, Segments::new(), private);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|one| one.ident.to_string());
        self.record(names.collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.scan(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

impl Source {
    fn import(&mut self, tree: &UseTree, above: Segments, private: bool) {
        let (name, path) = match tree {
            UseTree::Path(tree) => {
                return self.import(&tree.tree, joined(&above, &tree.ident.to_string()), private);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, above.clone(), private);
                }
                return;
            }
            UseTree::Name(one) if one.ident == "self" => (above.last().cloned().unwrap(), above),
            UseTree::Name(one) => (
                one.ident.to_string(),
                joined(&above, &one.ident.to_string()),
            ),
            UseTree::Rename(one) => (
                one.rename.to_string(),
                joined(&above, &one.ident.to_string()),
            ),
            UseTree::Glob(_) => ("*".to_owned(), joined(&above, "*")),
        };
        if private {
            self.record(path.clone());
        }
        if self.depth == 0 {
            self.uses.insert(name, path);
        }
    }

    /// Records a path as seen from the file's own module.
    fn record(&mut self, mut path: Segments) {
        for above in path.iter_mut().take(self.depth) {
            if above == "super" {
                *above = "self".to_owned();
            }
        }
        self.paths.insert(path);
    }

    /// The paths in the arguments of a macro, which the parser does not interpret.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path = Segments::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(one) if one.as_char() == ':' => colons += 1,
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.record(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                other => {
                    self.record(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.scan(group.stream());
                    }
                }
            }
        }
        self.record(path);
    }
}

fn joined(above: &[String], name: &str) -> Segments {
    above.iter().cloned().chain([name.to_owned()]).collect()
}
