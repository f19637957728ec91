"""Measure `s2f serve` under load on loopback: response times, refusals, memory.

Run by hand: serve_load.py MODEL [--requests 10000] [--clients 64] [--side 64] [--workers 1]

Starts the server and sends requests one after another, then from all clients at once until all are
answered. The images have several shapes; every fiftieth request is not an image and must be refused. Prints
response times, status codes, requests that got no answer, and the resident memory of the server's processes
over time. At the end, SIGTERM is sent while every client waits for an answer: none may be lost.
"""

import argparse
import io
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
from PIL import Image
from skimage import data

SHAPES = ((1, 1), (1, 1.25), (1.25, 1), (1, 1.5))
SINGLE = 30
REFUSED_EVERY = 50


def resident(process: psutil.Process) -> float:
    """The resident memory of a process and its children in MB."""
    return sum(each.memory_info().rss for each in [process, *process.children(recursive=True)]) / 2**20


def make_images(side: int) -> list[bytes]:
    """An astronaut in several shapes, as PNG files."""
    photo, files = Image.fromarray(data.astronaut()), []
    for wide, high in SHAPES:
        buffer = io.BytesIO()
        photo.resize((round(side * wide), round(side * high))).save(buffer, "PNG")
        files.append(buffer.getvalue())
    return files


@contextmanager
def server(model: str, queue: int, workers: int) -> Iterator[tuple[str, psutil.Process]]:
    """Run a server until it is ready; yield its URL and process."""
    words = ["serve", "--model", model, "--port", "0", "--queue", str(queue), "--workers", str(workers)]
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "s2f_cli", *words], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        output = ""
        while not (match := re.search(r"s2f is at (\S+)", output)):
            line = process.stderr.readline()
            if not line:
                raise SystemExit(output)
            output += line
        while httpx.get(f"{match[1]}ready").status_code != 200:
            time.sleep(0.1)
        watched = psutil.Process(process.pid)
        print(f"ready after {time.perf_counter() - started:.1f} s, {resident(watched):.0f} MB")
        yield match[1], watched
    finally:
        process.terminate()
        process.wait()


class Load:
    """Clients that send requests, and what they were answered."""

    def __init__(self, url: str, to: str, files: list[bytes]) -> None:
        self.url, self.to, self.files = url, to, files
        self.times: list[float] = []
        self.answers: Counter[int] = Counter()
        self.lost: Counter[str] = Counter()

    def ask(self, client: httpx.Client, number: int) -> None:
        """Send a request; a number that REFUSED_EVERY divides is not an image."""
        content = self.files[number % len(self.files)] if number % REFUSED_EVERY else b"not an image"
        start = time.perf_counter()
        try:
            answer = client.post(f"{self.url}translate", params={"to": self.to}, files={"image": content})
        except httpx.HTTPError as problem:
            self.lost[type(problem).__name__] += 1
            return
        self.answers[answer.status_code] += 1
        self.times.append(time.perf_counter() - start)

    def run(self, requests: int, clients: int, watched: psutil.Process) -> float:
        """Send requests from several clients at once; returns the seconds until all are answered."""
        numbers, lock = iter(range(1, requests + 1)), threading.Lock()

        def work() -> None:
            with httpx.Client(timeout=600) as client:
                while True:
                    with lock:
                        number = next(numbers, None)
                        if number is not None and number % max(1, requests // 10) == 0:
                            print(f"{number:6d} requests: {resident(watched):.0f} MB", flush=True)
                    if number is None:
                        return
                    self.ask(client, number)

        start = time.perf_counter()
        threads = [threading.Thread(target=work) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - start

    def report(self) -> str:
        """Percentiles in seconds, answers by status, and requests without an answer."""
        times = sorted(self.times)
        shares = ", ".join(f"p{p} {times[(len(times) - 1) * p // 100]:.3f}" for p in (50, 95, 99))
        return f"{shares} s; answers {dict(self.answers)}; lost {dict(self.lost) or 'none'}"


def stop_while_busy(load: Load, clients: int, watched: psutil.Process) -> None:
    """Send a request from each client, and SIGTERM once all have arrived."""
    last = Load(load.url, load.to, load.files)
    with httpx.Client() as client:

        def queued() -> float:
            return float(re.findall(r"^s2f_queue (\S+)", client.get(f"{load.url}metrics").text, re.M)[0])

        def work() -> None:
            with httpx.Client(timeout=600) as each:
                last.ask(each, 1)

        threads = [threading.Thread(target=work) for _ in range(clients)]
        for thread in threads:
            thread.start()
        while queued() + len(last.times) < clients:
            time.sleep(0.01)
        waiting = queued()
    watched.terminate()
    for thread in threads:
        thread.join()
    print(f"SIGTERM with {waiting:.0f} requests in the queue: {last.report()}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with server(options.model, options.clients, options.workers) as (url, watched):
        to = httpx.get(f"{url}models").json()[0]["to"]
        single = Load(url, to, make_images(options.side))
        with httpx.Client(timeout=600) as client:
            for _ in range(SINGLE):
                single.ask(client, 1)
        print(f"one client: median {statistics.median(single.times):.3f} s, {single.report()}")
        load = Load(url, to, single.files)
        seconds = load.run(options.requests, options.clients, watched)
        print(f"{options.clients} clients: {options.requests / seconds:.1f} requests/s, {load.report()}")
        stop_while_busy(load, options.clients, watched)


if __name__ == "__main__":
    main()
