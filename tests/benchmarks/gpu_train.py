"""Train both directions from a kit of `gpu_pack.py` within a time; `gpu_train.sh` says how to use it.

The machine needs Python with torch, torchvision, numpy, Pillow, scipy, scikit-image, safetensors, psutil and
packaging. The steps of each stage are fitted to the time, in the proportions of the recipe. Without dlib,
recipes are trained without the loss `identity`, which searches for faces with it.
"""

import argparse
import importlib.util
import re
import shutil
import signal
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

DIRECTIONS = ("sketch", "face")
"""The domains that the two models make."""
PROBE = 12
"""Steps by which the time of a stage is estimated; the first half warms up."""
SAFETY = 0.85
"""Share of the time that the steps are planned to take."""


def train(options: argparse.Namespace) -> None:
    """Train both directions one after the other until the time is over; write bundles, logs and samples."""
    start = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    recipes = {"sketch": options.sketch_recipe, "face": options.face_recipe}
    sets = {"sketch": options.set_sketch, "face": options.set_face}
    first = {"sketch": options.init_sketch, "face": options.init_face}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        _unpack(options.kit, work)
        for place, domain in enumerate(options.order):
            end = start + options.minutes * 60
            left = end - time.monotonic()
            share = left / (len(options.order) - place)
            data = _data_folder(options.kit, work, domain)
            recipe = _without_dlib(recipes[domain], work)
            if not _train_one(recipe, data, work, options, tuple(sets[domain]), first[domain], share):
                break


def _unpack(kit: Path, work: Path) -> None:
    """Make the packages of a kit importable."""
    site = work / "site"
    site.mkdir()
    if (kit / "site.tar.xz").is_file():
        with tarfile.open(kit / "site.tar.xz") as archive:
            archive.extractall(work, filter="data")
    if importlib.util.find_spec("pydantic") is None or importlib.util.find_spec("platformdirs") is None:
        for wheel in sorted((kit / "wheels").glob("*.whl")):
            zipfile.ZipFile(wheel).extractall(site)
    elif importlib.util.find_spec("dlib") is None:
        for wheel in (kit / "wheels").glob("dlib*.whl"):
            zipfile.ZipFile(wheel).extractall(site)
    sys.path.insert(0, str(site))
    importlib.invalidate_caches()


def _data_folder(kit: Path, work: Path, domain: str) -> Path:
    folder = work / f"to-{domain}"
    folder.mkdir()
    (folder / "images").symlink_to((kit / "images").resolve(), target_is_directory=True)
    shutil.copy(kit / f"{domain}.jsonl", folder / "manifest.jsonl")
    return folder


def _without_dlib(recipe: str, work: Path) -> str:
    """A recipe, or where dlib is missing its copy without the loss that searches for faces."""
    from s2f_cli.models.recipes.load import file_of

    text = file_of(recipe).read_text(encoding="utf-8")
    reduced = re.sub(r"(?m)^identity = .*\n", "", text)
    if reduced == text or _has_dlib():
        return recipe
    print(f"{recipe}: without the loss identity, because dlib or its landmarks are missing", flush=True)
    copy = work / f"{file_of(recipe).stem}.toml"
    copy.write_text(reduced, encoding="utf-8")
    return str(copy)


def _has_dlib() -> bool:
    from s2f_cli.core.errors import MissingPart
    from s2f_cli.faces import dlib_models

    try:
        dlib_models.file(dlib_models.LANDMARKS)
    except MissingPart:
        return False
    return importlib.util.find_spec("dlib") is not None


def _train_one(
    recipe: str,
    data: Path,
    work: Path,
    options: argparse.Namespace,
    sets: tuple[str, ...],
    first: Path | None,
    seconds: float,
) -> bool:
    """Train one recipe within a time limit in seconds, from the weights of the model `first` if it is given.

    Returns False if a signal ended it.
    """
    from s2f_cli.models import bundle, recipes
    from s2f_cli.training.events import Finished, Logged, Sampled, Stopped, Warned
    from s2f_cli.training.request import TrainRequest
    from s2f_cli.training.trainer import Trainer

    end = time.monotonic() + seconds
    name = Path(recipe).stem
    run = work / f"run-{name}"
    stages = recipes.read(recipe, sets).stages
    if options.steps:
        lengths = dict.fromkeys((stage.name for stage in stages), options.steps)
    else:
        lengths = _planned(recipe, data, work, options.device, sets, end)
    planned = (*sets, *(f"stages.{stage}.steps={steps}" for stage, steps in lengths.items()))
    print(f"{name}: {', '.join(f'{steps} steps of {stage}' for stage, steps in lengths.items())}", flush=True)
    request = TrainRequest(
        recipe,
        data,
        run,
        overrides=planned,
        init_from=first,
        device=options.device,
        sample_every=max(sum(lengths.values()), 1),
    )
    trainer = Trainer(request)
    signalled = False

    def stop(*_: object) -> None:
        nonlocal signalled
        signalled = True
        trainer.stop()

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        for event in trainer.run():
            if time.monotonic() > end:
                trainer.stop()
            if isinstance(event, Logged) and event.step % 100 == 0:
                losses = ", ".join(f"{key} {value:.3f}" for key, value in event.losses.items())
                print(
                    f"{event.step}/{event.total} {event.images_per_second:.0f} images/s {losses}", flush=True
                )
            elif isinstance(event, Sampled):
                shutil.copy(event.file, options.out / f"{name}.png")
            elif isinstance(event, Warned):
                print(f"warning: {event.message}", flush=True)
            elif isinstance(event, Finished | Stopped):
                print(f"{name}: {type(event).__name__.lower()} at {event.step} of {event.total}", flush=True)
    finally:
        signal.signal(signal.SIGTERM, previous)
        if trainer.run_folder.bundle.is_file():
            networks, card = bundle.load(trainer.run_folder.bundle)
            bundle.save(options.out / f"{name}.safetensors", networks.half(), card)
            shutil.copy(run / "log.jsonl", options.out / f"{name}.log.jsonl")
    return not signalled


def _planned(
    recipe: str, data: Path, work: Path, device: str, sets: tuple[str, ...], end: float
) -> dict[str, int]:
    """Steps by stage that fit the time left, in the proportions of the recipe."""
    from s2f_cli.models import recipes
    from s2f_cli.training.request import TrainRequest
    from s2f_cli.training.trainer import Trainer

    stages = recipes.read(recipe, sets).stages
    cost = {}
    for stage in stages:
        lengths = (f"stages.{s.name}.steps={PROBE if s.name == stage.name else 0}" for s in stages)
        request = TrainRequest(recipe, data, work / "probe", overrides=(*sets, *lengths), device=device)
        training, times = Trainer(request).training, []
        steps = training.run()
        for _ in range(PROBE):
            begin = time.monotonic()
            next(steps).losses()
            times.append(time.monotonic() - begin)
        cost[stage.name] = median(times[PROBE // 2 :])
        print(f"{stage.name}: {cost[stage.name]:.3f} s a step", flush=True)
    wanted = {stage.name: stage.steps or 1 for stage in stages}
    left = SAFETY * (end - time.monotonic())
    factor = left / sum(cost[name] * steps for name, steps in wanted.items())
    return {name: max(round(factor * steps), 1) for name, steps in wanted.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kit", type=Path)
    parser.add_argument("out", type=Path, help="bundles in float16, logs and sample grids")
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--order", nargs="+", choices=DIRECTIONS, default=DIRECTIONS)
    parser.add_argument("--steps", type=int, help="steps of each stage, in place of what fits the time")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--sketch-recipe", default="face-to-sketch")
    parser.add_argument("--face-recipe", default="sketch-to-face")
    for domain in DIRECTIONS:
        parser.add_argument(f"--set-{domain}", nargs="*", default=[], metavar="KEY=VALUE")
        parser.add_argument(f"--init-{domain}", type=Path, metavar="MODEL", help="weights to start from")
    train(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
