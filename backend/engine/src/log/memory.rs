//! The log's memory twin: for tests, examples and the contract suite. Durable only as long as the process.

use std::collections::HashMap;
use std::future::{self, Future};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::channel::{ChannelId, Publication};
use crate::log::{Appended, ChannelLog, Committed};
use crate::refusal::{Code, Refusal};
use crate::writer::Turn;

/// Keeps every channel in memory. An entry is a channel and a JSON value; objects get their number as `seq`. The reply is that number.
#[derive(Default)]
pub struct MemoryLog {
    channels: Mutex<HashMap<ChannelId, Vec<Arc<RawValue>>>>,
}

impl MemoryLog {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<ChannelId, Vec<Arc<RawValue>>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append_one(&self, channel: ChannelId, mut value: Value) -> Result<Appended<u64>, Refusal> {
        let mut channels = self.channels();
        let entries = channels.entry(channel.clone()).or_default();
        let seq = number(entries.len()) + 1;
        if let Value::Object(fields) = &mut value {
            fields.insert("seq".to_owned(), Value::from(seq));
        }
        let data: Arc<RawValue> = to_raw_value(&value).map_err(|error| Refusal::new(Code::Internal, error.to_string()))?.into();
        entries.push(Arc::clone(&data));
        let publication = Publication { channel, seq: Some(seq), data };
        Ok(Appended { reply: seq, publications: vec![publication], follow: Vec::new() })
    }
}

impl ChannelLog for MemoryLog {
    type Entry = (ChannelId, Value);
    type Reply = u64;

    fn append(
        &self,
        batch: Vec<Self::Entry>,
        _turn: &mut Turn,
    ) -> impl Future<Output = Result<Committed<u64, Self::Entry>, Refusal>> + Send {
        future::ready(Ok(batch.into_iter().map(|(channel, value)| self.append_one(channel, value).map_err(Into::into)).collect()))
    }

    fn since(&self, channel: &ChannelId, after: u64, limit: usize) -> impl Future<Output = Result<Vec<Publication>, Refusal>> + Send {
        let channels = self.channels();
        let entries = channels.get(channel).map_or(&[][..], Vec::as_slice);
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        let found = entries.iter().enumerate().skip(skipped).take(limit);
        let publication =
            |(i, data): (usize, &Arc<RawValue>)| Publication { channel: channel.clone(), seq: Some(number(i) + 1), data: Arc::clone(data) };
        future::ready(Ok(found.map(publication).collect()))
    }

    fn tops(&self, channels: &[ChannelId]) -> impl Future<Output = Result<Vec<(ChannelId, u64)>, Refusal>> + Send {
        let kept = self.channels();
        let top = |channel: &ChannelId| kept.get(channel).map(|entries| (channel.clone(), number(entries.len())));
        future::ready(Ok(channels.iter().filter_map(top).collect()))
    }
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
