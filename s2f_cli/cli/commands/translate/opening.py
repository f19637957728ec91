"""Opens the model of `s2f translate`, and says on stderr what it runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s2f_cli.cli import console

if TYPE_CHECKING:
    from pathlib import Path

    from s2f_cli.inference.engine import EngineChoice
    from s2f_cli.inference.options import InferencePrecision, TranslateOptions
    from s2f_cli.inference.pipeline import Pipeline
    from s2f_cli.inference.translator import Translator
    from s2f_cli.models.domains import Domain


@dataclass(frozen=True)
class Hardware:
    """On which device, in which precision and by which engine the networks compute."""

    device: str = "auto"
    precision: InferencePrecision = "fp32"
    engine: EngineChoice = "auto"


def open_pipeline(file: Path, to: Domain, hardware: Hardware, options: TranslateOptions) -> Pipeline:
    """Open the model in a file, and say what it runs on."""
    from s2f_cli.inference.pipeline import Pipeline
    from s2f_cli.inference.translator import Translator

    translator = Translator.open(file, hardware.device, hardware.precision, hardware.engine)
    translator.require(to)
    _say_engine(translator, hardware.precision)
    if translator.squashes(to) and options.size not in ("native", "model"):
        side = translator.card.recipe.image.size
        console.say(f"this model sees every image squashed to {side}x{side}: results are enlarged")
    return Pipeline.build(translator, to, options)


def _say_engine(translator: Translator, wanted: InferencePrecision) -> None:
    from s2f_cli.inference.engine import ENGINE_TITLES

    engine = translator.engine
    if wanted == "bf16" and engine.precision == "fp32":
        console.say("bf16 is not used: this processor has no instructions for it, so fp32 is faster")
    console.say(f"computing in {ENGINE_TITLES[engine.name]} on {engine.device}, {engine.precision}")
