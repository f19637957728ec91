import dlib
import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from torch import Tensor

from s2f_cli.faces import dlib_models
from s2f_cli.faces.chips import ChipFinder
from s2f_cli.training.losses.identity import Identity, cut_chip

ASTRONAUT = np.asarray(Image.fromarray(data.astronaut()[20:180, 145:305]).rotate(5))


def tensor(image: np.ndarray) -> Tensor:
    return torch.from_numpy(image.copy()).permute(2, 0, 1) / 127.5 - 1


@pytest.fixture(scope="module")
def loss() -> Identity:
    return Identity()


def test_equals_dlib(loss: Identity) -> None:
    blurred = np.asarray(Image.fromarray(ASTRONAUT).resize((40, 40)).resize((160, 160)))
    network = dlib.face_recognition_model_v1(str(dlib_models.file(dlib_models.EMBEDDING)))
    (box,) = dlib_models.detector()(ASTRONAUT, 0)
    landmarks = dlib_models.landmarks()(ASTRONAUT, box)
    first, second = (np.array(network.compute_face_descriptor(im, landmarks)) for im in (ASTRONAUT, blurred))
    value = loss(tensor(blurred)[None], tensor(ASTRONAUT)[None])
    assert value.item() == pytest.approx(np.linalg.norm(first - second), abs=5e-3)


def test_moves_the_face_of_the_prediction_only(loss: Identity) -> None:
    target = tensor(ASTRONAUT)[None].requires_grad_()
    prediction = (0.8 * target.detach()).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        value = loss(prediction, target)
    value.backward()
    assert value.dtype == torch.float32 and target.grad is None and prediction.grad is not None
    slope = prediction.grad.abs().sum(dim=(0, 1))
    assert slope.isfinite().all() and slope.sum() > 0 and slope[:, :5].sum() == 0
    assert not any(p.requires_grad for p in loss.parameters())


def test_images_without_a_face_count_as_zero(loss: Identity) -> None:
    face, blank = tensor(ASTRONAUT), torch.ones(3, 160, 160)
    prediction = torch.stack([0.5 * face, 0.5 * blank]).requires_grad_()
    alone, both = loss(prediction[:1], face[None]), loss(prediction, torch.stack([face, blank]))
    assert both.item() == pytest.approx(alone.item() / 2, rel=1e-4)
    nothing = loss(prediction[1:], blank[None])
    nothing.backward()
    assert nothing.item() == 0 and prediction.grad is not None and prediction.grad.abs().sum() == 0


def test_equal_faces_have_no_distance_and_finite_gradients(loss: Identity) -> None:
    gray = tensor(ASTRONAUT).mean(0, keepdim=True)[None].requires_grad_()
    value = loss(gray, gray)
    value.backward()
    assert value.item() < 1e-5 and gray.grad is not None and gray.grad.isfinite().all()


@pytest.mark.parametrize("size", [160, 500])
def test_cuts_chips_as_dlib(size: int) -> None:
    image = np.asarray(Image.fromarray(ASTRONAUT).resize((size, size), Image.Resampling.BICUBIC))
    transform = ChipFinder().find(image)
    (box,) = dlib_models.detector()(image, 0)
    expected = dlib.get_face_chip(image, dlib_models.landmarks()(image, box), size=150, padding=0.25)
    assert transform is not None
    chip = (cut_chip(tensor(image), transform) + 1) * 127.5
    difference = np.abs(chip.permute(1, 2, 0).numpy() - expected)
    assert difference.mean() < (0.8 if size == 160 else 3)
