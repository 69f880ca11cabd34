//! Removal of local images that newer ones of the same function replaced.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bollard::{
    models::ImageSummary,
    query_parameters::{ListContainersOptionsBuilder, ListImagesOptionsBuilder},
};

use super::Docker;
use crate::{
    model::{
        Fingerprint,
        recipe::{
            HARNESS_TITLE, LABEL_BASE, LABEL_FINGERPRINT, LABEL_PROJECT, LABEL_TITLE, local_name,
        },
    },
    remote::Error,
};

/// Which images are not removed.
struct Stay<'a> {
    /// Project and repository, which the images' names contain.
    project: (&'a str, &'a str),
    /// Needed images, each with its title.
    needed: &'a BTreeMap<Fingerprint, String>,
    /// Images of containers, by id.
    used: &'a BTreeSet<String>,
    /// How many of each title to keep in addition.
    newest: usize,
}

impl Docker {
    /// Removes images that jot built for the project under the titles in `needed`.
    ///
    /// It keeps those images themselves, the `newest` of each title, the bases of kept images, and
    /// those of any container. An image with a name that is not jot's stays; so does one with an
    /// unreadable label. Builds keep their cache, which BuildKit stores separately.
    pub async fn remove_superseded(
        &self,
        project: (&str, &str),
        needed: &BTreeMap<Fingerprint, String>,
        newest: usize,
    ) -> Result<(), Error> {
        let label = vec![format!("{LABEL_PROJECT}={}", project.0)];
        let options = ListImagesOptionsBuilder::default()
            .filters(&HashMap::from([("label", label)]))
            .build();
        let images = self.client.list_images(Some(options)).await;
        let images = images.map_err(|error| self.refused(error))?;
        if images.len() <= newest {
            return Ok(());
        }
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let containers = self.client.list_containers(Some(options)).await;
        let containers = containers.map_err(|error| self.refused(error))?;
        let used: BTreeSet<String> = containers
            .into_iter()
            .filter_map(|one| one.image_id)
            .collect();
        let stay = Stay {
            project,
            needed,
            used: &used,
            newest,
        };
        for name in superseded(images, &stay) {
            self.remove_image(&name).await?;
        }
        Ok(())
    }
}

/// The names to remove: all names of each image that does not stay.
fn superseded(mut images: Vec<ImageSummary>, stay: &Stay<'_>) -> Vec<String> {
    images.sort_by_key(|image| (std::cmp::Reverse(image.created), image.id.clone()));
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    // A harness keeps no image: it is removed with what it runs.
    let (harnesses, images): (Vec<ImageSummary>, Vec<ImageSummary>) =
        images.into_iter().partition(is_harness);
    let (needed, harnesses): (Vec<ImageSummary>, Vec<ImageSummary>) =
        harnesses.into_iter().partition(|image| stay.needs(image));
    let (kept, gone): (Vec<ImageSummary>, Vec<ImageSummary>) =
        images.into_iter().partition(|image| {
            let title = image.labels.get(LABEL_TITLE);
            let Some(title) = title.filter(|title| stay.is_about(title)) else {
                return true;
            };
            let place = seen.entry(title.clone()).or_default();
            *place += 1;
            *place <= stay.newest || stay.needs(image)
        });
    let bases: BTreeSet<&String> = kept
        .iter()
        .chain(&needed)
        .filter_map(|image| image.labels.get(LABEL_BASE))
        .collect();
    let gone: Vec<ImageSummary> = gone
        .into_iter()
        .filter(|image| !bases.contains(&image.id))
        .collect();
    let ids: BTreeSet<&String> = gone.iter().map(|image| &image.id).collect();
    let with_them = harnesses.iter().filter(|image| {
        let base = image.labels.get(LABEL_BASE);
        base.is_some_and(|base| ids.contains(base))
    });
    let names = with_them.chain(&gone);
    names.flat_map(|image| image.repo_tags.clone()).collect()
}

fn is_harness(image: &ImageSummary) -> bool {
    let title = image.labels.get(LABEL_TITLE);
    title.is_some_and(|title| title.ends_with(HARNESS_TITLE))
}

impl Stay<'_> {
    fn is_about(&self, title: &str) -> bool {
        self.needed.values().any(|needed| needed == title)
    }

    fn needs(&self, image: &ImageSummary) -> bool {
        let fingerprint = image.labels.get(LABEL_FINGERPRINT);
        let fingerprint = fingerprint.and_then(|text| Fingerprint::parse(text));
        fingerprint.is_none_or(|fingerprint| self.needed.contains_key(&fingerprint))
            || self.used.contains(&image.id)
            || image.repo_tags.iter().any(|name| !self.is_jots(name))
    }

    /// Whether jot gave the image this name: `jot/<project>:<tag>`, or `<host>/<repository>:<tag>`
    /// for a push.
    fn is_jots(&self, name: &str) -> bool {
        let (project, repository) = self.project;
        let Some((name, _)) = name.rsplit_once(':') else {
            return false;
        };
        name == local_name(project) || name.ends_with(&format!("/{repository}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(digit: char) -> Fingerprint {
        Fingerprint::parse(&digit.to_string().repeat(64)).unwrap()
    }

    fn image(digit: char, created: i64, title: &str, more: &[(&str, &str)]) -> ImageSummary {
        let fingerprint = fingerprint(digit);
        let mut labels = HashMap::from([
            (
                LABEL_FINGERPRINT.to_owned(),
                fingerprint.as_str().to_owned(),
            ),
            (LABEL_TITLE.to_owned(), title.to_owned()),
        ]);
        labels.extend(
            more.iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
        );
        ImageSummary {
            id: digit.to_string(),
            created,
            labels,
            repo_tags: vec![format!("jot/p:{digit}"), format!("host:1/p:{digit}")],
            ..Default::default()
        }
    }

    fn gone(images: Vec<ImageSummary>, needed: &[(char, &str)], used: &[&str]) -> Vec<String> {
        let named = |(digit, title): &(char, &str)| (fingerprint(*digit), (*title).to_owned());
        let needed = needed.iter().map(named).collect();
        let used = used.iter().map(|id| (*id).to_owned()).collect();
        let stay = Stay {
            project: ("p", "p"),
            needed: &needed,
            used: &used,
            newest: 1,
        };
        superseded(images, &stay)
    }

    #[test]
    fn the_newest_of_a_title_stays_and_what_is_needed_used_or_of_another_title() {
        let images = vec![
            image('1', 1, "f", &[]),
            image('2', 2, "f", &[]),
            image('3', 3, "f", &[]),
            image('4', 4, "f", &[]),
            image('5', 1, "g", &[]),
            image('6', 2, "g", &[]),
        ];
        let names = gone(images, &[('1', "f")], &["2"]);
        assert_eq!(names, ["jot/p:3", "host:1/p:3"]);
    }

    #[test]
    fn a_base_stays_as_long_as_what_is_built_on_it() {
        let images = vec![
            image('a', 1, "base", &[]),
            image('b', 2, "base", &[]),
            image('c', 3, "base", &[]),
            image('1', 4, "f", &[(LABEL_BASE, "a")]),
        ];
        let needed = [('1', "f"), ('c', "base")];
        assert_eq!(gone(images, &needed, &[]), ["jot/p:b", "host:1/p:b"]);
    }

    #[test]
    fn a_harness_goes_with_what_it_runs() {
        let title = format!("f{HARNESS_TITLE}");
        let harness = |digit, base| image(digit, 5, &title, &[(LABEL_BASE, base)]);
        let functions = [image('1', 1, "f", &[]), image('2', 2, "f", &[])];
        let images = functions
            .into_iter()
            .chain([harness('a', "1"), harness('b', "2")]);
        let names = gone(images.collect(), &[('2', "f")], &[]);
        assert_eq!(names, ["jot/p:a", "host:1/p:a", "jot/p:1", "host:1/p:1"]);
    }

    #[test]
    fn what_bears_another_name_or_no_title_stays() {
        let mut named = image('1', 1, "f", &[]);
        named.repo_tags.push("mine:latest".to_owned());
        let mut old = image('2', 2, "f", &[]);
        old.labels.remove(LABEL_TITLE);
        let images = vec![named, old, image('3', 3, "f", &[])];
        assert_eq!(gone(images, &[('3', "f")], &[]), Vec::<String>::new());
    }
}
