//! Who is let in: apps by key, remembered for a few seconds, since every connection asks for one.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use subtle::ConstantTimeEq as _;

use super::{ChannelApp, Comer, store};
use crate::clock::{Clock, Millis};
use crate::db::{Db, DbResult};
use crate::scope::SystemScope;

/// Another node's change is seen after so long; this node's at once.
const FRESH: Duration = Duration::from_secs(5);
/// More keys than this are forgotten together: a scan of made-up keys must not fill the memory.
const MOST: usize = 10_000;

#[derive(Default)]
struct Remembered {
    by_key: HashMap<String, (Instant, Option<Arc<ChannelApp>>)>,
    /// Counts changes: what was read before one is not remembered after it.
    changes: u64,
}

/// Admits clients, and knows which apps there are.
#[derive(Clone)]
pub struct ChannelApps {
    db: Db,
    clock: Clock,
    /// Those that the settings open to everybody; they belong to nobody.
    open: Arc<HashSet<String>>,
    monitor_token: Option<Arc<str>>,
    known: Arc<Mutex<Remembered>>,
}

impl ChannelApps {
    /// Knows tenants' apps, and those of the settings.
    pub fn new((db, clock): (&Db, &Clock), open: &[String], monitor_token: Option<String>) -> Self {
        let open = open.iter().map(|app| app.trim().to_owned()).filter(|app| !app.is_empty()).collect();
        let monitor_token = monitor_token.filter(|token| !token.is_empty()).map(Into::into);
        Self { db: db.clone(), clock: clock.clone(), open: Arc::new(open), monitor_token, known: Arc::default() }
    }

    /// Whether there is such an app.
    pub async fn exists(&self, key: &str) -> DbResult<bool> {
        Ok(self.open.contains(key) || self.find(key).await?.is_some())
    }

    /// Lets somebody in, as the user that is proven; or says why not.
    pub async fn admit(&self, comer: Comer<'_>) -> Result<Option<String>, String> {
        if self.open.contains(comer.app) {
            return Ok(None);
        }
        let app = self.find(comer.app).await.map_err(|error| {
            tracing::error!(%error, "an app could not be read");
            "something went wrong on our side; try again".to_owned()
        })?;
        app.ok_or_else(|| "there is no such app".to_owned())?.admit(comer, self.clock.now())
    }

    /// Whether a token opens the monitoring; nobody's does where none is set.
    pub fn admits_monitor(&self, token: &str) -> bool {
        self.monitor_token.as_ref().is_some_and(|right| right.as_bytes().ct_eq(token.as_bytes()).into())
    }

    /// Now.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// After an app was changed or removed.
    pub fn forget(&self, key: &str) {
        self.with(|known| {
            known.changes += 1;
            known.by_key.remove(key);
        });
    }

    async fn find(&self, key: &str) -> DbResult<Option<Arc<ChannelApp>>> {
        let (known, before) = self.with(|known| (known.by_key.get(key).cloned(), known.changes));
        if let Some((at, app)) = known
            && at.elapsed() < FRESH
        {
            return Ok(app);
        }
        let app = store::find_by_key(&self.db, SystemScope::of_the_system(), key).await?.map(Arc::new);
        self.with(|known| {
            if known.changes != before {
                return;
            }
            if known.by_key.len() >= MOST {
                known.by_key.clear();
            }
            known.by_key.insert(key.to_owned(), (Instant::now(), app.clone()));
        });
        Ok(app)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Remembered) -> T) -> T {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
