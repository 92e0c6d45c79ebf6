//! The writing that is measured: the same bytes at the same places whatever is below.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bench_vm::{LARGE_FILE, OVERWRITES_PER_FSYNC, SMALL_FILES, Workload};
use fastrand::Rng;
use testbed::MIB;

const BLOCK: u64 = 4096;
const OVERWRITES: usize = 256;
const FILES_PER_DIRECTORY: usize = 16;
const OPERATIONS: usize = 384;

/// The files of one filesystem.
pub(crate) struct Files {
    root: PathBuf,
    random: Rng,
    small: Vec<PathBuf>,
    made: usize,
}

impl Files {
    /// Fills a filesystem: one large file and many small ones.
    pub(crate) fn new(root: &Path, seed: u64) -> Result<Self> {
        let mut files = Self { root: root.to_owned(), random: Rng::with_seed(seed), small: Vec::new(), made: 0 };
        let mut large = File::create(files.large()).context("making the large file")?;
        for _ in 0..LARGE_FILE / MIB {
            large.write_all(&files.bytes(MIB)?).context("filling the large file")?;
        }
        large.sync_all().context("fsync of the large file")?;
        for _ in 0..SMALL_FILES {
            files.copy()?;
        }
        Ok(files)
    }

    /// Does the work and gives the number of bytes that were written.
    pub(crate) fn work(&mut self, workload: Workload) -> Result<u64> {
        match workload {
            Workload::Overwrite => self.overwrite(),
            Workload::SchoolDay => self.school_day(),
        }
    }

    /// A database's way: a few blocks here and there, made durable every now and then.
    fn overwrite(&mut self) -> Result<u64> {
        let path = self.large();
        let file = OpenOptions::new().write(true).open(&path).with_context(|| format!("opening {}", path.display()))?;
        let mut written = 0;
        for count in 1..=OVERWRITES {
            let bytes = self.some_blocks()?;
            let length = u64::try_from(bytes.len())?;
            let place = self.random.u64(0..=(LARGE_FILE - length) / BLOCK) * BLOCK;
            file.write_all_at(&bytes, place).with_context(|| format!("writing {}", path.display()))?;
            written += length;
            if count % OVERWRITES_PER_FSYNC == 0 {
                file.sync_all().with_context(|| format!("fsync of {}", path.display()))?;
            }
        }
        Ok(written)
    }

    /// Half of the time a file is saved the way editors do; otherwise one is copied in or one is deleted.
    fn school_day(&mut self) -> Result<u64> {
        let mut written = 0;
        for _ in 0..OPERATIONS {
            written += match self.random.u8(0..4) {
                0 => self.copy()?,
                1 => self.delete()?,
                _ => self.save()?,
            };
        }
        Ok(written)
    }

    fn save(&mut self) -> Result<u64> {
        let path = self.small[self.random.usize(0..self.small.len())].clone();
        let new = path.with_extension("new");
        let bytes = self.some_blocks()?;
        let mut file = File::create(&new).with_context(|| format!("making {}", new.display()))?;
        file.write_all(&bytes).with_context(|| format!("writing {}", new.display()))?;
        file.sync_all().with_context(|| format!("fsync of {}", new.display()))?;
        fs::rename(&new, &path).with_context(|| format!("renaming {}", new.display()))?;
        Ok(u64::try_from(bytes.len())?)
    }

    fn copy(&mut self) -> Result<u64> {
        let directory = self.root.join(format!("class-{}", self.made / FILES_PER_DIRECTORY));
        fs::create_dir_all(&directory).with_context(|| format!("making {}", directory.display()))?;
        let path = directory.join(format!("homework-{}", self.made));
        let bytes = self.some_blocks()?;
        fs::write(&path, &bytes).with_context(|| format!("writing {}", path.display()))?;
        self.made += 1;
        self.small.push(path);
        Ok(u64::try_from(bytes.len())?)
    }

    fn delete(&mut self) -> Result<u64> {
        let path = self.small.swap_remove(self.random.usize(0..self.small.len()));
        fs::remove_file(&path).with_context(|| format!("deleting {}", path.display()))?;
        Ok(0)
    }

    /// 4 to 64 KiB.
    fn some_blocks(&mut self) -> Result<Vec<u8>> {
        let blocks = self.random.u64(1..=16);
        self.bytes(blocks * BLOCK)
    }

    /// Bytes that do not compress.
    fn bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(length)?];
        self.random.fill(&mut bytes);
        Ok(bytes)
    }

    fn large(&self) -> PathBuf {
        self.root.join("large")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_work() {
        let work = || {
            let directory = tempfile::tempdir().unwrap();
            let mut files = Files::new(directory.path(), 7).unwrap();
            let written = [Workload::Overwrite, Workload::SchoolDay].map(|workload| files.work(workload).unwrap());
            let mut names: Vec<_> =
                files.small.iter().map(|path| path.strip_prefix(directory.path()).unwrap().to_owned()).collect();
            names.sort();
            (written, names, fs::read(files.large()).unwrap())
        };
        let (first, second) = (work(), work());
        assert!(first == second);
        assert!(first.0.iter().all(|&bytes| bytes > 4 * MIB), "{:?}", first.0);
    }
}
