"""The folders that s2f keeps outside the working directory."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The folder for the user's files, such as added models: S2F_HOME, else the platform's data folder."""
    return Path(os.environ.get("S2F_HOME") or platformdirs.user_data_dir("s2f", appauthor=False))


def cache() -> Path:
    """The folder for reproducible files, such as downloads: S2F_CACHE, else the platform's cache folder."""
    return Path(os.environ.get("S2F_CACHE") or platformdirs.user_cache_dir("s2f", appauthor=False))
