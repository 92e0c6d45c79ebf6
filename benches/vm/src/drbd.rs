//! DRBD's state read by the library, and by spawning `drbdsetup`, with more and more resources.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use bench_vm::{Drbd, Reader, Reading};
use testbed::command::run as run_program;

const RESOURCES: [u32; 4] = [1, 10, 100, 1000];
/// So short is one reading that several make a measurement.
const READINGS: u32 = 5;

/// Reads both ways `rounds` times, in turns, with each number of resources. They have a volume without a disk each.
pub(crate) fn run(kernel: String, rounds: u32) -> Result<Drbd> {
    let (mut made, mut samples, mut bytes) = (Made::default(), Vec::new(), Vec::new());
    let version = drbd::Status::read()?.version.context("the version of DRBD")?;
    for resources in RESOURCES {
        made.up_to(resources)?;
        println!("{resources} resources");
        for round in 0..rounds {
            for reader in [Reader::Library, Reader::Drbdsetup] {
                let begin = Instant::now();
                for _ in 0..READINGS {
                    read(reader, resources)?;
                }
                let seconds = begin.elapsed().as_secs_f64() / f64::from(READINGS);
                samples.push(Reading { resources, reader, round, seconds });
            }
        }
        bytes.push((resources, drbd::Recording::take()?.to_bytes().len().try_into()?));
    }
    Ok(Drbd { kernel, version, samples, bytes })
}

fn read(reader: Reader, resources: u32) -> Result<()> {
    let count = match reader {
        Reader::Library => black_box(drbd::Status::read()?).resources.len(),
        Reader::Drbdsetup => {
            let text = run_program("drbdsetup", ["status", "--verbose", "--statistics"])?;
            text.lines().filter(|line| !line.starts_with(' ') && line.contains(" role:")).count()
        }
    };
    ensure!(count == usize::try_from(resources)?, "{reader:?} sees {count} resources of {resources}");
    Ok(())
}

/// Resources; taken down when dropped.
#[derive(Default)]
struct Made(u32);

impl Made {
    fn up_to(&mut self, resources: u32) -> Result<()> {
        for number in self.0..resources {
            let (name, minor) = (format!("r{number}"), number.to_string());
            run_program("drbdsetup", ["new-resource", &name])?;
            self.0 = number + 1;
            run_program("drbdsetup", ["new-minor", &name, &minor, "0"])?;
        }
        Ok(())
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for number in 0..self.0 {
            let _ = run_program("drbdsetup", ["down", &format!("r{number}")]);
        }
    }
}
