//! A call is worked on beside the conversation: meanwhile the agent can ask other things, cancel it, or leave.

use std::time::Duration;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::timeout;

use crate::input::Control;

/// How long what is read by then may be worked on.
const REST: Duration = Duration::from_secs(10);

/// Works on a call in a thread of its own. After so much time it is asked to stop, and answers with what was read by then.
pub(super) async fn beside<T: Send + 'static>(
    context: &RequestContext<RoleServer>,
    within: Duration,
    work: impl FnOnce(Control) -> T + Send + 'static,
) -> Result<T, String> {
    let control = Control::default();
    let stop = control.stop.clone();
    let mut working = spawn_blocking(move || work(control));
    let answered = context.ct.run_until_cancelled(async {
        if let Ok(done) = timeout(within, &mut working).await {
            return done.map_err(failed);
        }
        stop.ask();
        match timeout(REST, working).await {
            Ok(done) => done.map_err(failed),
            Err(_) => Err("this takes too long; give the path of one log".to_owned()),
        }
    });
    answered.await.unwrap_or_else(|| {
        stop.ask();
        Err("cancelled".to_owned())
    })
}

/// The thread ended without an answer. The others go on.
fn failed(_: JoinError) -> String {
    "whyoom failed on this; please report it with the log".to_owned()
}
