//! Who is on which page now, as far as promotions ask: kept in memory from what connections say, forgotten some minutes after they are gone. Pure.

use std::collections::HashMap;

use uuid::Uuid;

use crate::clock::Millis;
use crate::events::{PageEntered, PageProduct};
use crate::ids::{TenantId, VisitId, VisitorId};
use crate::promotions;
use crate::scope::SiteScope;

/// Paths of a visit that are remembered.
const TRAIL: usize = 50;

/// A visitor and their present visit.
#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) scope: SiteScope,
    pub(super) visitor: VisitorId,
    pub(super) language: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) identified: bool,
    pub(super) visit: VisitId,
    pub(super) visit_since: Millis,
    pub(super) page_views: u32,
    /// Paths, in the order in which they were first seen.
    pub(super) trail: Vec<String>,
    /// Where the visit came from, and its first page.
    pub(super) referrer: Option<String>,
    pub(super) entry_url: String,
    pub(super) url: String,
    pub(super) title: String,
    pub(super) product: Option<PageProduct>,
    /// Names the page within the visit.
    pub(super) page_view: Uuid,
    pub(super) page_since: Millis,
    /// Value and things of the cart, as the page said last.
    pub(super) cart: Option<(Option<f64>, Option<f64>)>,
    pub(super) seen_at: Millis,
}

/// What an event changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// Said again what was known: a reconnect.
    No,
    /// Another page of the same visit.
    Page,
    /// The first page of a visit.
    Visit,
}

/// All of them; boxed, because a table has room for up to twice as many as there are.
#[derive(Debug, Default)]
pub(super) struct Board(HashMap<(TenantId, VisitorId), Box<Live>>);

/// The path of an address, beginning with a slash.
pub(super) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split(['?', '#']).next().unwrap_or("/")
}

impl Live {
    /// Where they are, as it was told when they came there.
    pub(super) fn told(&self) -> PageEntered {
        PageEntered {
            scope: self.scope,
            visitor: self.visitor,
            visit: self.visit,
            at: self.page_since,
            url: self.url.clone(),
            title: self.title.clone(),
            referrer: self.referrer.clone(),
            product: self.product.clone(),
            language: self.language.clone(),
            user_agent: self.user_agent.clone(),
            identified: self.identified,
        }
    }
}

impl Board {
    pub(super) fn enter(&mut self, event: &PageEntered) -> Moved {
        let key = (event.scope.tenant(), event.visitor);
        let page_view = promotions::page_view(event.visit, &event.url);
        let path = path_of(&event.url).to_owned();
        let before = self.0.remove(&key).map(|live| *live);
        let same_visit = before.as_ref().is_some_and(|live| live.visit == event.visit);
        let same_page = same_visit && before.as_ref().is_some_and(|live| live.url == event.url);
        let mut live = match before {
            Some(live) if same_visit => live,
            before => Live {
                scope: event.scope,
                visitor: event.visitor,
                language: None,
                user_agent: None,
                identified: false,
                visit: event.visit,
                visit_since: event.at,
                page_views: 0,
                trail: Vec::new(),
                referrer: event.referrer.clone(),
                entry_url: event.url.clone(),
                url: String::new(),
                title: String::new(),
                product: None,
                page_view,
                page_since: event.at,
                cart: before.and_then(|live| live.cart),
                seen_at: event.at,
            },
        };
        live.language.clone_from(&event.language);
        live.user_agent.clone_from(&event.user_agent);
        live.identified = event.identified;
        live.title.clone_from(&event.title);
        live.product.clone_from(&event.product);
        live.seen_at = event.at;
        if !same_page {
            live.url.clone_from(&event.url);
            (live.page_view, live.page_since) = (page_view, event.at);
            live.page_views += 1;
            if live.trail.len() < TRAIL && !live.trail.contains(&path) {
                live.trail.push(path);
            }
        }
        self.0.insert(key, Box::new(live));
        match (same_visit, same_page) {
            (_, true) => Moved::No,
            (true, false) => Moved::Page,
            (false, false) => Moved::Visit,
        }
    }

    pub(super) fn find(&self, tenant: TenantId, visitor: VisitorId) -> Option<&Live> {
        self.0.get(&(tenant, visitor)).map(Box::as_ref)
    }

    pub(super) fn set_cart(&mut self, tenant: TenantId, visitor: VisitorId, value: Option<f64>, items: Option<f64>) {
        if let Some(live) = self.0.get_mut(&(tenant, visitor)) {
            live.cart = Some((value, items));
        }
    }

    /// Everybody.
    pub(super) fn all(&self) -> impl Iterator<Item = &Live> {
        self.0.values().map(Box::as_ref)
    }

    /// The tenant's visitors.
    pub(super) fn of(&self, tenant: TenantId) -> impl Iterator<Item = &Live> {
        self.0.iter().filter(move |((of, _), _)| *of == tenant).map(|(_, live)| live.as_ref())
    }

    /// Forgets whoever is not `present` and was seen last before `since`.
    pub(super) fn forget(&mut self, since: Millis, present: impl Fn(TenantId, VisitorId) -> bool) {
        self.0.retain(|(tenant, visitor), live| live.seen_at >= since || present(*tenant, *visitor));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SiteId;

    fn entered(visit: u128, url: &str, at: Millis) -> PageEntered {
        PageEntered {
            scope: SiteScope::proven(TenantId(Uuid::from_u128(1)), SiteId(Uuid::from_u128(2))),
            visitor: VisitorId(Uuid::from_u128(3)),
            visit: VisitId(Uuid::from_u128(visit)),
            at,
            url: url.to_owned(),
            title: String::new(),
            referrer: None,
            product: None,
            language: None,
            user_agent: None,
            identified: false,
        }
    }

    #[test]
    fn a_reconnect_is_no_page_view_and_a_visit_begins_with_its_first() {
        let mut board = Board::default();
        assert_eq!(board.enter(&entered(1, "https://a.test/x?b=1", 10)), Moved::Visit);
        assert_eq!(board.enter(&entered(1, "https://a.test/x?b=1", 20)), Moved::No);
        assert_eq!(board.enter(&entered(1, "https://a.test/y", 30)), Moved::Page);
        let live = board.find(TenantId(Uuid::from_u128(1)), VisitorId(Uuid::from_u128(3))).unwrap();
        assert_eq!((live.page_views, live.page_since, live.visit_since), (2, 30, 10));
        assert_eq!(live.trail, ["/x", "/y"]);
        assert_eq!(board.enter(&entered(2, "https://a.test/y", 40)), Moved::Visit);
        board.forget(50, |_, _| false);
        assert_eq!(board.of(TenantId(Uuid::from_u128(1))).count(), 0);
    }

    #[test]
    fn a_path_is_what_stands_between_host_and_query() {
        for (url, path) in
            [("https://a.test", "/"), ("https://a.test/", "/"), ("https://a.test/a/b?c#d", "/a/b"), ("https://a.test?x", "/"), ("", "/")]
        {
            assert_eq!(path_of(url), path, "{url}");
        }
    }
}
