//! Events that are lost for sure: a small receive buffer, and a reader that doesn't read.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use drbd::monitor::{MonitorOptions, Why};
use testbed::harness::Test;

use crate::follow::Follower;
use crate::pair::{A, B, Pair, drbdsetup};

pub(crate) const TESTS: &[Test] = testbed::tests![what_is_lost_is_told_and_healed];

/// The short form of the soak.
fn what_is_lost_is_told_and_healed() -> Result<()> {
    rounds(20, 1).map(drop)
}

/// What `cargo xtask soak drbd-lost` starts this binary for.
pub(crate) fn soak(arguments: &[String]) -> Option<ExitCode> {
    let [_, what, count, seed] = arguments else { return None };
    if what != "soak-drbd-lost" {
        return None;
    }
    let report = count.parse().context("ROUNDS").and_then(|count| rounds(count, seed.parse().context("SEED")?));
    Some(match report {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("soak-drbd-lost: {error:#}");
            ExitCode::FAILURE
        }
    })
}

type Burst = (&'static str, fn() -> Result<()>);

/// What happens while nobody reads.
const BURSTS: [Burst; 4] = [
    ("suspended and resumed", || {
        drbdsetup(&["suspend-io", "0"])?;
        drbdsetup(&["resume-io", "0"])
    }),
    ("Secondary and Primary", || {
        drbdsetup(&["secondary", "0"])?;
        drbdsetup(&["primary", "0"])
    }),
    ("disconnected and connected", || {
        A.disconnect()?;
        A.wait("cs:StandAlone")?;
        A.connect(&[])?;
        A.wait("cs:Connected")
    }),
    ("detached and attached", || {
        drbdsetup(&["detach", "1"])?;
        B.wait("ds:Diskless/UpToDate")?;
        B.attach(&[])?;
        B.wait("ds:UpToDate/UpToDate")
    }),
];

/// A resource that is there or not.
struct Third(bool);

impl Third {
    fn toggle(&mut self) -> Result<()> {
        self.0 = !self.0;
        drbdsetup(&[if self.0 { "new-resource" } else { "down" }, "third"])
    }
}

impl Drop for Third {
    fn drop(&mut self) {
        if self.0 {
            let _ = self.toggle();
        }
    }
}

/// Rounds of changes that nobody reads in time: after each a loss is told, and the model is the kernel's.
fn rounds(count: u32, seed: u64) -> Result<String> {
    let _pair = Pair::up_to_date()?;
    let mut third = Third(false);
    let mut follower = Follower::new(MonitorOptions::new().receive_buffer(1))?;
    let mut random = Random(seed);
    let (mut bursts, mut told, mut lost, mut overruns) = ([0_u32; BURSTS.len()], 0_u64, 0_u64, 0_u32);
    for round in 1..=count {
        let mut names = Vec::new();
        // The buffer holds two or three messages; each of these is more.
        for _ in 0..=random.below(2) {
            let which = random.below(BURSTS.len());
            let (name, act) = BURSTS[which];
            act().with_context(|| format!("seed {seed}, round {round}, {name}"))?;
            bursts[which] += 1;
            names.push(name);
        }
        // Leaves another state than the round began with, or not.
        if random.below(2) == 0 {
            third.toggle()?;
        }
        let before = follower.losses.len();
        let step = format!("seed {seed}, round {round}, {}", names.join(", "));
        follower.catch_up(&step)?;
        let losses = &follower.losses[before..];
        ensure!(!losses.is_empty(), "{step}: the loss isn't told");
        told += u64::try_from(losses.len())?;
        lost += losses.iter().filter_map(|lost| lost.messages).map(u64::from).sum::<u64>();
        overruns += u32::from(losses.iter().any(|lost| lost.why == Why::Overrun));
        if round % 100 == 0 {
            eprintln!("round {round} of {count}");
        }
    }
    let table: Vec<String> =
        BURSTS.iter().zip(bursts).map(|((name, _), times)| format!("| {name} | {times} |")).collect();
    let (linux, drbd) = (std::fs::read_to_string("/proc/sys/kernel/osrelease")?, follower.monitor.status());
    Ok(format!(
        "Linux {}, DRBD {}.\n\n{count} rounds, each with at least one loss told, each ended with every state in the model as in a\nfresh snapshot \
         and in `drbdsetup status` (counters that move without events are not compared):\n{told} losses told, {overruns} rounds with `ENOBUFS`, {lost} messages missing by their \
         numbers, {} updates.\n\n| what happened while nobody read | times |\n|---|---|\n{}",
        linux.trim(),
        drbd.version.as_deref().unwrap_or_default(),
        follower.updates,
        table.join("\n")
    ))
}

/// Numbers drawn from a seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap_or_default() % bound
    }
}
