//! A filesystem made by a recipe.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use btrfs::device::AddDevice;
use btrfs::{Filesystem, Profile};
use fastrand::Rng;
use testbed::World;

use crate::recipe::{Fill, MIB, Recipe, evenly, share};

/// So long it is filled at the most.
const PATIENCE: Duration = Duration::from_secs(12);

/// Makes a filesystem and what is in it, and lets it come to rest.
pub(crate) fn build(recipe: &Recipe) -> Result<World> {
    let mut world = made(recipe)?;
    let rng = &mut Rng::with_seed(recipe.seed ^ 0x5eed);
    let files = fill(&world, recipe, recipe.budget(), "a", rng)?;
    sync(&world)?;
    if recipe.snapshot {
        // On a full filesystem there is no room for one.
        let _ = world.btrfs(&["subvolume", "snapshot", &world.path().display().to_string()], "snapshot");
    }
    if recipe.delete > 0.0 {
        for (nth, file) in files.iter().enumerate() {
            let run = u64::try_from(nth / 20).unwrap_or(0);
            let random =
                if recipe.delete_in_runs { Rng::with_seed(recipe.seed ^ (run << 20)).f64() } else { rng.f64() };
            if random < recipe.delete {
                // A full filesystem may not even let go of a file.
                let _ = fs::remove_file(file);
            }
        }
        sync(&world)?;
        if recipe.refill {
            fill(&world, recipe, share(recipe.budget(), recipe.delete / 2.0), "b", rng)?;
        }
    }
    sync(&world)?;
    if recipe.late {
        let path = world.spare(recipe.sizes[recipe.sizes.len() - 1] * MIB)?;
        AddDevice::new().add(&Filesystem::open(world.path())?, path)?;
    }
    // After a mount the cleaner takes block groups away that are empty.
    world.umount()?;
    world.mount("noatime")?;
    for _ in 0..2 {
        sync(&world)?;
        sleep(Duration::from_millis(400));
    }
    Ok(world)
}

fn sync(world: &World) -> Result<()> {
    match Filesystem::open(world.path())?.sync() {
        // What does not fit is not there.
        Err(error) if *error.kind() == btrfs::ErrorKind::NoSpace => Ok(()),
        done => Ok(done?),
    }
}

fn made(recipe: &Recipe) -> Result<World> {
    let mut sizes: Vec<_> = recipe.sizes.iter().map(|mib| mib * MIB).collect();
    sizes.truncate(sizes.len() - usize::from(recipe.late));
    let mut options = vec!["-K".to_owned(), "-d".to_owned(), name(recipe.data), "-m".to_owned(), name(recipe.metadata)];
    options.extend(recipe.mixed.then(|| "--mixed".to_owned()));
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    let world = World::new(&sizes, &options).or_else(|_| {
        // Some profiles take larger devices.
        let larger: Vec<_> = sizes.iter().map(|size| (*size).max(320 * MIB)).collect();
        World::new(&larger, &options)
    })?;
    world.umount()?;
    world.mount("noatime")?;
    Ok(world)
}

fn name(profile: Profile) -> String {
    profile.name().to_owned()
}

/// Writes files until there are so many bytes, nothing fits any more, or it takes too long.
fn fill(world: &World, recipe: &Recipe, bytes: u64, below: &str, rng: &mut Rng) -> Result<Vec<PathBuf>> {
    let mut noise = vec![0; 1 << 20];
    rng.fill(&mut noise);
    let (begun, mut files, mut done) = (Instant::now(), Vec::new(), 0);
    while done < bytes && begun.elapsed() < PATIENCE {
        let sorts = [Fill::Tiny, Fill::Tiny, Fill::Bulk, Fill::Bulk, Fill::Bulk, Fill::Big];
        let fill = if recipe.fill == Fill::Mixture { sorts[rng.usize(0..sorts.len())] } else { recipe.fill };
        let (size, times) = match fill {
            Fill::Tiny => (rng.u64(200..=2000), 300),
            Fill::Big => (evenly(rng, 8 * MIB, 300 * MIB), 1),
            Fill::Bulk | Fill::Mixture => (evenly(rng, 4096, 24 * MIB), 1),
        };
        for _ in 0..times {
            let directory = world.join(format!("{below}{}", files.len() / 500));
            let path = directory.join(format!("f{}", files.len()));
            files.push(path.clone());
            match write(&directory, &path, size, &noise) {
                Err(error) if is_full(&error) => return Ok(files),
                written => written.with_context(|| format!("writing {}", path.display()))?,
            }
            done += size;
        }
    }
    Ok(files)
}

fn is_full(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::StorageFull || error.raw_os_error() == Some(libc::ENOSPC)
}

fn write(directory: &Path, path: &Path, size: u64, noise: &[u8]) -> std::io::Result<()> {
    if !directory.exists() {
        fs::create_dir(directory)?;
    }
    let mut file = File::create(path)?;
    let mut left = size;
    while left > 0 {
        let piece = usize::try_from(left).unwrap_or(usize::MAX).min(noise.len());
        file.write_all(&noise[..piece])?;
        left -= u64::try_from(piece).unwrap_or(left);
    }
    Ok(())
}

/// Of all that is in the files of a filesystem.
pub(crate) fn checksum(root: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    let mut directories = vec![root.to_owned()];
    let mut bytes = vec![0; 1 << 20];
    while let Some(directory) = directories.pop() {
        let mut entries = fs::read_dir(&directory)?.collect::<std::io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            entry.file_name().hash(&mut hasher);
            if entry.file_type()?.is_dir() {
                directories.push(entry.path());
                continue;
            }
            let mut file = File::open(entry.path())?;
            loop {
                let read = file.read(&mut bytes).with_context(|| format!("reading {}", entry.path().display()))?;
                if read == 0 {
                    break;
                }
                bytes[..read].hash(&mut hasher);
            }
        }
    }
    Ok(hasher.finish())
}

/// Whether it can be written to: something is made, goes to the disk, and the filesystem is none the worse for it.
pub(crate) fn is_writable(world: &World) -> Result<bool> {
    let probe = world.join("probe");
    // A full filesystem has no room for it, and is writable all the same.
    let _ = fs::create_dir(&probe);
    let _ = fs::remove_dir(&probe);
    // What a commit that fails comes to shows below.
    let _ = Filesystem::open(world.path())?.sync();
    Ok(!world.is_read_only()?)
}
