"""API keys, pages of other origins, and the rate of a client."""

import random
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from s2f_cli.web import server
from s2f_cli.web.access import Access
from s2f_cli.web.limits import RequestLimits
from s2f_cli.web.rates import RateLimiter, client_of

ORIGIN = "https://example.org"


@pytest.fixture
def make(translator):
    """Makes a client of a server with some rules of access."""
    return lambda **rules: TestClient(
        server.create({"tiny": translator}, RequestLimits(), access=Access(**rules))
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic !"}, 401),
        ({"Authorization": "Bearer second"}, 200),
        ({"Authorization": "bearer  first"}, 200),
        ({"X-API-Key": "first"}, 200),
        ({"Authorization": "Basic bWU6c2Vjb25k"}, 200),  # me:second
    ],
)
def test_a_request_needs_one_of_the_keys(make, headers: dict[str, str], status: int) -> None:
    client = make(keys=("first", "second"))
    for path in ("/models", "/", "/metrics"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"] == 'Basic realm="s2f"'
        assert answer.json() == {"detail": "an API key is needed: Authorization: Bearer KEY"}
    assert client.get("/health").status_code == client.get("/ready").status_code == 200


def test_pages_of_permitted_origins_may_use_the_api(make) -> None:
    client = make(keys=("first",), origins=(ORIGIN,))
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    preflight = client.options("/translate", headers={"Origin": ORIGIN, **asked})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    refused = client.post("/translate", headers={"Origin": ORIGIN})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, ORIGIN)
    other = client.options("/translate", headers={"Origin": "https://evil.example", **asked})
    assert "access-control-allow-origin" not in other.headers
    without = make().post("/translate", headers={"Origin": ORIGIN})
    assert "access-control-allow-origin" not in without.headers


def test_a_client_that_sends_too_often_gets_429(make, png, drawing) -> None:
    client = make(rate=2, keys=("first", "second"))

    def status(key: str) -> int:
        headers = {"X-API-Key": key}
        return client.post("/faces", files=png(drawing(1)), headers=headers).status_code

    assert [status("first") for _ in range(3)] == [200, 200, 429]
    assert status("second") == 200
    assert client.get("/models", headers={"X-API-Key": "first"}).status_code == 200
    refused = client.post("/faces", headers={"X-API-Key": "first"})
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    assert refused.json()["detail"].startswith("too many requests from this client; try again in ")


@pytest.mark.parametrize("rate", [1, 2, 7])
def test_no_minute_has_more_requests_than_twice_the_rate(rate: int) -> None:
    """A client may save up one minute's requests; what is refused may be sent when the wait is over."""
    limiter, now, granted, rng = RateLimiter(rate), 1000.0, [], random.Random(rate)
    for _ in range(60):
        now += rng.choice([0, 0.1, 5, 50]) * rng.random()
        wait = limiter.wait("a", now)
        if wait:
            now += wait
            assert limiter.wait("a", now) == 0
        granted.append(now)
    for first in granted:
        assert sum(first <= each < first + 60 for each in granted) <= 2 * rate
    assert limiter.wait("b", now) == 0


def test_workers_share_the_rate_and_forget_idle_clients(tmp_path: Path) -> None:
    one, other = (RateLimiter(1, tmp_path / "rates.sqlite") for _ in range(2))
    assert one.wait("a", 1000) == 0
    assert other.wait("a", 1030) == pytest.approx(30)
    assert other.wait("b", 1200) == 0
    assert one._database.execute("SELECT name FROM clients").fetchall() == [("b",)]


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_client_is_an_address_or_a_network(host: str, client: str) -> None:
    assert client_of({"client": (host, 1)}) == client
