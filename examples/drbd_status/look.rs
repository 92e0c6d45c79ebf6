//! The state: the kernel's, now or when it is as it should be, or one that was recorded.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use drbd::health::{self, Verdict};
use drbd::monitor::{Condition, MonitorOptions};
use drbd::{Name, Recording, Source, Status};

use crate::{Cli, screen};

/// The state of the resources asked for, with the verdict on it; and whether it came to what was waited for.
pub(crate) fn look(cli: &Cli) -> Result<(Status, Verdict, bool)> {
    let names: Vec<_> = cli.resources.iter().map(|name| Name::new(name.as_bytes())).collect();
    let (mut status, came) = match cli.wait {
        Some(condition) => wait(condition, &names, cli.timeout)?,
        None => (read(cli)?, true),
    };
    if let Some(missing) = names.iter().find(|name| status.resource(name.as_bytes()).is_none()) {
        match status.source {
            Source::Proc => bail!("{missing}: /proc/drbd doesn't tell the names of resources; leave it out"),
            _ => bail!("no resource is called {missing}; there {}", there_are(&status)),
        }
    }
    if !names.is_empty() {
        status.resources.retain(|resource| resource.name.as_ref().is_some_and(|own| names.contains(own)));
    }
    let verdict = health::assess_all(&status);
    Ok((status, verdict, came))
}

fn wait(condition: Condition, names: &[Name], timeout: Option<u64>) -> Result<(Status, bool)> {
    let mut monitor = MonitorOptions::new().wait_for_module().open()?;
    let came = monitor.wait_until(condition, names, timeout.map(Duration::from_secs))?;
    if !monitor.is_loaded() {
        bail!("DRBD was not loaded within the time");
    }
    Ok((monitor.status().clone(), came))
}

fn read(cli: &Cli) -> Result<Status> {
    if let Some(file) = &cli.record {
        let recording = Recording::take()?;
        // Nothing that is there is overwritten.
        let made = File::create_new(file).and_then(|mut made| made.write_all(&recording.to_bytes()));
        made.with_context(|| file.display().to_string())?;
        return Ok(recording.status()?);
    }
    match &cli.read {
        Some(file) => recorded(file),
        None => Ok(Status::read()?),
    }
}

/// What somebody recorded.
pub(crate) fn recorded(file: &Path) -> Result<Status> {
    let mut bytes = Vec::new();
    let read = match file.as_os_str() == "-" {
        true => io::stdin().read_to_end(&mut bytes),
        false => File::open(file).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.with_context(|| file.display().to_string())?;
    Status::from_recorded(&bytes).with_context(|| file.display().to_string())
}

fn there_are(status: &Status) -> String {
    let names: Vec<String> = status.resources.iter().map(screen::label).collect();
    if names.is_empty() { "are none".to_owned() } else { format!("are {}", names.join(", ")) }
}
