//! Every limit of size and number, below, at and above its bound.

use std::fmt::Write;

use proptest::prelude::*;

use super::case::{Case, verdict, x};
use crate::manifest::limits::{
    ARGUMENT_BYTES, ENVIRONMENT_BYTES, FUNCTION_NAME, IMAGE_TAG, INLINE_POLICY, OWN_TAGS,
    RESERVED_VARIABLES, RETENTION_DAYS, ROLE_POLICIES, TAGS,
};

#[test]
fn numbers() {
    let case = Case::new();
    for (key, least, most) in [
        ("memory_mb", 128_u64, 10_240),
        ("timeout_s", 1, 900),
        ("ephemeral_storage_mb", 512, 10_240),
        ("deploy.keep_versions", 1, u64::from(u32::MAX)),
    ] {
        for (value, good) in [
            (least - 1, false),
            (least, true),
            (least + 1, true),
            (most - 1, true),
            (most, true),
            (most + 1, false),
        ] {
            let line = format!("{key} = {value}");
            verdict(&case.function(&line), good, &line);
        }
        verdict(&case.function(&format!("{key} = -1")), false, key);
    }
    let most = u64::from(i32::MAX.unsigned_abs());
    for (value, good) in [("-1", false), ("0", true), ("5", true)] {
        let line = format!("reserved_concurrency = {value}");
        verdict(&case.function(&line), good, &line);
    }
    for (value, good) in [(most, true), (most + 1, false)] {
        let line = format!("reserved_concurrency = {value}");
        verdict(&case.function(&line), good, &line);
    }
}

#[test]
fn a_network_has_16_subnets_and_5_security_groups_at_most() {
    let case = Case::new();
    let ids = |kind: &str, count: usize| {
        let ids: Vec<String> = (0..count).map(|n| format!("'{kind}-{n}'")).collect();
        format!("[{}]", ids.join(", "))
    };
    for (subnets, groups, good) in [
        (0, 0, true),
        (1, 1, true),
        (1, 0, false),
        (0, 1, false),
        (16, 5, true),
        (17, 5, false),
        (16, 6, false),
    ] {
        let (subnets, groups) = (ids("subnet", subnets), ids("sg", groups));
        let line = format!("vpc = {{ subnets = {subnets}, security_groups = {groups} }}");
        verdict(&case.function(&line), good, &line);
    }
}

#[test]
fn a_function_mounts_one_file_system_in_a_network() {
    let case = Case::new();
    let arn =
        "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef0";
    let vpc = "vpc = { subnets = ['subnet-1'], security_groups = ['sg-1'] }\n";
    let disk = |mount: &str| format!("{{ arn = '{arn}', mount = '{mount}' }}");
    for (vpc, disks, good) in [
        ("", vec![], true),
        ("", vec![disk("/mnt/data")], false),
        (vpc, vec![disk("/mnt/data")], true),
        (vpc, vec![disk("/mnt/data"), disk("/mnt/more")], false),
        (vpc, vec![disk("/data")], false),
        (vpc, vec![disk("/mnt/a/b")], false),
        (vpc, vec![disk(&format!("/mnt/{}", x(155)))], true),
        (vpc, vec![disk(&format!("/mnt/{}", x(156)))], false),
    ] {
        let line = format!("{vpc}file_systems = [{}]", disks.join(", "));
        verdict(&case.function(&line), good, &line);
    }
}

#[test]
fn an_inline_policy_ends_at_10240_characters_without_white_space() {
    let case = Case::new();
    let policy = |length: usize| {
        let frame = r#"{"Statement":[{"Sid":""}]}"#.len();
        format!(
            "{{ \"Statement\": [{{\n  \"Sid\": \"{}\" }}] }}",
            x(length - frame)
        )
    };
    for (length, good) in [
        (INLINE_POLICY - 1, true),
        (INLINE_POLICY, true),
        (INLINE_POLICY + 1, false),
    ] {
        case.file("policy.json", &policy(length));
        verdict(
            &case.function("policy_file = 'policy.json'"),
            good,
            &length.to_string(),
        );
    }
}

#[test]
fn an_argument_ends_at_six_megabytes() {
    let case = Case::new();
    // Two quotes, and what is around it is not sent.
    let text = |length: usize| format!(" \"{}\"\n", x(length - 2));
    for (length, good) in [(ARGUMENT_BYTES, true), (ARGUMENT_BYTES + 1, false)] {
        case.file("argument.json", &text(length));
        let named = |key: &str, value: &str| format!("tests = [{{ {key} = {value} }}]");
        let inline = text(length);
        let inline = inline.trim();
        for line in [
            named("argument_file", "'argument.json'"),
            named("argument_json", &format!("'{inline}'")),
            named("argument", inline),
            named("argument = 1, expected_file", "'argument.json'"),
        ] {
            let good = good || line.contains("expected_file");
            let problems = case.function(&line);
            assert_eq!(problems.is_empty(), good, "{} {length}", &line[..40]);
            let size = format!("must be at most {ARGUMENT_BYTES} bytes, got {length}");
            assert!(good || problems[0].contains(&size), "{problems:?}");
        }
    }
}

#[test]
fn retention_is_one_of_the_offered_numbers() {
    let case = Case::new();
    for days in 0..=3654_u32 {
        if RETENTION_DAYS
            .iter()
            .any(|offered| days.abs_diff(*offered) <= 1)
            || days % 500 == 0
        {
            let line = format!("logging.retention_days = {days}");
            verdict(&case.function(&line), RETENTION_DAYS.contains(&days), &line);
        }
    }
}

#[test]
fn lengths() {
    let case = Case::new();
    for (make, least, most) in [
        (
            &(|n| format!("name = '{}'", x(n))) as &dyn Fn(usize) -> String,
            1,
            64,
        ),
        (&|n| format!("description = '{}'", x(n)), 0, 256),
        (&|n| format!("description = '{}'", "é".repeat(n)), 0, 256),
        (&|n| format!("role = '{}'", x(n)), 1, 64),
        (
            &|n| format!("role = 'arn:aws:iam::123456789012:role/service/{}'", x(n)),
            1,
            64,
        ),
        (
            &|n| format!("policies = ['arn:aws:iam::aws:policy/{}']", x(n)),
            1,
            128,
        ),
        (&|n| format!("tags = {{ '{}' = 'value' }}", x(n)), 1, 128),
        (&|n| format!("tags = {{ key = '{}' }}", x(n)), 0, 256),
        (&|n| format!("deploy.alias = '{}'", x(n)), 1, 128),
        (&|n| format!("handler = '{}'", x(n)), 1, 128),
        (
            &|n| format!("environment = {{ {} = 'value' }}", "A".repeat(n)),
            2,
            1000,
        ),
        (
            &|n| format!("build.extra_tags = ['{}']", x(n)),
            1,
            IMAGE_TAG - "f.".len(),
        ),
    ] {
        for (count, good) in [
            (least, true),
            (least + 1, true),
            (most - 1, true),
            (most, true),
        ] {
            verdict(&case.function(&make(count)), good, &make(count));
        }
        if most != 1000 {
            verdict(&case.function(&make(most + 1)), false, &make(most + 1));
        }
        if least > 0 && make(least - 1) != "environment = {  = 'value' }" {
            verdict(&case.function(&make(least - 1)), false, &make(least - 1));
        }
    }
}

#[test]
fn the_role_arn_ends_at_2048() {
    let case = Case::new();
    let start = "arn:aws:iam::123456789012:role/";
    for (length, good) in [(2047, true), (2048, true), (2049, false)] {
        let path = x(length - start.len() - 2);
        verdict(
            &case.function(&format!("role = '{start}{path}/r'")),
            good,
            &length.to_string(),
        );
    }
}

#[test]
fn the_project_names_an_ecr_repository() {
    let case = Case::new();
    for (name, good) in [
        ("a".to_owned(), false),
        ("ab".to_owned(), true),
        (x(255), true),
        (x(256), true),
        (x(257), false),
        ("team/numerics".to_owned(), true),
        ("a.b_c__d---e/f1".to_owned(), true),
        ("a..b".to_owned(), false),
        ("a___b".to_owned(), false),
        ("Numerics".to_owned(), false),
        ("-ab".to_owned(), false),
        ("ab/".to_owned(), false),
        ("a//b".to_owned(), false),
    ] {
        verdict(
            &case.whole(&format!("[project]\nname = '{name}'"), None),
            good,
            &name,
        );
    }
}

#[test]
fn a_function_is_named_for_lambda_with_its_suffix() {
    let case = Case::new();
    for (key, suffix, good) in [
        (x(64), "", true),
        (x(65), "", false),
        (x(59), "-prod", true),
        (x(60), "-prod", false),
        ("f".to_owned(), &x(FUNCTION_NAME - 1), true),
        ("f".to_owned(), &x(FUNCTION_NAME), false),
        ("f".to_owned(), "-ü", false),
    ] {
        let suffix_line = if suffix.is_empty() {
            String::new()
        } else {
            format!("name_suffix = '{suffix}'")
        };
        let text = format!(
            "[project]\nname = 'numerics'\n[functions.{key}]\n\
                julia = {{ source = 'f.jl', argument_type = 'Int' }}\n[targets.t]\n{suffix_line}"
        );
        let messages = case.whole(&text, Some("t"));
        assert_eq!(messages.is_empty(), good, "{key} {suffix}: {messages:?}");
    }
}

#[test]
fn reserved_variables() {
    let case = Case::new();
    for name in RESERVED_VARIABLES {
        let messages = case.function(&format!("environment = {{ {name} = 'x' }}"));
        assert_eq!(
            messages,
            [format!(
                "`functions.f.environment.{name}` is a variable that Lambda sets itself"
            )]
        );
    }
}

#[test]
fn the_environment_ends_at_4_kb_of_json() {
    let case = Case::new();
    let frame = r#"{"AA":"","BB":""}"#.len();
    for (bytes, good) in [
        (ENVIRONMENT_BYTES - 1, true),
        (ENVIRONMENT_BYTES, true),
        (ENVIRONMENT_BYTES + 1, false),
    ] {
        let line = format!(
            "environment = {{ AA = '{}', BB = {{ from_env = 'LOCAL' }} }}",
            x(bytes - frame)
        );
        verdict(&case.function(&line), good, &bytes.to_string());
    }
}

#[test]
fn tags_leave_room_for_those_of_jot() {
    let case = Case::new();
    let most = TAGS - OWN_TAGS.len();
    assert_eq!(most, 39);
    for (count, good) in [(most - 1, true), (most, true), (most + 1, false)] {
        let tags = |from: usize, to: usize| {
            (from..to)
                .map(|n| format!("tag{n} = ''\n"))
                .collect::<String>()
        };
        let julia = "julia = { source = 'f.jl', argument_type = 'Int' }";
        let text = format!(
            "[project]\nname = 'numerics'\n[project.tags]\n{}[functions.f]\n{julia}\n\
                [functions.f.tags]\n{}",
            tags(0, 20),
            tags(19, count),
        );
        verdict(&case.whole(&text, None), good, &count.to_string());
    }
}

#[test]
fn policies_leave_room_for_those_of_jot() {
    let case = Case::new();
    let attached = "active'\nvpc = { subnets = ['subnet-1'], security_groups = ['sg-1'] }";
    for (tracing, own) in [("pass-through'", 1), ("active'", 2), (attached, 3)] {
        let most = ROLE_POLICIES - own;
        for (count, good) in [(most - 1, true), (most, true), (most + 1, false)] {
            let mut line = format!("tracing = '{tracing}\npolicies = [");
            for n in 0..count {
                write!(line, "'arn:aws:iam::aws:policy/P{n}', ").unwrap();
            }
            line.push(']');
            verdict(&case.function(&line), good, &format!("{tracing} {count}"));
        }
    }
}

#[test]
fn an_extra_tag_counts_with_its_function() {
    let case = Case::new();
    for (length, good) in [(IMAGE_TAG - 65, true), (IMAGE_TAG - 64, false)] {
        let line = format!("name = '{}'\nbuild.extra_tags = ['{}']", x(64), x(length));
        verdict(&case.function(&line), good, &length.to_string());
    }
    verdict(
        &case.function("name = '-f'\nbuild.extra_tags = ['latest']"),
        false,
        "-f.latest",
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_stays_within_the_limits_loads(
        memory in prop::option::of(128..=10_240_u32),
        timeout in prop::option::of(1..=900_u32),
        storage in prop::option::of(512..=10_240_u32),
        retention in prop::option::of(prop::sample::select(RETENTION_DAYS.to_vec())),
        alias in prop::option::of("[a-zA-Z0-9_-]{0,63}[a-zA-Z_-][a-zA-Z0-9_-]{0,64}"),
        name in prop::option::of("[a-zA-Z0-9_-]{1,64}"),
        role in prop::option::of("[a-zA-Z0-9_+=,.@-]{1,64}"),
        description in prop::option::of("[a-zA-Zäßλ ]{0,256}"),
        variables in prop::collection::btree_map("X[A-Z0-9_]{1,20}", "[ -&(-~]{0,100}", 0..10),
        tags in prop::collection::btree_map(
            "[a-z][a-z0-9_.:/=+@-]{3,40}", "[a-zA-Z0-9 _.:/=+@-]{0,200}", 0..10
        ),
    ) {
        let mut lines = String::new();
        let numbers = [
            ("memory_mb", memory),
            ("timeout_s", timeout),
            ("ephemeral_storage_mb", storage),
            ("logging.retention_days", retention),
        ];
        for (key, value) in numbers {
            lines.extend(value.map(|value| format!("{key} = {value}\n")));
        }
        let texts = [
            ("deploy.alias", alias), ("name", name), ("role", role), ("description", description),
        ];
        for (key, value) in texts {
            lines.extend(value.map(|value| format!("{key} = '{value}'\n")));
        }
        for (table, entries) in [("environment", variables), ("tags", tags)] {
            let reserved = |key: &str| key.starts_with("aws:") || key.starts_with("jot:");
            let allowed = entries.iter().filter(|(key, _)| !reserved(key));
            lines.extend(allowed.map(|(key, value)| format!("{table}.'{key}' = '{value}'\n")));
        }
        prop_assert_eq!(Case::new().function(&lines), Vec::<String>::new(), "{}", lines);
    }
}
