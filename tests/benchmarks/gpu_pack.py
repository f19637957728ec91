"""Pack everything that a training needs for a machine without a network; `gpu_train.sh` says how to use it.

What s2f imports while it trains and few machines have travels as wheels; weights of other networks are
rounded to about the precision of float16. A kit holds:

    images/        WebP, their short side as in the recipes; what several data sets share is there once
    sketch.jsonl   the manifest for training face-to-sketch
    face.jsonl     the manifest for training sketch-to-face
    site.tar.xz    weights of EfficientNet-Lite0 and dlib's face embedding, as the packages that hold them
    wheels/        pure Python and Linux wheels
"""

import argparse
import hashlib
import importlib.metadata
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

WHEELS = (
    "pydantic",
    "pydantic-core",
    "annotated-types",
    "typing-inspection",
    "typing-extensions",
    "platformdirs",
)
DLIB = "dlib-bin"
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "any")
MB = 1_000_000


def pack(options: argparse.Namespace) -> None:
    """Write a kit."""
    kit: Path = options.kit
    shutil.rmtree(kit, ignore_errors=True)
    (kit / "images").mkdir(parents=True)
    recipes = {"sketch": options.sketch_recipe, "face": options.face_recipe}
    _pack_weights(kit, recipes.values(), with_dlib=options.dlib)
    if not options.no_wheels:
        _download(kit / "wheels", options.python, [*WHEELS, *([DLIB] if options.dlib else [])])
    budget = options.megabytes * MB - _size(kit)
    packer = _Packer(kit, budget, options.quality)
    for domain, folders in (("sketch", options.to_sketch), ("face", options.to_face)):
        packer.pack(folders, domain, recipes[domain])
    print(f"{kit}: {_size(kit) / MB:.1f} MB")


class _Packer:
    """Adds images to a kit until it is full; an image that is there already costs nothing."""

    def __init__(self, kit: Path, budget: float, quality: int) -> None:
        self._kit, self._budget, self._quality = kit, budget, quality
        self._packed: dict[Path, tuple[str, str, float]] = {}

    def pack(self, folders: Sequence[Path], domain: str, recipe: str) -> None:
        """Pack the pairs of data sets, the important ones first, in an order that favours nobody."""
        from s2f_cli.data.manifest import Header, Manifest, to_line, write_lines
        from s2f_cli.models import recipes

        read = recipes.read(recipe)
        needs_eyes = any(colour.region != "backdrop" for colour in read.conditions.colours.values())
        entries, without_eyes, too_many = [], 0, 0
        for number, folder in enumerate(folders):
            manifest = Manifest.read(folder)
            pairs = [*manifest.pairs("train"), *manifest.pairs("val")]
            pairs.sort(key=lambda entry: hashlib.sha256(entry.name.encode()).digest())
            for entry in pairs:
                if needs_eyes and "face" not in entry.alignment:
                    without_eyes += 1
                elif self._budget <= 0:
                    too_many += 1
                else:
                    packed = self._packed_entry(manifest, entry, read.image.side)
                    entries.append(packed.model_copy(update={"name": f"{number}-{entry.name}"}))
        entries.sort(key=lambda entry: (entry.split, entry.name))
        folder = self._kit / domain
        folder.mkdir()
        write_lines(folder, Header(source="kit"), map(to_line, entries))
        (folder / "manifest.jsonl").rename(self._kit / f"{domain}.jsonl")
        folder.rmdir()
        print(f"{recipe}: {len(entries)} pairs")
        if without_eyes:
            print(f"  {without_eyes} pairs left out: no eyes are recorded (`s2f prepare --find-eyes`)")
        if too_many:
            print(f"  {too_many} pairs left out: the kit is full")

    def _packed_entry(self, manifest, entry, side):  # type: ignore[no-untyped-def]
        files, hashes, alignment = {}, {}, {}
        for domain in entry.files:
            file = manifest.path(entry, domain)
            if file not in self._packed:
                self._packed[file] = self._write(file, side(domain), gray=domain == "sketch")
            files[domain], hashes[domain], scale = self._packed[file]
            if domain in entry.alignment:
                found = entry.alignment[domain]
                scaled = {
                    "matrix": tuple(scale * number for number in found.matrix),
                    "width": round(scale * found.width),
                    "height": round(scale * found.height),
                }
                alignment[domain] = found.model_copy(update=scaled)
        return entry.model_copy(update={"files": files, "sha256": hashes, "alignment": alignment})

    def _write(self, file: Path, side: int, *, gray: bool) -> tuple[str, str, float]:
        """Write an image into the kit; return its path there, its hash, and its scale."""
        from s2f_cli.core import images

        image = images.read(file)
        small = images.resize_short_side(image, side) if min(image.size) > side else image
        buffer = io.BytesIO()
        (small.convert("L") if gray else small).save(buffer, "WEBP", quality=self._quality, method=6)
        name = f"images/{len(self._packed):05}.webp"
        (self._kit / name).write_bytes(buffer.getvalue())
        self._budget -= buffer.tell()
        return name, hashlib.sha256(buffer.getvalue()).hexdigest(), small.width / image.width


def _pack_weights(kit: Path, recipes: Iterable[str], *, with_dlib: bool) -> None:
    """Pack the weights that recipes name, rounded to about the precision of float16."""
    from s2f_cli.models.recipes.load import file_of

    text = "".join(file_of(recipe).read_text(encoding="utf-8") for recipe in recipes)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        site.mkdir()
        if "lite_unet" in text or "efficientnet_lite0" in text:
            _round_lite0(site)
        if "dlib_face" in text or "identity" in text:
            _round_dlib(site, with_landmarks=with_dlib)
        if any(site.iterdir()):
            with tarfile.open(kit / "site.tar.xz", "w:xz", preset=6) as archive:
                archive.add(site, "site")


def _round_lite0(site: Path) -> None:
    """Without the head, and with the kernels in float16; norms stay as they are."""
    import torch

    from s2f_cli.models.pretrained import efficientnet_lite0 as lite0

    source = lite0._file("imagenet", lite0.RecipeError)
    state = torch.load(source, map_location="cpu", weights_only=True)
    kept = {key: value for key, value in state.items() if not key.startswith(("_conv_head", "_bn1", "_fc"))}
    rounded = {key: value.half() if value.ndim == 4 else value for key, value in kept.items()}
    target = site / source.parent.parent.name / lite0._FILE
    target.parent.mkdir(parents=True)
    (target.parent.parent / "__init__.py").touch()
    torch.save(rounded, target)


def _round_dlib(site: Path, *, with_landmarks: bool) -> None:
    """dlib's own format, with 11 of the 24 bits of each number, which compresses to less than half."""
    import numpy as np

    from s2f_cli.faces import dlib_models
    from s2f_cli.models.pretrained._dlib_format import read_layers

    source = dlib_models.file(dlib_models.EMBEDDING)
    content = bytearray(source.read_bytes())
    for layer in read_layers(source):
        if layer.parameters.size:
            old = layer.parameters.astype("<f4")
            start = content.index(old.tobytes())
            bits = (old.view("<u4").astype(np.uint64) + 0x1000) & ~np.uint64(0x1FFF)
            content[start : start + old.nbytes] = bits.astype("<u4").tobytes()
    target = site / "face_recognition_models/models" / dlib_models.EMBEDDING
    target.parent.mkdir(parents=True)
    (target.parent.parent / "__init__.py").touch()
    target.write_bytes(content)
    if with_landmarks:
        shutil.copy(dlib_models.file(dlib_models.LANDMARKS), target.parent)


def _download(folder: Path, python: str, names: Sequence[str]) -> None:
    """Download the wheels of installed packages for another Python on Linux."""
    pins = [f"{name}=={importlib.metadata.version(name)}" for name in names]
    where = [argument for platform in PLATFORMS for argument in ("--platform", platform)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", python, "--implementation", "cp", *where, "--dest", str(folder), *pins]
    subprocess.run(command, check=True)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main(arguments: Sequence[str] | None = None) -> None:
    """Pack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kit", type=Path)
    parser.add_argument("--to-sketch", type=Path, nargs="+", required=True, help="data sets, the best first")
    parser.add_argument("--to-face", type=Path, nargs="+", required=True, help="data sets, the best first")
    parser.add_argument("--sketch-recipe", default="face-to-sketch")
    parser.add_argument("--face-recipe", default="sketch-to-face")
    parser.add_argument("--megabytes", type=float, default=58)
    parser.add_argument("--quality", type=int, default=85, help="of WebP, 1 to 100")
    parser.add_argument("--python", default="3.12", help="version there")
    parser.add_argument("--dlib", action="store_true", help="pack dlib too, for the loss identity")
    parser.add_argument("--no-wheels", action="store_true", help="all of s2f's packages are there")
    pack(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
