"""Pack data for `s2f benchmark`, and run it on a machine without a network; `gpu_benchmark.sh` says how.

The machine needs Python with torch, torchvision, numpy, Pillow, scipy, scikit-image, safetensors, psutil and
packaging. What else s2f imports travels as wheels. The metrics `identity` and `fd_face` need dlib there.
"""

import argparse
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import gpu_pack

TOP = Path(__file__).parents[2]
WHEELS = {
    "typer": "typer",
    "click": "click",
    "shellingham": "shellingham",
    "annotated-doc": "annotated_doc",
    "rich": "rich",
    "markdown-it-py": "markdown_it",
    "mdurl": "mdurl",
    "pygments": "pygments",
    "jinja2": "jinja2",
    "markupsafe": "markupsafe",
    "pydantic": "pydantic",
    "pydantic-core": "pydantic_core",
    "annotated-types": "annotated_types",
    "typing-inspection": "typing_inspection",
    "typing-extensions": "typing_extensions",
    "platformdirs": "platformdirs",
    "tensorboard": "tensorboard",
    "protobuf": "google.protobuf",
    "grpcio": "grpc",
    "absl-py": "absl",
    "markdown": "markdown",
    "werkzeug": "werkzeug",
}
"""Packages of s2f that few machines with torch have, and the modules in them."""
RESULTS = ("index.html", "table.md", "table.csv", "results.json", "rows.json.gz")
SAVING = 15
"""Seconds before the end at which trainings are asked to save."""


def pack(options: argparse.Namespace) -> None:
    """Write a kit: every data set with all its splits, as WebP images of one size, and the wheels."""
    from s2f_cli.data.manifest import Manifest, to_line, write_lines

    kit: Path = options.kit
    shutil.rmtree(kit, ignore_errors=True)
    kit.mkdir(parents=True)
    if not options.no_wheels:
        gpu_pack._download(kit / "wheels", options.python, list(WHEELS))
    for folder in options.data:
        manifest = Manifest.read(folder)
        packed = kit / "data" / folder.resolve().name
        (packed / "images").mkdir(parents=True)
        packer = gpu_pack._Packer(packed, float("inf"), options.quality)
        entries = [
            packer._packed_entry(manifest, entry, lambda _: options.size) for entry in manifest.entries
        ]
        write_lines(packed, manifest.header, map(to_line, entries))
        print(f"{packed.name}: {len(entries)} people")
    size = gpu_pack._size(kit) / gpu_pack.MB
    print(f"{kit}: {size:.1f} MB")
    if size > options.megabytes:
        sys.exit(f"the kit is larger than {options.megabytes} MB: use a smaller --size or --quality")


def run(options: argparse.Namespace) -> int:
    """Run the benchmark of a kit within a time; returns its exit code."""
    end = time.monotonic() + options.minutes * 60
    options.out.mkdir(parents=True, exist_ok=True)
    sets = sorted((options.kit / "data").iterdir())
    rows = len(options.recipes) * len(sets) * options.seeds
    budget = int((options.minutes * 60 - SAVING) / rows - options.overhead)
    if budget < 1:
        sys.exit(f"{options.minutes} minutes are too few for {rows} rows")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        site = _unpack(options.kit, work / "site")
        paths = [str(TOP), str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
        command = [
            sys.executable,
            "-m",
            "s2f_cli",
            "benchmark",
            *options.recipes,
            "--output",
            str(work / "bench"),
        ]
        command += [word for one in sets for word in ("--data", str(one))]
        command += ["--budget", options.budget or f"{budget}s", "--seeds", str(options.seeds), *options.rest]
        print(" ".join(command), flush=True)
        process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
        try:
            process.wait(max(end - SAVING - time.monotonic(), 1))
        except subprocess.TimeoutExpired:
            print("the minutes are over: saving", flush=True)
            process.send_signal(signal.SIGTERM)
            process.wait()
        _bring(work / "bench", options.out)
    return process.returncode


def _unpack(kit: Path, site: Path) -> Path:
    """Unpack the wheels of what cannot be imported here."""
    site.mkdir()
    for package, module in WHEELS.items():
        if not _importable(module):
            for wheel in (kit / "wheels").glob("*.whl"):
                if wheel.name.lower().startswith(package.replace("-", "_") + "-"):
                    zipfile.ZipFile(wheel).extractall(site)
                    break
            else:
                print(f"no wheel of {package}", flush=True)
    return site


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _bring(bench: Path, out: Path) -> None:
    """Copy tables and rows, and pack logs, scores and models."""
    for name in RESULTS:
        if (bench / name).is_file():
            shutil.copy(bench / name, out)
    archives = {"rows.tar.xz": ["logs", "scores", "failures"], "models.tar": ["runs"]}
    for name, folders in archives.items():
        with tarfile.open(out / name, "w:xz" if name.endswith("xz") else "w") as archive:
            for folder in folders:
                for file in sorted((bench / folder).rglob("*")):
                    if file.suffix in (".txt", ".json", ".jsonl", ".safetensors"):
                        archive.add(file, str(file.relative_to(bench)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Pack or run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    steps = parser.add_subparsers(required=True)
    packing = steps.add_parser("pack")
    packing.set_defaults(step=pack)
    packing.add_argument("kit", type=Path)
    packing.add_argument("--data", type=Path, action="append", required=True, help="repeatable")
    packing.add_argument("--size", type=int, default=128, help="short side of the images in pixels")
    packing.add_argument("--quality", type=int, default=90, help="of WebP, 1 to 100")
    packing.add_argument("--megabytes", type=float, default=58)
    packing.add_argument("--python", default="3.12", help="version there")
    packing.add_argument("--no-wheels", action="store_true", help="all of s2f's packages are there")
    running = steps.add_parser("run")
    running.set_defaults(step=run)
    running.add_argument("kit", type=Path)
    running.add_argument("out", type=Path)
    running.add_argument("recipes", nargs="+")
    running.add_argument("--minutes", type=float, default=9)
    running.add_argument("--seeds", type=int, default=1)
    running.add_argument("--budget", help="of each row, in place of its share of the minutes")
    running.add_argument("--overhead", type=float, default=25, help="seconds of a row besides its training")
    words = list(sys.argv[1:] if arguments is None else arguments)
    split = words.index("--") if "--" in words else len(words)
    options = parser.parse_args(words[:split])
    options.rest = words[split + 1 :]
    return options.step(options) or 0


if __name__ == "__main__":
    sys.path.insert(0, str(TOP))
    sys.exit(main())
