"""ONNX Runtime Web (https://onnxruntime.ai): one pinned version from the npm registry.

The package is downloaded once, checked against its hash, and kept in the cache.
"""

import gzip
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

from s2f_cli.core import downloads, paths
from s2f_cli.core.errors import ExportError

VERSION = "1.30.0"
SHA512 = (
    "ab4cbe26baedba45d2cec05610c71c55fa97db92d19a8b171c5f8269126683ca"
    "590a5cdc57bb2f35ce2b298de32f4d956fb42644c0ecd528a0a91e025c07ca61"
)
"""Hash of the package: the registry's `dist.integrity`, in hexadecimal."""

FILES: Mapping[str, str] = {
    "ort.js": "package/dist/ort.wasm.bundle.min.mjs",
    "ort.wasm.gz": "package/dist/ort-wasm-simd-threaded.wasm",
    "webgpu.js": "package/dist/ort.jspi.bundle.min.mjs",
    "webgpu.wasm.gz": "package/dist/ort-wasm-simd-threaded.jspi.wasm",
}
"""The files of the package that a page needs, by their names in the page; `.gz` files are compressed. Static
hosts know the media types of these suffixes."""

LICENCE = """ONNX Runtime Web, https://github.com/microsoft/onnxruntime

MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""

_ALTERNATIVE = (
    f"run `npm pack onnxruntime-web@{VERSION}` on a computer with a network, and pass the file with --runtime"
)


def cached() -> Path:
    """Path of the package in the cache; the file may not exist."""
    return paths.cache() / f"onnxruntime-web-{VERSION}.tgz"


def read(package: Path | None = None) -> dict[str, bytes]:
    """Read the files that a page needs, by name.

    They come from the given package file, else from the cache, else from the npm registry (the environment
    variable `npm_config_registry`, else npm's own).

    Raises ExportError if the package cannot be downloaded, or is not the pinned version.
    """
    package = _checked(package) if package else _downloaded()
    with tarfile.open(package) as archive:
        members = {name: archive.extractfile(source) for name, source in FILES.items()}
        files = {name: member.read() for name, member in members.items() if member}
    files |= {name: gzip.compress(files[name], mtime=0) for name in files if name.endswith(".gz")}
    return files | {"LICENSE.txt": LICENCE.encode()}


def _checked(package: Path) -> Path:
    if not package.is_file():
        raise ExportError(f"there is no file {package}", _ALTERNATIVE)
    if not downloads.has_checksum(package, f"sha512:{SHA512}"):
        raise ExportError(f"{package} is not the package onnxruntime-web {VERSION}", _ALTERNATIVE)
    return package


def _downloaded() -> Path:
    """The package in the cache, downloaded if it is missing or damaged."""
    registry = os.environ.get("npm_config_registry", "https://registry.npmjs.org").rstrip("/")  # noqa: SIM112
    url = f"{registry}/onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz"
    return downloads.cached(
        url, cached(), checksum=f"sha512:{SHA512}", alternative=_ALTERNATIVE, error=ExportError
    )
