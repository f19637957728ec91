"""dlib's face embedding in torch, beside dlib."""

from pathlib import Path

import dlib
import numpy as np
import pytest
import torch
from skimage import data

from s2f_cli.core.errors import MetricError, RecipeError
from s2f_cli.faces import dlib_models
from s2f_cli.models.pretrained.dlib_face import LAYERS, SIDE, DlibFace


@pytest.fixture(scope="module")
def file() -> Path:
    return dlib_models.file(dlib_models.EMBEDDING)


@pytest.fixture(scope="module")
def network(file: Path) -> DlibFace:
    return DlibFace(file).eval()


def test_equals_dlib(file: Path, network: DlibFace) -> None:
    astronaut = data.astronaut()
    chips = [astronaut[20:170, 150:300], astronaut[300:450, 100:250]]
    reference = dlib.face_recognition_model_v1(str(file))
    expected = [np.array(reference.compute_face_descriptor(np.ascontiguousarray(chip))) for chip in chips]
    images = torch.from_numpy(np.stack(chips)).permute(0, 3, 1, 2) / 127.5 - 1
    with torch.no_grad():
        embeddings = network(images)
    torch.testing.assert_close(embeddings, torch.tensor(np.stack(expected)).float(), atol=2e-6, rtol=0)


def test_gradients_reach_the_image(network: DlibFace) -> None:
    chip = torch.zeros(1, 1, SIDE, SIDE, requires_grad=True)
    network(chip).square().sum().backward()
    assert chip.grad is not None and chip.grad.isfinite().all() and chip.grad.abs().sum() > 0


def test_features_of_any_size() -> None:
    with torch.device("meta"):
        network = DlibFace("nowhere.dat")
        maps = network.features(torch.empty(1, 3, 130, 192))
        assert [map_.shape[1] for map_ in maps] == [32, 32, 64, 128, 256, 256]
        assert maps[0].shape[2:] == (62, 93) and maps[-1].shape[2:] == (1, 2)
        assert len(network.features(torch.empty(1, 3, 55, 55), depth=5)) == 5
        assert len(network.features(torch.empty(1, 3, 103, 103))) == len(LAYERS)
    assert sum(p.numel() for p in network.parameters()) == 5_607_488


def test_random_weights_need_no_file() -> None:
    assert DlibFace("random").stem.weight.std() > 0


def test_a_missing_file_is_named() -> None:
    with pytest.raises(RecipeError, match=r"there is no file nowhere\.dat"):
        DlibFace("nowhere.dat")


@pytest.mark.parametrize("length", [0, 1, 100, 400, 30_000, -1])
def test_a_truncated_file_is_named(file: Path, tmp_path: Path, length: int) -> None:
    (tmp_path / "cut.dat").write_bytes(file.read_bytes()[:length])
    with pytest.raises(MetricError, match=r"cut\.dat does not hold .*: it is truncated"):
        DlibFace(tmp_path / "cut.dat", MetricError)


@pytest.mark.parametrize("content", [b"\x00" * 100, b"\x01\x01\x01\x02ab" * 20])
def test_another_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other.dat").write_bytes(content)
    with pytest.raises(RecipeError, match=r"other\.dat does not hold .* where .* belongs"):
        DlibFace(tmp_path / "other.dat")
