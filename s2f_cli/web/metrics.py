"""Metrics for Prometheus: requests, refusals, seconds, the queue and the models.

Several workers count in files of the folder PROMETHEUS_MULTIPROC_DIR, which `prometheus_client` adds up.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import psutil
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
    multiprocess,
)

from s2f_cli.core.version import __version__
from s2f_cli.models.card import Card

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
WORKERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which `prometheus_client` finds the folder in which workers count."""
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PATHS = ("/translate", "/faces", "/models", "/metrics", "/health", "/ready", "/docs", "/openapi.json", "/")
_REASONS = {
    400: "form",
    401: "key",
    408: "slow",
    413: "size",
    422: "invalid",
    429: "rate",
    503: "queue",
    504: "timeout",
}
"""Why requests are refused, by status."""


class Metrics:
    """The metrics of one server; they are described in docs/serve.md."""

    def __init__(self, models: Mapping[str, Card], queue_limit: int) -> None:
        registry = self._registry = CollectorRegistry()
        if WORKERS_FOLDER not in os.environ:
            ProcessCollector(registry=registry)
        self._requests = Counter(
            "s2f_requests", "Requests answered", ["method", "path", "status"], registry=registry
        )
        self._refusals = Counter("s2f_refusals", "Requests refused", ["reason"], registry=registry)
        self._seconds = Histogram(
            "s2f_request_seconds",
            "Seconds from a request to its answer",
            ["path"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._work = Histogram(
            "s2f_translation_seconds",
            "Seconds of work on an image, without waiting",
            ["model", "to"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.queue = Gauge(
            "s2f_queue",
            "Requests being processed or waiting",
            registry=registry,
            multiprocess_mode="livesum",
        )
        limit = Gauge(
            "s2f_queue_limit", "Most requests at once", registry=registry, multiprocess_mode="livesum"
        )
        limit.set(queue_limit)
        served = Gauge(
            "s2f_model_info",
            "A direction of a model",
            ["model", "to", "recipe", "step", "s2f"],
            registry=registry,
            multiprocess_mode="max",
        )
        for name, card in models.items():
            for to in card.directions:
                served.labels(name, to, card.recipe.name, card.step, __version__).set(1)

    def answered(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count the answer to a request; unknown methods and paths count as `other`."""
        path = path if path in _PATHS else "other"
        self._requests.labels(method if method in _METHODS else "other", path, status).inc()
        self._seconds.labels(path).observe(seconds)
        if status in _REASONS and path != "/ready":
            self._refusals.labels(_REASONS[status]).inc()

    @contextmanager
    def translating(self, model: str, to: str) -> Iterator[None]:
        """Measure the work of a translation."""
        start = perf_counter()
        yield
        self._work.labels(model, to).observe(perf_counter() - start)

    def render(self) -> bytes:
        """The text that Prometheus reads; of all workers, if there are several."""
        folder = os.environ.get(WORKERS_FOLDER)
        if folder is None:
            return generate_latest(self._registry)
        for file in Path(folder).glob("gauge_live*_*.db"):
            process = int(file.stem.rpartition("_")[2])
            if not psutil.pid_exists(process):
                multiprocess.mark_process_dead(process, folder)
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry, folder)
        return generate_latest(registry)
