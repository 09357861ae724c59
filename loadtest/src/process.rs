//! What the kernel counts about a process.

use std::time::Duration;

use rustix::param::clock_ticks_per_second;

use crate::outcome::Outcome;

/// Counters of a process, read from `/proc`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// Time its threads ran, in user and kernel, those that have ended included.
    pub cpu: Duration,
    /// Bytes it caused to be written to storage.
    pub written: u64,
}

/// Counters of the process `pid`; also of one that has ended and was not waited for.
///
/// # Errors
/// There is no such process, or it may not be looked at.
pub fn counters(pid: u32) -> Outcome<Counters> {
    Ok(Counters {
        cpu: cpu(&read(pid, "stat")?)?,
        written: written(&read(pid, "io")?)?,
    })
}

/// Counters of this process.
///
/// # Errors
/// They cannot be read.
pub fn own_counters() -> Outcome<Counters> {
    counters(std::process::id())
}

/// The largest resident memory that the process `pid` ever had, in bytes.
///
/// # Errors
/// There is no such process, or it has ended.
pub fn peak_memory(pid: u32) -> Outcome<u64> {
    memory(&read(pid, "status")?, "VmHWM:")
}

/// The resident memory of the process `pid`, in bytes.
///
/// # Errors
/// There is no such process, or it has ended.
pub fn memory_now(pid: u32) -> Outcome<u64> {
    memory(&read(pid, "status")?, "VmRSS:")
}

/// Whether the process `pid`, a child that was not waited for, has ended.
///
/// # Errors
/// It cannot be looked at.
pub fn has_ended(pid: u32) -> Outcome<bool> {
    let stat = read(pid, "stat")?;
    Ok(matches!(after_name(&stat)?.first(), Some(&"Z" | &"X")))
}

/// Name, state and place of waiting of each thread of the process `pid`, for whoever wonders why it
/// does not answer.
///
/// # Errors
/// There is no such process, or it may not be looked at.
pub fn threads(pid: u32) -> Outcome<Vec<String>> {
    let mut threads = Vec::new();
    for entry in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let path = entry?.path();
        let text = |name| std::fs::read_to_string(path.join(name)).unwrap_or_default();
        let (name, stat, waits) = (text("comm"), text("stat"), text("wchan"));
        let state = after_name(&stat)?
            .first()
            .copied()
            .unwrap_or("?")
            .to_owned();
        threads.push(format!("{} {state} {waits}", name.trim()));
    }
    Ok(threads)
}

fn read(pid: u32, name: &str) -> Outcome<String> {
    let path = format!("/proc/{pid}/{name}");
    std::fs::read_to_string(&path).map_err(|error| format!("`{path}`: {error}").into())
}

fn cpu(stat: &str) -> Outcome<Duration> {
    let fields = after_name(stat)?;
    // `utime` and `stime` are fields 14 and 15 of proc(5); the name is the second.
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let ticks = ticks(11)
        .zip(ticks(12))
        .ok_or("no times in a `stat` of /proc")?;
    let nanos = (ticks.0 + ticks.1) * 1_000_000_000 / clock_ticks_per_second().max(1);
    Ok(Duration::from_nanos(nanos))
}

/// The fields after the program's name, which may hold spaces and brackets.
fn after_name(stat: &str) -> Outcome<Vec<&str>> {
    let (_, fields) = stat
        .rsplit_once(')')
        .ok_or("no name in a `stat` of /proc")?;
    Ok(fields.split_whitespace().collect())
}

fn written(io: &str) -> Outcome<u64> {
    let line = io
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes: "));
    Ok(line
        .ok_or("no `write_bytes` in an `io` of /proc")?
        .trim()
        .parse()?)
}

fn memory(status: &str, name: &str) -> Outcome<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: u64 = kilobytes
        .ok_or("no memory in a `status` of /proc")?
        .parse()?;
    Ok(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_counters_are_read() {
        assert!(own_counters().is_ok());
        let pid = std::process::id();
        let now = memory_now(pid).unwrap();
        assert!(peak_memory(pid).unwrap() >= now);
        assert!(!has_ended(pid).unwrap());
        assert!(
            threads(pid)
                .unwrap()
                .iter()
                .any(|thread| thread.contains(" R "))
        );
    }

    #[test]
    fn names_with_brackets_do_not_shift_the_fields() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 3 0 1 2 3";
        let ticks = clock_ticks_per_second();
        assert_eq!(
            cpu(stat).unwrap(),
            Duration::from_nanos(300_000_000_000 / ticks)
        );
        assert!(cpu("7 (a").is_err());
    }

    #[test]
    fn an_ended_child_still_has_counters() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        while !has_ended(child.id()).unwrap() {
            std::thread::yield_now();
        }
        assert!(counters(child.id()).is_ok());
        child.wait().unwrap();
        assert!(counters(child.id()).is_err());
    }
}
