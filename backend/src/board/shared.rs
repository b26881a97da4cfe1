//! How several nodes keep one board: each tells the others what changed on its own, whole visitor by whole visitor, and of two states of a visitor
//! the later one stands. What gets lost is repaired when somebody asks for everything, and by the sweep.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Board, LiveVisitor, MOST, Present};
use crate::clock::Millis;
use crate::ids::{DeviceId, TenantId, VisitorId};
use crate::scope::{SiteScope, carried};
use crate::visitors::{Acting, Profile};

/// Visitors in one piece.
const PIECE: usize = 100;

/// Some of what changed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Piece {
    put: Vec<Entry>,
    gone: Vec<(TenantId, VisitorId, u64)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    #[serde(with = "carried")]
    scope: SiteScope,
    device: DeviceId,
    profile: Profile,
    shown: LiveVisitor,
    seen: Millis,
    came: Millis,
    left: Option<Millis>,
    revision: u64,
}

impl Entry {
    fn of(present: &Present) -> Self {
        let Present { shown, acting, seen, came, left, revision } = present.clone();
        let Acting { scope, device, profile, .. } = acting;
        Self { scope, device, profile, shown, seen, came, left, revision }
    }

    fn present(self) -> Present {
        let Self { scope, device, profile, shown, seen, came, left, revision } = self;
        Present { acting: Acting { scope, visitor: shown.id, device, profile }, shown, seen, came, left, revision }
    }
}

impl Board {
    /// A board that other nodes are told of.
    pub fn shared() -> Self {
        Self { shared: true, tenants: HashMap::new() }
    }

    /// What changed here since the last time, in pieces.
    pub fn news(&mut self) -> Vec<Piece> {
        let (mut put, mut gone) = (Vec::new(), Vec::new());
        for (tenant, board) in &mut self.tenants {
            for (id, removed) in std::mem::take(&mut board.untold) {
                match (board.present.get(&id), removed) {
                    (Some(present), _) => put.push(Entry::of(present)),
                    (None, Some(revision)) => gone.push((*tenant, id, revision)),
                    (None, None) => {}
                }
            }
        }
        pieces(&put, &gone)
    }

    /// Everybody who is there, for a node that may have missed something.
    pub fn everything(&self) -> Vec<Piece> {
        let all: Vec<Entry> = self.tenants.values().flat_map(|board| board.present.values()).map(|present| Entry::of(present)).collect();
        pieces(&all, &[])
    }

    /// Takes what another node told.
    pub fn merge(&mut self, piece: Piece) {
        for entry in piece.put {
            let (tenant, id, present) = (entry.scope.tenant(), entry.shown.id, entry.present());
            let board = self.tenant(tenant);
            if board.present.get(&id).is_some_and(|known| known.revision >= present.revision) {
                continue;
            }
            if board.present.len() >= MOST && !board.present.contains_key(&id) {
                board.drop_oldest();
            }
            board.present.insert(id, Box::new(present));
            board.untold.remove(&id);
            board.note(id);
        }
        for (tenant, id, revision) in piece.gone {
            let Some(board) = self.tenants.get_mut(&tenant) else { continue };
            if board.present.get(&id).is_some_and(|known| known.revision <= revision) {
                board.present.remove(&id);
                board.untold.remove(&id);
                board.note(id);
            }
        }
    }
}

fn pieces(put: &[Entry], gone: &[(TenantId, VisitorId, u64)]) -> Vec<Piece> {
    let puts = put.chunks(PIECE).map(|some| Piece { put: some.to_vec(), gone: Vec::new() });
    let gones = gone.chunks(PIECE * 10).map(|some| Piece { put: Vec::new(), gone: some.to_vec() });
    puts.chain(gones).collect()
}
