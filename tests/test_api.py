"""The Python API at the root of the package."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import s2f_cli as s2f
from s2f_cli.data.sources.folders import Folders

HEAVY = ["torch", "torchvision", "numpy", "PIL", "scipy", "skimage", "dlib", "pydantic", "typer", "rich"]


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import sys, s2f_cli; dir(s2f_cli); print(*set({HEAVY}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


@pytest.mark.parametrize("name", s2f.__all__)
def test_every_public_name_exists_and_is_documented(name: str) -> None:
    assert name in dir(s2f)
    assert getattr(s2f, name).__doc__
    assert getattr(s2f, name) is getattr(s2f, name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 's2f_cli' has no attribute 'no_such_name'"):
        _ = s2f.no_such_name


@pytest.mark.parametrize("options", [{}, {"size": "model"}, {"align": "none", "size": 24}])
def test_translate_does_what_the_command_does(options, s2f, drawing, tiny_run: Path, here: Path) -> None:
    """The photo has an EXIF orientation that turns it by 90°."""
    import s2f_cli

    exif = Image.Exif()
    exif[0x0112] = 6
    drawing(3, 40, 30).save("photo.jpg", exif=exif)
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    result = s2f("translate", "--to", "sketch", "photo.jpg", "--model", tiny_run, "--device", "cpu", *words)
    assert result.code == 0, result.err
    image = s2f_cli.load(tiny_run, "sketch", device="cpu").translate("photo.jpg", **options)
    with Image.open("photo.sketch.png") as written:
        assert (image.mode, image.size, image.tobytes()) == (written.mode, written.size, written.tobytes())
    assert (
        image.tobytes()
        == s2f_cli.translate("photo.jpg", "sketch", model=tiny_run, device="cpu", **options).tobytes()
    )


@pytest.fixture
def faces(drawing, tmp_path: Path) -> Path:
    folder = tmp_path / "faces"
    folder.mkdir()
    for number in range(4):
        drawing(number, 32, 32).save(folder / f"{number}.png")
    return folder


def test_prepare_does_what_the_command_does(s2f, faces: Path, here: Path) -> None:
    import s2f_cli

    result = s2f("prepare", "folders", "--faces", faces, "--size", 16, "--sketcher", "xdog", "-o", "typed")
    assert result.code == 0, result.err
    summary = s2f_cli.prepare("folders", "called", faces=str(faces), size=16, sketcher="xdog")
    from_object = s2f_cli.prepare(Folders(faces=faces), here / "object", size=16, sketcher="xdog")
    assert summary.splits == from_object.splits
    files = {file.relative_to("typed"): file.read_bytes() for file in Path("typed").rglob("*.png")}
    for folder in ("called", "object"):
        assert files == {file.relative_to(folder): file.read_bytes() for file in Path(folder).rglob("*.png")}


@pytest.mark.parametrize(
    ("source", "options", "message", "hint"),
    [
        ("foldrs", {}, "there is no 'foldrs' among the sources", "did you mean 'folders'?"),
        ("folders", {"face": "x"}, "folders has no option 'face'", "did you mean 'faces'?"),
        ("cufs", {}, "missing 1 required positional argument", "s2f prepare SOURCE --help"),
    ],
)
def test_an_error_of_prepare_names_the_mistake_and_the_fix(
    source, options, message: str, hint: str, here: Path
) -> None:
    with pytest.raises(s2f.S2FError) as raised:
        s2f.prepare(source, "out", **options)
    assert message in raised.value.message
    assert hint in raised.value.hint
    assert not Path("out").exists()


def test_a_run_can_be_trained_and_evaluated(data: Path, tiny_recipe: Path, here: Path) -> None:
    events: list[str] = []

    def note(event: object) -> None:
        events.append(type(event).__name__)

    run = s2f.train(tiny_recipe, data, "run", steps=2, device="cpu", on_event=note)
    assert (events[0], events[-1]) == ("Started", "Finished")
    assert run.bundle.is_file()
    face, sketch = s2f.evaluate("run", data, metrics=["mse"], device="cpu")
    assert {face.direction, sketch.direction} == {"sketch → face", "face → sketch"}
    assert 0 < face["mse"] < 4
