//! Sites by key, remembered for a few seconds: every hello asks for one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::Site;
use crate::db::{Db, DbResult};
use crate::scope::SystemScope;

/// Another node's change is seen after so long; this node's at once.
const FRESH: Duration = Duration::from_secs(5);
/// More keys than this are forgotten together: a scan of random keys must not fill the memory.
const MOST: usize = 10_000;

/// When it was asked, and what the answer was.
type Known = (Instant, Option<Arc<Site>>);

#[derive(Debug, Default)]
struct Remembered {
    by_key: HashMap<String, Known>,
    /// Counts changes: what was read before one is not remembered after it.
    changes: u64,
}

/// A remembering [`super::find_by_key`].
#[derive(Clone, Debug)]
pub struct SiteCache {
    db: Db,
    known: Arc<Mutex<Remembered>>,
}

impl SiteCache {
    /// An empty one.
    pub fn new(db: Db) -> Self {
        Self { db, known: Arc::default() }
    }

    /// The site of this key.
    pub async fn find(&self, site_key: &str) -> DbResult<Option<Arc<Site>>> {
        if site_key.len() > 64 {
            return Ok(None);
        }
        let (known, before) = match self.known.lock() {
            Ok(remembered) => (remembered.by_key.get(site_key).cloned(), remembered.changes),
            Err(_) => (None, 0),
        };
        if let Some((at, site)) = known
            && at.elapsed() < FRESH
        {
            return Ok(site);
        }
        let site = super::find_by_key(&self.db, SystemScope::of_the_system(), site_key).await?.map(Arc::new);
        if let Ok(mut remembered) = self.known.lock()
            && remembered.changes == before
        {
            if remembered.by_key.len() >= MOST {
                remembered.by_key.clear();
            }
            remembered.by_key.insert(site_key.to_owned(), (Instant::now(), site.clone()));
        }
        Ok(site)
    }

    /// After a change, and before whoever made it is answered: their next hello shows it.
    pub fn forget_all(&self) {
        if let Ok(mut remembered) = self.known.lock() {
            remembered.by_key.clear();
            remembered.changes += 1;
        }
    }
}
