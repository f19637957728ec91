"""The folders that s2f keeps outside the working directory.

Without a home folder, as for a user whom the system does not know, they are in the folder `.s2f` of the
working directory.
"""

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs


def home() -> Path:
    """The folder for the user's files, such as added models: S2F_HOME, else the platform's data folder."""
    return _folder("S2F_HOME", platformdirs.user_data_dir, "home")


def cache() -> Path:
    """The folder for reproducible files, such as downloads: S2F_CACHE, else the platform's cache folder."""
    return _folder("S2F_CACHE", platformdirs.user_cache_dir, "cache")


def config() -> Path:
    """The folder for the user's settings: S2F_CONFIG, else the platform's folder for settings."""
    return _folder("S2F_CONFIG", platformdirs.user_config_dir, "config")


def _folder(variable: str, of_platform: Callable[..., str], name: str) -> Path:
    if chosen := os.environ.get(variable):
        return Path(chosen)
    try:
        folder = Path(of_platform("s2f", appauthor=False))
    except RuntimeError:  # there is no home folder
        folder = Path("~")
    return Path(".s2f", name) if folder.parts[0] == "~" else folder
