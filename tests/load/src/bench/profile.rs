//! Where the server's processor time goes during one family of rows: `perf` samples the servers' core, and what it saw is drawn as a flame graph.
//! Stacks are unwound by the tables that every release binary has, so that what is profiled is what is measured.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::meter::real;
use crate::fault::{Result, fault};

/// Samples a second.
const RATE: &str = "199";
const WIDTH: f64 = 1600.0;
const ROW: f64 = 16.0;
/// Narrower ones are left out.
const NARROWEST: f64 = 0.5;

/// A `perf` that records.
pub struct Recorder {
    child: Child,
    samples: PathBuf,
}

impl Recorder {
    /// Begins to record what runs on a core.
    pub fn start(core: usize, folder: &Path) -> Result<Self> {
        let samples = folder.join("profile.data");
        let mut command = Command::new("perf");
        command.args(["record", "-e", "cpu-clock", "-F", RATE, "--call-graph", "dwarf,16384", "-C", &core.to_string(), "-o"]).arg(&samples);
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = spawned.map_err(|error| format!("perf cannot be started ({error}): install linux-perf"))?;
        Ok(Self { child, samples })
    }

    /// Ends, and draws what was seen into a file.
    pub fn draw(mut self, title: &str, svg: &Path) -> Result<()> {
        Command::new("kill").args(["-INT", &self.child.id().to_string()]).status()?;
        self.child.wait()?;
        let script = Command::new("perf").args(["script", "--no-inline", "-F", "comm,ip,sym", "-i"]).arg(&self.samples).output()?;
        let root = fold(&String::from_utf8_lossy(&script.stdout));
        if root.samples == 0 {
            return fault("perf saw nothing; does it have the right to? (kernel.perf_event_paranoid)");
        }
        Ok(std::fs::write(svg, picture(title, &root))?)
    }
}

/// A function, and what it called.
#[derive(Debug, Default)]
struct Frame {
    samples: u64,
    calls: BTreeMap<String, Frame>,
}

/// Adds up the stacks that `perf script` prints, one line per frame, the innermost first, with an empty line between samples.
fn fold(script: &str) -> Frame {
    let mut root = Frame::default();
    for sample in script.split("\n\n") {
        let mut lines = sample.lines().filter(|line| !line.trim().is_empty());
        let Some(comm) = lines.next().map(str::trim) else { continue };
        // The idle task, and perf itself.
        if comm.starts_with("swapper") || comm.starts_with("perf") {
            continue;
        }
        let mut stack: Vec<&str> = lines.filter_map(|line| line.trim().split_once(' ')).map(|(_, symbol)| symbol).collect();
        stack.push(comm);
        root.samples += 1;
        let mut at = &mut root;
        for name in stack.into_iter().rev() {
            at = at.calls.entry(name.to_owned()).or_default();
            at.samples += 1;
        }
    }
    root
}

fn picture(title: &str, root: &Frame) -> String {
    let mut boxes = String::new();
    let mut depth = 0;
    draw(root, (0.0, 0), WIDTH / real(root.samples), &mut boxes, &mut depth);
    let height = ROW * (f64::from(depth) + 3.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" font-family=\"monospace\" font-size=\"11\">\n\
         <text x=\"4\" y=\"14\">{} — {} samples, outermost on top; hover for names</text>\n{boxes}</svg>\n",
        escaped(title),
        root.samples
    )
}

fn draw(frame: &Frame, (x, level): (f64, u32), scale: f64, boxes: &mut String, depth: &mut u32) {
    *depth = (*depth).max(level);
    let mut left = x;
    for (name, call) in &frame.calls {
        let width = real(call.samples) * scale;
        if width >= NARROWEST {
            let (top, name) = (ROW * (f64::from(level) + 1.5), escaped(name));
            let hue = name.bytes().fold(0_u32, |hue, byte| hue.wrapping_mul(31).wrapping_add(byte.into())) % 55;
            write!(
                boxes,
                "<g><title>{name} — {}</title><rect x=\"{left:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{}\" fill=\"hsl({hue},75%,65%)\" stroke=\"#fff\" stroke-width=\"0.4\"/>",
                call.samples,
                ROW - 1.0
            )
            .ok();
            let letters = name.chars().take_while({
                let mut room = width / 6.8 - 1.0;
                move |_| {
                    room -= 1.0;
                    room > 0.0
                }
            });
            writeln!(boxes, "<text x=\"{:.1}\" y=\"{}\">{}</text></g>", left + 2.0, top + 12.0, cut(&letters.collect::<String>())).ok();
            draw(call, (left, level + 1), scale, boxes, depth);
        }
        left += width;
    }
}

/// A name that was cut in the middle of an entity loses the entity.
fn cut(name: &str) -> &str {
    match name.rfind('&') {
        Some(at) if !name[at..].contains(';') => &name[..at],
        _ => name,
    }
}

fn escaped(name: &str) -> String {
    name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_are_added_up_and_drawn() {
        let script = "stalk \n  1f write<u8>\n  2f main\n\nstalk \n  3f read\n  2f main\n\nswapper \n  4f idle\n";
        let root = fold(script);
        assert_eq!((root.samples, root.calls["stalk"].calls["main"].samples), (2, 2));
        let svg = picture("a & b", &root);
        assert!(svg.contains("write&lt;u8&gt; — 1") && svg.contains("a &amp; b") && !svg.contains("idle"));
    }
}
