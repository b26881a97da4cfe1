//! The registry on Redis: a key for each lease, which Redis forgets when the lease ends, and a set of the nodes that may have one.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use redis::Value;

use crate::link::{LinkError, RedisConfig, Scripts};
use crate::refusal::millis;
use crate::registry::{Epoch, Leased, NodeId, NodeRecord, Registry, RegistryError};

// The clock is a floor under the counter: epochs grow even over a Redis that was emptied.
const REGISTER: &str = r"
local time = redis.call('TIME')
local epoch = math.max((tonumber(redis.call('GET', KEYS[1])) or 0) + 1, time[1] * 1000 + math.floor(time[2] / 1000))
local text = string.format('%.0f', epoch)
redis.call('SET', KEYS[1], text)
redis.call('HSET', KEYS[2], 'epoch', text, 'record', ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('SADD', KEYS[3], ARGV[3])
return epoch
";

const HEARTBEAT: &str = r"
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'record', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SADD', KEYS[2], ARGV[4])
return 1
";

const LEAVE: &str = r"
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[2], ARGV[2])
return 1
";

const LIST: &str = r"
local found = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local record = redis.call('HGET', ARGV[1] .. id, 'record')
  if record then found[#found + 1] = { record, redis.call('PTTL', ARGV[1] .. id) } else redis.call('SREM', KEYS[1], id) end
end
return found
";

/// Keeps leases in Redis.
pub struct RedisRegistry {
    scripts: Scripts,
}

impl RedisRegistry {
    /// Connects when first asked.
    pub fn new(config: RedisConfig) -> Self {
        Self { scripts: Scripts::new(config) }
    }

    fn lease(&self, node: NodeId) -> String {
        self.scripts.key(&format!("node:{node}"))
    }

    fn nodes(&self) -> String {
        self.scripts.key("nodes")
    }

    async fn guarded(&self, script: &str, keys: &[String], arguments: &[String]) -> Result<(), RegistryError> {
        match self.scripts.run(script, keys, arguments).await? {
            Value::Int(1) => Ok(()),
            _ => Err(RegistryError::Lost),
        }
    }
}

impl From<LinkError> for RegistryError {
    fn from(error: LinkError) -> Self {
        Self::Away(error.to_string())
    }
}

fn leased(value: &Value) -> Option<Leased> {
    let Value::Array(pair) = value else { return None };
    let [Value::BulkString(record), Value::Int(left)] = pair.as_slice() else { return None };
    let node = serde_json::from_slice(record).ok()?;
    Some(Leased { node, left: Duration::from_millis(u64::try_from(*left).ok()?) })
}

fn encode(node: &NodeRecord) -> Result<String, RegistryError> {
    serde_json::to_string(node).map_err(|error| RegistryError::Away(error.to_string()))
}

impl Registry for RedisRegistry {
    fn register(&self, node: NodeRecord, lease: Duration) -> BoxFuture<'_, Result<Epoch, RegistryError>> {
        async move {
            let keys = [self.scripts.key("epoch"), self.lease(node.id), self.nodes()];
            let arguments = [encode(&node)?, millis(lease).to_string(), node.id.to_string()];
            match self.scripts.run(REGISTER, &keys, &arguments).await? {
                Value::Int(epoch) => Ok(Epoch(epoch.unsigned_abs())),
                other => Err(RegistryError::Away(format!("an epoch is no {other:?}"))),
            }
        }
        .boxed()
    }

    fn heartbeat(&self, node: NodeRecord, epoch: Epoch, lease: Duration) -> BoxFuture<'_, Result<(), RegistryError>> {
        async move {
            let keys = [self.lease(node.id), self.nodes()];
            let arguments = [epoch.0.to_string(), encode(&node)?, millis(lease).to_string(), node.id.to_string()];
            self.guarded(HEARTBEAT, &keys, &arguments).await
        }
        .boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<Leased>, RegistryError>> {
        async move {
            let found = self.scripts.run(LIST, &[self.nodes()], &[self.scripts.key("node:")]).await?;
            let Value::Array(found) = found else { return Err(RegistryError::Away("the list of nodes is no list".to_owned())) };
            // What cannot be read is of another version, perhaps: not a node that could be handed out.
            let mut nodes: Vec<_> = found.iter().filter_map(leased).collect();
            nodes.sort_by_key(|leased| leased.node.id);
            Ok(nodes)
        }
        .boxed()
    }

    fn leave(&self, node: NodeId, epoch: Epoch) -> BoxFuture<'_, Result<(), RegistryError>> {
        async move { self.guarded(LEAVE, &[self.lease(node), self.nodes()], &[epoch.0.to_string(), node.to_string()]).await }.boxed()
    }
}
