"""Measure `s2f serve` under load on loopback: response times, refusals, memory.

Run by hand: serve_load.py MODEL [REQUESTS] [CLIENTS] [SIDE]

Starts the server and sends requests one after another, then from CLIENTS clients at once until REQUESTS are
answered. The images have several shapes; every fiftieth request is not an image and must be refused. Prints
response times, status codes, and the server's resident memory over time.
"""

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
from pathlib import Path

import httpx
from PIL import Image
from skimage import data

SHAPES = ((1, 1), (1, 1.25), (1.25, 1), (1, 1.5))
SINGLE = 30


def resident(pid: int) -> float:
    """The resident memory of a process in MB, on Linux."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def make_images(side: int) -> list[bytes]:
    """An astronaut in several shapes, as PNG files."""
    photo, files = Image.fromarray(data.astronaut()), []
    for wide, high in SHAPES:
        buffer = io.BytesIO()
        photo.resize((round(side * wide), round(side * high))).save(buffer, "PNG")
        files.append(buffer.getvalue())
    return files


@contextmanager
def server(model: str, queue: int) -> Iterator[tuple[str, int]]:
    """Run a server; yield its URL and process id."""
    words = ["serve", "--model", model, "--port", "0", "--queue", str(queue)]
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
        print(f"up after {time.perf_counter() - started:.1f} s, {resident(process.pid):.0f} MB")
        yield match[1], process.pid
    finally:
        process.terminate()
        process.wait()


def main(model: str, requests: int = 10_000, clients: int = 4, side: int = 256) -> None:
    """Run the benchmark."""
    files, times, answers = make_images(side), list[float](), Counter[int]()
    with server(model, clients) as (url, pid):
        to = httpx.get(f"{url}models").json()[0]["to"]

        def ask(client: httpx.Client, number: int) -> float:
            content = files[number % len(files)] if number % 50 else b"not an image"
            start = time.perf_counter()
            answer = client.post(f"{url}translate", params={"to": to}, files={"image": content})
            answers[answer.status_code] += 1
            return time.perf_counter() - start

        with httpx.Client(timeout=120) as client:
            single = sorted(ask(client, 1) for _ in range(SINGLE))
        print(f"one client: median {statistics.median(single):.3f} s, slowest of {SINGLE} {single[-1]:.3f} s")

        numbers, lock = iter(range(1, requests + 1)), threading.Lock()

        def work() -> None:
            with httpx.Client(timeout=120) as client:
                while True:
                    with lock:
                        number = next(numbers, None)
                        if number is not None and number % max(1, requests // 10) == 0:
                            print(f"{number:6d} requests: {resident(pid):.0f} MB", flush=True)
                    if number is None:
                        return
                    times.append(ask(client, number))

        start = time.perf_counter()
        threads = [threading.Thread(target=work, daemon=True) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - start
    times.sort()
    print(f"{clients} clients: {requests / seconds:.1f} requests/s, median {times[len(times) // 2]:.3f} s,")
    print(f"  99 % below {times[len(times) * 99 // 100]:.3f} s; answers {dict(answers)}")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
