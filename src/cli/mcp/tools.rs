//! The tools, each a question with a short answer.

use std::sync::Arc;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};
use rmcp::{ServerHandler, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;

use super::answer;
use crate::cli::environment::Environment;
use crate::cli::live::ProbeArgs;
use crate::diagnose::{Custom, Diagnosis};
use crate::report::catalogue;
use crate::session::{Session, inputs};

/// What the agent is told of all tools.
const INSTRUCTIONS: &str = "Call `diagnose` with the whole output or the path of a log whenever GPU memory ran out, before you \
    advise. Quote its verdict with its confidence, its sum and its lines as they are. If the cause is unknown, ask for what \
    `settle` names.";

/// What is served.
#[derive(Clone)]
pub(super) struct Tools {
    custom: Arc<Custom>,
    probe: ProbeArgs,
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

#[tool_router]
impl Tools {
    pub(super) fn new(environment: &Environment, probe: &ProbeArgs) -> Self {
        Self {
            custom: Arc::clone(&environment.custom),
            probe: probe.clone(),
        }
    }

    fn session(&self) -> Session<'static> {
        Session {
            custom: Arc::clone(&self.custom),
            ..Session::default()
        }
    }

    /// Everything at a path.
    fn read(&self, path: &str) -> Result<Vec<Diagnosis>, String> {
        // A device or a pipe may never end, and standard input is the agent's own.
        let about = std::fs::metadata(path);
        if path == "-" || about.is_ok_and(|about| !about.is_file() && !about.is_dir()) {
            return Err(format!("`{path}` is neither a file nor a folder"));
        }
        let session = self.session();
        session.explain(&inputs(path)).map_err(|e| e.to_string())
    }

    /// What the text says.
    fn judge(&self, text: &str) -> Diagnosis {
        let session = self.session();
        let mut reader = session.reader("text");
        reader.push(text.as_bytes());
        session.judge(reader.whole(), None)
    }

    #[tool(
        description = "Why did GPU memory run out, and what to change: the cause with its confidence and its sum, fixes, \
                          and the lines of the log that say so"
    )]
    fn diagnose(&self, Parameters(log): Parameters<Log>) -> Result<String, String> {
        let diagnoses = match (&log.text, &log.path) {
            (Some(text), None) => vec![self.judge(text)],
            (None, Some(path)) => self.read(path)?,
            _ => return Err("give either text or path".to_owned()),
        };
        Ok(answer::failures(&diagnoses))
    }

    #[tool(
        description = "Which lines of a program hold the GPU's memory, by a PyTorch memory snapshot"
    )]
    fn snapshot(&self, Parameters(snapshot): Parameters<Snapshot>) -> Result<String, String> {
        let diagnoses = self.read(&snapshot.path)?;
        answer::holders(&diagnoses)
            .ok_or_else(|| format!("`{}` holds no memory snapshot", snapshot.path))
    }

    #[tool(description = "Who holds how much memory of this machine's GPUs now")]
    fn live(&self) -> Result<String, String> {
        let devices = self.probe.open().and_then(|mut probe| probe.read());
        devices
            .map(|devices| answer::now(&devices))
            .map_err(|e| e.to_string())
    }

    #[tool(
        description = "The page of a cause, a finding, a fix, or a word such as oom, vram, record"
    )]
    fn explain(&self, Parameters(page): Parameters<Page>) -> Result<String, String> {
        let page = match self.custom.rules().page(&page.id) {
            Some(own) => own.to_owned(),
            None => catalogue::page(&page.id).map_err(|e| e.to_string())?,
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
