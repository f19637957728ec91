"""Models of the Hugging Face Hub: `hf://owner/name[@revision][/file]`. Needs the extra `hub`.

Files are kept in the cache of huggingface_hub, which other programs share. Its environment variables apply:
HF_TOKEN, HF_HOME, HF_HUB_OFFLINE, HF_ENDPOINT.
"""

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s2f_cli.core import requirements
from s2f_cli.core.errors import BundleError, S2FError, first_line

FILE = "model.safetensors"
"""The file of a repository that is taken first, if the reference names none."""
_REFERENCE = re.compile(
    r"hf:/{1,2}(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)"  # pathlib writes // as /
    r"(?:@(?P<revision>refs/(?:pr|convert)/[^/@]+|[^/@]+))?(?:/(?P<file>[^@]+))?"
)
_CACHED = re.compile(r"models--(?P<owner>.+?)--(?P<name>.+)")
_LOG_IN = "log in with `hf auth login`, or set HF_TOKEN"
_UNAUTHORISED, _FORBIDDEN = 401, 403


@dataclass(frozen=True)
class Reference:
    """A model of the hub, or a file of it; `str` gives the address."""

    owner: str
    name: str
    revision: str = ""
    """A branch, tag or commit; empty for the main branch."""
    file: str = ""

    @property
    def repository(self) -> str:
        """Owner and name, as the hub writes them."""
        return f"{self.owner}/{self.name}"

    def __str__(self) -> str:
        revision, file = self.revision and f"@{self.revision}", self.file and f"/{self.file}"
        return f"hf://{self.repository}{revision}{file}"


def is_reference(model: str | Path) -> bool:
    """Whether the name of a model is an address of the hub."""
    return re.match(r"hf:[/\\]", str(model), re.IGNORECASE) is not None


def parse(model: str | Path) -> Reference:
    """Parse an address; raises BundleError if it has another form."""
    text = Path(model).as_posix()
    match = _REFERENCE.fullmatch(text[:3].lower() + text[3:])
    if match is None:
        raise BundleError(
            f"{model} is not an address of the hub", "write hf://OWNER/NAME, hf://OWNER/NAME@REVISION/FILE …"
        )
    return Reference(**match.groupdict(default=""))


def reference_of(path: Path) -> Reference | None:
    """The address of a file in the cache, with its commit; None for any other file."""
    for folder in path.parents:
        match = _CACHED.fullmatch(folder.name)
        if match and path.is_relative_to(folder / "snapshots"):
            commit, *file = path.relative_to(folder / "snapshots").parts
            return Reference(match["owner"], match["name"], commit, "/".join(file))
    return None


def fetch(model: str | Path) -> Path:
    """Return the file of a model of the hub, after downloading it if the cache has an older version or none.

    Without a file in the address, it is `model.safetensors`, else the only .safetensors file. Without a
    connection the cached file is returned.

    Raises BundleError if the address, the repository, its revision or the file does not exist, needs
    permission, or is neither reachable nor cached; MissingPart without the extra.
    """
    reference = parse(model)
    hub = library()
    interface = hub.HfApi()
    with explained(reference):
        try:
            found = interface.model_info(reference.repository, revision=reference.revision or None)
        except (hub.errors.HfHubHTTPError, hub.errors.HFValidationError):
            raise
        except Exception as problem:  # those of its HTTP library, which differ from version to version
            return _cached(reference, problem)
        file = _choose(reference, [each.rfilename for each in found.siblings or ()])
        revision = reference.revision or None
        return Path(interface.hf_hub_download(reference.repository, file, revision=revision))


def library() -> Any:
    """The package huggingface_hub, which shows progress only on terminals; raises MissingPart without it."""
    hub = requirements.require("huggingface_hub", "hub")
    for module in ("constants", "errors", "utils"):  # it loads them only when they are imported
        importlib.import_module(f"huggingface_hub.{module}")
    if not sys.stderr.isatty():
        hub.utils.disable_progress_bars()
    return hub


@contextmanager
def explained(reference: Reference) -> Iterator[None]:
    """Convert errors of huggingface_hub to BundleError, with a hint."""
    hub = library()
    errors = hub.errors
    page = f"{hub.constants.ENDPOINT}/{reference.repository}"
    try:
        yield
    except S2FError:
        raise
    except errors.GatedRepoError:
        hint = f"ask for access at {page}, then {_LOG_IN}"
        raise BundleError(f"the owner of {reference} decides who may download it", hint) from None
    except errors.RepositoryNotFoundError:
        hint = "check the name, and that your token may read it" if hub.get_token() else _LOG_IN
        raise BundleError(f"the hub has no model {reference.repository}, or it is private", hint) from None
    except errors.RevisionNotFoundError:
        message = f"{reference.repository} has no revision {reference.revision!r}"
        raise BundleError(message, f"see its branches and tags at {page}") from None
    except errors.HFValidationError as problem:
        raise BundleError(f"{reference} is not an address of the hub: {problem}", "correct it") from None
    except errors.HfHubHTTPError as problem:
        status = problem.response.status_code if problem.response is not None else 0
        if status == _UNAUTHORISED:
            message = "the hub does not accept your token" if hub.get_token() else "the hub needs your token"
            raise BundleError(message, _LOG_IN) from None
        if status == _FORBIDDEN:
            hint = "use a token with this permission: https://huggingface.co/settings/tokens"
            raise BundleError(f"your token does not permit this for {reference.repository}", hint) from None
        raise BundleError(f"the hub fails for {reference}: {first_line(problem)}", "try later") from None
    except Exception as problem:
        message = f"cannot reach the hub for {reference}: {first_line(problem)}"
        raise BundleError(message, "check the connection and HF_ENDPOINT") from None


def _cached(reference: Reference, problem: Exception) -> Path:
    """The file in the cache; raises BundleError, with the reason why the hub was not asked, without one."""
    hub = library()
    try:
        revision = reference.revision or None
        folder = hub.HfApi().snapshot_download(reference.repository, revision=revision, local_files_only=True)
        present = [path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()]
        return Path(folder, _choose(reference, present))
    except (FileNotFoundError, BundleError):
        offline = isinstance(problem, hub.errors.OfflineModeIsEnabled)
        reason = "HF_HUB_OFFLINE is set" if offline else f"the hub is not reachable ({first_line(problem)})"
        raise BundleError(
            f"{reference} is not in the cache, and {reason}",
            f"with a network, run `s2f models add {reference}`, and name the file that it prints",
        ) from None


def _choose(reference: Reference, files: list[str]) -> str:
    """The file to take of those in the repository."""
    models = sorted(file for file in files if file.endswith(".safetensors"))
    wanted = reference.file or (FILE if FILE in models or len(models) != 1 else models[0])
    if wanted not in files:
        listed = f"it has {', '.join(models)}" if models else "it has no .safetensors file"
        hint = f"name a file: hf://{reference.repository}/FILE" if models else "choose a model made by s2f"
        raise BundleError(f"{reference.repository} has no file {wanted}: {listed}", hint)
    return wanted
