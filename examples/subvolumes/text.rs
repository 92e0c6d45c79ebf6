//! Trees and tables.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::SystemTime;

use btrfs::{SubvolumeEntry, SubvolumeFlags, SubvolumeId, SubvolumeInfo};
use jiff::Timestamp;

use crate::Listing;

/// A line: which subvolume it is about, and what the last column says; nothing for one that was deleted.
pub(crate) type Row<'a> = (&'a SubvolumeInfo, Option<String>);

/// Each subvolume with its whole path.
pub(crate) fn flat<'a>(entries: &[&'a SubvolumeEntry]) -> Vec<Row<'a>> {
    entries.iter().map(|entry| (&entry.info, entry.path().map(escaped))).collect()
}

/// Each subvolume below the one that it is in.
pub(crate) fn tree<'a>(base: &'a SubvolumeInfo, entries: &[&'a SubvolumeEntry]) -> Vec<Row<'a>> {
    let known: HashSet<_> = entries.iter().map(|entry| entry.info.id).collect();
    let mut inside = BTreeMap::<SubvolumeId, Vec<&SubvolumeEntry>>::new();
    for entry in entries {
        // One whose parent could not be listed hangs on the base, with its whole path.
        let parent = entry.info.parent_id.filter(|id| known.contains(id)).unwrap_or(base.id);
        inside.entry(parent).or_default().push(entry);
    }
    let mut rows = vec![(base, Some("/".to_owned()))];
    // What is still to be drawn, the next one last: the subvolume, the path above it, the lines before it, whether it is
    // the last in its parent.
    let mut open = Vec::new();
    let mut hang = |open: &mut Vec<_>, on: SubvolumeId, path: &'a Path, lines: &str| {
        let children = inside.remove(&on).unwrap_or_default().into_iter().rev().enumerate();
        open.extend(children.map(|(behind, child)| (child, path, lines.to_owned(), behind == 0)));
    };
    hang(&mut open, base.id, Path::new(""), "");
    while let Some((entry, above, lines, last)) = open.pop() {
        let path = entry.path().unwrap_or(above);
        let (branch, line) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let label = format!("{lines}{branch}{}", escaped(path.strip_prefix(above).unwrap_or(path)));
        rows.push((&entry.info, Some(label)));
        hang(&mut open, entry.info.id, path, &format!("{lines}{line}"));
    }
    rows
}

/// Writes the lines in columns.
pub(crate) fn write(out: &mut impl Write, rows: &[Row<'_>], listing: &Listing) -> io::Result<()> {
    let all = listing.subvolumes.iter().map(|entry| &entry.info).chain([&listing.base]);
    let by_uuid: HashMap<_, _> = all.filter_map(|info| Some((info.uuid?, info.id))).collect();
    let now = SystemTime::now();
    let mut table = vec![["ID", "GEN", "PARENT", "SOURCE", "FLAGS", "AGE", "PATH"].map(str::to_owned)];
    for (info, label) in rows {
        let dash = || "-".to_owned();
        let source = |uuid| by_uuid.get(&uuid).map_or_else(|| "?".to_owned(), SubvolumeId::to_string);
        table.push([
            info.id.to_string(),
            info.generation.to_string(),
            info.parent_id.map_or_else(dash, |id| id.to_string()),
            info.parent_uuid.map_or_else(dash, source),
            flags(info, label.is_none()),
            info.otime.map_or_else(dash, |made| age(made, now)),
            label.clone().unwrap_or_else(dash),
        ]);
    }
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..6).map(width).collect();
    for [id, generation, parent, source, flags, age, path] in &table {
        let [w0, w1, w2, w3, w4, w5] = [0, 1, 2, 3, 4, 5].map(|column| widths[column]);
        writeln!(out, "{id:>w0$}  {generation:>w1$}  {parent:>w2$}  {source:>w3$}  {flags:<w4$}  {age:>w5$}  {path}")?;
    }
    Ok(())
}

fn flags(info: &SubvolumeInfo, deleted: bool) -> String {
    let named = [
        (info.flags.contains(SubvolumeFlags::READ_ONLY), "ro"),
        (info.received_uuid.is_some(), "received"),
        (deleted, "deleted"),
    ];
    let names: Vec<_> = named.into_iter().filter_map(|(is, name)| is.then_some(name)).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(",") }
}

/// How long ago, in the largest unit that fits: `3d`.
fn age(made: SystemTime, now: SystemTime) -> String {
    let (Ok(made), Ok(now)) = (Timestamp::try_from(made), Timestamp::try_from(now)) else { return "?".to_owned() };
    let seconds = now.duration_since(made).as_secs();
    match seconds {
        ..0 => "future".to_owned(),
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A path that can neither break a line nor speak to the terminal.
pub(crate) fn escaped(path: impl AsRef<Path>) -> String {
    let mut text = String::new();
    for chunk in path.as_ref().as_os_str().as_bytes().utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' | '"' => text.push(character),
                _ => text.extend(character.escape_debug()),
            }
        }
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}
