//! The program `subvolumes`.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result};
use btrfs::Subvolume;
use btrfs::subvolume::CreateOptions;
use serde_json::Value;
use testbed::harness::{Test, skip};
use testbed::{World, command, unprivileged};

use crate::subvolumes::list::entries;

pub(crate) const TESTS: &[Test] = testbed::tests![
    it_shows_a_tree,
    it_shows_a_table_in_the_order_that_is_asked_for,
    it_shows_what_was_deleted,
    names_can_t_break_lines_or_speak_to_the_terminal,
    json_holds_every_name_as_it_is,
    whoever_is_not_root_sees_what_can_be_reached_and_is_told,
    thousands_are_listed_in_few_calls,
    exit_codes_are_what_an_administrator_expects,
    a_reader_that_has_seen_enough_is_no_error,
];

fn program(world: &World, options: &[&str]) -> Result<Output> {
    let path = world.path().as_os_str();
    command::output(&command::example("subvolumes")?.to_string_lossy(), options.iter().map(OsStr::new).chain([path]))
}

fn lines(output: &Output) -> Vec<Vec<String>> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

/// The last column from where its title stands.
fn last_column(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let column = text.lines().next().and_then(|title| title.find("PATH")).unwrap_or(0);
    text.lines().skip(1).map(|line| line.chars().skip(column).collect()).collect()
}

fn world() -> Result<World> {
    let world = World::small()?;
    for path in ["home", "home/anna", "mail", "home/anna/inner"] {
        world.btrfs(&["subvolume", "create"], path)?;
    }
    fs::create_dir_all(world.join("kept/days"))?;
    world.btrfs(&["subvolume", "snapshot", "-r", &world.join("home").to_string_lossy()], "kept/days/1")?;
    world.btrfs(&["filesystem", "sync"], "")?;
    Ok(world)
}

fn it_shows_a_tree() -> Result<()> {
    let world = world()?;
    let output = program(&world, &[])?;
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
    let expected = ["/", "├─ home", "│  └─ anna", "│     └─ inner", "├─ kept/days/1", "└─ mail"];
    assert_eq!(last_column(&output), expected);
    assert_eq!(last_column(&program(&world, &["--tree"])?), expected);
    Ok(())
}

fn it_shows_a_table_in_the_order_that_is_asked_for() -> Result<()> {
    let world = world()?;
    let output = program(&world, &["--table", "--sort", "id"])?;
    let listed = world.btrfs(&["subvolume", "list", "-p"], "")?;
    let witness: Vec<Vec<String>> =
        listed.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
    let lines = lines(&output);
    assert_eq!(lines[0], ["ID", "GEN", "PARENT", "SOURCE", "FLAGS", "AGE", "PATH"]);
    assert_eq!(lines.len() - 1, witness.len());
    for (line, witness) in lines[1..].iter().zip(&witness) {
        // ID 257 gen 8 parent 5 top level 5 path a
        assert_eq!([&line[0], &line[1], &line[2], &line[6]], [&witness[1], &witness[3], &witness[5], &witness[10]]);
        assert!(line[5].ends_with('s') || line[5].ends_with('m'), "just made: {line:?}");
    }
    assert_eq!(lines[5][3..5], ["256", "ro"]);
    assert_eq!(lines[1][3..5], ["-", "-"]);

    for (sort, expected) in [
        ("path", ["home", "home/anna", "home/anna/inner", "kept/days/1", "mail"]),
        ("age", ["home", "home/anna", "mail", "home/anna/inner", "kept/days/1"]),
    ] {
        assert_eq!(last_column(&program(&world, &["--table", "--sort", sort])?), expected, "{sort}");
    }
    fs::write(world.join("mail/new"), "")?;
    world.btrfs(&["filesystem", "sync"], "")?;
    let by_generation = last_column(&program(&world, &["--table", "--sort", "generation"])?);
    assert_eq!(by_generation.last().map(String::as_str), Some("mail"));
    Ok(())
}

fn it_shows_what_was_deleted() -> Result<()> {
    let world = world()?;
    let held = fs::File::create(world.join("mail/file"))?;
    let id = Subvolume::open(world.join("mail"))?.id()?;
    Subvolume::delete_in(fs::File::open(world.path())?, "mail")?;
    let tree = program(&world, &[])?;
    assert!(!String::from_utf8_lossy(&tree.stdout).contains("mail"));
    assert!(String::from_utf8_lossy(&tree.stdout).ends_with("1 deleted, not cleaned up yet (--deleted lists them)\n"));
    let deleted = lines(&program(&world, &["--deleted"])?);
    assert_eq!(deleted.len(), 2);
    assert_eq!([&deleted[1][0], &deleted[1][4], &deleted[1][6]], [&id.to_string(), "deleted", "-"]);
    let listed = world.btrfs(&["subvolume", "list", "-d"], "")?;
    assert!(listed.starts_with(&format!("ID {id} ")) && listed.lines().count() == 1, "{listed}");
    let json: Value = serde_json::from_slice(&program(&world, &["--deleted", "--json"])?.stdout)?;
    assert_eq!(json["subvolumes"].as_array().map(Vec::len), Some(1));
    assert_eq!((&json["subvolumes"][0]["id"], &json["subvolumes"][0]["path"]), (&id.0.into(), &Value::Null));
    drop(held);
    Ok(())
}

/// Names that a listing could stumble over.
const ODD: [&[u8]; 6] =
    [b"two\nlines", b"caf\xe9", b"red\x1b[31m", b"a b", "\u{202e}lrt".as_bytes(), "back\\n".as_bytes()];

fn odd() -> Result<World> {
    let world = World::small()?;
    for name in ODD {
        CreateOptions::new().create_at(world.join(OsStr::from_bytes(name)))?;
    }
    Ok(world)
}

fn names_can_t_break_lines_or_speak_to_the_terminal() -> Result<()> {
    let world = odd()?;
    let output = program(&world, &["--table", "--sort", "id"])?;
    let expected = [r"two\nlines", r"caf\xe9", r"red\u{1b}[31m", "a b", r"\u{202e}lrt", r"back\\n"];
    assert_eq!(last_column(&output), expected);
    let tree = program(&world, &[])?;
    assert_eq!(tree.stdout.iter().filter(|byte| **byte == b'\n').count(), 2 + ODD.len());
    assert!(!String::from_utf8(tree.stdout)?.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')));
    Ok(())
}

fn json_holds_every_name_as_it_is() -> Result<()> {
    let world = odd()?;
    let json: Value = serde_json::from_slice(&program(&world, &["--json", "--sort", "id"])?.stdout)?;
    assert_eq!((&json["complete"], &json["errors"]), (&true.into(), &Value::Array(Vec::new())));
    assert_eq!((&json["base"]["id"], &json["base"]["path"]), (&5.into(), &"".into()));
    let objects = json["subvolumes"].as_array().context("no subvolumes")?;
    let entries = entries(&world)?;
    assert_eq!(objects.len(), entries.len());
    for ((object, entry), name) in objects.iter().zip(&entries).zip(ODD) {
        let bytes = match &object["path_bytes"] {
            Value::Null => object["path"].as_str().context("no path")?.as_bytes().to_owned(),
            bytes => serde_json::from_value(bytes.clone())?,
        };
        assert_eq!(bytes, name);
        assert_eq!(object["path_bytes"].is_null(), std::str::from_utf8(name).is_ok());
        assert_eq!(object["id"], entry.info.id.0);
        assert_eq!(object["uuid"].as_str(), entry.info.uuid.map(|uuid| uuid.to_string()).as_deref());
        assert_eq!(object["parent_id"], 5);
        assert_eq!(object["generation"], entry.info.generation.0);
        let made: jiff::Timestamp = object["otime"].as_str().context("no time")?.parse()?;
        assert_eq!(Some(made), entry.info.otime.and_then(|time| jiff::Timestamp::try_from(time).ok()));
    }
    Ok(())
}

fn whoever_is_not_root_sees_what_can_be_reached_and_is_told() -> Result<()> {
    let world = world()?;
    // A copy that anybody may run, wherever this was built.
    let copy = PathBuf::from(format!("{}/subvolumes-{}", testbed::ROOT, std::process::id()));
    fs::copy(command::example("subvolumes")?, &copy)?;
    let run = |options: &[&str]| {
        let arguments = options.iter().map(OsStr::new).chain([world.path().as_os_str()]).collect::<Vec<_>>();
        unprivileged(|| command::output(&copy.to_string_lossy(), arguments))
    };
    let (tree, deleted) = (run(&[])?, run(&["--deleted"])?);
    fs::set_permissions(world.join("home/anna"), fs::Permissions::from_mode(0o700))?;
    let (closed, json) = (run(&[])?, run(&["--json"])?);
    fs::remove_file(&copy)?;

    assert_eq!(tree.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&tree.stderr).contains("that you can reach"), "{tree:?}");
    assert_eq!(last_column(&tree), last_column(&program(&world, &["--tree"])?), "all of them can be");
    assert_eq!(deleted.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&deleted.stderr).contains("CAP_SYS_ADMIN"), "{deleted:?}");
    assert_eq!(closed.status.code(), Some(1));
    assert_eq!(last_column(&closed), ["/", "├─ home", "├─ kept/days/1", "└─ mail"]);
    assert!(String::from_utf8_lossy(&closed.stderr).contains("home/anna (subvolume 257): it can't be entered"));
    let json: Value = serde_json::from_slice(&json.stdout)?;
    assert_eq!(json["complete"], false);
    assert_eq!(json["errors"].as_array().map(Vec::len), Some(1));
    Ok(())
}

fn thousands_are_listed_in_few_calls() -> Result<()> {
    if Command::new("strace").arg("-V").output().is_err() {
        return skip("needs strace: the independent witness of system calls");
    }
    let world = World::small()?;
    for (parent, count) in [("", 1000), ("directory", 1000)] {
        fs::create_dir_all(world.join(parent))?;
        let directory = fs::File::open(world.join(parent))?;
        for number in 0..count {
            CreateOptions::new().create(&directory, format!("s{number}"))?;
        }
    }
    world.btrfs(&["filesystem", "sync"], "")?;
    let log = world.join("calls");
    let traced = ["-f", "-e", "trace=ioctl", "-o"].map(OsStr::new);
    let program = command::example("subvolumes")?;
    let arguments = [log.as_os_str(), program.as_os_str(), OsStr::new("--table"), world.path().as_os_str()];
    let shown = command::run("strace", traced.into_iter().chain(arguments))?;
    assert_eq!(shown.lines().count(), 2001);
    let paths: BTreeSet<_> = shown.lines().filter_map(|line| line.split_whitespace().nth(6)).map(Path::new).collect();
    assert!(paths.contains(Path::new("directory/s999")) && paths.contains(Path::new("s0")));
    let calls = fs::read_to_string(&log)?.lines().filter(|line| line.contains("ioctl(")).count();
    // A hundred subvolumes and more to a call, and nothing is read twice; for btrfs-progs it is one and more each.
    assert!(calls < 35, "{calls} calls for 2000 subvolumes");
    Ok(())
}

fn exit_codes_are_what_an_administrator_expects() -> Result<()> {
    let program = command::example("subvolumes")?.to_string_lossy().into_owned();
    for (arguments, code, says) in [
        (vec!["/proc"], 1, "not on a btrfs filesystem"),
        (vec!["/missing"], 1, "/missing"),
        (vec![], 2, "PATH"),
        (vec!["--table", "--json", "/"], 2, "cannot be used with"),
        (vec!["--sort", "size", "/"], 2, "possible values"),
    ] {
        let output = command::output(&program, &arguments)?;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(output.stdout.is_empty());
        assert!(String::from_utf8_lossy(&output.stderr).contains(says), "{output:?}");
    }
    let help = command::run(&program, ["--help"])?;
    assert!(help.contains("Exit codes:") && help.contains("JSON:"), "{help}");
    Ok(())
}

fn a_reader_that_has_seen_enough_is_no_error() -> Result<()> {
    let world = World::small()?;
    let parent = fs::File::open(world.path())?;
    // More than a pipe holds.
    for number in 0..600 {
        CreateOptions::new().create(&parent, format!("{number:0>250}"))?;
    }
    let mut child = Command::new(command::example("subvolumes")?)
        .arg(world.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut first = [0; 10];
    child.stdout.take().context("no pipe")?.read_exact(&mut first)?;
    let output = child.wait_with_output()?;
    assert_eq!((output.status.code(), String::from_utf8(output.stderr)?), (Some(0), String::new()));
    Ok(())
}
