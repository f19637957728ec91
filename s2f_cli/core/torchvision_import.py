"""Import `torchvision`, even if its compiled operators do not match the installed torch.

With a CUDA build of torchvision and a CPU build of torch, `import torchvision` fails: "operator
torchvision::nms does not exist". s2f uses none of these operators, so their schemas are declared here and the
import is repeated. Import this module before torchvision or any package that imports it.
"""

import sys

import torch

_MISSING = {
    "torchvision::nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "torchvision::qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}

try:
    import torchvision
except RuntimeError as problem:
    if "torchvision::" not in str(problem):
        raise
    for module in [m for m in sys.modules if m.split(".")[0] == "torchvision"]:
        del sys.modules[module]
    for operator, schema in _MISSING.items():
        torch.library.define(operator, schema)
    import torchvision

__all__ = ["torchvision"]
