//! The texts of a diagnosis that can hold a name. Figures are no texts here: what was printed of them stays.

use std::sync::Arc;

use crate::compare::Compared;
use crate::diagnose::{Diagnosis, Explained};
use crate::evidence::{
    AtFailure, Census, Devices, Holdings, InTheWay, Incident, Now, Settings, Skew, Watched,
};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The path of a file, as a whole.
    Path,
    /// The name of a user, as a whole.
    User,
    /// The name of a container, a job or a service, as a whole.
    Unit,
    /// Text from a log or from the machine.
    Data,
    /// A sentence of ours, which may quote such text.
    Prose,
}

/// Does something to a text.
type Edit<'a> = &'a mut dyn FnMut(Kind, &mut String);

/// Every text of a diagnosis, always in the same order.
pub(super) fn of(diagnosis: &mut Diagnosis, edit: Edit<'_>) {
    edit(Kind::Path, &mut diagnosis.source);
    for place in &mut diagnosis.joined {
        edit(Kind::Path, &mut place.source);
    }
    each(Kind::Data, diagnosis.problem.iter_mut(), edit);
    for explained in &mut diagnosis.incidents {
        of_explained(explained, edit);
    }
    for held in &mut diagnosis.holdings {
        of_holdings(held, edit);
    }
    if let Some(skew) = &mut diagnosis.skew {
        of_skew(skew, edit);
    }
    for series in &mut diagnosis.series {
        edit(Kind::Path, &mut series.source);
        edit(Kind::Data, &mut series.label);
        edit(Kind::Data, &mut series.step_name);
    }
    of_settings(&mut diagnosis.settings, edit);
    if let Some(devices) = &mut diagnosis.live {
        of_devices(devices, edit);
    }
}

/// Every text of a comparison.
pub(super) fn of_compared(compared: &mut Compared, edit: Edit<'_>) {
    for near in &mut compared.near {
        edit(Kind::Path, &mut near.source);
    }
    let Some(since) = &mut compared.since else {
        return;
    };
    edit(Kind::Path, &mut since.good);
    for change in &mut since.changes {
        edit(Kind::Path, &mut change.source);
        for told in [&mut change.before, &mut change.after] {
            each(
                Kind::Data,
                told.iter_mut().map(|told| &mut told.value),
                edit,
            );
        }
    }
}

/// Every text of what was seen while a program ran.
pub(super) fn of_watched(watched: &mut Watched, edit: Edit<'_>) {
    let visitors = watched.visitors.iter_mut();
    each(
        Kind::Data,
        visitors.filter_map(|v| v.command.as_mut()),
        edit,
    );
    each(Kind::Prose, watched.problem.iter_mut(), edit);
    for devices in watched.around.iter_mut().chain(&mut watched.last) {
        of_devices(devices, edit);
    }
}

fn each<'a>(kind: Kind, texts: impl Iterator<Item = &'a mut String>, edit: Edit<'_>) {
    texts.for_each(|text| edit(kind, text));
}

fn of_explained(explained: &mut Explained, edit: Edit<'_>) {
    of_incident(&mut explained.incident, edit);
    for judged in &mut explained.causes {
        edit(Kind::Prose, &mut judged.verdict.because);
        each(Kind::Prose, judged.verdict.settle.iter_mut(), edit);
    }
    for ranked in &mut explained.fixes {
        edit(Kind::Prose, &mut ranked.offer.how);
    }
    each(Kind::Prose, explained.notes.iter_mut(), edit);
    if let Some(now) = &mut explained.now {
        of_now(now, edit);
    }
    if let Some(earlier) = &mut explained.incident.earlier {
        edit(Kind::Path, &mut earlier.place.source);
    }
}

fn of_incident(incident: &mut Incident, edit: Edit<'_>) {
    edit(Kind::Path, &mut incident.place.source);
    for elsewhere in &mut incident.elsewhere {
        edit(Kind::Path, &mut elsewhere.place.source);
    }
    for frame in incident
        .frame
        .iter_mut()
        .chain(&mut incident.traceback.frames)
    {
        edit(Kind::Path, &mut frame.file);
        edit(Kind::Data, &mut frame.function);
        edit(Kind::Data, &mut frame.code);
    }
    for clue in &mut incident.clues {
        edit(Kind::Path, &mut clue.file);
        edit(Kind::Data, &mut clue.path);
        edit(Kind::Data, &mut clue.code);
        edit(Kind::Data, &mut clue.name);
        if let Some(patch) = &mut clue.patch {
            edit(Kind::Data, &mut patch.old);
            let around = patch.before.iter_mut().chain(&mut patch.after);
            each(Kind::Data, around.chain(&mut patch.new), edit);
        }
    }
    edit(Kind::Data, &mut incident.run.step_name);
    each(Kind::Data, incident.who.names_mut(), edit);
    of_settings(&mut incident.settings, edit);
    if let Some(at) = &mut incident.at_failure {
        of_at_failure(at, edit);
    }
    if let Some(held) = &mut incident.holdings {
        of_holdings(held, edit);
    }
    if let Some(census) = &mut incident.census {
        of_census(Arc::make_mut(census), edit);
    }
}

/// What the JSON report has of a census.
fn of_census(census: &mut Census, edit: Edit<'_>) {
    edit(Kind::Path, &mut census.source);
    for owner in &mut census.owners {
        each(Kind::Path, owner.file.iter_mut(), edit);
        let names = [&mut owner.name, &mut owner.class, &mut owner.function];
        each(Kind::Data, names.into_iter().flatten(), edit);
    }
    each(Kind::Prose, census.left_out.iter_mut(), edit);
}

fn of_holdings(held: &mut Holdings, edit: Edit<'_>) {
    edit(Kind::Path, &mut held.source);
    for owner in &mut held.owners {
        if let Some(frame) = &mut owner.frame {
            edit(Kind::Path, &mut frame.file);
            edit(Kind::Data, &mut frame.function);
        }
        edit(Kind::Data, &mut owner.through);
    }
    let stacks = held.stacks.iter_mut().map(|stack| &mut stack.frames);
    each(Kind::Prose, stacks, edit);
    let files = held.parts.files.iter_mut();
    each(Kind::Path, files.filter_map(|file| file.of.as_mut()), edit);
    each(Kind::Prose, held.remarks.iter_mut(), edit);
}

fn of_skew(skew: &mut Skew, edit: Edit<'_>) {
    for rank in &mut skew.ranks {
        edit(Kind::Path, &mut rank.source);
    }
    for frame in skew.lines.iter_mut().filter_map(|line| line.frame.as_mut()) {
        edit(Kind::Path, &mut frame.file);
        edit(Kind::Data, &mut frame.function);
    }
}

fn of_settings(settings: &mut Settings, edit: Edit<'_>) {
    for setting in settings.iter_mut() {
        edit(Kind::Data, &mut setting.name);
        edit(Kind::Data, &mut setting.value);
        edit(Kind::Data, &mut setting.written);
    }
}

fn of_now(now: &mut Now, edit: Edit<'_>) {
    each(Kind::Prose, now.unresolved.iter_mut(), edit);
    if let Some(at) = &mut now.at_failure {
        of_at_failure(at, edit);
    }
    for process in &mut now.in_the_way {
        of_process(process, edit);
    }
    let room = now.room.iter_mut();
    each(Kind::Data, room.map(|room| &mut room.visible_devices), edit);
}

fn of_at_failure(at: &mut AtFailure, edit: Edit<'_>) {
    for process in &mut at.holders {
        of_process(process, edit);
    }
    let room = at.room.iter_mut();
    each(Kind::Data, room.map(|room| &mut room.visible_devices), edit);
}

fn of_process(process: &mut InTheWay, edit: Edit<'_>) {
    each(Kind::Data, process.command.iter_mut(), edit);
    each(Kind::User, process.user.iter_mut(), edit);
}

/// Every text of the GPUs as they are.
pub(super) fn of_devices(devices: &mut Devices, edit: Edit<'_>) {
    each(Kind::Prose, devices.problem.iter_mut(), edit);
    for gpu in &mut devices.gpus {
        each(Kind::Data, gpu.uuid.iter_mut(), edit);
        each(Kind::Prose, gpu.notes.iter_mut(), edit);
        let instances = gpu.instances.iter_mut();
        each(Kind::Data, instances.filter_map(|i| i.uuid.as_mut()), edit);
        for holder in &mut gpu.processes {
            each(Kind::Data, holder.command.iter_mut(), edit);
            each(Kind::User, holder.user.iter_mut(), edit);
            each(Kind::Unit, holder.unit.iter_mut(), edit);
        }
    }
}
