//! The state as metrics, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context, Result};
use drbd::health::{self, Severity};
use drbd::{Bytes, Connection, Device, PeerDevice, Resource, Status};
use prometheus::core::{Collector, MetricVec, MetricVecBuilder};
use prometheus::{CounterVec, GaugeVec, Opts, Registry, TextEncoder};

use crate::screen::label;

/// Labels and their values.
type Labels<'a> = BTreeMap<&'a str, String>;

/// The metrics that there are so far, each made when it is first told.
#[derive(Default)]
struct Metrics {
    registry: Registry,
    gauges: BTreeMap<&'static str, GaugeVec>,
    counters: BTreeMap<&'static str, CounterVec>,
}

/// Has a metric made when it is first told, and gives the one with these labels.
fn told<B: MetricVecBuilder>(
    registry: &Registry,
    known: &mut BTreeMap<&'static str, MetricVec<B>>,
    name: &'static str,
    labels: &Labels<'_>,
    make: impl FnOnce(&[&str]) -> prometheus::Result<MetricVec<B>>,
) -> Result<B::M>
where
    MetricVec<B>: Collector + 'static,
{
    if !known.contains_key(name) {
        let names: Vec<_> = labels.keys().copied().collect();
        let metric = make(&names)?;
        registry.register(Box::new(metric.clone()))?;
        known.insert(name, metric);
    }
    let values: Vec<_> = labels.values().map(String::as_str).collect();
    Ok(known[name].get_metric_with_label_values(&values)?)
}

impl Metrics {
    fn gauge(&mut self, name: &'static str, help: &str, labels: &Labels<'_>, value: f64) -> Result<()> {
        let make = |names: &[&str]| GaugeVec::new(Opts::new(name, help), names);
        told(&self.registry, &mut self.gauges, name, labels, make)?.set(value);
        Ok(())
    }

    /// The one that a state is, as 1 with a label.
    fn state(&mut self, name: &'static str, help: &str, labels: &Labels<'_>, state: &str) -> Result<()> {
        let labels = labels.clone().into_iter().chain([("state", state.to_owned())]).collect();
        self.gauge(name, help, &labels, 1.0)
    }

    fn counter(&mut self, name: &'static str, help: &str, labels: &Labels<'_>, value: Option<f64>) -> Result<()> {
        let Some(value) = value else { return Ok(()) };
        let make = |names: &[&str]| CounterVec::new(Opts::new(name, help), names);
        told(&self.registry, &mut self.counters, name, labels, make)?.inc_by(value);
        Ok(())
    }

    fn maybe(&mut self, name: &'static str, help: &str, labels: &Labels<'_>, value: Option<f64>) -> Result<()> {
        value.map_or(Ok(()), |value| self.gauge(name, help, labels, value))
    }
}

/// What there is to tell; without a state, that there is none.
pub(crate) fn text(status: Option<&Status>, severity: Severity) -> Result<String> {
    let mut metrics = Metrics::default();
    let none = Labels::new();
    metrics.gauge("drbd_up", "Whether the state could be read.", &none, yes(status.is_some()))?;
    let help = "The verdict on all resources: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.";
    metrics.gauge("drbd_severity", help, &none, severity.exit_code().into())?;
    if let Some(status) = status {
        let version = status.version.clone().unwrap_or_default();
        metrics.gauge("drbd_info", "The version of DRBD.", &Labels::from([("version", version)]), 1.0)?;
        status.resources.iter().try_for_each(|own| resource(&mut metrics, own))?;
    }
    Ok(TextEncoder::new().encode_to_string(&metrics.registry.gather())?)
}

fn resource(metrics: &mut Metrics, own: &Resource) -> Result<()> {
    let labels = Labels::from([("resource", label(own))]);
    let severity = health::assess(own).severity.exit_code();
    let help = "The verdict on a resource: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.";
    metrics.gauge("drbd_resource_severity", help, &labels, severity.into())?;
    metrics.state("drbd_resource_role", "The role of this node.", &labels, &own.role.to_string())?;
    let suspended = yes(own.suspended.any());
    metrics.gauge("drbd_resource_suspended", "Whether I/O is suspended.", &labels, suspended)?;
    own.devices.iter().try_for_each(|device| of_device(metrics, &labels, device))?;
    own.connections.iter().try_for_each(|connection| of_connection(metrics, &labels, connection))
}

fn of_device(metrics: &mut Metrics, resource: &Labels<'_>, own: &Device) -> Result<()> {
    let mut labels = resource.clone();
    labels.extend([("volume", volume(own.volume)), ("minor", own.minor.to_string())]);
    metrics.state("drbd_device_disk", "The state of this node's copy.", &labels, &own.disk.to_string())?;
    metrics.maybe("drbd_device_size_bytes", "The size of the volume.", &labels, own.size.map(bytes))?;
    metrics.maybe("drbd_device_quorum", "Whether the quorum is there.", &labels, own.quorum.map(yes))?;
    let pending = own.upper_pending.map(f64::from);
    metrics.maybe("drbd_device_upper_pending", "Requests from above that wait.", &labels, pending)?;
    let pending = own.lower_pending.map(f64::from);
    metrics.maybe("drbd_device_lower_pending", "Requests to the backing device that wait.", &labels, pending)?;
    let help = "Read from the backing device.";
    metrics.counter("drbd_device_read_bytes_total", help, &labels, own.read.map(bytes))?;
    let help = "Written to the backing device.";
    metrics.counter("drbd_device_written_bytes_total", help, &labels, own.written.map(bytes))?;
    let help = "Updates of the activity log.";
    metrics.counter("drbd_device_al_writes_total", help, &labels, own.al_writes.map(float))?;
    metrics.counter("drbd_device_bm_writes_total", "Updates of the bitmap.", &labels, own.bm_writes.map(float))
}

fn of_connection(metrics: &mut Metrics, resource: &Labels<'_>, own: &Connection) -> Result<()> {
    let mut labels = resource.clone();
    labels.insert("peer", own.peer_label());
    metrics.state("drbd_connection", "The state of the connection.", &labels, &own.state.to_string())?;
    metrics.state("drbd_connection_peer_role", "The role of the peer.", &labels, &own.role.to_string())?;
    let congested = own.congested.map(yes);
    metrics.maybe("drbd_connection_congested", "Whether the send buffer is too full.", &labels, congested)?;
    own.peer_devices.iter().try_for_each(|peer| of_peer_device(metrics, &labels, peer))
}

fn of_peer_device(metrics: &mut Metrics, connection: &Labels<'_>, own: &PeerDevice) -> Result<()> {
    let mut labels = connection.clone();
    labels.insert("volume", volume(own.volume));
    let replication = own.replication.to_string();
    metrics.state("drbd_peer_device_replication", "What happens between two copies.", &labels, &replication)?;
    metrics.state("drbd_peer_device_disk", "The state of the peer's copy.", &labels, &own.disk.to_string())?;
    let help = "What two copies are known to differ in.";
    metrics.maybe("drbd_peer_device_out_of_sync_bytes", help, &labels, own.out_of_sync.map(bytes))?;
    let help = "What could not be brought up to date.";
    metrics.maybe("drbd_peer_device_resync_failed_bytes", help, &labels, own.resync_failed.map(bytes))?;
    let pending = own.pending.map(f64::from);
    metrics.maybe("drbd_peer_device_pending", "Requests that the peer has not answered.", &labels, pending)?;
    let unacked = own.unacked.map(f64::from);
    metrics.maybe("drbd_peer_device_unacked", "Requests of the peer that are not answered.", &labels, unacked)?;
    let help = "Received from the peer.";
    metrics.counter("drbd_peer_device_received_bytes_total", help, &labels, own.received.map(bytes))?;
    metrics.counter("drbd_peer_device_sent_bytes_total", "Sent to the peer.", &labels, own.sent.map(bytes))?;
    let Some(progress) = own.progress() else { return Ok(()) };
    let done = Some(f64::from(progress.hundredths) / 10_000.0);
    metrics.maybe("drbd_peer_device_done_ratio", "The share of a resync or verify that is done.", &labels, done)?;
    let help = "The speed of a resync or verify.";
    metrics.maybe("drbd_peer_device_bytes_per_second", help, &labels, progress.rate.map(bytes))?;
    let finish = progress.finish.map(|finish| finish.as_secs_f64());
    metrics.maybe("drbd_peer_device_left_seconds", "How long a resync or verify takes yet.", &labels, finish)
}

/// `/proc/drbd` does not tell.
fn volume(number: Option<u32>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn yes(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}

fn bytes(bytes: Bytes) -> f64 {
    float(bytes.0)
}

fn float(value: u64) -> f64 {
    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "the format has floats; exact up to 2^53")]
    let float = value as f64;
    float
}

/// Writes the file at once, so that nobody reads half of it.
pub(crate) fn write(file: &Path, text: &str) -> Result<()> {
    if file.as_os_str() == "-" {
        return Ok(io::stdout().write_all(text.as_bytes())?);
    }
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(directory)?;
    new.write_all(text.as_bytes())?;
    // The node exporter is another user.
    fs::set_permissions(new.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    new.persist(file).map(drop).context("renaming it")
}
