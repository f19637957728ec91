"""Send requests of any kind to the HTTP API, for some minutes. Run by hand:

    python tests/fuzz/requests.py [--minutes 5] [--seed 0]

Starts `s2f serve` with the shipped models. Schemathesis derives requests from the API's own description,
valid and invalid ones, and compares the answers with it: no status 5xx, no undocumented status or form. Then
damaged pictures and forms are uploaded: each answer is an image, or one line that says what is wrong.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from mutations import damaged
from targets import TARGETS

_EXCLUDED = "positive_data_acceptance"
"""Refusing what the description allows: it cannot say that a file has to be an image."""
_OPTIONS = {
    "to": ["face", "sketch", "", "Face", "nobody"],
    "size": ["native", "model", "full", "0"],
    "format": ["png", "jpeg", "webp", "gif"],
    "align": ["auto", "none", "ffhq", "x"],
    "faces": ["all", "largest", "best", "2"],
    "paste_back": ["none", "photo", "translation", ""],
    "model": ["face-to-sketch", "é", "../x"],
    "style": ["bold", "all", "\0"],
    "skin": ["#aabbcc", "red", "#"],
    "unknown": ["1"],
}


def request(url: str, picture: bytes, rng: random.Random) -> tuple[int, str, bytes]:
    """Upload a picture with random options; returns the status, the type and the body of the answer."""
    names = rng.sample(list(_OPTIONS), rng.randrange(1, 4))
    values = {name: rng.choice(_OPTIONS[name]) for name in ["to", *names]}
    if rng.random() < 0.5:
        values = {"to": rng.choice(["face", "sketch"]), "align": "none", "size": "model"}
    mark = "7d1e"
    name = rng.choice(
        ['"image"; filename="a.png"', '"image"', '"like"; filename="b.png"', '"other"', '"image']
    )
    body = f"--{mark}\r\nContent-Disposition: form-data; name={name}\r\n\r\n".encode() + picture
    body += f"\r\n--{mark}--\r\n".encode()
    if rng.random() < 0.1:
        body = damaged(body, [body], rng)
    address = f"{url}translate?{urllib.parse.urlencode(values)}"
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=120) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers["Content-Type"], refusal.read()


def problem(status: int, kind: str, body: bytes) -> str:
    """What is wrong with an answer; empty if nothing is."""
    if status == 200:
        return "" if kind.startswith("image/") and len(body) > 20 else f"{kind} of {len(body)} bytes"
    if status >= 500:
        return f"status {status}: {body[:200]!r}"
    try:
        detail = json.loads(body)["detail"]
    except (ValueError, KeyError, TypeError):
        return f"status {status} without a detail: {body[:200]!r}"
    return "" if isinstance(detail, str) and "\n" not in detail else f"status {status}: detail {detail!r}"


def upload(url: str, minutes: float, seed: int) -> int:
    """Upload damaged pictures; returns the number of wrong answers."""
    pictures, rng = TARGETS["images"](), random.Random(seed)
    end, counts, wrong = time.monotonic() + minutes * 60, dict[int, int](), 0
    while time.monotonic() < end:
        _, data = rng.choice(pictures.examples)
        if rng.random() < 0.8:
            data = pictures.damage(data, [example for _, example in pictures.examples], rng)
        status, kind, body = request(url, data, rng)
        counts[status] = counts.get(status, 0) + 1
        if found := problem(status, kind, body):
            wrong += 1
            print(found)
    print(f"uploads by status: {dict(sorted(counts.items()))}; {wrong} wrong answers")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    command = [sys.executable, "-m", "s2f_cli", "serve", "--port", "0"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        address = next(filter(None, (re.search(r"http://[^ ]+/", line) for line in server.stderr)))
        schema = f"{address[0]}openapi.json"
        examples = str(max(int(options.minutes * 20), 5))
        words = ["run", schema, "--checks", "all", "--exclude-checks", _EXCLUDED]
        words += ["--max-examples", examples, "--seed", str(options.seed)]
        described = subprocess.run([sys.executable, "-m", "schemathesis.cli", *words])
        wrong = upload(address[0], options.minutes, options.seed)
    finally:
        server.terminate()
        server.wait()
    sys.exit(described.returncode or bool(wrong))


if __name__ == "__main__":
    main()
