"""For Hugging Face's Trainer: `Trainer(..., callbacks=[WhyoomCallback()])`.

Where the GPU's memory runs out, a census says who held it. The log shows what the process holds at each step, so that growth can
be told from size. The Trainer has no event for an exception: give its log and the census to `whyoom`.
"""
import sys
from typing import Any, Dict, Optional

from transformers import TrainerCallback

from . import install
from ._margin import near, readings


class WhyoomCallback(TrainerCallback):
    """A census at a failure in `folder` (else the temporary one), readings in the log, and a warning at the end of the training
    if less than `margin` percent of a GPU were left."""

    def __init__(self, folder: Optional[str] = None, margin: float = 5.0) -> None:
        self.folder = folder
        self.margin = margin

    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        install(self.folder)

    def on_log(self, args: Any, state: Any, control: Any, logs: Optional[Dict[str, float]] = None, **more: Any) -> None:
        if logs is not None:
            logs.update(readings())

    def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        for words in near(self.margin):
            print(f"whyoom: {words}", file=sys.stderr)
