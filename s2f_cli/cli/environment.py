"""The checks of `s2f doctor`: system, packages, device, models and folders. Imports nothing heavy."""

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from s2f_cli.core import paths, requirements
from s2f_cli.core.errors import MissingPart
from s2f_cli.core.version import __version__
from s2f_cli.faces import dlib_models

State = Literal["here", "missing", "optional"]
"""`here`: present; `missing`: absent, but s2f needs it; `optional`: absent, and only one feature needs it."""

_OLDEST_PYTHON = (3, 11)
_INCEPTION = "pt_inception-2015-12-05-6726825d.pth"
_EXTRAS = {
    "docs": "the documentation",
    "hub": "models of the Hugging Face Hub",
    "jxl": "JPEG XL files",
    "metrics": "the metric lpips",
    "onnx": "ONNX export",
    "ray": "--engine ray",
    "svg": "drawings as SVG",
    "train": "trainings that start from EfficientNet-Lite0",
    "video": "video files",
    "web": "s2f serve",
}
"""The extras, each with the feature that needs it."""


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    topic: str
    name: str
    state: State
    detail: str
    """A version, a path or a number; if it is absent, the feature that needs it."""
    fix: str = ""
    """If it is absent, the command or step that provides it."""


def examine() -> list[Finding]:
    """Run all checks; returns the findings, grouped by topic.

    Takes a fifth of a second, plus the import of torch if this build of torch can use a GPU.
    """
    return [*_system(), *_packages(), *_device(), *_providers(), *_models(), *_folders()]


def _system() -> Iterator[Finding]:
    yield Finding("system", "s2f", "here", __version__)
    supported = sys.version_info >= _OLDEST_PYTHON
    oldest = ".".join(map(str, _OLDEST_PYTHON))
    yield Finding(
        "system",
        "python",
        "here" if supported else "missing",
        f"{platform.python_version()} at {sys.executable}",
        "" if supported else f"install Python {oldest} or newer",
    )
    yield Finding("system", "platform", "here", f"{platform.platform()}, {os.cpu_count()} processors")


def _packages() -> Iterator[Finding]:
    for extra in ("", *_EXTRAS):
        topic = f"extra {extra}" if extra else "packages"
        for requirement in requirements.required(extra):
            version = requirements.version(requirement.name)
            if version:
                yield Finding(topic, requirement.name, "here", version)
                continue
            fix = requirements.install_command([requirement])
            if extra:
                yield Finding(topic, requirement.name, "optional", f"only for {_EXTRAS[extra]}", fix)
            else:
                yield Finding(topic, requirement.name, "missing", "s2f needs it", fix)


def _device() -> Iterator[Finding]:
    build = requirements.version("torch")
    if not build:
        return
    if build.endswith("+cpu"):
        yield Finding("device", "cpu", "here", "this build of torch uses only the CPU")
        return
    import torch

    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            memory = torch.cuda.get_device_properties(number).total_memory / 2**30
            yield Finding(
                "device", f"cuda:{number}", "here", f"{torch.cuda.get_device_name(number)}, {memory:.0f} GB"
            )
    elif torch.backends.mps.is_available():
        yield Finding("device", "mps", "here", "an Apple GPU")
    else:
        yield Finding("device", "cpu", "here", "torch sees no GPU")


def _providers() -> Iterator[Finding]:
    """Where ONNX Runtime can compute."""
    if not importlib.util.find_spec("onnxruntime"):
        return
    from s2f_cli.core import onnx_runtime

    names = ", ".join(name.removesuffix("ExecutionProvider") for name in onnx_runtime.providers())
    yield Finding("device", "ONNX Runtime", "here", names)


def _models() -> Iterator[Finding]:
    if not importlib.util.find_spec("dlib"):
        fix = requirements.install_hint("dlib")
        yield Finding("models", "dlib", "missing", "needed to find faces", fix)
    for name in (dlib_models.LANDMARKS, dlib_models.EMBEDDING):
        try:
            yield Finding("models", name, "here", str(dlib_models.file(name).parent))
        except MissingPart as problem:
            yield Finding("models", name, "missing", "needed to find and compare faces", problem.hint)
    weights = _torch_hub() / "checkpoints" / _INCEPTION
    if weights.is_file():
        yield Finding("models", "Inception of FID", "here", str(weights))
    else:
        yield Finding(
            "models",
            "Inception of FID",
            "optional",
            "only for fid and kid; downloaded at first use",
            f"without a network, put it at {weights}",
        )
    for origin, folder in (
        ("shipped", Path(__file__).parents[1] / "models" / "shipped"),
        ("added", paths.home() / "models"),
    ):
        names = sorted(file.stem for file in folder.glob("*.safetensors"))
        yield Finding("models", origin, "here", ", ".join(names) or "none")


def _folders() -> Iterator[Finding]:
    for name, folder, variable in (
        ("home", paths.home(), "S2F_HOME"),
        ("cache", paths.cache(), "S2F_CACHE"),
    ):
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(existing, os.W_OK):
            yield Finding(
                "folders", name, "missing", f"{folder} is not writable", f"set {variable} to another folder"
            )
            continue
        used = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
        free = shutil.disk_usage(existing).free / 1e9
        yield Finding("folders", name, "here", f"{folder}: {used:.1f} MB, {free:.0f} GB free")


def _torch_hub() -> Path:
    """`torch.hub.get_dir()`, without importing torch."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111
    return Path(os.environ.get("TORCH_HOME") or cache / "torch") / "hub"
