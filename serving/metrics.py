"""Counts for Prometheus; labels come from fixed lists, never from messages."""

import os
from functools import cache
from typing import TypeVar

from prometheus_client import REGISTRY as DEFAULT_REGISTRY
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.metrics import MetricWrapperBase

from serving.verdict import Verdict

Metric = TypeVar("Metric", bound=MetricWrapperBase)
VERDICTS = Counter("sendsafe_verdicts_total", "Verdicts given", ["category", "action", "decided_by"])
BY_POLICY = Counter("sendsafe_policy_verdicts_total", "Verdicts given under each policy pack", ["policy", "action"])
DEGRADED = Counter("sendsafe_degraded_total", "Verdicts given without the model")
KEPT = Counter("sendsafe_kept_total", "Verdicts kept before they were given, or kept nowhere and refused", ["place"])
BUNDLES = Counter("sendsafe_bundle_changes_total", "Bundles that were taken up or refused while the service ran", ["outcome"])
SHED = Counter("sendsafe_shed_total", "Messages or requests refused for want of room, by what was full", ["reason"])
REQUESTS = Counter("sendsafe_requests_total", "Requests answered", ["route", "status"])
SECONDS = Histogram(
    "sendsafe_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.001, 0.002, 0.003, 0.004, 0.006, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
)


@cache
def _of(metric: Metric, *labels: str | int) -> Metric:
    """Return the count of some labels, looked up once: Prometheus's own look-ups are a quarter of a request's cost beside its verdict."""
    return metric.labels(*labels)


def count(verdict: Verdict) -> None:
    """Count one verdict."""
    _of(VERDICTS, verdict.category, verdict.action, verdict.decided_by).inc()
    for policy, _ in verdict.policies:
        _of(BY_POLICY, policy, verdict.action).inc()
    if verdict.degraded:
        DEGRADED.inc()


def count_request(route: str, status: int, duration: float) -> None:
    """Count one request and the seconds that it took."""
    _of(REQUESTS, route, status).inc()
    _of(SECONDS, route).observe(duration)


def exposition() -> bytes:
    """Return the counts of this process, or of all workers where they share a folder."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(DEFAULT_REGISTRY)
