"""What is here and what is missing, found without importing anything heavy."""

import importlib.util
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from s2f_cli import __version__
from s2f_cli.core import paths

State = Literal["here", "missing", "optional"]
"""There, needed and not there, or not there and needed for one thing only."""

_DISTRIBUTION = "s2f-cli"
_OLDEST_PYTHON = (3, 11)
_INCEPTION = "pt_inception-2015-12-05-6726825d.pth"
_FOR = {
    "onnx": "ONNX export and translating with an ONNX file",
    "metrics": "the metric lpips",
    "web": "s2f serve",
    "ray": "--engine ray",
    "docs": "building the documentation",
}
_DLIB_MODELS = ("shape_predictor_5_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for."""

    topic: str
    name: str
    state: State
    detail: str
    """What was found: a version, a path, a number."""
    fix: str = ""
    """The command that mends it, if it is not there."""


def examine() -> list[Finding]:
    """Everything, by topic; about a tenth of a second, or that of importing torch where it may use a GPU."""
    return [*_system(), *_packages(), *_device(), *_models(), *_folders(), *_programs()]


def _system() -> Iterator[Finding]:
    yield Finding("system", "s2f", "here", __version__)
    fine = sys.version_info >= _OLDEST_PYTHON
    wanted = ".".join(map(str, _OLDEST_PYTHON))
    yield Finding(
        "system",
        "python",
        "here" if fine else "missing",
        f"{platform.python_version()} at {sys.executable}",
        "" if fine else f"install Python {wanted} or newer",
    )
    yield Finding("system", "platform", "here", f"{platform.platform()}, {os.cpu_count()} processors")


def _packages() -> Iterator[Finding]:
    for name, extra in sorted(_requirements(), key=lambda one: (one[1], one[0])):
        topic = f"extra {extra}" if extra else "packages"
        version = _version(name)
        if version:
            yield Finding(topic, name, "here", version)
        elif extra:
            fix = f"pip install '{_DISTRIBUTION}[{extra}]'"
            yield Finding(topic, name, "optional", f"only for {_FOR[extra]}", fix)
        else:
            yield Finding(topic, name, "missing", "s2f needs it", f"pip install {name}")


def _requirements() -> Iterator[tuple[str, str]]:
    """The packages that s2f names, each with its extra; those for other platforms are left out."""
    try:
        lines = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return
    for line in lines:
        requirement, _, marker = line.partition(";")
        name = re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0]
        found = re.search(r"extra == ['\"]([\w-]+)['\"]", marker)
        extra = found[1] if found else ""
        foreign = "sys_platform" in marker and not _version(name)
        if name != _DISTRIBUTION and (extra in _FOR or not extra) and not foreign:
            yield name, extra


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _device() -> Iterator[Finding]:
    built = _version("torch")
    if not built:
        return
    if built.endswith("+cpu"):
        yield Finding("device", "cpu", "here", "this build of torch uses the processor only")
        return
    import torch

    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            memory = torch.cuda.get_device_properties(number).total_memory / 2**30
            yield Finding(
                "device", f"cuda:{number}", "here", f"{torch.cuda.get_device_name(number)}, {memory:.0f} GB"
            )
    elif torch.backends.mps.is_available():
        yield Finding("device", "mps", "here", "an Apple GPU, with --device mps")
    else:
        yield Finding("device", "cpu", "here", "torch sees no GPU")


def _models() -> Iterator[Finding]:
    package = importlib.util.find_spec("face_recognition_models")
    folder = Path(package.origin).parent / "models" if package and package.origin else None
    for name in _DLIB_MODELS:
        if folder and (folder / name).is_file():
            yield Finding("models", name, "here", str(folder))
        else:
            yield Finding(
                "models",
                name,
                "missing",
                "for finding and comparing faces",
                "pip install face_recognition_models",
            )
    if not importlib.util.find_spec("dlib"):
        yield Finding("models", "dlib", "missing", "for finding faces", "pip install dlib-bin")
    hub = Path(os.environ.get("TORCH_HOME") or _xdg_cache() / "torch") / "hub"
    weights = hub / "checkpoints" / _INCEPTION
    if weights.is_file():
        yield Finding("models", "Inception of FID", "here", str(weights))
    else:
        yield Finding(
            "models",
            "Inception of FID",
            "optional",
            "only for fid, kid: fetched at first use",
            f"put it at {weights} where there is no network",
        )
    for origin, place in (
        ("shipped", Path(__file__).parents[1] / "models" / "shipped"),
        ("added", paths.home() / "models"),
    ):
        names = sorted(file.stem for file in place.glob("*.safetensors"))
        yield Finding("models", origin, "here", ", ".join(names) or "none")


def _folders() -> Iterator[Finding]:
    for name, folder, variable in (
        ("home", paths.home(), "S2F_HOME"),
        ("cache", paths.cache(), "S2F_CACHE"),
    ):
        there = next(place for place in (folder, *folder.parents) if place.exists())
        if not os.access(there, os.W_OK):
            yield Finding(
                "folders", name, "missing", f"{folder} cannot be written", f"set {variable} to another folder"
            )
            continue
        kept = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
        free = shutil.disk_usage(there).free / 1e9
        yield Finding("folders", name, "here", f"{folder}: {kept:.1f} MB, {free:.0f} GB free")


def _programs() -> Iterator[Finding]:
    found = shutil.which("ffmpeg")
    yield Finding(
        "programs",
        "ffmpeg",
        "here" if found else "optional",
        found or "only for video files",
        "" if found else _ffmpeg(),
    )


def _ffmpeg() -> str:
    return {"win32": "winget install ffmpeg", "darwin": "brew install ffmpeg"}.get(
        sys.platform, "apt install ffmpeg"
    )


def _xdg_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
