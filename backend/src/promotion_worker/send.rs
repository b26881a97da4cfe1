//! "Send now": an operator offers a promotion to whoever is there, at once. Conditions and caps are theirs to judge; the holdout, an open
//! conversation and a second press of the same button are not.

use std::collections::HashSet;

use uuid::Uuid;

use super::board::{Live, path_of};
use super::{Firing, Promoter};
use crate::conversations::{self, Status};
use crate::error::{Error, Result};
use crate::ids::{PromotionId, SiteId, TenantId, VisitId, VisitorId};
use crate::promotions;
use crate::rules::condition::wildcard;
use crate::rules::decide::bucket;
use crate::scope::TenantScope;
use crate::visitors;

/// People of an audience that are named.
const NAMED: usize = 50;

/// To whom.
#[derive(Clone, Debug)]
pub enum To {
    /// These visitors, as far as they are there.
    Visitors(HashSet<VisitorId>),
    /// Whoever is on such a page now. No pages: on any.
    Pages {
        /// Of this site; unset: of all.
        site: Option<SiteId>,
        /// Paths, with `*` for any run of characters.
        paths: Vec<String>,
    },
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Offered now.
    pub offered: usize,
    /// Of the group that is shown nothing.
    pub held_out: usize,
    /// In a conversation, which is not disturbed.
    pub in_conversation: usize,
    /// Had it by this very send already.
    pub repeated: usize,
}

/// Who is there.
#[derive(Clone, Debug)]
pub struct Audience {
    /// How many.
    pub live: usize,
    /// Some of them, the latest first.
    pub people: Vec<LivePerson>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct LivePerson {
    /// Who.
    pub visitor: VisitorId,
    /// As people call them.
    pub name: String,
    /// On which site.
    pub site: SiteId,
    /// In which stay.
    pub visit: VisitId,
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Browser language.
    pub language: Option<String>,
}

impl To {
    fn takes(&self, live: &Live) -> bool {
        match self {
            Self::Visitors(visitors) => visitors.contains(&live.visitor),
            Self::Pages { site, paths } => {
                let path = path_of(&live.url).to_lowercase();
                let on = paths.is_empty() || paths.iter().any(|pattern| wildcard(&path, &pattern.to_lowercase()));
                site.is_none_or(|site| site == live.scope.site()) && on
            }
        }
    }
}

impl Promoter {
    /// Who is there now and would be meant.
    fn meant(&self, tenant: TenantId, to: &To) -> Vec<Live> {
        let Ok(board) = self.0.board.lock() else { return Vec::new() };
        board
            .of(tenant)
            .filter(|live| to.takes(live))
            .filter(|live| self.0.realtime.visitor_present(tenant, live.visitor))
            .cloned()
            .collect()
    }

    /// Who is there now.
    pub async fn audience(&self, scope: TenantScope, to: &To) -> Result<Audience> {
        let mut meant = self.meant(scope.tenant(), to);
        meant.sort_by_key(|live| (std::cmp::Reverse(live.page_since), live.visitor));
        let live = meant.len();
        let mut people = Vec::new();
        for live in meant.into_iter().take(NAMED) {
            let stored = visitors::find(&self.0.db, scope, live.visitor).await?;
            let name = visitors::label(live.visitor, stored.and_then(|visitor| visitor.name).as_deref());
            let (site, visit) = (live.scope.site(), live.visit);
            people.push(LivePerson { visitor: live.visitor, name, site, visit, url: live.url, title: live.title, language: live.language });
        }
        Ok(Audience { live, people })
    }

    /// Offers a promotion now. `press` names the press of the button: the same one never offers twice.
    pub async fn send(&self, scope: TenantScope, id: PromotionId, press: Uuid, to: &To) -> Result<Sent> {
        let tenant = scope.tenant();
        let known = self.known(tenant).await.ok_or_else(|| Error::unavailable("promotions cannot be read now; try again"))?;
        let promotion = known.promotions.get(&id).ok_or_else(|| Error::not_found("promotion"))?;
        let meant: Vec<Live> = self.meant(tenant, to).into_iter().filter(|live| promotion.is_for(live.scope.site())).collect();
        let talking = self.talking(&meant).await?;
        let mut sent = Sent { in_conversation: talking.len(), ..Sent::default() };
        let holdout = u16::from(promotion.definition.holdout) * 100;
        let firings: Vec<Firing> = meant
            .into_iter()
            .filter(|live| !talking.contains(&live.visitor))
            .map(|live| {
                let held_out = bucket(id.0, live.visitor.0) < holdout;
                Firing { live, occasion: press, held_out, by_hand: true }
            })
            .collect();
        let asked = firings.len();
        (sent.offered, sent.held_out) = self.fire(&known, id, firings).await?;
        sent.repeated = asked - sent.offered - sent.held_out;
        Ok(sent)
    }

    /// Those of them whose conversation is open.
    async fn talking(&self, meant: &[Live]) -> Result<HashSet<VisitorId>> {
        let Some(first) = meant.first() else { return Ok(HashSet::new()) };
        let ids: Vec<VisitorId> = meant.iter().map(|live| live.visitor).collect();
        let mut talking = promotions::in_conversation(&self.0.db, first.scope.wide(), &ids).await?;
        // Whoever was made one with somebody else talks under another id.
        for live in meant.iter().filter(|live| live.identified && !talking.contains(&live.visitor)).collect::<Vec<_>>() {
            let latest = conversations::find_latest(&self.0.db, live.scope, live.visitor).await?;
            if latest.is_some_and(|latest| latest.conversation.status == Status::Open) {
                talking.insert(live.visitor);
            }
        }
        Ok(talking)
    }
}
