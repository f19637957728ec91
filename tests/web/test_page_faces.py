"""The page finds faces itself, frames and translates them as s2f does, and works without a network."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page
from skimage import data

from s2f_cli.core import registry
from s2f_cli.faces import align
from s2f_cli.faces.manual_eyes import Eyes, face_of_eyes
from s2f_cli.inference.options import TranslateOptions
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.translator import Translator
from s2f_cli.web import site

PHOTO = Image.fromarray(data.astronaut())


@pytest.fixture(scope="session")
def model(tiny_run: Path) -> Translator:
    """The tiny model, as if its faces had been aligned."""
    model = Translator.open(tiny_run / "model.safetensors", "cpu")
    model.card = model.card.model_copy(update={"alignment": "ffhq"})
    return model


@pytest.fixture(scope="session")
def aligned(folder: Path, model: Translator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of that model."""
    target = tmp_path_factory.mktemp("aligned") / "site"
    shutil.copytree(folder, target)
    config = json.loads((target / "page.json").read_text())
    for entry in config["models"]:
        entry["alignment"] = site.describe(model.card, entry["name"], entry["to"], None)["alignment"]
    (target / "page.json").write_text(json.dumps(config))
    return target


@pytest.fixture
def opened(aligned: Path, host, visit, tmp_path: Path) -> Callable[[Image.Image, str], Page]:
    """Opens the page with a picture, and waits until its faces have been found."""

    def open_page(picture: Image.Image, to: str) -> Page:
        page = visit(host(aligned).url)
        page.locator("#directions label").nth(["face", "sketch"].index(to)).click()
        picture.save(tmp_path / "picture.png")
        page.set_input_files("#file", tmp_path / "picture.png")
        page.wait_for_selector("#crop[data-faces]")
        return page

    return open_page


def eyes_found(page: Page) -> list[Eyes]:
    return [tuple(map(tuple, eyes)) for eyes in json.loads(page.get_attribute("#crop", "data-faces") or "")]


def expected(
    model: Translator, picture: Image.Image, to: str, eyes: list[Eyes], options: TranslateOptions
) -> Image.Image:
    """The result of the pipeline for faces with these eyes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(align, "find", lambda *_: [face_of_eyes(*each) for each in eyes])
        return Pipeline.build(model, to, options).translate(picture)


def drawn(photo: Image.Image) -> Image.Image:
    return registry.find("sketchers", "pencil")(photo, 0).convert("RGB")


@pytest.mark.parametrize("to", ["sketch", "face"])
def test_a_face_is_framed_and_put_back_as_by_the_command(
    opened, model, to: str, translate, difference
) -> None:
    portrait = PHOTO.crop((90, 0, 390, 300))
    picture = portrait if to == "sketch" else drawn(portrait)
    page = opened(picture, to)
    (eyes,) = eyes_found(page)
    (face,) = align.find(portrait)
    assert np.abs(np.subtract(eyes, (face.left_eye, face.right_eye))).max() < 6
    assert page.inner_text("#hint").startswith("The box is level with the eyes.")
    alone = TranslateOptions(align="ffhq", faces="largest", paste_back="none")
    assert difference(translate(page), expected(model, picture, to, [eyes], alone)) <= 2
    page.click("#whole")
    assert difference(translate(page), expected(model, picture, to, [eyes], TranslateOptions())) <= 2
    page.click("#whole")
    page.focus(".box")
    before = page.locator(".box").bounding_box()
    for key in ["ArrowRight", "ArrowRight", "+", "]"]:
        page.keyboard.press(key)
    assert page.locator(".box").bounding_box() != before
    assert translate(page).size == (model.card.recipe.image.side("face"),) * 2


def test_one_of_several_faces_is_picked_and_others_left_out(opened, model, translate, difference) -> None:
    picture = Image.new("RGB", (700, 400), "white")
    face = PHOTO.crop((90, 0, 390, 300))
    picture.paste(face.rotate(12, Image.Resampling.BICUBIC, fillcolor="white"), (20, 60))
    picture.paste(face.resize((360, 360)), (330, 20))
    page = opened(picture, "sketch")
    large, small = eyes_found(page)
    assert page.inner_text("#hint") == "2 faces were found. Tap one."
    alone = TranslateOptions(align="ffhq", faces="largest", paste_back="none")
    assert difference(translate(page), expected(model, picture, "sketch", [large], alone)) <= 2
    page.get_by_role("button", name="Face 2").click()
    assert difference(translate(page), expected(model, picture, "sketch", [small], alone)) <= 2
    page.click("#whole")
    both = expected(model, picture, "sketch", [large, small], TranslateOptions())
    assert difference(translate(page), both) <= 2
    page.get_by_role("button", name="Face 1").click()
    one = expected(model, picture, "sketch", [small], TranslateOptions())
    assert difference(translate(page), one) <= 2
    assert difference(one, both) > 2


def test_a_picture_without_a_face_says_so(opened, translate) -> None:
    page = opened(Image.new("RGB", (90, 60), "gray"), "sketch")
    assert page.inner_text("#hint") == "No face was found. Frame it yourself."
    assert page.locator(".faces button").count() == 0
    assert translate(page).size == (60, 60)


def test_after_the_first_visit_the_page_needs_no_network(
    folder, host, visit, image_file, shown, translate
) -> None:
    """It has threads on a plain static host, too."""
    served = host(folder)
    page = visit(served.url)
    assert page.evaluate("self.crossOriginIsolated")
    page.wait_for_selector("html[data-kept]")
    assert page.inner_text("#privacy").endswith("The page also works without a network now.")
    served.is_down = True
    page.reload()
    page.wait_for_selector("#directions label")
    page.set_input_files("#file", image_file)
    page.click("#whole")
    assert translate(page).size == Image.open(image_file).size
    page.locator("#directions label").nth(1).click()
    assert translate(page).size == shown(page, "#compare .before").size
