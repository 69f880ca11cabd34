//! A page with plots of a benchmark: one self-contained file without scripts.

mod escape;
mod plot;

use crate::model::{Bench, Contender, Measure, Quantity};

use super::contender::{known, names, place, rounds, subjects, undecided, usd};
use escape::escaped;
use plot::{Row, boxes, sizes};

/// The style of the page, for light and dark, wide and narrow.
const CSS: &str = include_str!("page.css");
/// The columns of the table.
const HEAD: [&str; 9] = [
    "contender",
    "quantity",
    "calls",
    "min",
    "p50",
    "p90",
    "p99",
    "max",
    "unit",
];

/// The circumstances of a benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The time in UTC.
    pub at: String,
    /// The machine: this one, or Lambda in a region.
    pub machine: String,
    /// The git revision of the project, if it is in a checkout.
    pub revision: Option<String>,
}
/// The plotted quantities, with their titles.
const PLOTTED: [(Quantity, &str); 2] = [
    (
        Quantity::FirstAnswer,
        "The first call of a fresh environment, initialisation or restoring included",
    ),
    (Quantity::Warm, "Later calls of the same environment"),
];

/// The page. `rule` describes how the knee was found.
pub fn bench(bench: &Bench, rule: &str, origin: &Origin) -> String {
    let names = names(bench);
    let subjects = subjects(bench).into_iter().map(|(function, _)| function);
    let title = format!("jot bench: {}", subjects.collect::<Vec<_>>().join(", "));
    let body: String = [
        heading(bench),
        failures(bench, &names),
        PLOTTED
            .iter()
            .map(|(quantity, words)| distribution(bench, &names, *quantity, words))
            .collect(),
        memory(bench, rule),
        numbers(bench, &names),
        footer(bench, origin),
    ]
    .concat();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <title>{}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         </body>\n</html>\n",
        escaped(&title)
    )
}

fn heading(bench: &Bench) -> String {
    let subject = |(function, test): (&str, &str)| {
        format!("{} with test <q>{}</q>", escaped(function), escaped(test))
    };
    let subjects: Vec<String> = subjects(bench).into_iter().map(subject).collect();
    format!(
        "<h1>{}</h1>\n<p>Measured {}. {}; the contenders took turns.</p>\n",
        subjects.join("; "),
        escaped(place(bench)),
        escaped(&rounds(bench))
    )
}

fn failures(bench: &Bench, names: &[String]) -> String {
    let named = bench.contenders.iter().zip(names);
    let failed = named.filter(|(one, _)| one.failed.is_some());
    failed
        .map(|(_, name)| {
            let name = escaped(name);
            format!(
                "<p class=\"failed\"><strong>{name}</strong> failed and was not called again; \
                its earlier measurements are shown.</p>\n"
            )
        })
        .collect()
}

fn distribution(bench: &Bench, names: &[String], quantity: Quantity, words: &str) -> String {
    let row = |(one, name): (&Contender, &String)| {
        Some(Row {
            name: name.clone(),
            measure: one.measure(quantity)?.clone(),
        })
    };
    let rows: Vec<Row> = bench.contenders.iter().zip(names).filter_map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let title = quantity.words();
    let class = match quantity {
        Quantity::FirstAnswer => "cold",
        _ => "warm",
    };
    let initial = title[..1].to_uppercase();
    format!(
        "<section class=\"{class}\">\n<h2>{initial}{}</h2>\n\
            <p>{}, {}. Each dot is a call, the line the median, the box the middle half if the \
            samples are enough for it.</p>\n{}</section>\n",
        &title[1..],
        escaped(words),
        quantity.unit(),
        boxes(&rows)
    )
}

/// Time and cost over memory, for each function and variant with several sizes.
fn memory(bench: &Bench, rule: &str) -> String {
    let mut page = String::new();
    for knee in &bench.knees {
        let same = |one: &&Contender| one.function == knee.function && one.variant == knee.variant;
        let points: Vec<&Contender> = bench.contenders.iter().filter(same).collect();
        let parts = [Some(knee.function.as_str()), knee.variant.as_deref()];
        let of: Vec<&str> = parts.into_iter().flatten().collect();
        let size = match knee.memory_mb.as_slice() {
            [only] => format!("knee at {only} MB"),
            _ => format!("knee at {}", undecided(knee)),
        };
        page.push_str(&format!(
            "<h3>{}: {size}</h3>\n{}",
            escaped(&of.join(", ")),
            sizes(&points, &knee.memory_mb)
        ));
    }
    if page.is_empty() {
        return page;
    }
    let rule = escaped(rule);
    format!(
        "<section>\n<h2>Memory</h2>\n\
            <p>The knee is the size beyond which speed is not worth its price: starting with the \
            smallest size, {rule}.</p>\n{page}</section>\n"
    )
}

fn numbers(bench: &Bench, names: &[String]) -> String {
    let head = HEAD.map(|name| format!("<th>{name}</th>")).concat();
    let mut rows = String::new();
    for (one, name) in bench.contenders.iter().zip(names) {
        for (index, measure) in one.measures.iter().enumerate() {
            let name = (index == 0).then_some(name.as_str());
            rows.push_str(&row(name, measure));
        }
        if let Some(value) = one.usd_per_million {
            rows.push_str(&format!(
                "<tr><th></th><td class=\"word\">a million warm \
                    calls</td><td></td><td></td><td>{}</td>{}</tr>\n",
                usd(value),
                "<td></td>".repeat(4)
            ));
        }
    }
    format!(
        "<section>\n<h2>Numbers</h2>\n<div class=\"wide\">\n<table>\n\
            <thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n\
         <p>A dash: too few samples for this percentile.</p>\n</section>\n"
    )
}

/// A row of the table; the first one of a contender has its name.
fn row(name: Option<&str>, measure: &Measure) -> String {
    let spread = &measure.spread;
    let all = [
        Some(spread.min),
        Some(spread.p50),
        spread.p90,
        spread.p99,
        Some(spread.max),
    ];
    let cells = all
        .map(|value| format!("<td>{}</td>", known(value)))
        .concat();
    let class = name.map_or("", |_| " class=\"first\"");
    format!(
        "<tr{class}><th>{}</th><td class=\"word\">{}</td><td>{}</td>{cells}<td \
            class=\"word\">{}</td></tr>\n",
        escaped(name.unwrap_or_default()),
        measure.quantity.words(),
        spread.n,
        measure.unit
    )
}

fn footer(bench: &Bench, origin: &Origin) -> String {
    let prices = &bench.prices;
    let Origin {
        at,
        machine,
        revision,
    } = origin;
    let revision = revision
        .as_ref()
        .map_or_else(String::new, |revision| format!(", revision {revision}"));
    let made = format!(
        "{at}, jot {}, {machine}{revision}. Times are in ms, memory in MB, costs in US dollars.",
        env!("CARGO_PKG_VERSION")
    );
    format!(
        "<footer>{}<br/>Prices as of {}: {}</footer>\n",
        escaped(&made),
        escaped(&prices.as_of),
        escaped(&prices.source)
    )
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    fn origin() -> Origin {
        Origin {
            at: "2026-01-02 03:04 UTC".to_owned(),
            machine: "linux x86_64, 2 processors".to_owned(),
            revision: Some("1f2e3d4-dirty".to_owned()),
        }
    }

    #[test]
    fn the_page_says_when_where_and_of_what_it_was_made() {
        let page = bench(&fixture::sizes(), "", &origin());
        let version = env!("CARGO_PKG_VERSION");
        let line = format!(
            "2026-01-02 03:04 UTC, jot {version}, linux x86_64, 2 processors, revision \
                1f2e3d4-dirty."
        );
        assert!(page.contains(&line), "{page}");
        assert!(page.contains("Times are in ms, memory in MB"), "{page}");
        assert!(page.contains("<th>unit</th>"), "{page}");
        assert!(page.contains("width=device-width"), "{page}");
    }

    /// Fails unless every element is properly closed and every attribute quoted.
    fn well_formed(page: &str) {
        let page = page.strip_prefix("<!DOCTYPE html>").unwrap();
        let mut open = Vec::new();
        for tag in page.split('<').skip(1) {
            let (tag, text) = tag.split_once('>').expect(tag);
            assert!(
                !text.contains('>') || open.last() == Some(&"style"),
                "{text}"
            );
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag
                .trim_start_matches('/')
                .split([' ', '/'])
                .next()
                .unwrap();
            match (tag.starts_with('/'), tag.ends_with('/')) {
                (true, _) => assert_eq!(open.pop(), Some(name), "{tag}"),
                (false, true) => {}
                (false, false) => open.push(name),
            }
        }
        assert_eq!(open, Vec::<&str>::new());
    }

    #[test]
    fn pages_are_well_formed_and_fetch_nothing() {
        for one in [
            fixture::sizes(),
            fixture::modes(),
            fixture::in_lambda(),
            fixture::failed(),
        ] {
            let page = bench(&one, "a < b", &origin());
            well_formed(&page);
            for outside in [
                "src=", "href=", "url(", "@import", "<script", "<link", "<iframe",
            ] {
                assert!(!page.contains(outside), "{outside}");
            }
            assert!(!page.contains("NaN") && !page.contains("inf%"));
        }
    }

    #[test]
    fn names_cannot_be_markup() {
        let mut one = fixture::modes();
        one.contenders[0].variant = Some("<script>alert('x')</script>&\"".to_owned());
        let page = bench(&one, "", &origin());
        well_formed(&page);
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)") && !page.contains("<script"));
    }

    #[test]
    fn every_call_is_a_dot() {
        let one = fixture::modes();
        let dots = bench(&one, "", &origin()).matches("<circle").count();
        assert_eq!(dots, 12);
    }
}
