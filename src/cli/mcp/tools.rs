//! The tools, each a question with a short answer.

use std::sync::Arc;
use std::time::Duration;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;

use super::answer;
use super::calls::beside;
use crate::cli::environment::Environment;
use crate::cli::live::ProbeArgs;
use crate::diagnose::{Custom, Diagnosis};
use crate::input::Control;
use crate::report::catalogue;
use crate::session::{Detail, Session, Task, inputs};

/// What the agent is told of all tools.
const INSTRUCTIONS: &str = "Call `diagnose` with the whole output or the path of a log whenever GPU memory ran out, before you \
    advise. Quote its verdict with its confidence, its sum and its lines as they are. If the cause is unknown, ask for what \
    `settle` names.";

/// What is served.
#[derive(Clone)]
pub(super) struct Tools {
    custom: Arc<Custom>,
    probe: ProbeArgs,
    within: Duration,
}

/// A log, as text or as a path.
#[derive(Deserialize, JsonSchema)]
struct Log {
    /// The output of the program, from the traceback to the end of the error message
    text: Option<String>,
    /// Or the path of a log, an archive or a folder of logs
    path: Option<String>,
}

/// A snapshot.
#[derive(Deserialize, JsonSchema)]
struct Snapshot {
    /// The path of what `torch.cuda.memory._dump_snapshot` wrote
    path: String,
}

/// A page.
#[derive(Deserialize, JsonSchema)]
struct Page {
    /// The id of a cause, a finding or a fix, or a word such as `oom`, `vram`, `record`
    id: String,
}

/// How the logs of a call are read.
fn session(custom: Arc<Custom>, control: &Control) -> Session<'static> {
    Session {
        custom,
        // No answer shows readings, and a folder may hold many.
        detail: Detail::Nothing,
        task: Arc::new(Task::under(control)),
        ..Session::default()
    }
}

/// Everything at a path.
fn read(path: &str, session: &Session<'_>) -> Result<Vec<Diagnosis>, String> {
    // A device or a pipe may never end, and standard input is the agent's own.
    let about = std::fs::metadata(path);
    if path == "-" || about.is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        return Err(format!("`{path}` is neither a file nor a folder"));
    }
    session.explain(&inputs(path)).map_err(answer::problem)
}

/// What the text says.
fn judge(text: &str, session: &Session<'_>) -> Diagnosis {
    let mut reader = session.reader("text");
    reader.push(text.as_bytes());
    session.judge(reader.whole(), None)
}

#[tool_router]
impl Tools {
    pub(super) fn new(environment: &Environment, probe: &ProbeArgs, within: Duration) -> Self {
        Self {
            custom: Arc::clone(&environment.custom),
            probe: probe.clone(),
            within,
        }
    }

    /// Reads logs beside the conversation.
    async fn reading(
        &self,
        context: &RequestContext<RoleServer>,
        work: impl FnOnce(&Session<'_>) -> Result<String, String> + Send + 'static,
    ) -> Result<String, String> {
        let custom = Arc::clone(&self.custom);
        let work = move |control| work(&session(custom, &control));
        beside(context, self.within, work)
            .await?
            .map_err(answer::problem)
    }

    #[tool(
        description = "Why did GPU memory run out, and what to change: the cause with its confidence and its sum, fixes, \
                          and the lines of the log that say so"
    )]
    async fn diagnose(
        &self,
        Parameters(log): Parameters<Log>,
        context: RequestContext<RoleServer>,
    ) -> Result<String, String> {
        let work = move |session: &Session<'_>| {
            let diagnoses = match (&log.text, &log.path) {
                (Some(text), None) => vec![judge(text, session)],
                (None, Some(path)) => read(path, session)?,
                _ => return Err("give either text or path".to_owned()),
            };
            Ok(answer::failures(&diagnoses))
        };
        self.reading(&context, work).await
    }

    #[tool(
        description = "Which lines of a program hold the GPU's memory, by a PyTorch memory snapshot"
    )]
    async fn snapshot(
        &self,
        Parameters(snapshot): Parameters<Snapshot>,
        context: RequestContext<RoleServer>,
    ) -> Result<String, String> {
        let work = move |session: &Session<'_>| {
            let diagnoses = read(&snapshot.path, session)?;
            answer::holders(&diagnoses)
                .ok_or_else(|| format!("`{}` holds no memory snapshot", snapshot.path))
        };
        self.reading(&context, work).await
    }

    #[tool(description = "Who holds how much memory of this machine's GPUs now")]
    async fn live(&self, context: RequestContext<RoleServer>) -> Result<String, String> {
        let probe = self.probe.clone();
        let ask = move |_| probe.open().and_then(|mut probe| probe.read());
        let devices = beside(&context, self.within, ask).await?;
        devices
            .map(|devices| answer::now(&devices))
            .map_err(answer::problem)
    }

    #[tool(
        description = "The page of a cause, a finding, a fix, or a word such as oom, vram, record"
    )]
    fn explain(&self, Parameters(page): Parameters<Page>) -> Result<String, String> {
        let page = match self.custom.rules().page(&page.id) {
            Some(own) => own.to_owned(),
            None => catalogue::page(&page.id).map_err(answer::problem)?,
        };
        Ok(answer::page(&page))
    }
}

#[tool_handler]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("whyoom", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }
}
