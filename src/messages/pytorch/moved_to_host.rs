//! "Attempting to copy inputs of … to CPU due to CUDA OOM": a library caught `PyTorch`'s exception, goes on in host memory, and
//! keeps the message to itself.

use crate::evidence::{Incident, MessageId, Phase, Program, SettingKind};
use crate::messages::parts::told;
use crate::messages::{Match, Message, capture};

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::MovedToHost,
    printed_by: "facebookresearch/detectron2 detectron2/utils/memory.py (retry_if_cuda_oom); open-mmlab/mmdetection \
                 mmdet/utils/memory.py (AvoidOOM); Megvii-BaseDetection/YOLOX yolox/models/yolo_head.py; ultralytics/ultralytics \
                 utils/tal.py; MIC-DKFZ/nnUNet nnunetv2/inference/predict_from_raw_data.py",
    framework: Program::Pytorch,
    signatures: &[
        "due to CUDA OOM",
        "during label assignment",
        "OutOfMemoryError in TaskAlignedAssigner",
        "Moving results arrays to CPU",
    ],
    head: r"Attemptingtocopyinputs(?:of[!-~]{1,160}?)?to(?:CPU|FP16)duetoCUDAOOM|OOMRuntimeErrorisraisedduetothehugememorycostduringlabelassignment|(?:CUDA)?OutOfMemoryErrorinTaskAlignedAssigner|Predictionondevicewasunsuccessful,probablyduetoalackofmemory",
    accepts: Some(accepts),
    reach: 400,
    more: Some(more),
    texts: &[
        "[11/03 21:14:02 d2.utils.memory]: Attempting to copy inputs of <function pairwise_iou at 0x7f1c2a3b4d30> to CPU due to CUDA OOM",
        "2024-05-02 08:11:40,101 - mmdet - WARNING - Attempting to copy inputs of <bound method Head.loss> to FP16 due to CUDA OOM",
        "2023-04-11 10:20:30 | ERROR    | yolox.models.yolo_head:330 - OOM RuntimeError is raised due to the huge memory cost during label \
         assignment.                            CPU mode is applied in this batch. If you want to avoid this issue,",
        "WARNING CUDA OutOfMemoryError in TaskAlignedAssigner, using CPU",
        "Prediction on device was unsuccessful, probably due to a lack of memory. Moving results arrays to CPU",
    ],
    silent: &[
        // Code and documents are no failure.
        "        logger.info(\"Attempting to copy inputs of {} to CPU due to CUDA OOM\".format(str(func)))",
        "            LOGGER.warning(\"CUDA OutOfMemoryError in TaskAlignedAssigner, using CPU\")",
        "| `CUDA OutOfMemoryError in TaskAlignedAssigner, using CPU` | train on tiles |",
    ],
    ..Message::EMPTY
};

/// In code it stands in quotes behind a bracket, in documents in a table.
fn accepts(hit: &Match<'_>) -> bool {
    let before = hit.line_before();
    let call = before.trim_end_matches(['"', '\'', 'f']).trim();
    let quoted = before.ends_with(['"', '\'']) && (call.is_empty() || call.ends_with('('));
    let listed = before.ends_with('`') && hit.line_text.matches('|').count() > 1;
    !quoted && !listed && !hit.own_line().contains("inputsof{}")
}

fn more(hit: &Match<'_>, incident: &mut Incident) {
    incident.caught = true;
    let head = hit.line_text.to_ascii_lowercase().replace(' ', "");
    let (program, phase) = if head.contains("duringlabelassignment") {
        ("yolox", Some(Phase::Forward))
    } else if head.contains("taskalignedassigner") {
        ("ultralytics", Some(Phase::Forward))
    } else if head.contains("predictionondevice") {
        ("nnunet", Some(Phase::Eval))
    } else if head.contains("d2.utils.memory") {
        ("detectron2", None)
    } else if head.contains("mmdet") {
        ("openmmlab", None)
    } else {
        ("", None)
    };
    incident.phase = phase;
    if !program.is_empty() {
        told::setting(hit, incident, (SettingKind::Trainer, "program"), program);
    }
    // The function whose inputs were copied, by its name.
    let function = capture(
        r"inputsof<(?:function|boundmethod)([A-Za-z0-9_.]{1,80}?)(?:at0x|of<|>)",
        hit.own_line(),
    );
    if let Some(name) = function {
        told::setting(hit, incident, (SettingKind::MovedToHost, "function"), name);
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::{Phase, SettingKind};
    use crate::messages::examples::one;

    #[test]
    fn it_is_caught_and_tells_whose_work_it_was() {
        let boxes = one(
            "[11/03 21:14:02 d2.utils.memory]: Attempting to copy inputs of <function pairwise_iou at 0x7f1c2a3b4d30> to CPU due to CUDA OOM",
        )
        .incident;
        assert!(boxes.caught);
        let of = |kind| boxes.settings.get(kind).map(|s| s.value.as_str());
        assert_eq!(of(SettingKind::Trainer), Some("detectron2"));
        assert_eq!(of(SettingKind::MovedToHost), Some("pairwise_iou"));
        let volume = one("Prediction on device was unsuccessful, probably due to a lack of memory. Moving results arrays to CPU").incident;
        assert_eq!(volume.phase, Some(Phase::Eval));
    }
}
