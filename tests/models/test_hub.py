"""Models of the Hugging Face Hub: named, downloaded, uploaded, and why they cannot be."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard, constants
from PIL import Image

from local_hub import TOKEN, Hub, Repository, serving
from s2f_cli.core import requirements
from s2f_cli.core.errors import BundleError, ImageError, MissingPart
from s2f_cli.models import adding, bundle, hub, hub_page, locate, publishing, recipes, tracing, zoo
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card

LOG_IN = "log in with `hf auth login`, or set HF_TOKEN"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub, and a cache of its own; the user has no token."""
    monkeypatch.setenv("S2F_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with serving() as started:
        for name, value in {
            "ENDPOINT": started.url,
            "HUGGINGFACE_CO_URL_TEMPLATE": f"{started.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}",
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_TOKEN_PATH": str(tmp_path / "token"),
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_OFFLINE": False,
        }.items():
            monkeypatch.setattr(constants, name, value)
        yield started


@pytest.fixture
def log_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setenv("HF_TOKEN", TOKEN)


@pytest.fixture(scope="module")
def card(tiny_recipe: Path) -> Card:
    return Card(
        recipe=recipes.read(str(tiny_recipe)),
        step=7,
        seed=3,
        data="by hand",
        data_digest="0" * 64,
        licence="research use; cite the data",
        notes={"limits": "Only squares: no faces."},
        scores={"fsim, 3 people": 0.5, "psnr": 20.0},
        command="s2f train tiny",
    )


@pytest.fixture(scope="module")
def model(card: Card, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("models") / "mine.safetensors"
    networks = build_networks(card.recipe).eval()
    bundle.save(path, networks, card, tracing.trace(networks, card))
    return path


@pytest.fixture
def published(server: Hub, model: Path) -> Repository:
    repository = server.repositories["owner/mine"] = Repository()
    repository.branches["main"] = {"README.md": b"hello", "model.safetensors": model.read_bytes()}
    return repository


@pytest.mark.parametrize(
    ("address", "parts"),
    {
        "hf://o/n": ("o", "n", "", ""),
        "hf:/o/n": ("o", "n", "", ""),
        "HF://o/n.1@v1.0": ("o", "n.1", "v1.0", ""),
        "hf://o/n/sub/a.safetensors": ("o", "n", "", "sub/a.safetensors"),
        "hf://o/n@refs/pr/3/a.onnx": ("o", "n", "refs/pr/3", "a.onnx"),
    }.items(),
)
def test_addresses(address: str, parts: tuple[str, ...]) -> None:
    assert hub.parse(address) == hub.parse(Path(address)) == hub.Reference(*parts)
    assert hub.parse(str(hub.parse(address))) == hub.parse(address)


@pytest.mark.parametrize("address", ["hf://o", "hf://o/", "hf://o/n@", "hf://o/n@a@b", "hf://o/n m"])
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(BundleError, match="is not an address of the hub"):
        hub.parse(address)


def test_a_model_of_the_hub_is_found_named_and_downloaded_once(
    published: Repository, server: Hub, model: Path
) -> None:
    file = locate.locate("hf://owner/mine")
    assert file.read_bytes() == model.read_bytes()
    assert locate.by_name(Path("hf://owner/mine@main")) == file
    assert len([line for line in server.requests if line.startswith("GET /owner")]) == 1
    assert zoo.name_of(file) == f"hf://owner/mine@{published.commit('main')}/model.safetensors"
    assert locate.short_name(file) == "mine"


def test_a_revision_and_a_file_are_chosen(published: Repository, model: Path) -> None:
    published.branches["v1"] = {"old/a.safetensors": b"old", "b.safetensors": b"b"}
    assert hub.fetch("hf://owner/mine@v1/old/a.safetensors").read_bytes() == b"old"
    with pytest.raises(BundleError, match=r"no file model\.safetensors: it has b\.saf.*, old/a") as raised:
        hub.fetch("hf://owner/mine@v1")
    assert raised.value.hint == "name a file: hf://owner/mine/FILE"
    published.branches["v1"].pop("b.safetensors")
    assert hub.fetch("hf://owner/mine@v1").read_bytes() == b"old"
    with pytest.raises(BundleError, match="no revision 'v9'"):
        hub.fetch("hf://owner/mine@v9")


def test_without_a_network_the_cache_is_used(
    published: Repository, server: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = hub.fetch("hf://owner/mine")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert hub.fetch("hf://owner/mine") == file
    with pytest.raises(BundleError, match="not in the cache, and HF_HUB_OFFLINE is set") as raised:
        hub.fetch("hf://owner/other")
    assert "s2f models add hf://owner/other" in raised.value.hint
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert hub.fetch("hf://owner/mine") == file
    with pytest.raises(BundleError, match="not in the cache, and the hub is not reachable"):
        hub.fetch("hf://owner/other")


def test_private_and_gated_models_say_what_to_do(
    published: Repository, server: Hub, log_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.private = True
    with pytest.raises(BundleError, match="no model owner/mine, or it is private") as raised:
        hub.fetch("hf://owner/mine")
    assert raised.value.hint == LOG_IN
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    with pytest.raises(BundleError, match="does not accept your token"):
        hub.fetch("hf://owner/mine")
    log_in()
    assert hub.fetch("hf://owner/mine").is_file()
    with pytest.raises(BundleError, match="no model owner/none") as raised:
        hub.fetch("hf://owner/none")
    assert raised.value.hint == "check the name, and that your token may read it"
    gated = server.repositories["owner/gated"] = Repository(gated=True, branches=published.branches)
    assert gated.gated
    with pytest.raises(BundleError, match="the owner of hf://owner/gated decides") as raised:
        hub.fetch("hf://owner/gated")
    assert raised.value.hint.startswith(f"ask for access at {server.url}/owner/gated, then log in")


def test_a_model_is_uploaded_with_its_page_and_used(
    server: Hub, model: Path, log_in: Callable, s2f: Callable, tmp_path: Path
) -> None:
    log_in()
    Image.new("RGB", (4, 4)).save(tmp_path / "a b.png")
    pushed = s2f("models", "push", model, "hf://owner/new", "--picture", tmp_path / "a b.png")
    assert pushed.code == 0, pushed.err
    repository = server.repositories["owner/new"]
    files = repository.branches["main"]
    assert pushed.out.strip() == f"{server.url}/owner/new/commit/{repository.commit('main')}"
    assert "use it with --model hf://owner/new" in pushed.err
    assert repository.private and repository.messages == ["Add tiny, step 7"]
    assert files["model.safetensors"] == model.read_bytes()
    assert files["pictures/a b.png"] == (tmp_path / "a b.png").read_bytes()
    assert "](<pictures/a b.png>)" in files["README.md"].decode()

    added = s2f("models", "add", "hf://owner/new")
    assert added.code == 0, added.err
    assert zoo.find("new").card() == bundle.load(model)[1]
    photo = tmp_path / "photo.png"
    Image.new("L", (16, 16)).save(photo)
    options = ("--model", "hf://owner/new", "--align", "none", "-o", tmp_path / "out.png")
    translated = s2f("translate", "--to", "face", *options, photo)
    assert translated.code == 0, translated.err
    assert f"using the model hf://owner/new@{repository.commit('main')}" in translated.err


def test_the_page_has_front_matter_that_the_hub_reads(card: Card, server: Hub) -> None:
    page = hub_page.render(card, hub.parse("hf://owner/mine@v1/model.safetensors"), ["pictures/a.png"])
    data = ModelCard(page).data
    assert (data.library_name, data.pipeline_tag, data.model_name) == ("s2f", "image-to-image", "mine")
    assert (data.license, data.license_name) == ("other", "terms-of-the-training-data")
    assert data.license_link == f"{server.url}/owner/mine#terms" and "## Terms\n\nresearch use" in page
    assert {"face", "sketch", "face-to-sketch", "sketch-to-face", "tiny"} == set(data.tags)
    scores = [(each.metric_type, each.dataset_name, each.metric_value) for each in data.eval_results]
    assert scores == [("fsim", "3 people", 0.5), ("psnr", "by hand", 20.0)]
    assert "| fsim | 3 people | 0.5 |" in page
    assert "s2f translate --model hf://owner/mine@v1 --to sketch photo.jpg" in page
    assert "## Limits\n\nOnly squares: no faces." in page and "s2f train tiny" in page
    known = hub_page.render(card.model_copy(update={"licence": "CC-BY-4.0"}), hub.parse("hf://o/n"))
    assert ModelCard(known).data.license == "cc-by-4.0"


def test_a_branch_and_a_file_are_uploaded_to(server: Hub, model: Path, log_in: Callable) -> None:
    log_in()
    address = "hf://owner/new@dev/half.safetensors"
    publishing.publish(model, address, public=True, message="Half")
    publishing.publish(model, address)  # nothing has changed
    repository = server.repositories["owner/new"]
    assert repository.branches["dev"]["half.safetensors"] == model.read_bytes()
    assert repository.branches["main"] == {} and not repository.private
    assert adding.add(address).name == "half"


def test_an_upload_that_is_refused_says_what_to_do(
    server: Hub, model: Path, log_in: Callable, tmp_path: Path
) -> None:
    with pytest.raises(BundleError) as raised:
        publishing.publish(model, "hf://owner/new")
    assert raised.value.hint == LOG_IN
    log_in()
    server.may_write = False
    with pytest.raises(BundleError, match="your token does not permit this for owner/new") as raised:
        publishing.publish(model, "hf://owner/new")
    assert raised.value.hint.startswith("use a token with this permission")
    with pytest.raises(BundleError, match="does not end with"):
        publishing.publish(model, "hf://owner/new/model.pt")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ImageError):
        publishing.publish(model, "hf://owner/new", [tmp_path / "text.png"])
    with pytest.raises(BundleError, match="two pictures"):
        publishing.publish(model, "hf://owner/new", [Path("a/x.png"), Path("b/x.png")])


def test_a_process_of_its_own_finds_a_model(published: Repository, server: Hub, tmp_path: Path) -> None:
    """Here, the tests have imported all modules of huggingface_hub before."""
    values = {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    code = "from s2f_cli.models import locate; print(locate.locate('hf://owner/mine').is_file())"
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, env={**os.environ, **values}, capture_output=True, text=True)
    assert found.stdout.strip() == "True", found.stderr


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    util, find_spec = requirements.importlib.util, requirements.importlib.util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if "hugging" in name else find_spec(name))
    with pytest.raises(MissingPart) as raised:
        locate.locate("hf://owner/mine")
    assert raised.value.hint == requirements.install_hint("huggingface_hub", "hub")
