"""Commands on an object store that speaks the interface of S3: moto's, on loopback.

Skipped without its packages: `pip install '.[remote]' 'moto[server]'`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from s2f_cli.core import remote_copies
from s2f_cli.data.drawn_faces import draw, looks

s3fs = pytest.importorskip("s3fs")
moto_server = pytest.importorskip("moto.server")

BUCKET = "s3://bucket"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(remote_copies, "_urls", {})
    s3fs.S3FileSystem.clear_instance_cache()
    system = s3fs.S3FileSystem()
    system.makedirs("bucket", exist_ok=True)
    yield system
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def test_shards_through_a_store_equal_one_machine(store: Any, s2f, here: Path, tiny_run: Path) -> None:
    Path("photos").mkdir()
    for number in range(4):
        draw(looks(0, number)).save(f"photos/{number}.png")
    store.put("photos", "bucket/photos", recursive=True)
    model = f"{BUCKET}/{tiny_run.name}.safetensors"
    store.put(str(tiny_run / "model.safetensors"), f"bucket/{tiny_run.name}.safetensors")
    options = ["translate", "--to", "sketch", "--device", "cpu"]
    local = s2f(*options, "photos", "-o", "local", "--model", tiny_run)
    command = [*options, f"{BUCKET}/photos", "-o", f"{BUCKET}/out", "--model", model]
    shards = [s2f(*command, "--shard", f"{index}/2") for index in (0, 1)]
    merged = s2f(*command, "--merge")
    assert [done.code for done in (*shards, merged)] == [0, 0, 0]
    assert sorted(shards[0].lines + shards[1].lines) == merged.lines
    assert merged.lines == [f"{BUCKET}/out/{Path(line).name}" for line in local.lines]
    assert all(store.cat(line) == Path("local", Path(line).name).read_bytes() for line in merged.lines)


def test_a_bucket_that_is_missing_is_named(store: Any, s2f, here: Path, tiny_run: Path) -> None:
    done = s2f("translate", "--to", "sketch", "s3://other/photos", "-o", "out", "--model", tiny_run)
    assert done.code == 1 and "s3://other/photos" in done.err and not Path("out").exists()
