"""Upload a model to the Hugging Face Hub, with a page made from its card. Needs the extra `hub`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from s2f_cli.core import images
from s2f_cli.core.errors import BundleError
from s2f_cli.models import hub_page, locate
from s2f_cli.models.card import read_card
from s2f_cli.models.hub import FILE, explained, library, parse

_PICTURES = "pictures"
"""The folder of the pictures in a repository."""
_PAGE = "README.md"


def publish(
    model: str | Path, address: str, pictures: Sequence[Path] = (), *, public: bool = False, message: str = ""
) -> str:
    """Upload a model and its page in one commit; returns the address of the commit.

    Args:
        model: A name of `s2f models`, a run folder or a bundle.
        address: `hf://owner/name[@branch][/file]`. The repository and the branch are created if they are
            missing; the file is `model.safetensors` by default.
        pictures: Images to show on the page.
        public: Whether a new repository is public. One that exists stays as it is.
        message: The message of the commit.

    Raises:
        BundleError: The model is missing or damaged, the address has another form, two pictures have one
            name, or the hub refuses the upload or cannot be reached.
        ImageError: A picture is not an image.
        MissingPart: The extra is not installed.
    """
    file = locate.locate(model)
    card = read_card(file)
    target = parse(address)
    target = replace(target, file=target.file or FILE)
    if not target.file.endswith(".safetensors"):
        raise BundleError(f"{target.file} does not end with .safetensors", f"write {FILE}")
    shown = {f"{_PICTURES}/{picture.name}": picture for picture in pictures}
    if len(shown) < len(pictures):
        raise BundleError("two pictures have the same name", "rename one of them")
    for picture in pictures:
        images.read(picture)
    hub = library()
    page = hub_page.render(card, target, list(shown))
    contents = {_PAGE: page.encode(), target.file: file, **shown}
    operations = [hub.CommitOperationAdd(path, content) for path, content in contents.items()]
    interface, repository = hub.HfApi(), target.repository
    with explained(target):
        interface.create_repo(repository, private=not public, exist_ok=True)
        if target.revision:
            interface.create_branch(repository, branch=target.revision, exist_ok=True)
        commit = interface.create_commit(
            repository,
            operations,
            commit_message=message or f"Add {card.recipe.name}, step {card.step}",
            revision=target.revision or None,
        )
    return str(commit.commit_url)
