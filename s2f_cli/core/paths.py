"""The folders that s2f keeps outside the working directory."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The folder of what the user added, such as models: S2F_HOME, else the platform's data folder."""
    return Path(os.environ.get("S2F_HOME") or platformdirs.user_data_dir("s2f", appauthor=False))


def cache() -> Path:
    """The folder of what can be downloaded or computed again: S2F_CACHE, else the platform's cache folder."""
    return Path(os.environ.get("S2F_CACHE") or platformdirs.user_cache_dir("s2f", appauthor=False))
