"""Images through the HTTP API: results equal those of the translator and the pipeline."""

import io
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.faces import align
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.translator import Translator
from s2f_cli.web import server
from s2f_cli.web.limits import RequestLimits

HEIF = Path(__file__).parents[1] / "fixtures" / "heif"


def test_photos_of_phones_are_read(client) -> None:
    photo = HEIF / "turned.heic"
    response = client.post("/translate", params={"to": "sketch"}, files={"image": ("a", photo.read_bytes())})
    assert response.status_code == 200, response.text
    assert Image.open(io.BytesIO(response.content)).size == (48, 64)


@pytest.mark.parametrize(("to", "mode"), [("face", "RGB"), ("sketch", "L")])
def test_results_equal_those_of_the_translator(client, translator, drawing, to: str, mode: str, png) -> None:
    image = drawing(1, 45, 61)
    response = client.post("/translate", params={"to": to}, files=png(image))
    assert (response.status_code, response.headers["content-type"]) == (200, "image/png")
    result = Image.open(io.BytesIO(response.content))
    (expected,) = translator.translate([image], to)
    assert result.mode == mode
    assert np.array_equal(np.asarray(result), np.asarray(expected))


def test_size_and_format_are_applied(client, drawing, png) -> None:
    parameters = {"to": "face", "size": "model", "format": "webp", "model": "tiny"}
    response = client.post("/translate", params=parameters, files=png(drawing(1, 45, 61)))
    result = Image.open(io.BytesIO(response.content))
    assert (response.headers["content-type"], result.format, result.size) == ("image/webp", "WEBP", (16, 16))


def test_faces_are_handled_as_by_the_pipeline(translator, png) -> None:
    """The whole photo, the photo without alignment, or the face alone."""
    photo = draw(looks(0, 0)).resize((200, 250))
    wide = Image.new("RGB", (400, 300), "gray")
    wide.paste(photo, (90, 20))
    card = translator.card.model_copy(update={"alignment": "cufs"})
    aligning = Translator(translator.engine, card)
    client = TestClient(server.create({"tiny": aligning}, RequestLimits()), raise_server_exceptions=False)

    def translate(**parameters: str) -> Image.Image:
        response = client.post("/translate", params={"to": "sketch", **parameters}, files=png(wide))
        assert response.status_code == 200, response.text
        return Image.open(io.BytesIO(response.content))

    whole, plain, alone = translate(), translate(align="none"), translate(paste_back="none")
    expected = Pipeline.build(aligning, "sketch").translate(wide)
    assert whole.size == plain.size == wide.size
    assert np.array_equal(np.asarray(whole), np.asarray(expected))
    assert not np.array_equal(np.asarray(whole), np.asarray(plain))
    assert alone.size == (16, 20)
    assert translate(paste_back="photo").mode == "RGB"


def test_faces_are_found_for_the_page(translator, png) -> None:
    client = TestClient(server.create({"tiny": translator}, RequestLimits()))
    photo = draw(looks(0, 0)).resize((200, 250))
    response = client.post("/faces", files=png(photo))
    (found,) = response.json()
    (face,) = align.find(photo)
    assert found["left"] == pytest.approx(face.left_eye)
    assert found["box"] == pytest.approx(face.box)
    assert client.post("/faces", files=png(Image.new("L", (50, 50)))).json() == []
    assert response.headers["cross-origin-embedder-policy"] == "require-corp"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
