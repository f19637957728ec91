"""The page in a browser: its results equal those of s2f, and it requests nothing from other hosts."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core.quiet import quiet
from s2f_cli.export.formats.web import Web
from s2f_cli.export.network import DirectionNetwork
from s2f_cli.inference.torch_engine import TorchEngine
from s2f_cli.inference.translator import Translator
from s2f_cli.web import site


def test_both_directions_give_the_results_of_the_translator(
    folder, host, visit, tiny_run, image_file, shown, translate, difference
) -> None:
    served = host(folder)
    page = visit(served.url)
    page.set_input_files("#file", image_file)
    page.click("#whole")
    translator = Translator.open(tiny_run / "model.safetensors", "cpu")
    for number, to in enumerate(["face", "sketch"]):
        page.locator("#directions label").nth(number).click()
        assert page.inner_text("#go") == f"Make a {to}"
        (expected,) = translator.translate([Image.open(image_file)], to)
        result = translate(page)
        assert np.ptp(np.asarray(result, int)) > 4
        assert difference(result, expected) <= 1
        assert difference(shown(page, "#compare .before"), Image.open(image_file)) == 0
        with page.expect_download() as download:
            page.click("#download")
        assert download.value.suggested_filename == f"{to}.png"
        assert difference(Image.open(download.value.path()), result) == 0

    files = {f"/{path.relative_to(folder).as_posix()}" for path in folder.rglob("*")} | {"/"}
    assert {method for method, _ in served.requests} == {"GET"}
    requested = {path for _, path in served.requests}
    assert requested <= files
    assert requested >= {
        "/",
        "/page.json",
        "/ort/ort.wasm.gz",
        "/blazeface.onnx",
        "/sw.js",
        "/models/tiny.face.onnx.gz",
        "/models/tiny.sketch.onnx.gz",
    }


@pytest.fixture(scope="session")
def given(conditional_layer, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with conditions as a page."""
    folder = tmp_path_factory.mktemp("given")
    (folder / "models").mkdir()
    file = folder / "models/given.sketch.onnx.gz"
    network = DirectionNetwork(*conditional_layer, "sketch")
    exporter = Web()
    exporter.begin(folder, package)
    with quiet():
        exporter.write(network, file, [])
    exporter.finish(folder, {file: network.usage})
    return folder


def test_styles_and_colours_are_chosen(
    given, host, visit, conditional_layer, image_file, shown, translate, difference
) -> None:
    """Defaults are selected; a changed choice translates again."""
    page = visit(host(given).url)
    assert page.locator("#conditions legend").all_inner_texts() == ["Style", "Skin", "Backdrop"]
    page.set_input_files("#file", image_file)
    page.click("#whole")
    networks, card = conditional_layer
    translator = Translator(TorchEngine(networks, card.recipe, "cpu"), card)

    def expect(result: Image.Image, **values: str) -> None:
        (expected,) = translator.translate([Image.open(image_file)], "sketch", conditions=values)
        assert difference(result, expected) <= 1

    def changed() -> Image.Image:
        page.wait_for_function("() => document.querySelector('#status').textContent.startsWith('Done')")
        page.wait_for_selector("#go:enabled")
        return shown(page, "#compare .after")

    page.get_by_role("radio", name="Fine").check()
    assert page.inner_text("#status") == ""
    page.get_by_role("radio", name="Bold").check()
    expect(translate(page))
    page.get_by_role("radio", name="Fine").check()
    expect(changed(), style="fine")
    page.get_by_role("group", name="Skin").get_by_role("radio", name="dark").check()
    expect(changed(), style="fine", skin="dark")
    page.get_by_label("Backdrop: another colour").fill("#204060")
    expect(changed(), style="fine", skin="dark", backdrop="#204060")


def test_the_content_security_policy_blocks_requests_to_other_hosts(folder, host, visit) -> None:
    served, elsewhere = host(folder), host(folder)
    page = visit(served.url)
    outcome = page.evaluate(
        "url => fetch(url, {method: 'POST', body: 'x', mode: 'no-cors'}).then(() => 'sent', () => 'refused')",
        elsewhere.url,
    )
    assert outcome == "refused"
    assert elsewhere.requests == []
    assert not [path for _, path in served.requests if "://" in path]


def test_drawing_with_the_mouse_and_with_keys(folder, host, visit, shown, translate, difference) -> None:
    page = visit(host(folder).url)
    page.click("#tab-draw")
    assert page.inner_text("#go") == "Draw something first"
    area = page.locator("#pad canvas").bounding_box()
    page.mouse.move(area["x"] + 50, area["y"] + 50)
    page.mouse.down()
    page.mouse.move(area["x"] + 150, area["y"] + 150, steps=5)
    page.mouse.up()
    once = shown(page, "#pad canvas")
    page.fill("#brush", "12")
    page.focus("#pad canvas")
    for key in [" ", "ArrowRight", "ArrowDown", " ", "ArrowDown"]:
        page.keyboard.press(key)
    twice = shown(page, "#pad canvas")
    assert difference(once, twice) > 20
    page.keyboard.press("Control+z")
    assert difference(shown(page, "#pad canvas"), once) == 0
    result = translate(page)
    assert result.size == (512, 512)
    before = np.asarray(shown(page, "#compare .before"))
    assert before.min() < 40
    assert before[-1, -1].tolist() == [255, 255, 255]
    page.click("#clear")
    assert page.is_disabled("#go")
    assert page.is_disabled("#undo")


def test_the_crop_box_is_moved_and_resized_with_keys_and_mouse(
    folder, host, visit, image_file, shown, translate, difference
) -> None:
    page = visit(host(folder).url)
    page.set_input_files("#file", image_file)
    page.wait_for_selector("#crop:not([hidden])")
    page.focus(".box")
    for key in ["ArrowUp"] * 8 + ["-"] * 5 + ["ArrowRight"] * 3:
        page.keyboard.press(key)
    translate(page)
    cut = Image.open(image_file).crop((3, 0, 43, 40))
    assert difference(shown(page, "#compare .before"), cut) == 0
    corner = page.locator(".box [data-corner=se]").bounding_box()
    middle = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 500, middle[1] - 500, steps=4)
    page.mouse.up()
    translate(page)
    assert difference(shown(page, "#compare .before"), Image.open(image_file).crop((3, 0, 19, 16))) == 0


def test_the_camera_takes_a_picture(folder, host, visit, translate) -> None:
    page = visit(host(folder).url)
    page.click("#tab-camera")
    for _ in range(50):
        page.wait_for_timeout(100)
        page.click("#shoot")
        if page.is_visible("#crop"):
            break
    result = translate(page)
    assert min(result.size) >= 240


def test_a_file_that_is_not_an_image_is_an_error(folder, host, visit, tmp_path) -> None:
    page = visit(host(folder).url)
    (tmp_path / "notes.png").write_text("not an image")
    page.set_input_files("#file", tmp_path / "notes.png")
    page.wait_for_selector("#status.bad")
    assert page.inner_text("#status") == "notes.png is not an image that the browser can read."


def test_every_control_is_reached_with_tab(folder, host, visit, translate) -> None:
    page = visit(host(folder).url)
    page.set_input_files("#file", png_upload())
    page.wait_for_selector("#go:enabled")
    translate(page)
    reached = set()
    page.evaluate("() => document.activeElement.blur()")
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "() => document.activeElement.id || document.activeElement.className"
                " || document.activeElement.name || document.activeElement.type"
            )
        )
    assert reached >= {
        "direction",
        "theme",
        "tab-photo",
        "box",
        "another",
        "whole",
        "go",
        "range",
        "download",
        "again",
    }


def png_upload() -> dict:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), "gray").save(buffer, "PNG")
    return {"name": "a.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


def test_nothing_in_the_page_names_another_host() -> None:
    for file in site.PAGE.iterdir():
        if file.name.startswith("blazeface."):
            continue
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text.replace("over https:// or", "")


def test_the_configuration_describes_the_model(folder) -> None:
    config = json.loads((folder / "page.json").read_text())
    assert config["engine"] == "browser"
    assert [(model["to"], model["source"], model["licence"]) for model in config["models"]] == [
        ("face", "sketch", "MIT"),
        ("sketch", "face", "MIT"),
    ]
    for model in config["models"]:
        assert (folder / model["file"]).stat().st_size == model["bytes"]
