//! What is read of everybody who says hello, of many in one statement: after a restart, or when a campaign begins, everybody comes at once. Who
//! comes alone waits for nobody.

use std::collections::VecDeque;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::conversations;
use crate::db::{Db, DbError, DbResult};
use crate::ids::{ConversationId, TenantId, VisitorId};
use crate::scope::{SiteScope, TenantScope};
use crate::visitors::{self, Visitor};

/// Of so many in one statement.
const TOGETHER: usize = 256;

/// A question and where its answer goes.
struct Ask<K, V> {
    key: K,
    answer: oneshot::Sender<DbResult<V>>,
}

type Known = Ask<(TenantId, VisitorId), Option<Visitor>>;
type Latest = Ask<(SiteScope, VisitorId), Option<ConversationId>>;

enum Asked {
    Known(Known),
    Latest(Latest),
}

/// The asking end.
pub(super) struct Arrivals(mpsc::UnboundedSender<Asked>);

/// The reading end.
pub(super) struct Reading {
    db: Db,
    asked: mpsc::UnboundedReceiver<Asked>,
}

/// Both ends.
pub(super) fn arrivals(db: Db) -> (Arrivals, Reading) {
    let (ask, asked) = mpsc::unbounded_channel();
    (Arrivals(ask), Reading { db, asked })
}

impl Arrivals {
    /// The row of a visitor, if they have one.
    pub(super) async fn known(&self, scope: TenantScope, visitor: VisitorId) -> DbResult<Option<Visitor>> {
        self.ask((scope.tenant(), visitor), Asked::Known).await
    }

    /// Which conversation a visitor sees.
    pub(super) async fn latest(&self, scope: SiteScope, visitor: VisitorId) -> DbResult<Option<ConversationId>> {
        self.ask((scope, visitor), Asked::Latest).await
    }

    async fn ask<K, V>(&self, key: K, what: impl FnOnce(Ask<K, V>) -> Asked) -> DbResult<V> {
        let stopping = || DbError::Unreachable("this node is stopping".to_owned());
        let (answer, answered) = oneshot::channel();
        self.0.send(what(Ask { key, answer })).map_err(|_| stopping())?;
        answered.await.unwrap_or_else(|_| Err(stopping()))
    }
}

impl Reading {
    /// Reads until `stop`.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut waiting = Vec::with_capacity(TOGETHER);
        while stop.run_until_cancelled(self.asked.recv_many(&mut waiting, TOGETHER)).await.is_some_and(|count| count > 0) {
            let (mut known, mut latest) = (Vec::new(), Vec::new());
            for asked in waiting.drain(..) {
                match asked {
                    Asked::Known(ask) => known.push(ask),
                    Asked::Latest(ask) => latest.push(ask),
                }
            }
            let (one, other) = tokio::join!(self.known(known), self.latest(latest));
            if one.and(other).is_err() {
                // Who asked meanwhile has waited as long, for the same database.
                while let Ok(asked) = self.asked.try_recv() {
                    drop(asked);
                }
            }
        }
    }

    async fn known(&self, asks: Vec<Known>) -> Result<(), ()> {
        let keys: Vec<_> = asks.iter().map(|ask| ask.key).collect();
        let read = if keys.is_empty() { Ok(Vec::new()) } else { visitors::find_all(&self.db, &keys).await };
        answer(asks, read)
    }

    async fn latest(&self, asks: Vec<Latest>) -> Result<(), ()> {
        let keys: Vec<_> = asks.iter().map(|ask| ask.key).collect();
        let read = if keys.is_empty() { Ok(Vec::new()) } else { conversations::latest_ids(&self.db, &keys).await };
        answer(asks, read)
    }
}

/// Answers each with what was read at its place.
fn answer<K, V>(asks: Vec<Ask<K, Option<V>>>, read: DbResult<Vec<(i64, V)>>) -> Result<(), ()> {
    let mut rows = match read {
        Ok(mut rows) => {
            rows.sort_unstable_by_key(|(place, _)| *place);
            VecDeque::from(rows)
        }
        Err(error) => {
            tracing::warn!(error = %error, "those who came could not be read");
            for ask in asks {
                ask.answer.send(Err(DbError::Unreachable(error.to_string()))).ok();
            }
            return Err(());
        }
    };
    for (place, ask) in (0..).zip(asks) {
        let found = rows.pop_front_if(|(of, _)| *of == place).map(|(_, row)| row);
        // Who asked may have gone.
        ask.answer.send(Ok(found)).ok();
    }
    Ok(())
}
