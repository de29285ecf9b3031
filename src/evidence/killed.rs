//! A process that was ended from outside for want of the host's memory: who says so, and what that word is worth.

use std::collections::{BTreeMap, BTreeSet};

/// What a line that tells of a killed process is worth, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Witness {
    /// It tells the signal and no reason: anybody may have sent it.
    Signal,
    /// It tells the reason and does not know it, or the signal of a program that hardly anybody ends by hand.
    Guess,
    /// Who keeps the limit, or killed, says it: the kernel, a scheduler, a container's runtime.
    Keeper,
}

/// Who keeps memory within a limit, or started the work: whose knobs change what may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keeper {
    /// Slurm.
    Slurm,
    /// Kubernetes, by its kubelet or in the name of a control group.
    Kubernetes,
    /// Docker, or what builds and composes with it.
    Docker,
    /// systemd, for a service.
    Systemd,
    /// PBS, `OpenPBS`, Torque.
    Pbs,
    /// IBM Spectrum LSF.
    Lsf,
    /// `HTCondor`.
    Condor,
    /// Flux, of flux-framework.
    Flux,
    /// Grid Engine.
    GridEngine,
    /// A cloud's managed training or containers.
    Cloud,
    /// A hosted notebook: Colab, Kaggle.
    Notebook,
    /// Hadoop's YARN.
    Yarn,
    /// Ray's monitor of a node.
    Ray,
    /// Dask's nanny.
    Dask,
    /// A runner of GitHub Actions.
    Github,
    /// A runner of GitLab.
    Gitlab,
    /// A job of `CircleCI`.
    CircleCi,
    /// An agent of Azure Pipelines.
    Azure,
    /// Nextflow, which runs the processes of a workflow.
    Nextflow,
    /// Snakemake, which runs the rules of a workflow.
    Snakemake,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Databricks' driver.
    Databricks,
    /// Dagster, which runs steps as processes.
    Dagster,
    /// Flyte, which runs tasks in pods.
    Flyte,
    /// Airflow's worker.
    Airflow,
    /// Celery's worker.
    Celery,
    /// systemd-oomd, which ends whole control groups.
    Oomd,
    /// A compiler, or what builds with one.
    Compiler,
    /// Loaders of data.
    DataLoader,
    /// `DeepSpeed`, which can keep the optimizer in host memory.
    DeepSpeed,
    /// A test runner with several workers.
    Tests,
    /// A web server with several workers.
    WebServer,
    /// uWSGI, which names them processes.
    Uwsgi,
    /// A dyno of Heroku.
    Heroku,
    /// A function of AWS Lambda.
    Lambda,
    /// A service or a job of Cloud Run.
    CloudRun,
    /// Cromwell, which runs the tasks of a workflow.
    Cromwell,
    /// An agent of Jenkins.
    Jenkins,
    /// A task of Nomad.
    Nomad,
    /// A worker of Prefect.
    Prefect,
    /// An agent of Woodpecker or Drone.
    Woodpecker,
    /// An agent of `TeamCity`.
    TeamCity,
    /// The tools of Go, which compile packages side by side.
    Go,
    /// The virtual machine of Windows' subsystem for Linux.
    Wsl,
    /// A launcher of MPI, which starts as many ranks on a node as it is told.
    Mpi,
    /// Workers that joblib or `multiprocessing` started.
    Pool,
    /// What reads the weights of a model, which it was not done with.
    Weights,
    /// Bazel, which runs as many actions at once as there are cores.
    Bazel,
    /// Cargo.
    Cargo,
    /// pip, or a project's own `setup.py`.
    Pip,
    /// make, ninja or `CMake`.
    Make,
}

impl Asked {
    /// The number with its unit: "64G".
    pub fn value(&self) -> String {
        let unit = self.after.split([' ', ',', ':', ']', '#']).next();
        format!("{}{}", self.number, unit.unwrap_or_default())
    }
}

/// A killed process, as its witnesses tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    /// The best witness.
    pub witness: Witness,
    /// Who shows in the log as keeper or launcher.
    pub keepers: BTreeSet<Keeper>,
    /// The line of the job's own script or command that asks for memory.
    pub asked: Option<Asked>,
    /// How many processes these were told to run side by side.
    pub side_by_side: BTreeMap<Keeper, u64>,
}

/// What the job's own script or command asks for, in its own words: `#SBATCH --mem-per-cpu=4G`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who is asked.
    pub of: Keeper,
    /// What stands before the number.
    pub before: String,
    /// The number.
    pub number: u64,
    /// What stands behind it: its unit and the rest.
    pub after: String,
    /// Whose it is, where a workflow has many: "rule fold".
    pub whose: Option<String>,
}

impl Kill {
    /// What one line tells.
    pub fn of(witness: Witness, keepers: &[Keeper]) -> Self {
        Self {
            witness,
            keepers: keepers.iter().copied().collect(),
            asked: None,
            side_by_side: BTreeMap::new(),
        }
    }
}
