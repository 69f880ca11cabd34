//! Layout of the lines of steps.

use super::*;

#[test]
fn lines_of_steps_stay_aligned_and_within_the_terminal_whatever_their_names() {
    let mut plan = fixture::first();
    let long = "function increment-vector-of-the-northern-warehouse-and-its-annex";
    plan.steps[0].resource = long.to_owned();
    let style = Style {
        width: 80,
        ..bars()
    };
    let mut events: Vec<Event> = plan.steps[..4]
        .iter()
        .map(|step| finished(&step.id.0, "1 layer, 12.3 kB", 1_200))
        .collect();
    events.push(finished(
        &plan.steps[4].id.0,
        &"arn:aws:".repeat(10),
        62_000,
    ));
    let text = rendered(&style, &plan, &events);
    let columns: Vec<usize> = text
        .lines()
        .take(4)
        .filter_map(|line| Some(line[..line.find("1 layer")?].chars().count()))
        .collect();
    assert_eq!(columns.len(), 4, "{text}");
    assert!(columns.iter().all(|column| *column == columns[0]), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(text.contains("…") && text.contains("1 min 2 s"), "{text}");
}
