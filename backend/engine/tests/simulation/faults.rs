//! How faults come and go.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, sleep_until};

use crate::bus::{Link, Noise};
use crate::client::Order;
use crate::cluster::Host;
use crate::door::Trouble;
use crate::plan::{Fault, Timed};
use crate::run::Run;
use crate::world::note;

impl Run {
    /// Lets a fault happen, and end.
    pub(crate) async fn inflict(&self, number: usize, fault: Timed<Fault>) {
        let Timed { at, lasts, what } = fault;
        sleep_until(self.world().start() + at).await;
        note!(self.world(), "fault {number}: {what:?} for {lasts:?}");
        match what {
            Fault::Kill { place, silently } => {
                if self.nodes.kill(place, silently).is_some() {
                    sleep(lasts).await;
                    self.nodes.start(place);
                }
            }
            Fault::Drain { place } => {
                self.nodes.drain(place).await;
                sleep(lasts).await;
                self.nodes.start(place);
            }
            Fault::BusLossy { place, hears, speaks, notices } => {
                self.lose_messages(place, Link::Lossy { hears, speaks }, notices, lasts).await;
            }
            Fault::BusAway { place } => self.lose_messages(place, Link::Away, true, lasts).await,
            Fault::BusDown { empties } => self.lose_the_bus(empties, lasts).await,
            Fault::Noise(noise) => {
                self.nodes.exchange.set_noise(noise);
                sleep(lasts).await;
                self.nodes.exchange.set_noise(Noise::default());
            }
            Fault::Log { place, trouble } => self.trouble_logs(self.nodes.at(place).into_iter().collect(), trouble, lasts).await,
            Fault::LogDown(trouble) => self.trouble_logs(self.nodes.live().into_values().collect(), trouble, lasts).await,
            Fault::Registry { place, trouble } => {
                let Some(host) = self.nodes.at(place) else { return };
                host.registry_door.set(trouble);
                sleep(lasts).await;
                host.registry_door.set(Trouble::default());
            }
            Fault::Client { client, order } => {
                self.orders[client].send(order.clone()).ok();
                if matches!(order, Order::Away(true)) {
                    sleep(lasts).await;
                    self.orders[client].send(Order::Away(false)).ok();
                }
            }
            Fault::Hiccup { client } => {
                let Some(line) = self.stories[client].lock().unwrap().line.clone() else { return };
                line.hold(true);
                sleep(lasts).await;
                line.hold(false);
            }
        }
    }

    async fn lose_messages(&self, place: usize, link: Link, notices: bool, lasts: Duration) {
        let Some(host) = self.nodes.at(place) else { return };
        self.nodes.exchange.set_link(host.number, link);
        sleep(lasts / 2).await;
        if notices {
            self.nodes.exchange.set_link(host.number, Link::Away);
        }
        sleep(lasts / 2).await;
        self.nodes.reconnect(&host);
    }

    /// Bus and registry are one server that dies, and may come back without memory.
    async fn lose_the_bus(&self, empties: bool, lasts: Duration) {
        let hosts = self.nodes.live();
        for host in hosts.values() {
            self.nodes.exchange.set_link(host.number, Link::Away);
            host.registry_door.set(Trouble { refuses: 1000, ..Trouble::default() });
        }
        sleep(lasts).await;
        if empties {
            self.nodes.office.empty().await;
        }
        for host in hosts.values() {
            host.registry_door.set(Trouble::default());
            self.nodes.reconnect(host);
            sleep(Duration::from_millis(30)).await;
        }
    }

    async fn trouble_logs(&self, hosts: Vec<Arc<Host>>, trouble: Trouble, lasts: Duration) {
        for host in &hosts {
            host.log_door.set(trouble);
        }
        sleep(lasts).await;
        for host in &hosts {
            host.log_door.set(Trouble::default());
        }
    }
}
