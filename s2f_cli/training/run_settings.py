"""The settings of a run, and the file in its folder that holds them."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from s2f_cli.core.errors import RunError, first_line
from s2f_cli.core.files import atomic_write
from s2f_cli.models.recipes.upgrade import SavedRecipe
from s2f_cli.training.request import Precision

SETTINGS = "run.json"


class RunSettings(BaseModel):
    """The settings that identify a run; a resumed run must have the same ones, except for its length."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipe: SavedRecipe
    seed: int
    precision: Precision
    data: str
    """The folder of the data set."""
    data_source: str
    data_digest: str
    """`Manifest.digest()` of the data set."""
    data_licence: str = ""
    init_from: str = ""
    """The model whose weights the run started from."""

    def hyperparameters(self) -> dict[str, str | float]:
        """The settings that tend to differ between runs, by key; with several stages, as `STAGE.KEY`."""
        values: dict[str, str | float] = {
            "recipe": self.recipe.name,
            "seed": self.seed,
            "precision": self.precision,
        }
        for stage in self.recipe.stages:
            prefix = f"{stage.name}." if len(self.recipe.stages) > 1 else ""
            values[f"{prefix}batch_size"] = stage.batch_size
            for term, weight in stage.weights.items():
                values[f"{prefix}weights.{term}"] = weight if isinstance(weight, float) else weight.value
            for name, player in stage.players.items():
                values[f"{prefix}players.{name}.learning_rate"] = player.learning_rate
        return values

    @classmethod
    def read(cls, folder: Path) -> "RunSettings":
        """The settings of the run in a folder; raises RunError if there is none or its file is broken."""
        file = folder / SETTINGS
        if not file.is_file():
            raise RunError(f"{folder} holds no run", "start one with `s2f train RECIPE`")
        try:
            return cls.model_validate_json(file.read_bytes())
        except ValidationError as problem:
            raise RunError(f"{file} is broken: {first_line(problem)}", "start a new run") from None

    def write(self, folder: Path) -> None:
        """Write the settings into a run folder, unless it holds the same already."""
        file, text = folder / SETTINGS, self.model_dump_json(indent=1) + "\n"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            atomic_write(file, text)
