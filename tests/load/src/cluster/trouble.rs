//! How each fault is caused and undone.

use std::time::Duration;

use tokio::time::sleep;

use crate::clock::Instant;
use crate::cluster::Plan;
use crate::cluster::deck::{Lengths, Trouble};
use crate::cluster::hall::{FAKED, Hall, NODES};
use crate::dice::Dice;
use crate::fault::Result;
use crate::proxy::Proxy;

/// A node that was asked to stop has stopped after this.
const STOPS: Duration = Duration::from_secs(15);

impl Hall {
    /// Causes it, lets it last, undoes it; says what was done, for the report.
    pub async fn cause(&mut self, trouble: Trouble, lengths: Lengths, plan: &Plan, dice: &mut Dice) -> Result<String> {
        let index = usize::try_from(dice.below(NODES as u64)).unwrap_or(0);
        Ok(match trouble {
            Trouble::NodeKilled | Trouble::NodeStopped | Trouble::NodeFrozen | Trouble::TwoNodesKilled => {
                self.trouble_node(trouble, index, lengths.node, plan).await?
            }
            Trouble::RedisKilled | Trouble::RedisEmptied | Trouble::RedisFrozen => self.trouble_redis(trouble, lengths).await?,
            Trouble::PostgresStopped => {
                self.postgres.stop_now().await?;
                sleep(lengths.postgres).await;
                self.postgres.start_again().await?;
                format!("PostgreSQL stopped at once, started again after {} s", lengths.postgres.as_secs())
            }
            Trouble::StandbyPromoted => self.promote().await?,
            Trouble::CutFromPostgres => {
                let way = &self.nodes[index].to_postgres;
                cut(&[way], 0, lengths.node).await;
                format!("node {index} cut from PostgreSQL for {} s", lengths.node.as_secs())
            }
            Trouble::CutFromRedis => {
                cut(&[&self.nodes[index].to_redis], 0, lengths.redis).await;
                format!("node {index} cut from Redis for {} s", lengths.redis.as_secs())
            }
            Trouble::CutFromClients => {
                cut(&[&self.console, &self.widget], index, lengths.node).await;
                format!("node {index} cut from its clients for {} s", lengths.node.as_secs())
            }
            Trouble::Resets => {
                let begun = Instant::now();
                while begun.elapsed() < lengths.node {
                    self.console.reset(5);
                    self.widget.reset(5);
                    sleep(Duration::from_millis(200)).await;
                }
                format!("5 % of the clients' connections reset every 200 ms for {} s", lengths.node.as_secs())
            }
            Trouble::SlowConsumers => {
                self.console.slow(33, lengths.node);
                self.widget.slow(33, lengths.node);
                sleep(lengths.node).await;
                format!("a third of the clients read slowly for {} s", lengths.node.as_secs())
            }
            Trouble::ClockJumps => self.move_clock(lengths).await?,
            Trouble::DiskFull => self.fill_disk(lengths).await?,
        })
    }

    async fn trouble_node(&mut self, trouble: Trouble, index: usize, during: Duration, plan: &Plan) -> Result<String> {
        let server = &mut self.nodes[index].server;
        Ok(match trouble {
            Trouble::NodeStopped => {
                let stopped = server.stop(STOPS * plan.slack).await?;
                sleep(Duration::from_secs(2)).await;
                format!("node {index} stopped by SIGTERM in {stopped} ms, ready again in {} ms", server.restart().await?)
            }
            Trouble::NodeFrozen => {
                server.freeze(true).await?;
                sleep(during).await;
                server.freeze(false).await?;
                format!("node {index} frozen for {} s", during.as_secs())
            }
            Trouble::TwoNodesKilled => {
                let other = (index + 1) % NODES;
                self.nodes[index].server.kill().await?;
                self.nodes[other].server.kill().await?;
                self.nodes[index].server.restart().await?;
                self.nodes[other].server.restart().await?;
                format!("nodes {index} and {other} killed and started again")
            }
            _ => {
                server.kill().await?;
                format!("node {index} killed, ready again in {} ms", server.restart().await?)
            }
        })
    }

    async fn trouble_redis(&mut self, trouble: Trouble, lengths: Lengths) -> Result<String> {
        let away = lengths.redis;
        Ok(match trouble {
            Trouble::RedisKilled => {
                self.redis.kill().await?;
                sleep(away).await;
                self.redis.restart().await?;
                format!("Redis killed, back and empty after {} s", away.as_secs())
            }
            Trouble::RedisFrozen => {
                self.redis.freeze(true).await?;
                sleep(away).await;
                self.redis.freeze(false).await?;
                format!("Redis frozen for {} s", away.as_secs())
            }
            _ => {
                self.redis.empty().await?;
                "Redis emptied".to_owned()
            }
        })
    }

    /// A standby that had every acknowledged commit takes over, and stays.
    async fn promote(&mut self) -> Result<String> {
        let standby = self.postgres.standby().await?;
        sleep(Duration::from_secs(2)).await;
        self.postgres.stop_now().await?;
        standby.promote().await?;
        for node in &self.nodes {
            node.to_postgres.lead_to(0, standby.port());
        }
        self.postgres = standby;
        Ok("a synchronous standby of PostgreSQL took over from its primary, which was stopped at once".to_owned())
    }

    async fn move_clock(&mut self, lengths: Lengths) -> Result<String> {
        let Some(clock) = &self.clock else { return Ok("no clock moved".to_owned()) };
        for offset in ["+3600s", "-3600s"] {
            std::fs::write(clock, offset)?;
            sleep(lengths.node / 2).await;
        }
        std::fs::write(clock, "+0")?;
        Ok(format!("node {FAKED}'s clock an hour fast, then an hour slow, for {} s", lengths.node.as_secs()))
    }

    async fn fill_disk(&mut self, lengths: Lengths) -> Result<String> {
        let Some(disk) = &self.disk else { return Ok("no disk filled".to_owned()) };
        disk.fill().await?;
        sleep(lengths.postgres).await;
        disk.make_room()?;
        self.postgres.start_again().await?;
        Ok(format!("PostgreSQL's disk full for {} s", lengths.postgres.as_secs()))
    }
}

/// Cuts one target of these proxies for a while.
async fn cut(ways: &[&Proxy], index: usize, during: Duration) {
    for is_cut in [true, false] {
        for way in ways {
            way.cut(index, is_cut);
        }
        if is_cut {
            sleep(during).await;
        }
    }
}
