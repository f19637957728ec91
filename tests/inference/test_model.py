"""The model of the Python API does what `s2f translate` does."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core.errors import BundleError, DataError, ImageError, RunError, S2FError
from s2f_cli.core.prefetch import Success
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.faces import colours
from s2f_cli.inference.model import Model
from s2f_cli.inference.translator import Translator
from s2f_cli.models import zoo


@pytest.fixture(scope="session")
def aligning(tiny_run: Path) -> Model:
    """The tiny model with a card that says how faces are aligned."""
    translator = Translator.open(tiny_run / "model.safetensors", "cpu")
    card = translator.card.model_copy(update={"alignment": "cufs"})
    return Model(Translator(translator.engine, card), "sketch")


@pytest.fixture
def added(s2f: Callable, tiny_run: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same model under a name of `s2f models`."""
    monkeypatch.setenv("S2F_HOME", str(here / "home"))
    Path("about.toml").write_text('alignment = "cufs"')
    s2f("models", "add", tiny_run / "model.safetensors", "--name", "tiny", "--about", "about.toml")
    return "tiny"


@pytest.fixture
def photo(here: Path) -> Path:
    """A photo of two faces, sideways, with its orientation in EXIF."""
    upright = Image.new("RGB", (640, 300), "gray")
    for number in (0, 1):
        upright.paste(draw(looks(0, number)), (20 + 330 * number, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.rotate(90, expand=True).save("photo.png", exif=exif)
    return here / "photo.png"


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], {}),
        (["--no-align"], {"align": "none"}),
        (["--paste-back", "photo", "--faces", "largest"], {"paste_back": "photo", "faces": "largest"}),
        (["--paste-back", "none", "--faces", "largest"], {"paste_back": "none"}),
        (["--size", "150", "--align", "ffhq"], {"size": 150, "align": "ffhq"}),
        (["--size", "model", "--faces", "largest"], {"size": "model"}),
        (["--size", "full"], {"size": "full"}),
    ],
)
def test_translate_equals_the_command(
    s2f: Callable, added: str, photo: Path, words: list[str], options: dict
) -> None:
    result = s2f("translate", "--to", "sketch", "--model", added, photo, "--device", "cpu", *words)
    assert result.code == 0, result.err
    model = Model.load(added, "sketch", device="cpu")
    for image in (photo, str(photo), Image.open(photo)):
        with Image.open(result.lines[0]) as expected:
            assert np.array_equal(model.translate(image, **options), expected)


def test_a_pipeline_yields_all_faces(aligning: Model, photo: Path) -> None:
    (outcome,) = aligning.pipeline(faces="all", paste_back="none").run([photo])
    assert isinstance(outcome, Success)
    assert [samples[0].size for samples in outcome.value.results] == [(16, 20)] * 2
    first = aligning.translate(photo, faces="all", paste_back="none")
    assert np.array_equal(first, outcome.value.image)


def test_a_model_is_loaded_by_name_run_folder_or_file(tiny_run: Path, added: str, here: Path) -> None:
    for model in (added, tiny_run, str(tiny_run / "model.safetensors")):
        assert Model.load(model, "face", device="cpu").card.recipe.name == "tiny"
    with pytest.raises(BundleError, match="there is no model 'tinny'"):
        Model.load("tinny", "face")
    with pytest.raises(RunError, match=r"holds no model\.safetensors"):
        Model.load(here, "face")


def test_the_direction_may_be_omitted(tiny_run: Path, here: Path) -> None:
    """It is optional for a model with one direction."""
    assert Model.load("face-to-sketch", device="cpu").to == "sketch"
    with pytest.raises(BundleError, match="translates to face and sketch") as raised:
        Model.load(tiny_run)
    assert 'to="sketch"' in raised.value.hint
    with pytest.raises(BundleError, match="cannot translate to face, only to sketch"):
        Model.load("face-to-sketch", "face", device="cpu")


def test_the_default_model_is_loaded_without_a_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Model.load(to="face", device="cpu").card == zoo.find("sketch-to-face").card()
    with pytest.raises(S2FError, match="neither a model nor a domain"):
        Model.load()
    monkeypatch.setattr(zoo, "SHIPPED", here)
    with pytest.raises(RunError, match="no finished run"):
        Model.load(to="face")


def test_invalid_images_and_options_are_errors(aligning: Model, here: Path) -> None:
    with pytest.raises(ImageError, match=r"there is no file gone\.png"):
        aligning.translate("gone.png")
    blank = Image.new("RGB", (90, 70), "gray")
    assert aligning.translate(blank).size == (90, 70)
    with pytest.raises(ImageError, match="no face was found"):
        aligning.translate(blank, align="cufs")
    with pytest.raises(DataError, match="no alignment preset 'passport'"):
        aligning.translate(blank, align="passport")
    with pytest.raises(S2FError, match="faces are not aligned"):
        aligning.translate(blank, align="none", paste_back="photo")
    with pytest.raises(BundleError, match="is deterministic"):
        aligning.pipeline(samples=2)


def test_conditions_are_keywords_or_a_mapping(conditional_model: Path, drawing: Callable) -> None:
    model = Model.load(conditional_model, "sketch", device="cpu")
    photo = drawing(1, 40, 40)
    fine = model.translate(photo, style="fine", skin="#102030")
    assert np.array_equal(fine, model.translate(photo, conditions={"style": "fine", "skin": "#102030"}))
    assert np.array_equal(
        fine, model.translate(photo, conditions={"style": "bold"}, style="fine", skin="#102030")
    )
    assert not np.array_equal(fine, model.translate(photo))
    with pytest.raises(S2FError, match="no condition 'stile'"):
        model.translate(photo, stile="fine")


def test_colours_like_a_photos(
    conditional_model: Path, drawing: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colours, "find_eyes", lambda photo: ((20.0, 12.0), (24.0, 12.0)))
    pipeline = Model.load(conditional_model, "sketch", device="cpu").pipeline(
        like=Image.new("RGB", (48, 32), "#112233"), skin="tan", style="all"
    )
    given = {"skin": "#ae7058", "backdrop": "#112233"}
    assert pipeline.variants == {"fine": {"style": "fine"} | given, "bold": {"style": "bold"} | given}
    outcome = next(iter(pipeline.run([drawing(1)])))
    assert isinstance(outcome, Success) and len(outcome.value.results[0]) == 2
