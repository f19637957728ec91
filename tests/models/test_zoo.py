"""Models by name: shipped and added ones, and unsuitable files."""

import functools
import hashlib
import http.server
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.models import adding, bundle, graphs, recipes, tracing, zoo
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S2F_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def with_graphs(tiny_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = recipes.read(str(tiny_recipe))
    torch.manual_seed(0)
    card = Card(recipe=recipe, step=7, seed=3, data="by hand", data_digest="0" * 64)
    networks = build_networks(recipe).eval()
    path = tmp_path_factory.mktemp("graphs") / "mine.safetensors"
    bundle.save(path, networks, card, tracing.trace(networks, card))
    return path


@pytest.fixture
def model(with_graphs: Path, tmp_path: Path) -> Path:
    path = tmp_path / "files" / "mine.safetensors"
    path.parent.mkdir()
    return shutil.copyfile(with_graphs, path)


@pytest.fixture
def server(model: Path) -> Iterator[str]:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=model.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


def test_an_added_model_is_found_by_name(model: Path) -> None:
    added = adding.add(str(model))
    assert added.name == "mine" and added.path.read_bytes() == model.read_bytes()
    assert zoo.find("mine") == added and added in zoo.models()
    added.verify()


def test_sums_have_the_format_of_sha256sum(model: Path) -> None:
    added = adding.add(str(model), name="other")
    expected = f"{hashlib.sha256(model.read_bytes()).hexdigest()}  other.safetensors\n"
    assert (added.path.parent / "SHA256SUMS").read_text() == expected


def test_a_url_is_downloaded_and_progress_reported(model: Path, server: str) -> None:
    progress: list[tuple[int, int]] = []
    added = adding.add(f"{server}/mine.safetensors", on_progress=lambda *counts: progress.append(counts))
    assert added.path.read_bytes() == model.read_bytes()
    assert progress[-1] == (model.stat().st_size, model.stat().st_size)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.safetensors", "gopher://x/y.safetensors"])
def test_a_failed_download_names_the_address(address: str) -> None:
    with pytest.raises(S2FError, match=re.escape(address)):
        adding.add(address)
    assert not list(zoo.home().rglob("*.safetensors"))


@pytest.mark.parametrize("name", ["face-portrait", "cyclegan", "face-20240115", "face-deadbeef"])
def test_eight_letters_of_a_name_are_no_checksum(model: Path, server: str, name: str) -> None:
    (model.parent / f"{name}.safetensors").write_bytes(model.read_bytes())
    assert adding.add(f"{server}/{name}.safetensors").name == name


@pytest.mark.parametrize("host", ["", "localhost"])
def test_a_file_url_is_a_path(tmp_path: Path, model: Path, host: str) -> None:
    (tmp_path / "a b").mkdir()
    source = (tmp_path / "a b" / "mine.safetensors").with_name("mine.safetensors")
    source.write_bytes(model.read_bytes())
    added = adding.add(source.as_uri().replace("file://", f"file://{host}"))
    assert (added.name, added.path.read_bytes()) == ("mine", model.read_bytes())


@pytest.mark.parametrize(
    "address",
    ["file:///nowhere/x.safetensors", "file://elsewhere/x.safetensors", "http://[x", "s3://a/b.safetensors"],
)
def test_an_address_that_cannot_be_read_is_refused(address: str) -> None:
    with pytest.raises(S2FError):
        adding.add(address)


@pytest.mark.parametrize("half", [False, True])
def test_an_added_model_has_the_permissions_of_the_umask(model: Path, half: bool) -> None:
    before = os.umask(0o022)
    try:
        assert adding.add(str(model), half=half).path.stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


def test_a_missing_page_is_refused(server: str) -> None:
    with pytest.raises(S2FError, match="File not found"):
        adding.add(f"{server}/none.safetensors")


def test_a_wrong_sum_is_refused_and_the_old_model_stays(model: Path) -> None:
    before = adding.add(str(model)).path.read_bytes()
    with pytest.raises(BundleError, match="SHA-256"):
        adding.add(str(model), sha256sum="0" * 64)
    assert zoo.find("mine").path.read_bytes() == before
    adding.add(str(model), sha256sum=zoo.sha256(model).upper())


def test_a_file_that_is_not_a_bundle_is_not_added(tmp_path: Path) -> None:
    (tmp_path / "no.safetensors").write_bytes(b"no model")
    with pytest.raises(BundleError, match="safetensors"):
        adding.add(str(tmp_path / "no.safetensors"))
    with pytest.raises(BundleError):
        zoo.find("no")


def test_a_bundle_without_graphs_is_given_them(model: Path) -> None:
    bundle.save(model, *bundle.load(model))
    assert not graphs.read(model)
    added = adding.add(str(model)).path
    assert graphs.read(added).keys() == {"directions.face", "directions.sketch"}
    weights = [bundle.load_weights(path) for path in (model, added)]
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def test_half_precision_halves_the_weights_and_keeps_the_rest(model: Path) -> None:
    added = adding.add(str(model), half=True)
    weights = [weight for weight in bundle.load_weights(added.path).values() if weight.is_floating_point()]
    assert {weight.dtype for weight in weights} == {torch.float16}
    assert graphs.read(added.path) == graphs.read(model)
    full, half = (bundle.load(path)[0].state_dict() for path in (model, added.path))
    assert all(torch.allclose(full[name], half[name], rtol=1e-3, atol=1e-6) for name in full)
    assert all(value.dtype == torch.float32 for name, value in half.items() if "num_batches" not in name)
    added.verify()


def test_about_replaces_fields_of_the_card(model: Path) -> None:
    about = {"command": "s2f train tiny", "notes": {"limits": "none known"}, "scores": {"ssim": 0.5}}
    card = adding.add(str(model), about=about).card()
    assert (card.command, card.notes, card.scores, card.step) == (*about.values(), 7)
    with pytest.raises(BundleError, match="the card's field colour cannot be set"):
        adding.add(str(model), about={"colour": "blue"})


def test_a_changed_file_fails_verification(model: Path) -> None:
    added = adding.add(str(model))
    with added.path.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(BundleError, match=r"mine\.safetensors has changed"):
        added.verify()


def test_a_file_without_a_recorded_sum_fails_verification(model: Path) -> None:
    added = adding.add(str(model))
    (added.path.parent / "smuggled.safetensors").write_bytes(model.read_bytes())
    with pytest.raises(BundleError, match="does not list smuggled"):
        zoo.find("smuggled").verify()


@pytest.mark.parametrize("sums", [b"one-word\n", b"\xff\xfe", b"\n\n"])
def test_a_broken_list_of_sums_costs_only_what_it_listed(model: Path, sums: bytes) -> None:
    added = adding.add(str(model))
    (added.path.parent / "SHA256SUMS").write_bytes(sums)
    with pytest.raises(BundleError, match="does not list mine"):
        added.verify()
    adding.add(str(model)).verify()


@pytest.mark.parametrize("name", ["../up", ".hidden", "a/b", "a b", "con", "NUL", "Lpt1.old"])
def test_an_invalid_name_is_refused(model: Path, name: str) -> None:
    with pytest.raises(S2FError, match="cannot be called"):
        adding.add(str(model), name=name)


def test_a_removed_model_is_gone(model: Path) -> None:
    adding.add(str(model))
    zoo.remove("mine")
    with pytest.raises(BundleError, match="no model 'mine'"):
        zoo.find("mine")


def test_a_mistyped_name_suggests_the_right_one(model: Path) -> None:
    adding.add(str(model))
    with pytest.raises(BundleError) as raised:
        zoo.find("mien")
    assert "mine" in raised.value.hint


def test_every_shipped_model_is_verified_and_has_a_complete_card() -> None:
    for shipped in (m for m in zoo.models() if m.shipped):
        shipped.verify()
        networks, card = bundle.load(shipped.path)
        assert card.command and card.licence and {"people", "limits"} <= card.notes.keys()
        assert card.scores and tuple(networks.directions) == card.directions
    assert sum(path.stat().st_size for path in zoo.SHIPPED.glob("*.safetensors")) < 25e6
