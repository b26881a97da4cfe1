//! Redis behind Sentinels: whoever of them answers says which server takes writes now.

use redis::aio::MultiplexedConnection;
use redis::{IntoConnectionInfo as _, Value};

use super::{LinkError, connect};

/// How an address begins that names Sentinels.
pub(super) const SCHEME: &str = "redis+sentinel://";

/// An address without its scheme, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Named<'a> {
    /// With the `@`; empty where there is none. Sentinels are asked without.
    user: &'a str,
    sentinels: Vec<&'a str>,
    master: &'a str,
    /// With the slash; empty for the first.
    database: &'a str,
}

fn parse(named: &str) -> Option<Named<'_>> {
    let (user, rest) = named.rfind('@').map_or(("", named), |at| named.split_at(at + 1));
    let (hosts, path) = rest.split_once('/')?;
    let (master, database) = path.find('/').map_or((path, ""), |at| path.split_at(at));
    let sentinels: Vec<&str> = hosts.split(',').filter(|host| !host.is_empty()).collect();
    (!sentinels.is_empty() && !master.is_empty()).then_some(Named { user, sentinels, master, database })
}

fn read(named: &str) -> Result<Named<'_>, LinkError> {
    let unknown = || LinkError::Topology(format!("{SCHEME}HOST:PORT,HOST:PORT/NAME needs a Sentinel and the name of what it watches"));
    parse(named).ok_or_else(unknown)
}

/// Whether the address can be read.
pub(super) fn check(named: &str) -> Result<(), LinkError> {
    read(named).map(drop)
}

/// The address of the server that takes writes.
pub(super) async fn master(named: &str) -> Result<String, LinkError> {
    let Named { user, sentinels, master, database } = read(named)?;
    let mut last = LinkError::Topology(format!("no Sentinel knows {master}"));
    for sentinel in sentinels {
        match ask(sentinel, master).await {
            Ok(Some(address)) => return Ok(format!("redis://{user}{address}{database}")),
            Ok(None) => {}
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn ask(sentinel: &str, master: &str) -> Result<Option<String>, LinkError> {
    let port = if sentinel.contains(':') { "" } else { ":26379" };
    let mut connection = connect(format!("redis://{sentinel}{port}").as_str().into_connection_info()?, None).await?;
    let found: Option<(String, u16)> =
        redis::cmd("SENTINEL").arg("get-master-addr-by-name").arg(master).query_async(&mut connection).await?;
    Ok(found.map(|(host, port)| if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }))
}

/// A server that was demoted a moment ago would take subscriptions and refuse everything else: better to look again.
pub(super) async fn takes_writes(connection: &mut MultiplexedConnection) -> Result<(), LinkError> {
    let role: Value = redis::cmd("ROLE").query_async(connection).await?;
    let Value::Array(parts) = role else { return Ok(()) };
    match parts.first() {
        Some(Value::BulkString(role)) if role != b"master" => {
            Err(LinkError::Topology(format!("this Redis is a {}, and takes no writes", String::from_utf8_lossy(role))))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_sentinels_a_master_and_perhaps_a_user_and_a_database() {
        let plain = Named { user: "", sentinels: vec!["a:1", "b"], master: "main", database: "" };
        assert_eq!(parse("a:1,b/main"), Some(plain));
        let all = Named { user: "me:p@ss@", sentinels: vec!["a"], master: "main", database: "/3" };
        assert_eq!(parse("me:p@ss@a/main/3"), Some(all));
        for wrong in ["", "a", "a/", "/main"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
