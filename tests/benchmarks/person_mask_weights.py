"""Converts the weights of MediaPipe's selfie segmentation, and prints how well the result agrees with it.

Run by hand, with the packages tflite and mediapipe:

    person_mask_weights.py selfie_segmentation.tflite [PHOTO …]

The .tflite file is in the wheel of mediapipe 0.10.14, in `mediapipe/modules/selfie_segmentation`. Its
tensors are half-precision, and are stored as they are, beside the network's ONNX graph.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import safetensors.torch
import tflite
import torch
from _person_network import PersonMask

from s2f_cli.models import graphs, tracing
from s2f_cli.models.pretrained import person_mask

_TRANSPOSED = b"Convolution2DTransposeBias"


def parameters(file: Path) -> Iterator[npt.NDArray[np.float16]]:
    """Yield the kernel and the bias of each convolution, in the graph's order."""
    model = tflite.Model.GetRootAsModel(file.read_bytes(), 0)
    graph = model.Subgraphs(0)
    operators = [graph.Operators(number) for number in range(graph.OperatorsLength())]
    codes = [model.OperatorCodes(operator.OpcodeIndex()) for operator in operators]
    stored = {
        operator.Outputs(0): operator.Inputs(0)
        for operator, code in zip(operators, codes, strict=True)
        if code.DeprecatedBuiltinCode() == tflite.BuiltinOperator.DEQUANTIZE
    }

    def tensor(index: int) -> npt.NDArray[np.float16]:
        info = graph.Tensors(stored[index])
        return model.Buffers(info.Buffer()).DataAsNumpy().view(np.float16).reshape(info.ShapeAsNumpy())

    for operator, code in zip(operators, codes, strict=True):
        kind = code.DeprecatedBuiltinCode()
        if kind == tflite.BuiltinOperator.DEPTHWISE_CONV_2D:
            yield tensor(operator.Inputs(1)).transpose(3, 0, 1, 2)
        elif kind == tflite.BuiltinOperator.CONV_2D:
            yield tensor(operator.Inputs(1)).transpose(0, 3, 1, 2)
        elif code.CustomCode() == _TRANSPOSED:
            yield tensor(operator.Inputs(1)).transpose(3, 0, 1, 2)
        else:
            continue
        yield tensor(operator.Inputs(2))


def convert(file: Path) -> None:
    """Write the weights beside the module of the network."""
    network = PersonMask()
    names = dict(network.named_parameters())
    state = {}
    for (name, own), values in zip(names.items(), parameters(file), strict=True):
        if own.shape != values.shape:
            raise SystemExit(f"{name} has the shape {tuple(own.shape)}, the file's tensor {values.shape}")
        state[name] = torch.from_numpy(values.copy())
    save(state)


def save(state: dict[str, torch.Tensor]) -> None:
    """Write weights by name, and the graph."""
    network = PersonMask().eval()
    with torch.no_grad():
        model, names = tracing.write_graph(network, (torch.zeros(1, 3, person_mask.SIDE, person_mask.SIDE),))
    graph = graphs.Graph(
        multiple=1,
        size=person_mask.SIDE,
        parameters=sum(values.numel() for values in state.values()),
        weights=names,
        lengths={},
        onnx=graphs.compressed(model),
    )
    tensors = state | {graphs.KEY: torch.from_numpy(graphs.dump({person_mask.GRAPH: graph}))}
    source = "selfie_segmentation.tflite of mediapipe 0.10.14, Apache-2.0"
    safetensors.torch.save_file(tensors, person_mask.WEIGHTS, {"source": source})


def compare(photos: list[Path]) -> None:
    """Print the mean and the largest difference from MediaPipe's masks, and MediaPipe's numbers for the test.

    On photos of 256×256 pixels both see the same. MediaPipe reduces larger ones without filtering.
    """
    import mediapipe
    from skimage import data

    from s2f_cli.core import images

    with mediapipe.solutions.selfie_segmentation.SelfieSegmentation(model_selection=0) as reference:
        for photo in photos:
            image = images.read(photo).convert("RGB")
            expected = reference.process(np.array(image)).segmentation_mask
            difference = np.abs(person_mask.person_mask(image) - expected)
            print(f"{photo}: mean {difference.mean():.4f}, largest {difference.max():.3f}")
        astronaut = np.ascontiguousarray(data.astronaut()[:256, 96:352])
        expected = reference.process(astronaut).segmentation_mask
    print("means of 32×32 pixels of the astronaut's mask:")
    for row in expected.reshape(8, 32, 8, 32).mean(axis=(1, 3)):
        print("[" + ", ".join(f"{value:.3f}" for value in row) + "],")


if __name__ == "__main__":
    convert(Path(sys.argv[1]))
    compare([Path(photo) for photo in sys.argv[2:]])
