//! `/metrics` as Prometheus reads it: the whole text by the rules of its format, and by `promtool` where that is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use stalk::clock::Clock;

use crate::app::Shop;
use crate::cluster::Nodes;
use crate::database::is_postgres;
use crate::ports::free_port;

/// A scrape, read strictly.
#[derive(Debug, Default)]
struct Scrape {
    /// Of each family.
    types: BTreeMap<String, String>,
    helps: BTreeSet<String>,
    /// Name and labels → value.
    samples: BTreeMap<String, f64>,
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// `a="b",c="d"`, without escapes: nothing here needs them.
fn are_labels(labels: &str) -> bool {
    labels.split(',').all(|label| {
        let Some((name, value)) = label.split_once("=\"") else { return false };
        is_name(name) && value.strip_suffix('"').is_some_and(|value| !value.contains(['"', '\\', '\n']))
    })
}

impl Scrape {
    fn read(text: &str) -> Result<Self, String> {
        let mut scrape = Self::default();
        let mut family = String::new();
        if !text.ends_with('\n') {
            return Err("the last line does not end".to_owned());
        }
        for line in text.lines() {
            scrape.line(line, &mut family).map_err(|what| format!("{what}: {line}"))?;
        }
        let silent = scrape.types.keys().find(|family| !scrape.samples.keys().any(|sample| sample.starts_with(family.as_str())));
        silent.map_or(Ok(()), |family| Err(format!("{family} has no sample")))?;
        Ok(scrape)
    }

    fn line(&mut self, line: &str, family: &mut String) -> Result<(), &'static str> {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, text) = help.split_once(' ').ok_or("a help without a text")?;
            name.clone_into(family);
            return if self.helps.insert(name.to_owned()) && is_name(name) && !text.is_empty() { Ok(()) } else { Err("a second help") };
        }
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').ok_or("a type without a name")?;
            if name != family || !["gauge", "counter"].contains(&kind) || (kind == "counter") != name.ends_with("_total") {
                return Err("a type that does not fit");
            }
            return if self.types.insert(name.to_owned(), kind.to_owned()).is_none() { Ok(()) } else { Err("a second type") };
        }
        let (series, value) = line.rsplit_once(' ').ok_or("no value")?;
        let (name, labels) = match series.split_once('{') {
            Some((name, rest)) => (name, rest.strip_suffix('}').ok_or("labels without an end")?),
            None => (series, "none=\"\""),
        };
        if name != family || !self.types.contains_key(name) {
            return Err("a sample outside its family, or before its type");
        }
        if !is_name(name) || !are_labels(labels) {
            return Err("a name or a label that is none");
        }
        let value: f64 = value.parse().map_err(|_| "a value that is no number")?;
        if !value.is_finite() || value < 0.0 {
            return Err("nothing here is endless or below zero");
        }
        if self.samples.insert(series.to_owned(), value).is_some() {
            return Err("the same series twice");
        }
        Ok(())
    }

    fn sum(&self, family: &str) -> f64 {
        let of = |sample: &str| sample.split('{').next() == Some(family);
        assert!(self.types.contains_key(family), "{family} is missing");
        self.samples.iter().filter(|(sample, _)| of(sample)).map(|(_, value)| value).sum()
    }
}

async fn scrape(listener: &str) -> Scrape {
    let answer = reqwest::get(format!("http://{listener}/metrics")).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text().await.unwrap();
    promtool(&text);
    Scrape::read(&text).unwrap_or_else(|what| panic!("{what}\n{text}"))
}

/// Prometheus' own opinion, where it can be had.
fn promtool(text: &str) {
    let started =
        Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut promtool) = started else { return println!("promtool is not installed; the rules are checked here alone") };
    promtool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    assert!(output.status.success(), "promtool: {}", String::from_utf8_lossy(&output.stderr));
    println!("promtool has nothing to say");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prometheus_reads_every_line_and_what_happens_is_counted() {
    let listener = format!("127.0.0.1:{}", free_port());
    let args = ["--metrics-listen", listener.as_str()];
    let nodes;
    let shop = if is_postgres() {
        let Some(mut opened) = Nodes::open(1, &[]).await else { return };
        opened.join("scraped", &args).await;
        opened.settled().await;
        nodes = opened;
        &nodes.shop
    } else {
        &Shop::open_with(&args, Clock::system()).await
    };
    let before = scrape(&listener).await;
    // On one node they are all here; of two the other has the operator, and this one follows no conversation of nobody's.
    let mut operator = shop.socket_of(&shop.owner).await;
    let mut visitor = shop.visitor().await;
    visitor.post(None, "how much is it?").await;
    operator.event("conversation.changed").await;
    let after = scrape(&listener).await;
    for (family, kind) in &after.types {
        if kind == "counter" {
            assert!(after.sum(family) >= before.sum(family), "{family} fell");
        }
    }
    if is_postgres() {
        assert_eq!((after.sum("stalk_redis_up"), after.sum("stalk_nodes")), (1.0, 2.0));
    } else {
        assert_eq!((before.sum("stalk_connections"), after.sum("stalk_connections")), (0.0, 2.0));
        assert!(after.sum("stalk_log_commands_total") > before.sum("stalk_log_commands_total"));
        assert!(after.sum("stalk_frames_sent_total") > before.sum("stalk_frames_sent_total"));
    }
}

#[test]
fn a_line_that_breaks_the_format_is_found() {
    let head = "# HELP a_total What.\n# TYPE a_total counter\n";
    let good = Scrape::read(&format!("{head}a_total{{of=\"x\"}} 1\na_total{{of=\"y\"}} 2\n")).unwrap();
    assert!((good.sum("a_total") - 3.0).abs() < f64::EPSILON);
    for bad in [
        "a_total 1",
        "a_total x\n",
        "b 1\n",
        "a_total -1\n",
        "a_total{x} 1\n",
        "a_total{x=\"1\"} 1\na_total{x=\"1\"} 2\n",
        "",
        "# TYPE a_total gauge\n",
    ] {
        assert!(Scrape::read(&format!("{head}{bad}")).is_err(), "{bad:?}");
    }
}
