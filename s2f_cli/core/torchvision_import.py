"""`torchvision`, importable even where its compiled operators do not match the installed torch.

A CUDA build of torchvision beside a CPU build of torch fails a bare import with "operator torchvision::nms
does not exist". Nothing in s2f uses those operators (images are decoded with Pillow), so their schemas are
declared and the import is made again. Import this module before torchvision or any package that imports it.
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
