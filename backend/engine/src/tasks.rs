//! The engine's set of tasks, and the only place that spawns: what is spawned here is ended by `stop`.

use std::future::Future;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Drivers run until `stop`; connections and requests are waited for before.
#[derive(Clone, Default)]
pub(crate) struct Tasks {
    drivers: TaskTracker,
    guests: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// Spawns a loop of the node; dropped where it waits when the node stops.
    pub(crate) fn spawn_driver(&self, driver: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.drivers.spawn(async move {
            stop.run_until_cancelled(driver).await;
        });
    }

    /// Spawns work on behalf of a client; `guests_gone` waits for it.
    pub(crate) fn spawn_guest(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.guests.spawn(work);
    }

    /// Returns when no work on behalf of a client is left.
    pub(crate) async fn guests_gone(&self) {
        self.guests.close();
        self.guests.wait().await;
    }

    /// Ends every driver, without waiting for it.
    pub(crate) fn cancel(&self) {
        self.stop.cancel();
    }

    /// Ends every driver and returns when they are gone.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.drivers.close();
        self.drivers.wait().await;
    }
}
