"""Measures exported pages in Chromium: what they load, and how long a crop and a whole photo take.

    page_speed.py PHOTO TO PAGE …

TO is `face` or `sketch`; each PAGE is a folder of `s2f export --format web`. Prints, for each: the megabytes
of the first visit, the seconds from opening the page to the first result, and for a crop and for the whole
photo the seconds of the wall clock and of the processor (of all processes of the browser), as medians of RUNS
after the first.
"""

import json
import os
import statistics
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

CHROMIUM = os.environ.get("S2F_CHROMIUM", "/usr/bin/chromium")
RUNS = 5
TIMEOUT = 180_000  # ms


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder, and adds up the sizes of the files it sends."""

    sent = 0

    def copyfile(self, source, outputfile):
        """Send a file."""
        type(self).sent += os.fstat(source.fileno()).st_size if hasattr(source, "fileno") else 0
        super().copyfile(source, outputfile)

    def log_message(self, *arguments):
        """Keep stderr clean."""


def processor_seconds() -> float:
    """The processor time of the browser so far."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def result(page: Page) -> tuple[float, float]:
    """Translate once: seconds of the wall clock and of the processor."""
    processor, start = processor_seconds(), time.perf_counter()
    page.click("#go:enabled")
    page.wait_for_function("() => document.querySelector('#status').textContent.startsWith('Done')")
    return time.perf_counter() - start, processor_seconds() - processor


def medians(page: Page) -> str:
    """The medians of several translations after a first one, as text."""
    rows = [result(page) for _ in range(RUNS + 1)][1:]
    wall, processor = (statistics.median(column) for column in zip(*rows, strict=True))
    return f"{wall:.2f} s ({processor:.2f} s of processor)"


def measure(folder: Path, photo: Path, to: str) -> None:
    """Print what is measured of one page."""
    handler = type("Counting", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=os.fspath(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    models = json.loads((folder / "page.json").read_text())["models"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(TIMEOUT)
        start = time.perf_counter()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_selector("#directions label")
        page.locator("#directions label").nth([model["to"] for model in models].index(to)).click()
        page.set_input_files("#file", photo)
        result(page)
        first = time.perf_counter() - start
        megabytes = handler.sent / 1e6
        page.wait_for_timeout(2000)
        threads = "several threads" if page.evaluate("self.crossOriginIsolated") else "one thread"
        crop = medians(page)
        page.click("#whole")
        print(f"{folder}, to {to}, {threads}: {megabytes:.1f} MB, first result after {first:.1f} s")
        print(f"  crop {crop}; whole photo {medians(page)}; {handler.sent / 1e6:.1f} MB in all", flush=True)
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    for page_folder in sys.argv[3:]:
        measure(Path(page_folder), Path(sys.argv[1]), sys.argv[2])
