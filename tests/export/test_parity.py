"""A file is kept only if its results equal the model's."""

import numpy as np
import pytest
import torch

from s2f_cli.core.errors import ExportError, S2FError
from s2f_cli.export import examples as _examples
from s2f_cli.export import parity
from s2f_cli.export.formats.torchscript import TorchScript
from s2f_cli.export.network import DirectionNetwork
from s2f_cli.models.networks import Stochastic
from s2f_cli.models.roles import Networks


class Faulty(TorchScript):
    """An exporter whose loaded file returns faulty outputs."""

    def __init__(self, fault) -> None:
        self.fault = fault

    def open(self, path):
        run = super().open(path)
        return lambda batch: self.fault(batch, run(batch))


def fail(batch, output):
    raise RuntimeError("no kernel\nfor this")


FAULTS = {
    "a little off": (lambda b, m: m + 0.25, "differs from the model by 0.25, more than 0.0001"),
    "one value": (lambda b, m: m + 0.5 * (np.arange(m.size).reshape(m.shape) == 7), "by 0.5,"),
    "not a number": (lambda b, m: m * np.nan, "by nan"),
    "batches of one only": (
        lambda b, m: m if len(m) == 1 else m[:1].repeat(len(m), 0),
        "differs from the model",
    ),
    "one size only": (lambda b, m: m if m.shape[-1] == 32 else m * 0, "differs from the model"),
    "real images only": (lambda b, m: m if b.std() > 0.55 else m + 1, "differs from the model by 1,"),
    "another shape": (lambda b, m: m[..., 1:], r"turns a batch of 1×1×32×32 into \(1, 3, 32, 31\)"),
    "not run": (fail, "fails on a batch of 1×1×32×32: no kernel$"),
}


@pytest.fixture
def network(model) -> DirectionNetwork:
    return DirectionNetwork(*model, "face")


@pytest.fixture
def examples(network: DirectionNetwork, tmp_path) -> _examples.Examples:
    return _examples.find_examples(network.usage, None, tmp_path)


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_file_is_refused_and_not_left_behind(network, examples, tmp_path, name: str) -> None:
    fault, message = FAULTS[name]
    path = tmp_path / "out" / "x.torchscript"
    with pytest.raises(ExportError, match=message):
        parity.export(Faulty(fault), network, path, examples)
    assert list(path.parent.iterdir()) == []


def test_a_file_is_compared_with_several_conditions(models, tmp_path) -> None:
    network = DirectionNetwork(*models["conditions"], "sketch")
    examples = _examples.find_examples(network.usage, None, tmp_path)
    given = []

    class Recording(TorchScript):
        def open(self, path):
            run = super().open(path)

            def record(batch, vectors):
                assert (len(vectors), vectors.dtype) == (len(batch), np.float32)
                given.extend(map(tuple, vectors))
                return run(batch, vectors)

            return record

    parity.export(Recording(), network, tmp_path / "x.torchscript", examples)
    assert given[0] == pytest.approx(network.usage.card.recipe.conditions.vector())
    assert len(set(given)) == len(given)
    assert {vector[:2] for vector in given} == {(1, 0), (0, 1)}


def test_a_file_that_ignores_conditions_is_refused(models, tmp_path) -> None:
    class Deaf(TorchScript):
        def open(self, path):
            run = super().open(path)
            return lambda batch, vectors: run(batch, vectors[:1].repeat(len(batch), 0))

    network = DirectionNetwork(*models["conditions"], "sketch")
    examples = _examples.find_examples(network.usage, None, tmp_path)
    with pytest.raises(ExportError, match="differs from the model"):
        parity.export(Deaf(), network, tmp_path / "x.torchscript", examples)


def test_a_refused_file_leaves_the_existing_one_unchanged(network, examples, tmp_path) -> None:
    path = tmp_path / "x.torchscript"
    path.write_bytes(b"before")
    with pytest.raises(ExportError):
        parity.export(Faulty(lambda b, m: m + 1), network, path, examples)
    assert path.read_bytes() == b"before"


def test_a_limit_replaces_the_default(network, examples, tmp_path) -> None:
    faulty = Faulty(lambda b, m: m + 0.25)
    exported = parity.export(faulty, network, tmp_path / "x.torchscript", examples, limit=0.3)
    assert exported.parity.difference == pytest.approx(0.25)
    assert exported.limit == 0.3
    with pytest.raises(ExportError, match=r"by 0\.25, more than 0\.2$"):
        parity.export(faulty, network, tmp_path / "y.torchscript", examples, limit=0.2)


def test_the_result_reports_batch_sizes_difference_ssim_and_size(network, examples, tmp_path) -> None:
    path = tmp_path / "x.torchscript"
    exported = parity.export(TorchScript(), network, path, examples)
    assert exported.parity.batch_sizes == (1, 2, 3)
    assert exported.parity.difference < 1e-6
    assert exported.parity.ssim == pytest.approx(1)
    assert exported.size == path.stat().st_size


def test_the_limit_of_int8_is_the_loss_of_ssim(model, examples, tmp_path) -> None:
    network = DirectionNetwork(*model, "face", "int8")
    path = tmp_path / "x.torchscript"
    exported = parity.export(Faulty(lambda b, m: m + 0.01), network, path, examples)
    assert 0.9 < exported.parity.ssim < 1
    with pytest.raises(ExportError, match=r"the int8 file loses 1\.\d+ of SSIM, more than 0.1"):
        parity.export(Faulty(lambda b, m: -m), network, path, examples)


def test_int8_is_refused_if_ssim_cannot_be_computed(model, examples, tmp_path, monkeypatch) -> None:
    def too_small(*images, **settings):
        raise ValueError("too small")

    monkeypatch.setattr("skimage.metrics.structural_similarity", too_small)
    network = DirectionNetwork(*model, "face", "int8")
    with pytest.raises(ExportError, match="nan"):
        parity.export(TorchScript(), network, tmp_path / "x.torchscript", examples)
    fp32 = DirectionNetwork(*model, "face")
    assert np.isnan(parity.export(TorchScript(), fp32, tmp_path / "x.torchscript", examples).parity.ssim)


def test_a_network_that_cannot_be_exported_is_an_error_with_the_reason(network, examples, tmp_path) -> None:
    class Unable(TorchScript):
        def write(self, network, path, calibration):
            path.write_bytes(b"half")
            raise ValueError("no such operator\nand more")

    with pytest.raises(
        ExportError, match=r"was not written: the model cannot be exported: no such operator$"
    ):
        parity.export(Unable(), network, tmp_path / "x", examples)
    assert not (tmp_path / "x").exists()


def test_an_unwritable_target_is_an_error_that_names_it(network, examples, tmp_path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(S2FError, match=r"cannot write .*taken/x.onnx"):
        parity.export(TorchScript(), network, tmp_path / "taken" / "x.onnx", examples)


class Halving(Stochastic):
    """A stochastic network for one size, whose output has half that size."""

    size = 32

    def forward(self, image):
        return self.mean(image) + torch.randn_like(image)[..., ::2, ::2]

    def mean(self, image):
        return image.mean(1, keepdim=True).expand(-1, 3, -1, -1)[..., ::2, ::2]


def test_a_stochastic_network_is_exported_as_its_mean_at_its_fixed_size(model, tmp_path) -> None:
    recipe = model[1].recipe
    image = recipe.image.model_copy(update={"size": {"face": 16, "sketch": 32}})
    card = model[1].model_copy(update={"recipe": recipe.model_copy(update={"image": image})})
    network = DirectionNetwork(Networks({"draw": Halving()}, {"face": ["draw"]}), card, "face")
    assert (network.usage.size, network.usage.size_out, network.usage.any_size) == (32, 16, False)
    examples = _examples.find_examples(network.usage, None, tmp_path)
    exported = parity.export(TorchScript(), network, tmp_path / "x.torchscript", examples)
    assert exported.parity.difference == 0
    assert exported.parity.batch_sizes == (1, 3)


def test_a_missing_direction_is_refused(model) -> None:
    networks, card = model
    with pytest.raises(S2FError, match="cannot translate to sketch, only to face"):
        DirectionNetwork(Networks(dict(networks.items()), {"face": ["to_face"]}), card, "sketch")
