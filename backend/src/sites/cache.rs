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

/// A remembering [`super::find_by_key`].
#[derive(Clone, Debug)]
pub struct SiteCache {
    db: Db,
    known: Arc<Mutex<HashMap<String, Known>>>,
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
        let known = self.known.lock().ok().and_then(|known| known.get(site_key).cloned());
        if let Some((at, site)) = known
            && at.elapsed() < FRESH
        {
            return Ok(site);
        }
        let site = super::find_by_key(&self.db, SystemScope::of_the_system(), site_key).await?.map(Arc::new);
        if let Ok(mut known) = self.known.lock() {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(site_key.to_owned(), (Instant::now(), site.clone()));
        }
        Ok(site)
    }

    /// After a change.
    pub fn forget_all(&self) {
        if let Ok(mut known) = self.known.lock() {
            known.clear();
        }
    }
}
