//! The logs of crowds: commands in, publications out.

use std::collections::HashMap;

use xpush::{Appended, ChannelId, Committed, Publication, Refusal};

use crate::clock::Clock;
use crate::crowds::{self, Done, Queued, Refused, Reply};
use crate::db::{Db, DbError, DbResult};
use crate::error::Error;
use crate::ids::{CrowdId, TenantId};
use crate::scope::TenantScope;

use super::log::{COMMIT_TIMEOUT, failed};
use super::logs::crowd_of;
use super::wire::publication;

/// Crowds (`g/…`).
pub(super) struct CrowdLog {
    db: Db,
    clock: Clock,
}

impl CrowdLog {
    pub(super) fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    async fn commit(&self, batch: &[Queued]) -> DbResult<Vec<Result<Done, Refused>>> {
        // A database that vanished without a word must not hold every writer.
        tokio::time::timeout(COMMIT_TIMEOUT, crowds::commit(&self.db, &self.clock, batch))
            .await
            .unwrap_or_else(|_| Err(DbError::Unreachable("the commit took too long".to_owned())))
    }

    /// Commits the batch, or asks for its commands one by one: one bad row must not refuse its neighbours.
    pub(super) async fn append(&self, batch: Vec<Queued>) -> Result<Committed<Reply, Queued>, Refusal> {
        match self.commit(&batch).await {
            Ok(answers) => Ok(answers.into_iter().map(|answer| appended(answer).map_err(Into::into)).collect()),
            Err(error) => failed(error, batch),
        }
    }

    pub(super) async fn since(
        &self,
        channel: &ChannelId,
        (tenant, crowd): (TenantId, CrowdId),
        after: u64,
        limit: usize,
    ) -> Result<Vec<Publication>, Refusal> {
        let (after, limit) = (i64::try_from(after).unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(200));
        let entries = crowds::since(&self.db, TenantScope::proven(tenant), crowd, after, limit).await.map_err(Error::from)?;
        Ok(entries.iter().filter_map(|entry| publication(channel.clone(), Some(entry.seq), &entry.envelope())).collect())
    }

    pub(super) async fn tops(&self, channels: &[ChannelId]) -> Result<Vec<(ChannelId, u64)>, Refusal> {
        let mut keys: Vec<(TenantId, CrowdId)> = channels.iter().filter_map(crowd_of).collect();
        keys.sort_unstable();
        keys.dedup();
        let tops: HashMap<CrowdId, i64> = crowds::tops(&self.db, &keys).await.map_err(Error::from)?.into_iter().collect();
        let top = |channel: &ChannelId| u64::try_from(*tops.get(&crowd_of(channel)?.1)?).ok();
        Ok(channels.iter().filter_map(|channel| Some((channel.clone(), top(channel)?))).collect())
    }
}

fn appended(answer: Result<Done, Refused>) -> Result<Appended<Reply>, Refusal> {
    let Done { reply, told } = answer.map_err(Error::from)?;
    let told = told.and_then(|entry| {
        let channel = crowds::log_channel(entry.tenant_id, entry.crowd_id).into();
        publication(channel, Some(entry.seq), &entry.envelope())
    });
    Ok(Appended { reply, publications: told.into_iter().collect(), follow: Vec::new() })
}
