"""Where s2f keeps things outside the working directory."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """What a user gave it: S2F_HOME, else the platform's data folder."""
    return Path(os.environ.get("S2F_HOME") or platformdirs.user_data_dir("s2f", appauthor=False))


def cache() -> Path:
    """What it can fetch or compute again: S2F_CACHE, else the platform's cache folder."""
    return Path(os.environ.get("S2F_CACHE") or platformdirs.user_cache_dir("s2f", appauthor=False))
