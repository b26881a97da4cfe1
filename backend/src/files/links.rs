//! Links to files: whoever has one may read the file until it expires, and nobody who has not. Signed with the installation's keys.

use crate::clock::Millis;
use crate::ids::{FileId, TenantId};
use crate::scope::TenantScope;
use crate::signing::Signer;

use super::model::FileRow;

const PURPOSE: &str = "file-link";
/// How long a link is good for, in ms.
pub const LIFETIME: Millis = 60 * 60 * 1000;

/// A link to a file, and to its thumbnail.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = AttachmentLink)]
pub struct Link {
    /// The file.
    pub id: FileId,
    /// Where it is, until then.
    pub url: String,
    /// Where its thumbnail is; null for what is no picture, or a small one.
    #[schema(required)]
    pub thumbnail_url: Option<String>,
    /// In ms since 1970 UTC.
    pub expires_at: Millis,
}

fn said(tenant: TenantId, id: FileId, expires: i64) -> String {
    format!("{tenant}/{id}/{expires}")
}

/// A link to this file of the scope, good for an hour.
pub fn to(signer: &Signer, widget_origin: &str, scope: TenantScope, file: &FileRow, now: Millis) -> Option<Link> {
    // Whole seconds, and the same link for a minute, so that a browser's cache knows a picture again.
    let expires = (now / 60_000) * 60 + LIFETIME / 1000 + 60;
    let seal = signer.seal(PURPOSE, &said(scope.tenant(), file.id, expires))?;
    let name: String = url::form_urlencoded::byte_serialize(file.name.as_bytes()).collect::<String>().replace('+', "%20");
    let url = format!("{widget_origin}/files/{}/{name}?o={}&e={expires}&s={seal}", file.id, scope.tenant());
    let thumbnail_url = (file.thumbnail_bytes > 0).then(|| format!("{url}&t=1"));
    Some(Link { id: file.id, thumbnail_url, url, expires_at: expires * 1000 })
}

/// The tenant whose file an untouched link opens now.
pub fn prove(signer: &Signer, tenant: TenantId, id: FileId, expires: i64, seal: &str, now: Millis) -> Option<TenantScope> {
    let good = expires > now / 1000 && signer.is_seal(PURPOSE, &said(tenant, id, expires), seal);
    good.then(|| TenantScope::proven(tenant))
}
