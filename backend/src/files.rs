//! What people attach: taken within limits, made harmless, kept in the data folder, and given out by links that expire. The bytes are kept by
//! [`shelf`], pictures are drawn anew by [`picture`], what a file really is says [`sniff`]. Knows sites and the people of a conversation by their
//! ids only; which message carries a file is written by the conversation's log.

mod intake;
pub mod links;
mod mark;
mod model;
pub mod picture;
pub mod shelf;
pub mod sniff;
mod store;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use intake::Incoming;
pub use model::{Attachment, FileRow, Sent};
pub use shelf::Shelf;

use crate::clock::{Clock, DAY, Millis};
use crate::db::{Db, DbResult};
use crate::error::{Error, ErrorCode, Reason, Result};
use crate::ids::{ConversationId, FileId, OperatorId, ParticipantId, TenantId};
use crate::scope::{SiteScope, SystemScope, TenantScope};
use crate::text;

use picture::{Picture, PictureError};
use sniff::Found;

/// Bytes that uploads may hold in memory together, in MiB.
const IN_MEMORY_MIB: usize = 256;
/// Pictures decoded at once: each may need 160 MiB for a moment.
const PICTURES_AT_ONCE: usize = 2;
/// Most bytes of an operator's photo, and of a picture for everybody.
pub const PHOTO_MIB: u16 = 5;

/// The files of the installation.
#[derive(Clone, Debug)]
pub struct Files(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    shelf: Shelf,
    quota_bytes: i64,
    memory: Arc<Semaphore>,
    pictures: Semaphore,
}

/// What a folder of files is known by: nodes that find the same mark share the folder. Blocks.
pub fn mark(folder: &std::path::Path) -> std::io::Result<String> {
    mark::of(folder)
}

/// A file to be kept, whole and in memory.
pub struct NewFile {
    /// Whose rows.
    pub scope: SiteScope,
    /// Who sent it.
    pub uploader: ParticipantId,
    /// As its sender calls it.
    pub name: String,
    /// Only pictures are taken.
    pub pictures_only: bool,
    /// What came.
    pub incoming: Incoming,
}

impl Files {
    /// Over this shelf; a tenant may keep `quota_mib`.
    pub fn new(db: Db, clock: Clock, shelf: Shelf, quota_mib: u32) -> Self {
        Self(Arc::new(Inner {
            db,
            clock,
            shelf,
            quota_bytes: i64::from(quota_mib) * 1024 * 1024,
            memory: Arc::new(Semaphore::new(IN_MEMORY_MIB)),
            pictures: Semaphore::new(PICTURES_AT_ONCE),
        }))
    }

    /// Room for a body of at most `max_mib`, which takes of the common memory as it grows.
    pub fn incoming(&self, max_mib: u16) -> Incoming {
        Incoming::new(self.0.memory.clone(), max_mib)
    }

    /// Makes the file harmless and keeps it; it waits for a message that carries it.
    pub async fn keep(&self, new: NewFile) -> Result<Attachment> {
        let NewFile { scope, uploader, name, pictures_only, incoming } = new;
        let bytes = incoming.whole()?;
        let used = store::used(&self.0.db, scope.wide()).await?;
        if used + i64::try_from(bytes.len()).unwrap_or(i64::MAX) > self.0.quota_bytes {
            let limit = self.0.quota_bytes / 1024 / 1024;
            let message = format!("the shop's {limit} MiB for files are used up; tell the shop");
            return Err(Error::new(ErrorCode::TooLarge, message).because(Reason::SpaceUsedUp));
        }
        let name = clean_name(&name);
        let id: FileId = self.0.clock.new_id();
        let (row, kept, thumbnail) = match sniff::sniff(&bytes) {
            Found::Picture(format) => {
                let picture = self.draw(move || picture::redraw(&bytes, format)).await?;
                let Picture { bytes, media_type, extension, width, height, thumbnail } = picture;
                let row = FileRow {
                    name: with_extension(&name, extension),
                    media_type: media_type.to_owned(),
                    size_bytes: length(&bytes),
                    width: Some(i64::from(width)),
                    height: Some(i64::from(height)),
                    thumbnail_bytes: thumbnail.as_deref().map_or(0, length),
                    ..FileRow::new(scope, id, uploader, self.0.clock.now())
                };
                (row, bytes, thumbnail)
            }
            Found::Other(_) if pictures_only => {
                return Err(Error::invalid("this site takes pictures only: PNG, JPEG, GIF or WebP").because(Reason::PicturesOnly));
            }
            Found::Other(media_type) => {
                let size_bytes = length(&bytes);
                (
                    FileRow {
                        name,
                        media_type: media_type.to_owned(),
                        size_bytes,
                        ..FileRow::new(scope, id, uploader, self.0.clock.now())
                    },
                    bytes,
                    None,
                )
            }
        };
        // The row comes last: a file that is known is whole, and bytes without a row are found by nobody.
        self.0.shelf.put(&shelf::file(scope.tenant(), id), kept).await?;
        if let Some(thumbnail) = thumbnail {
            self.0.shelf.put(&shelf::thumbnail(scope.tenant(), id), thumbnail).await?;
        }
        store::insert(&self.0.db, scope, &row).await?;
        Ok(Attachment::from(&row))
    }

    /// Draws a photo as a square of 256 pixels and keeps it; answers what names it.
    pub async fn keep_photo(&self, operator: OperatorId, incoming: Incoming) -> Result<String> {
        let bytes = incoming.whole()?;
        let Found::Picture(format) = sniff::sniff(&bytes) else {
            return Err(Error::invalid("a photo must be a PNG, JPEG, GIF or WebP picture"));
        };
        let drawn = self.draw(move || picture::square(&bytes, format)).await?;
        let hash = hash(&drawn);
        self.0.shelf.put(&shelf::photo(operator, &hash), drawn).await?;
        Ok(hash)
    }

    /// Draws a picture that everybody may see, at most 1,200 pixels on a side, and keeps it; answers its name.
    pub async fn keep_picture(&self, scope: TenantScope, incoming: Incoming) -> Result<String> {
        let bytes = incoming.whole()?;
        let Found::Picture(format) = sniff::sniff(&bytes) else {
            return Err(Error::invalid("a picture must be a PNG, JPEG, GIF or WebP file").because(Reason::PictureBroken));
        };
        let (drawn, extension) = self.draw(move || picture::fit(&bytes, format)).await?;
        let name = format!("{}.{extension}", hash(&drawn));
        self.0.shelf.put(&shelf::picture(scope.tenant(), &name), drawn).await?;
        Ok(name)
    }

    /// Such a picture with its media type, by its public address.
    pub async fn picture(&self, tenant: TenantId, name: &str) -> Result<Option<(&'static str, Vec<u8>)>> {
        let Some(media_type) = media_type_of(name) else { return Ok(None) };
        Ok(self.0.shelf.get(&shelf::picture(tenant, name)).await?.map(|bytes| (media_type, bytes)))
    }

    /// Decoding costs time and memory: off the async threads, and a bounded number at once.
    async fn draw<T: Send + 'static>(&self, draw: impl FnOnce() -> std::result::Result<T, PictureError> + Send + 'static) -> Result<T> {
        let _turn = self.0.pictures.acquire().await.map_err(|error| Error::internal(&error))?;
        let drawn = tokio::task::spawn_blocking(draw).await.map_err(|error| Error::internal(&error))?;
        drawn.map_err(|error| match error {
            PictureError::TooLarge(..) => Error::new(ErrorCode::TooLarge, error.to_string()).because(Reason::TooManyPixels),
            PictureError::Broken => Error::invalid(error.to_string()).because(Reason::PictureBroken),
            PictureError::Failed(_) => Error::internal(&error),
        })
    }

    /// A photo, by its public address.
    pub async fn photo(&self, operator: OperatorId, hash: &str) -> Result<Option<Vec<u8>>> {
        if !is_hash(hash) {
            return Ok(None);
        }
        self.0.shelf.get(&shelf::photo(operator, hash)).await
    }

    /// Forgets a photo that nobody names any more.
    pub async fn remove_photo(&self, operator: OperatorId, hash: &str) -> Result<()> {
        self.0.shelf.delete(&shelf::photo(operator, hash)).await
    }

    /// A file of the tenant, by a link that was proven.
    pub async fn find(&self, scope: TenantScope, id: FileId) -> DbResult<Option<FileRow>> {
        store::find(&self.0.db, scope, id).await
    }

    /// The bytes of a file, or of its thumbnail.
    pub async fn open(&self, scope: TenantScope, id: FileId, thumbnail: bool) -> Result<Option<shelf::Bytes>> {
        let tenant = scope.tenant();
        self.0.shelf.open_stream(&if thumbnail { shelf::thumbnail(tenant, id) } else { shelf::file(tenant, id) }).await
    }

    /// Those of these files that messages of the conversation carry.
    pub async fn of_conversation(
        &self,
        scope: TenantScope,
        conversation: ConversationId,
        ids: &BTreeSet<FileId>,
    ) -> DbResult<Vec<FileRow>> {
        store::of_conversation(&self.0.db, scope, conversation, ids).await
    }

    /// Everything that messages of a conversation carry, newest first.
    pub async fn list(&self, scope: TenantScope, conversation: ConversationId) -> DbResult<Vec<Sent>> {
        store::list(&self.0.db, scope, conversation).await
    }

    /// Removes what was never sent or was taken back, bytes and rows; answers how many.
    pub async fn remove_unsent(&self) -> Result<usize> {
        let system = SystemScope::of_the_system();
        let mut removed = 0;
        loop {
            let due = store::unsent(&self.0.db, system, self.0.clock.now() - UNSENT).await?;
            if due.is_empty() {
                return Ok(removed);
            }
            for (tenant, id) in &due {
                self.forget_bytes(*tenant, *id).await?;
            }
            store::delete(&self.0.db, system, &due).await?;
            removed += due.len();
        }
    }

    /// Removes what is unsent, at first a while after the start and then every hour, until `stop`.
    pub async fn keep_tidy(self, stop: CancellationToken) {
        let first = tokio::time::Instant::now() + Duration::from_mins(1);
        let mut tick = tokio::time::interval_at(first, Duration::from_hours(1));
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.remove_unsent().await {
                tracing::warn!(error = %error, "unsent files cannot be removed now");
            }
        }
    }

    async fn forget_bytes(&self, tenant: TenantId, id: FileId) -> Result<()> {
        self.0.shelf.delete(&shelf::file(tenant, id)).await?;
        self.0.shelf.delete(&shelf::thumbnail(tenant, id)).await
    }
}

/// A file is removed when nobody sent it for so long: an hour more than a message may name it, so that no message loses its file.
const UNSENT: Millis = DAY + 60 * 60 * 1000;

fn hash(bytes: &[u8]) -> String {
    text::hex(&text::sha256(bytes)[..12])
}

fn is_hash(name: &str) -> bool {
    name.len() == 24 && name.chars().all(|c| c.is_ascii_hexdigit())
}

/// Of a picture that [`Files::keep_picture`] has named.
fn media_type_of(name: &str) -> Option<&'static str> {
    let (stem, extension) = name.split_once('.')?;
    let media_type = match extension {
        "jpg" => "image/jpeg",
        "png" => "image/png",
        _ => return None,
    };
    is_hash(stem).then_some(media_type)
}

/// Whose picture for everybody an address shows, and its name: the end of it, whatever the origin was at the time.
pub fn picture_in(address: &str) -> Option<(TenantId, &str)> {
    let (before, name) = address.rsplit_once('/')?;
    let (before, tenant) = before.rsplit_once('/')?;
    media_type_of(name).filter(|_| before.ends_with("/pictures"))?;
    Some((TenantId(tenant.parse().ok()?), name))
}

fn length(bytes: &[u8]) -> i64 {
    i64::try_from(bytes.len()).unwrap_or(i64::MAX)
}

/// A name without a path, without characters that a file system or a header minds, of at most 120 characters; the extension stays.
pub fn clean_name(name: &str) -> String {
    let line = text::clean_line(name);
    let last = line.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = last.chars().filter(|c| !is_trickery(*c)).map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    let safe = safe.trim().trim_start_matches('.').trim();
    if safe.is_empty() {
        return "file".to_owned();
    }
    let length = safe.chars().count();
    if length <= 120 {
        return safe.to_owned();
    }
    let (stem, extension) = safe.rsplit_once('.').filter(|(_, extension)| extension.chars().count() <= 10).unwrap_or((safe, ""));
    let stem = text::cut(stem, 119 - extension.chars().count());
    if extension.is_empty() { stem } else { format!("{stem}.{extension}") }
}

/// Marks that turn the reading direction make `exe.gpj` of `jpg.exe`; others are not seen at all.
fn is_trickery(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The name with the extension of what the file has become.
fn with_extension(name: &str, extension: &str) -> String {
    let (stem, own) = name.rsplit_once('.').unwrap_or((name, ""));
    let own = own.to_lowercase();
    if own == extension || (extension == "jpg" && own == "jpeg") { name.to_owned() } else { format!("{stem}.{extension}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_its_path_and_its_tricks_and_keeps_its_extension() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\Users\\me\\사진 1.PNG"), "사진 1.PNG");
        assert_eq!(clean_name("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(clean_name("a\r\nSet-Cookie: x=\"1\".txt"), "a Set-Cookie_ x=_1_.txt");
        assert_eq!(clean_name(" .. "), "file");
        let long = clean_name(&format!("{}.jpeg", "x".repeat(300)));
        assert!(long.chars().count() == 120 && long.rsplit_once('.').is_some_and(|(_, end)| end == "jpeg"), "{long}");
        assert_eq!(with_extension("a.webp", "jpg"), "a.jpg");
        assert_eq!(with_extension("a.JPEG", "jpg"), "a.JPEG");
        assert_eq!(with_extension("a", "png"), "a.png");
    }

    #[test]
    fn a_picture_is_known_by_the_end_of_its_address() {
        let tenant = TenantId(uuid::Uuid::from_u128(7));
        let name = "0123456789abcdef01234567.jpg";
        assert_eq!(picture_in(&format!("https://chat.shop/pictures/{tenant}/{name}")), Some((tenant, name)));
        assert_eq!(picture_in(&format!("https://cdn.shop/img/{tenant}/{name}")), None, "the shop's own");
        assert_eq!(picture_in("https://chat.shop/pictures/7/a.jpg"), None);
        assert_eq!(media_type_of("0123456789abcdef01234567.svg"), None);
        assert_eq!(media_type_of("../0123456789abcdef0123.png"), None);
    }
}
