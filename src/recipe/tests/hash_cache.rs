//! Hashes that are kept between runs.

use std::{
    fs::{self, File, FileTimes},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, SystemTime},
};

use proptest::prelude::*;

use crate::{
    model::ContextFile,
    recipe::{context::walk, hash_cache::HashCache},
};

/// More than the tick of a kernel's clock, with which file systems on Linux record times.
const TICK: Duration = Duration::from_millis(30);

/// A source folder and a cache folder, some runs apart.
struct Bench {
    source: tempfile::TempDir,
    cache: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            source: tempfile::tempdir().unwrap(),
            cache: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.source.path().join(name)
    }

    fn load(&self) -> HashCache {
        HashCache::load(Some(self.cache.path()), self.source.path()).resting(TICK)
    }

    /// What a run sees that has a cache.
    fn run(&self) -> Vec<ContextFile> {
        self.run_with(self.load()).0
    }

    /// How many files such a run reads.
    fn reads(&self) -> usize {
        self.run_with(self.load()).1
    }

    fn run_with(&self, mut known: HashCache) -> (Vec<ContextFile>, usize) {
        let files = walk(self.source.path(), &mut known).unwrap();
        let read = known.read();
        known.save();
        (files, read)
    }

    /// What a run without a cache reads.
    fn read(&self) -> Vec<ContextFile> {
        walk(self.source.path(), &mut HashCache::default()).unwrap()
    }

    /// The one file in which hashes are kept.
    fn kept(&self) -> PathBuf {
        let mut files = fs::read_dir(self.cache.path().join("hashes")).unwrap();
        let only = files.next().unwrap().unwrap().path();
        assert!(files.next().is_none(), "a part was left behind");
        only
    }
}

/// A way to change a file.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Nothing,
    /// Other bytes, as many.
    SameSize,
    /// Other bytes, as many, and the time of modification put back.
    SameSizeAndTime,
    Append,
    /// Another file of the same size and time moved over it.
    Replace,
    /// The contents of two files swapped by renaming.
    Swap,
    Remove,
    Executable,
    /// A modification time in the future.
    Future,
}

const EDITS: [Edit; 9] = [
    Edit::Nothing,
    Edit::SameSize,
    Edit::SameSizeAndTime,
    Edit::Append,
    Edit::Replace,
    Edit::Swap,
    Edit::Remove,
    Edit::Executable,
    Edit::Future,
];

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

fn set_modified(path: &Path, time: SystemTime) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_times(FileTimes::new().set_modified(time)).unwrap();
}

/// Changes a file; `byte` is what it is filled with.
fn edit(path: &Path, edit: Edit, byte: u8) {
    if !path.exists() {
        return fs::write(path, [byte; 9]).unwrap();
    }
    let (bytes, before) = (fs::read(path).unwrap(), modified(path));
    let other = vec![byte; bytes.len()];
    let temporary = path.with_extension("temporary");
    match edit {
        Edit::Nothing => {}
        Edit::SameSize => fs::write(path, other).unwrap(),
        Edit::SameSizeAndTime => {
            fs::write(path, other).unwrap();
            set_modified(path, before);
        }
        Edit::Append => fs::write(path, [bytes, vec![byte]].concat()).unwrap(),
        Edit::Replace => {
            fs::write(&temporary, other).unwrap();
            set_modified(&temporary, before);
            fs::rename(&temporary, path).unwrap();
        }
        Edit::Swap => {
            let third = path.with_file_name("f0");
            if third.exists() && third != path {
                fs::rename(&third, &temporary).unwrap();
                fs::rename(path, &third).unwrap();
                fs::rename(&temporary, path).unwrap();
            }
        }
        Edit::Remove => fs::remove_file(path).unwrap(),
        Edit::Executable => {
            let mode = fs::metadata(path).unwrap().permissions().mode();
            fs::set_permissions(path, fs::Permissions::from_mode(mode ^ 0o100)).unwrap();
        }
        Edit::Future => set_modified(path, SystemTime::now() + Duration::from_secs(3600)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever happens to files between runs, and however soon, a run sees their current content.
    /// Every second wait is shorter than a tick.
    #[test]
    fn no_edit_is_missed(
        rounds in prop::collection::vec(
            prop::collection::vec((prop::sample::select(&EDITS[..]), any::<u8>()), 24),
            1..6,
        ),
    ) {
        let bench = Bench::new();
        for (number, edits) in rounds.into_iter().enumerate() {
            for (file, (how, byte)) in edits.into_iter().enumerate() {
                edit(&bench.path(&format!("f{file}")), how, byte);
            }
            if number % 2 == 0 {
                sleep(2 * TICK);
            }
            prop_assert_eq!(bench.run(), bench.read());
        }
    }

    /// A damaged file of hashes yields no hashes or the right ones.
    #[test]
    fn damage_is_found(at in any::<prop::sample::Index>(), byte: u8, cut: bool) {
        let bench = Bench::new();
        fs::write(bench.path("a"), "a").unwrap();
        sleep(2 * TICK);
        let files = bench.run();
        prop_assert_eq!(bench.reads(), 0);
        let kept = bench.kept();
        let mut bytes = fs::read(&kept).unwrap();
        let at = at.index(bytes.len());
        let same = bytes[at] == byte && !cut;
        match cut {
            true => bytes.truncate(at),
            false => bytes[at] = byte,
        }
        fs::write(&kept, bytes).unwrap();
        prop_assert_eq!(bench.run_with(bench.load()), (files, usize::from(!same)));
        prop_assert_eq!(bench.reads(), 0);
    }
}

#[test]
fn what_did_not_change_is_not_read() {
    let bench = Bench::new();
    for name in ["a", "b", "c"] {
        fs::write(bench.path(name), name).unwrap();
    }
    sleep(2 * TICK);
    assert_eq!(bench.reads(), 3);
    assert_eq!(bench.reads(), 0);
    let written = modified(&bench.kept());
    sleep(TICK);
    assert_eq!(bench.reads(), 0);
    assert_eq!(
        modified(&bench.kept()),
        written,
        "nothing had to be written"
    );
    fs::write(bench.path("b"), "b").unwrap();
    assert_eq!(bench.reads(), 1);
}

#[test]
fn what_changed_moments_ago_is_not_trusted() {
    let bench = Bench::new();
    fs::write(bench.path("a"), "a").unwrap();
    let load = || HashCache::load(Some(bench.cache.path()), bench.source.path());
    assert_eq!(bench.run_with(load()).1, 1);
    assert_eq!(bench.run_with(load()).1, 1);
    // Nor is what claims to be older than it is.
    set_modified(&bench.path("a"), SystemTime::UNIX_EPOCH);
    assert_eq!(bench.run_with(load()).1, 1);
    assert_eq!(bench.run_with(load()).1, 1);
}

#[test]
fn hashes_of_another_folder_are_not_believed() {
    let (bench, other) = (Bench::new(), Bench::new());
    fs::write(bench.path("a"), "a").unwrap();
    fs::write(other.path("a"), "b").unwrap();
    sleep(2 * TICK);
    bench.run();
    other.run();
    fs::copy(bench.kept(), other.kept()).unwrap();
    assert_eq!(other.run_with(other.load()), (other.read(), 1));
}

#[test]
fn a_cache_that_cannot_be_written_is_done_without() {
    let bench = Bench::new();
    fs::write(bench.path("a"), "a").unwrap();
    sleep(2 * TICK);
    fs::write(bench.cache.path().join("hashes"), "no folder").unwrap();
    for _ in 0..2 {
        assert_eq!(bench.run_with(bench.load()), (bench.read(), 1));
    }
}

#[test]
fn hashes_without_use_go_once_they_are_the_most() {
    let bench = Bench::new();
    for name in ["a", "b", "c", "d"] {
        fs::write(bench.path(name), name).unwrap();
    }
    sleep(2 * TICK);
    bench.run();
    let hidden = bench.cache.path().join("hidden");
    fs::create_dir(&hidden).unwrap();
    let hide = |name: &str| fs::rename(bench.path(name), hidden.join(name)).unwrap();
    hide("a");
    bench.run();
    let len = |bench: &Bench| fs::metadata(bench.kept()).unwrap().len();
    let four = len(&bench);
    hide("b");
    hide("c");
    bench.run();
    assert!(len(&bench) < four / 2, "{} of {four}", len(&bench));
}
