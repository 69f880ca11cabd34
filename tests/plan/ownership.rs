//! Properties of lifecycles: what is not managed does not change, what moved is replaced before it
//! goes, and what is not declared goes only on request.

use std::collections::{BTreeMap, BTreeSet};

use jot::{
    manifest::limits::IGNORABLE,
    model::{
        desired::{Lifecycle, Undeclared},
        observed::Settings,
        reach::Found,
    },
    plan::{self, managed::Key},
};
use proptest::{prelude::*, sample::subsequence};

use crate::{
    properties::{converge, drifts, function, replaced, wish, world},
    support::assert_ordered,
    wish::Wish,
    world::{Lambda, World},
};

#[test]
fn whatever_is_compared_can_be_ignored() {
    let mut words: Vec<&str> = Key::ALL.into_iter().map(Key::word).collect();
    let mut ignorable = IGNORABLE.to_vec();
    words.sort_unstable();
    // Schedules are among the triggers.
    words.dedup();
    ignorable.sort_unstable();
    assert_eq!(words, ignorable);
}

/// What the lifecycle of a function excludes, as words and values.
fn left_alone(lifecycle: &Lifecycle, world: &World, name: &str) -> BTreeMap<String, String> {
    let Some(lambda) = world.functions.get(name) else {
        return BTreeMap::new();
    };
    let mut all = settings(&lambda.latest.config);
    let tags = lambda
        .latest
        .tags
        .iter()
        .filter(|(key, _)| !key.starts_with("jot:"));
    all.extend(tags.map(|(key, value)| (format!("tags.{key}"), value.clone())));
    let group = world.log_groups.get(&format!("/aws/lambda/{name}"));
    all.extend(group.map(|group| ("logging.retention_days".to_owned(), format!("{group:?}"))));
    let reserved = lambda.latest.reserved_concurrency;
    all.insert("reserved_concurrency".to_owned(), format!("{reserved:?}"));
    let recursive_loop = lambda.recursive_loop.to_string();
    all.insert("recursive_loop".to_owned(), recursive_loop);
    let update = lambda.latest.zip.as_ref().map(|zip| &zip.update);
    all.insert("runtime_update".to_owned(), format!("{update:?}"));
    let role = world.roles.get(&format!("jot-{name}-0a1b2c3d"));
    all.extend(role.map(|role| ("policy_file".to_owned(), format!("{:?}", role.inline))));
    let reach = |field: fn(&Found) -> Option<String>| {
        let each = lambda.reach.iter();
        let each = each.filter_map(|(alias, found)| Some((alias, field(found)?)));
        format!("{:?}", each.collect::<Vec<_>>())
    };
    all.insert(
        "url".to_owned(),
        reach(|found| found.url.as_ref().map(|one| format!("{one:?}"))),
    );
    all.insert(
        "permissions".to_owned(),
        reach(|found| {
            // Those that let a bucket, topic or rule call belong to `triggers`.
            let all = found.statements.iter();
            let all: Vec<_> = all.filter(|(_, one)| one.source_arn.is_none()).collect();
            (!all.is_empty()).then(|| format!("{all:?}"))
        }),
    );
    all.insert(
        "async".to_owned(),
        reach(|found| found.asynchronous.as_ref().map(|one| format!("{one:?}"))),
    );
    all.insert(
        "deploy.provisioned_concurrency".to_owned(),
        reach(|found| found.provisioned.as_ref().map(|one| format!("{one:?}"))),
    );
    all.retain(|field, _| lifecycle.ignores(field));
    all
}

fn settings(settings: &Settings) -> BTreeMap<String, String> {
    let Settings {
        description,
        memory_mb,
        timeout_s,
        ephemeral_storage_mb,
        environment,
        tracing,
        log_format,
        // Lambda itself drops both with the format.
        log_level: _,
        system_log_level: _,
        log_group,
        kms_key,
        dead_letter,
        vpc,
        file_systems,
        image,
        snapstart,
        runtime,
        handler,
        layers,
    } = settings.clone();
    let mut all = BTreeMap::from([
        ("description".to_owned(), description),
        ("memory_mb".to_owned(), memory_mb.to_string()),
        ("timeout_s".to_owned(), timeout_s.to_string()),
        (
            "ephemeral_storage_mb".to_owned(),
            ephemeral_storage_mb.to_string(),
        ),
        ("tracing".to_owned(), tracing),
        ("logging.format".to_owned(), log_format),
        ("logging.group".to_owned(), log_group),
        ("kms_key".to_owned(), kms_key),
        ("dead_letter".to_owned(), dead_letter),
        ("vpc".to_owned(), format!("{vpc:?}")),
        ("file_systems".to_owned(), format!("{file_systems:?}")),
        ("image".to_owned(), format!("{image:?}")),
        ("snapstart".to_owned(), snapstart.to_string()),
        ("runtime".to_owned(), runtime),
        ("handler".to_owned(), handler),
        ("layers".to_owned(), format!("{layers:?}")),
    ]);
    let variables = environment.into_iter();
    all.extend(
        variables.map(|(name, value)| (format!("environment.{name}"), value.reveal().to_owned())),
    );
    all
}

fn ignore() -> impl Strategy<Value = BTreeSet<String>> {
    let entries = ["environment.A", "environment.D", "tags.a", "tags.b"];
    let all: Vec<&str> = IGNORABLE.into_iter().chain(entries).collect();
    subsequence(all, 0..5).prop_map(|mut words| {
        // What is mounted needs the network, so the cases never exclude just one of them.
        if words.contains(&"vpc") || words.contains(&"file_systems") {
            words.extend(["vpc", "file_systems"]);
        }
        words.into_iter().map(str::to_owned).collect()
    })
}

fn names(world: &World) -> BTreeSet<String> {
    world.functions.keys().cloned().collect()
}

/// The first function of the desired state under another key.
fn moved(wish: &Wish, named: bool) -> Option<(Wish, String)> {
    let (old, function) = wish.functions.iter().next()?;
    let mut moved = wish.clone();
    let mut function = function.clone();
    function.name = named.then(|| old.clone());
    function.lifecycle.moved_from = Some(old.clone());
    moved.functions.remove(old);
    moved.functions.insert("four".to_owned(), function);
    Some((moved, old.clone()))
}

fn serves(lambda: &Lambda) -> bool {
    let mut aliases = lambda.aliases.values();
    aliases.all(|alias| {
        lambda
            .versions
            .contains_key(&alias.version.parse().unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_ignored_stays_as_it_is(
        first in wish(),
        drifts in drifts(),
        then in wish(),
        ignore in ignore(),
    ) {
        let mut world = world(&first, &drifts);
        let mut then = then;
        let lifecycle = Lifecycle { ignore, ..Lifecycle::default() };
        for function in then.functions.values_mut() {
            function.lifecycle = lifecycle.clone();
        }
        // A function with a failed creation, or with another package type, is created again, and
        // then ignored keys count.
        let desired = then.desired();
        let plan = plan::plan(&desired, &world.observe(&desired)).unwrap();
        let replaced = replaced(&plan, &desired);
        let created_again = |name: &String| {
            world.functions[name].latest.state.as_str() == "Failed" || replaced.contains(name)
        };
        let before: BTreeMap<String, _> = names(&world).into_iter()
            .filter(|name| !created_again(name))
            .map(|name| {
                let alone = left_alone(&lifecycle, &world, &name);
                (name, alone)
            })
            .collect();
        converge(&mut world, &then);
        for (name, alone) in before {
            let after = left_alone(&lifecycle, &world, &name);
            for (field, value) in alone {
                prop_assert_eq!(after.get(&field), Some(&value), "{}: {}", name, field);
            }
        }
    }

    #[test]
    fn what_moved_goes_once_its_replacement_works(
        first in wish(),
        named in any::<bool>(),
        done in 0..40usize,
    ) {
        let mut world = world(&first, &[]);
        let Some((then, old)) = moved(&first, named) else { return Ok(()) };
        let version = world.functions[&old].latest.revision.clone();
        let desired = then.desired();
        for done in [done, usize::MAX] {
            let plan = plan::plan(&desired, &world.observe(&desired)).unwrap();
            assert_ordered(&plan);
            let mut left = done;
            world.execute(&plan, &desired, |_| {
                let go = left > 0;
                left = left.saturating_sub(1);
                go
            });
            let new = if named { &old } else { "four" };
            prop_assert!(
                world.functions.contains_key(&old) || world.functions.get(new).is_some_and(serves)
            );
        }
        converge(&mut world, &then);
        let wanted = &desired.functions["four"];
        if !named
            && wanted.reserved_concurrency == Some(0)
            && !wanted.tests.is_empty()
            && wanted.deploy.alias.is_some()
        {
            // What cannot be tested takes no traffic, so the function that it moved from stays.
            prop_assert!(world.functions.contains_key(&old));
            return Ok(());
        }
        prop_assert_eq!(world.functions.contains_key(&old), named);
        let own_logs = named && !wanted.writes_elsewhere();
        prop_assert_eq!(world.log_groups.contains_key(&format!("/aws/lambda/{old}")), own_logs);
        let role = format!("jot-{old}-0a1b2c3d");
        // The rest of an interrupted removal is found by its log group; the role of a function
        // without one remains until a destroy.
        prop_assert!(named || wanted.writes_elsewhere() || !world.roles.contains_key(&role));
        if named {
            // Nothing but its owner's name changed.
            prop_assert_eq!(&world.functions[&old].latest.revision, &version);
            prop_assert_eq!(&world.functions[&old].latest.tags["jot:function"], "four");
        }
        let plan = plan::plan(&desired, &world.observe(&desired)).unwrap();
        prop_assert!(
            plan.notes.iter().any(|note| note.contains("remove lifecycle.moved_from")),
            "{:?}", plan.notes
        );
    }

    #[test]
    fn a_protected_function_is_never_deleted(first in wish(), named in any::<bool>()) {
        let world = world(&first, &[]);
        let Some((mut then, old)) = moved(&first, named) else { return Ok(()) };
        then.functions.get_mut("four").unwrap().lifecycle.prevent_destroy = true;
        let desired = then.desired();
        let observed = world.observe(&desired);
        prop_assert_eq!(plan::plan(&desired, &observed).is_ok(), named);
        let error = plan::destroy(&desired, &observed, &plan::Scope::default())
            .unwrap_err()
            .to_string();
        prop_assert!(error.contains(&old) && error.contains("four"), "{}", error);
    }

    #[test]
    fn what_is_not_declared_goes_only_on_request(
        first in wish(),
        then in wish(),
        extra in function(),
    ) {
        let mut first = first;
        first.functions.insert("five".to_owned(), extra);
        let mut world = world(&first, &[]);
        let before = names(&world);
        converge(&mut world, &then);
        prop_assert!(names(&world).is_superset(&before));
        let plan = plan::plan(&then.desired(), &world.observe(&then.desired())).unwrap();
        prop_assert!(
            plan.notes.iter().any(|note| note.contains("function five is not in the manifest"))
        );
        // Another target of the project, and another project, do not concern this one.
        let mut other = world.functions["five"].clone();
        for (name, tag, value) in
            [("six", "jot:target", "prod"), ("seven", "jot:project", "other")]
        {
            other.latest.tags.insert(tag.to_owned(), value.to_owned());
            other.latest.arn = format!("arn:{name}");
            let theirs = world.roles["theirs"].arn.clone();
            for state in other.versions.values_mut().chain([&mut other.latest]) {
                state.role.clone_from(&theirs);
            }
            world.functions.insert(name.to_owned(), other.clone());
        }
        then.clone_into(&mut first);
        first.undeclared = Undeclared::Delete;
        converge(&mut world, &first);
        let strangers = ["six", "seven"].map(str::to_owned);
        let declared: BTreeSet<String> = then.functions.keys().cloned().chain(strangers).collect();
        prop_assert_eq!(names(&world), declared);
        prop_assert!(!world.log_groups.contains_key("/aws/lambda/five"));
        prop_assert!(!world.roles.contains_key("jot-five-0a1b2c3d"));
    }
}
