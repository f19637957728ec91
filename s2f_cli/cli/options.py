"""Options and help panels that several commands share.

Panels follow the order in which a command's options name them, so the common ones come first.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from s2f_cli.cli import completion

if TYPE_CHECKING:
    from s2f_cli.core.shards import Shard

OUTPUT = "Output"
MODEL = "Model"
FACES = "Faces"
DATA = "Data"
LENGTH = "Length"
SAVING = "Saving and sampling"
SCORING = "Scoring"
SELECTION = "Selection"
SKETCH = "Sketch"
TRAINING = "Training"
GATES = "Thresholds and baselines"
REPORTS = "Reports"
SERVER = "Server"
LIMITS = "Limits"
ACCESS = "Access"
SWEEPS = "Sweeps"
HARDWARE = "Hardware"
CONDITIONS = "Styles and colours"
STOCHASTIC = "Stochastic models"
CHECKS = "Checks"


def _shard(text: str) -> "Shard":
    from s2f_cli.core.shards import Shard

    try:
        return Shard.parse(text)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None


ToOption = Annotated[
    Literal["face", "sketch"],
    typer.Option(
        "--to",
        metavar="DOMAIN",
        help="Domain to translate to: face or sketch.",
        show_default=False,
        rich_help_panel=MODEL,
    ),
]
DirectionOption = Annotated[
    Literal["face", "sketch"] | None,
    typer.Option(
        "--to", metavar="DOMAIN", help="Only the direction to face, or to sketch.", rich_help_panel=SELECTION
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="A name from `s2f models`, a run folder, a .safetensors or .onnx file, or hf://owner/name.",
        autocompletion=completion.models,
        show_default="newest finished run in ./runs, else shipped",
        rich_help_panel=MODEL,
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="DEVICE",
        help="cpu, cuda, cuda:1 or mps; auto takes a GPU if there is one.",
        rich_help_panel=HARDWARE,
    ),
]
InferenceEngineOption = Annotated[
    Literal["auto", "onnx", "torch"],
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="onnx (ONNX Runtime, starts in a third of the time), torch, or auto: torch only where needed.",
        rich_help_panel=HARDWARE,
    ),
]
WorkersOption = Annotated[
    int,
    typer.Option(
        "--workers", metavar="N", min=0, help="Processes; 0 is one per core.", rich_help_panel=HARDWARE
    ),
]
ShardOption = Annotated[
    Any,
    typer.Option(
        "--shard",
        parser=_shard,
        metavar="I/N",
        help="Do part I of N, from 0 to N-1, on this machine.",
        show_default=False,
        rich_help_panel=HARDWARE,
    ),
]
MergeOption = Annotated[
    bool,
    typer.Option("--merge", help="Make one report of all finished shards.", rich_help_panel=HARDWARE),
]
EngineOption = Annotated[
    Literal["local", "ray"],
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="local, or ray for a Ray cluster (extra ray).",
        rich_help_panel=HARDWARE,
    ),
]
ImagesArgument = Annotated[
    list[Path],
    typer.Argument(metavar="PHOTOS", help="Images, folders, wildcards, or - for stdin.", show_default=False),
]
OutputFolderOption = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FOLDER", help="The output folder.", rich_help_panel=OUTPUT),
]


def metrics_option(default: str) -> Any:
    """The option --metric, with the metrics that are measured without it."""
    return typer.Option(
        "--metric",
        "-m",
        metavar="NAMES",
        help="Metrics, separated by commas.",
        autocompletion=completion.metrics,
        show_default=default,
        rich_help_panel=SCORING,
    )


def output_option(word: str) -> Any:
    """The option --output of a command whose results are named `STEM.WORD.png`."""
    return typer.Option(
        "--output",
        "-o",
        metavar="PATH",
        help="A folder, a file for a single image, or - for stdout.",
        show_default=f"STEM.{word}.png beside each input",
        rich_help_panel=OUTPUT,
    )


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.", rich_help_panel=OUTPUT)]
OverwriteOption = Annotated[
    bool,
    typer.Option(
        "--overwrite/--skip-existing",
        help="Redo existing results, or skip them.",
        rich_help_panel=OUTPUT,
    ),
]
MarkOption = Annotated[
    bool,
    typer.Option(
        "--mark/--no-mark",
        help="Say in the files that a model made them, and which one (XMP).",
        rich_help_panel=OUTPUT,
    ),
]
DataOption = Annotated[
    Path, typer.Option("--data", metavar="DIR", help="The prepared data set.", rich_help_panel=DATA)
]
