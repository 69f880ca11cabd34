//! What this machine keeps for a project and no longer needs.

use std::collections::BTreeSet;

use crate::model::{
    Fingerprint,
    clean::{Kept, KeptImage, Removal, RemovalKind},
    recipe::local_name,
};

/// Returns what to remove: unused images, sources of other commits, and hashes of folders that do
/// not exist.
///
/// An image is used if the manifest, a container or a used image needs it. Anything with a name
/// that jot does not give in this project stays.
pub fn clean(kept: &Kept) -> Vec<Removal> {
    let mut removals = images(kept);
    let sources = kept.sources.iter().filter(|(_, (_, needed))| !needed);
    removals.extend(sources.map(|(path, (bytes, _))| Removal {
        kind: RemovalKind::Source,
        what: "source of another commit".to_owned(),
        names: vec![path.display().to_string()],
        bytes: *bytes,
    }));
    removals.extend(kept.hashes.iter().map(|(path, bytes)| Removal {
        kind: RemovalKind::Hashes,
        what: "hashes of a folder that does not exist".to_owned(),
        names: vec![path.display().to_string()],
        bytes: *bytes,
    }));
    removals
}

fn images(kept: &Kept) -> Vec<Removal> {
    let Some(needed) = &kept.needed else {
        return Vec::new();
    };
    let stays = |image: &KeptImage| {
        kept.in_containers.contains(&image.id)
            || image
                .fingerprint
                .as_ref()
                .is_none_or(|one| needed.contains(one))
            || !is_jots(image, &kept.project)
    };
    let mut staying: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&KeptImage> = kept.images.iter().filter(|image| stays(image)).collect();
    // The images below a used image stay too.
    while let Some(image) = open.pop() {
        if staying.insert(&image.id) {
            let base = |other: &&KeptImage| image.base.as_ref() == Some(&other.id);
            open.extend(kept.images.iter().filter(base));
        }
    }
    let going = kept.images.iter();
    let going = going.filter(|image| !staying.contains(image.id.as_str()));
    let removals = going.map(|image| Removal {
        kind: RemovalKind::Image,
        what: format!("image of {}", image.title),
        names: image.names.clone(),
        bytes: image.bytes,
    });
    removals.collect()
}

/// Whether all names are ones that jot gives to such an image.
fn is_jots(image: &KeptImage, project: &str) -> bool {
    let tag = image.fingerprint.as_ref().map(Fingerprint::tag);
    let Some(tag) = tag else { return false };
    let name = format!("{}:{tag}", local_name(project));
    let plain = |name: &str| {
        let hub = name.strip_prefix("docker.io/");
        let plain = hub.or_else(|| name.strip_prefix("localhost/"));
        plain.unwrap_or(name).to_owned()
    };
    !image.names.is_empty() && image.names.iter().all(|one| plain(one) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(digit: &str) -> Fingerprint {
        Fingerprint::parse(&digit.repeat(64)).unwrap()
    }

    fn image(digit: &str, base: Option<&str>) -> KeptImage {
        KeptImage {
            id: format!("sha256:{digit}"),
            names: vec![format!("jot/numerics:{}", fingerprint(digit).tag())],
            title: format!("f{digit}"),
            fingerprint: Some(fingerprint(digit)),
            base: base.map(|base| format!("sha256:{base}")),
            bytes: 100,
        }
    }

    fn kept(images: Vec<KeptImage>) -> Kept {
        Kept {
            project: "numerics".to_owned(),
            images,
            needed: Some(BTreeSet::from([fingerprint("a")])),
            ..Kept::default()
        }
    }

    fn going(kept: &Kept) -> Vec<String> {
        clean(kept).into_iter().map(|one| one.what).collect()
    }

    #[test]
    fn what_is_needed_stays_with_all_that_it_is_built_on() {
        let images = vec![
            image("a", Some("b")),
            image("b", Some("c")),
            image("c", None),
            image("d", Some("c")),
        ];
        assert_eq!(going(&kept(images)), ["image of fd"]);
    }

    #[test]
    fn what_a_container_has_stays_and_so_does_what_has_another_name() {
        let mut named = image("d", None);
        named.names.push("mine:latest".to_owned());
        let mut foreign = image("e", None);
        foreign.names = vec![format!("jot/other:{}", fingerprint("e").tag())];
        let mut unnamed = image("f", None);
        unnamed.names.clear();
        let mut kept = kept(vec![
            image("b", None),
            named,
            foreign,
            unnamed,
            image("c", None),
        ]);
        kept.in_containers.insert("sha256:c".to_owned());
        assert_eq!(going(&kept), ["image of fb"]);
    }

    #[test]
    fn no_image_goes_where_not_all_that_is_needed_is_known() {
        let mut kept = kept(vec![image("b", None)]);
        kept.needed = None;
        kept.sources.insert("/c/git/1/2".into(), (7, false));
        kept.sources.insert("/c/git/1/3".into(), (7, true));
        kept.hashes.insert("/c/hashes/1".into(), 5);
        let removals = clean(&kept);
        let names: Vec<&str> = removals.iter().map(|one| one.names[0].as_str()).collect();
        assert_eq!(names, ["/c/git/1/2", "/c/hashes/1"]);
    }
}
