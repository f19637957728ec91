"""Measure every export format and precision of a model: file size, and difference from PyTorch.

Run by hand: export_parity.py MODEL [FOLDER OF REAL IMAGES]

Exports the model with `s2f export` to a temporary folder, and prints a Markdown table. Without a folder, the
images are those of ./data, as in `s2f export`.
"""

import json
import subprocess
import sys
import tempfile
import time

from s2f_cli.cli import console
from s2f_cli.core import registry


def main(model: str, *check: str) -> None:
    """Export the model and print the table."""
    rows = []
    for name in registry.names("exporters"):
        for precision in registry.find("exporters", name).precisions:
            with tempfile.TemporaryDirectory() as folder:
                words = [
                    "export",
                    folder,
                    "--model",
                    model,
                    "--format",
                    name,
                    "--precision",
                    precision,
                    "--json",
                ]
                command = [sys.executable, "-m", "s2f_cli", *words, *(["--check", *check] if check else [])]
                start = time.perf_counter()
                result = subprocess.run(command, capture_output=True, text=True)
                seconds = time.perf_counter() - start
            for record in json.loads(result.stdout or "[]"):
                numbers = (
                    f"{record['bytes'] / 1e6:.1f}",
                    f"{record['max_difference']:.2g}",
                    f"{1 - record['ssim']:.2g}",
                    f"{record['tolerance']:g}",
                    f"{seconds:.0f}",
                )
                rows.append((f"{name} {precision}", record["to"], *numbers))
            if result.returncode:
                rows.append((f"{name} {precision}", result.stderr.strip().splitlines()[-2], *[""] * 5))
    columns = ("format", "makes", "MB", "largest difference", "loss of SSIM", "allowed", "s for all")
    print(console.markdown(columns, rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
