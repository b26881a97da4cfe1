//! Where this process stands when it starts: alone, or among several nodes, and whether what it was given fits that.

use super::{App, StartError};
use crate::config::{Role, ServeArgs};
use crate::db::Db;
use crate::files;
use crate::leader::{Leader, Place, Stands};
use crate::process;
use crate::realtime::{Among, Myself};
use crate::signing::Signer;

/// What the settings say of it.
pub(super) fn stands(args: &ServeArgs) -> Result<Stands, StartError> {
    let urls = args.nodes.redis_urls();
    if urls.is_empty() {
        let missing = [Role::Session, Role::Channel, Role::Worker, Role::Web].into_iter().filter(|role| !args.nodes.has(*role));
        for role in missing {
            tracing::warn!(role = role.name(), "nobody has this role: without REDIS_URL this is the only node");
        }
        return Ok(Stands::Alone);
    }
    if args.storage.database_url.is_none() {
        return Err(StartError(
            "REDIS_URL is set, but several nodes cannot share the embedded database; set DATABASE_URL to a PostgreSQL that all of them use, or unset \
             REDIS_URL to serve from this node alone"
                .to_owned(),
        ));
    }
    Among::check(&urls).map_err(|error| StartError(format!("REDIS_URL: {error}")))?;
    Ok(Stands::Among { leads: args.nodes.has(Role::Worker) })
}

/// Takes this process's place at the database.
pub(super) async fn take(db: &Db, stands: Stands) -> Result<(Leader, Option<Place>), StartError> {
    let taken = Place::take(db, stands).await.map_err(|error| StartError::because("a place at the database", &error))?;
    taken.map_err(|_| {
        StartError(match stands {
            Stands::Alone => "another stalk process serves this database; stop it, or give every node the same REDIS_URL".to_owned(),
            Stands::Among { .. } => {
                "another stalk process serves this database without REDIS_URL; stop it, and give every node the same REDIS_URL".to_owned()
            }
        })
    })
}

/// Who this node is, and among whom.
pub(super) async fn introduce(
    args: &ServeArgs,
    signer: &Signer,
    folder: std::path::PathBuf,
) -> Result<(Myself, Option<Among>), StartError> {
    let name = args.nodes.node_name.clone().or_else(process::machine).unwrap_or_else(|| "stalk".to_owned());
    let mut myself = Myself { name, roles: args.nodes.roles.clone(), files: String::new() };
    let redis_urls = args.nodes.redis_urls();
    if redis_urls.is_empty() {
        return Ok((myself, None));
    }
    let mark = tokio::task::spawn_blocking(move || files::mark(&folder)).await.map_err(|error| StartError(error.to_string()))?;
    myself.files = mark.map_err(|error| StartError::because("the folder of files", &error))?;
    let address = args.nodes.node_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    let among = Among { redis_urls, installation: signer.installation().to_owned(), address };
    match among.nodes().await {
        Ok(nodes) => {
            let elsewhere = nodes.into_iter().find(|node| !node.about.files.is_empty() && node.about.files != myself.files);
            if let Some(node) = elsewhere {
                return Err(StartError(format!(
                    "node {} keeps files in another folder than this one; set STALK_FILES on every node to one folder that all of them share",
                    node.about.name
                )));
            }
        }
        // It serves its own visitors until Redis is there.
        Err(error) => tracing::warn!(error, "Redis is away; this node begins by itself and joins the others when it is back"),
    }
    Ok((myself, Some(among)))
}

/// What opens the first set-up. Any of several nodes may be asked, so that it is the same on all of them.
pub(super) fn setup_code(signer: &Signer, stands: Stands) -> String {
    let sealed = match stands {
        Stands::Alone => None,
        Stands::Among { .. } => signer.seal("set-up", "code"),
    };
    let of = |seal: String| seal.rsplit_once('.').map(|(_, mac)| mac.chars().filter(char::is_ascii_alphanumeric).take(16).collect());
    sealed.and_then(of).unwrap_or_else(|| crate::text::random_word(16))
}

impl App {
    /// Whether this node does that.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
