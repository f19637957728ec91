"""`s2f serve` under load on the loopback: answer times, refusals, and its memory.

Run by hand: serve_load.py MODEL [REQUESTS] [CLIENTS] [SIDE]

Starts the server, asks it one thing after another (what a single user waits), then with CLIENTS clients at
once until REQUESTS were answered, with images of several shapes and now and then something that must be
refused. Prints what a request takes, the refusals, and the server's resident memory as it goes.
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
ALONE = 30


def resident(pid: int) -> float:
    """The resident memory of a process in MB, as Linux tells it."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def pictures(side: int) -> list[bytes]:
    """An astronaut in several shapes, as PNG."""
    photo, files = Image.fromarray(data.astronaut()), []
    for wide, high in SHAPES:
        buffer = io.BytesIO()
        photo.resize((round(side * wide), round(side * high))).save(buffer, "PNG")
        files.append(buffer.getvalue())
    return files


@contextmanager
def server(model: str, queue: int) -> Iterator[tuple[str, int]]:
    """A server's address and process, which ends with the block."""
    words = ["serve", "--model", model, "--port", "0", "--queue", str(queue)]
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "s2f_cli", *words], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        said = ""
        while not (found := re.search(r"s2f is at (\S+)", said)):
            line = process.stderr.readline()
            if not line:
                raise SystemExit(said)
            said += line
        print(f"up after {time.perf_counter() - started:.1f} s, {resident(process.pid):.0f} MB")
        yield found[1], process.pid
    finally:
        process.terminate()
        process.wait()


def main(model: str, requests: int = 10_000, clients: int = 4, side: int = 256) -> None:
    """Run it."""
    files, times, answers = pictures(side), list[float](), Counter[int]()
    with server(model, clients) as (url, pid):
        to = httpx.get(f"{url}models").json()[0]["to"]

        def ask(client: httpx.Client, number: int) -> float:
            content = files[number % len(files)] if number % 50 else b"no image"
            start = time.perf_counter()
            answer = client.post(f"{url}translate", params={"to": to}, files={"image": content})
            answers[answer.status_code] += 1
            return time.perf_counter() - start

        with httpx.Client(timeout=120) as client:
            alone = sorted(ask(client, 1) for _ in range(ALONE))
        print(f"alone: median {statistics.median(alone):.3f} s, slowest of {ALONE} {alone[-1]:.3f} s")

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
        team = [threading.Thread(target=work, daemon=True) for _ in range(clients)]
        for one in team:
            one.start()
        for one in team:
            one.join()
        seconds = time.perf_counter() - start
    times.sort()
    print(f"{clients} clients: {requests / seconds:.1f} requests/s, median {times[len(times) // 2]:.3f} s,")
    print(f"  99 of 100 below {times[len(times) * 99 // 100]:.3f} s; answers {dict(answers)}")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
