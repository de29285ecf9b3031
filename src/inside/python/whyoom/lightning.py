"""For Lightning: `Trainer(..., callbacks=[WhyoomCallback()])`.

Where the GPU's memory runs out, a census says who held it, and the report stands on standard error before the traceback.
"""
import sys
from typing import Any, Optional

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:
    from pytorch_lightning.callbacks import Callback

from . import explain, install
from ._margin import near


class WhyoomCallback(Callback):
    """A census at a failure in `folder` (else the temporary one), the report on it, and a warning at the end of the training if
    less than `margin` percent of a GPU were left."""

    def __init__(self, folder: Optional[str] = None, margin: float = 5.0) -> None:
        self.folder = folder
        self.margin = margin

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        install(self.folder)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        print(explain(exception) or "", end="", file=sys.stderr)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        for words in near(self.margin):
            print(f"whyoom: {words}", file=sys.stderr)
