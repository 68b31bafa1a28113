"""How many workers and nodes a load needs: arithmetic on measured costs, nothing else."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.bench.contestants import OURS
from evaluation.bench.services import TUNED
from evaluation.markdown import table

BUSY = 0.6
"""Share of a core that live messages may keep busy: above it, waiting grows faster than load."""
BUSY_IN_BULK = 0.95
CORES_A_NODE = 8
RATES = (50, 500, 5000)
ARCHIVE = 10**8
HOURS = 24


def cores_for(rate: float, cpu_us: float, busy: float = BUSY) -> int:
    """Return the cores that a rate needs.

    >>> cores_for(50, 6000), cores_for(500, 6000)
    (1, 5)
    """
    return max(1, math.ceil(rate * cpu_us / 1e6 / busy))


def nodes_for(cores: int) -> int:
    """Return the nodes of so many cores; one more stands by where the load is live.

    >>> nodes_for(1), nodes_for(9)
    (1, 2)
    """
    return math.ceil(cores / CORES_A_NODE)


def capacity(whole: Mapping[str, Any]) -> str:
    """Write the tables of docs/scale.md from a bench's figures."""
    served = whole["services"].get(TUNED)
    cpu_us = served["cpu_us"]["median"] if served else whole["contestants"][OURS]["cpu_us"]["median"]
    lines = [f"From the bench of {whole['date']} on {whole['machine']}; load average {whole['load'][0]} before it.", ""]
    lines += ["What one message costs in this process, by its length:", "", *_lengths(whole["lengths"]), ""]
    about = [
        f"Live: {cpu_us:,.0f} µs of processor a request over HTTP (messages of {whole['characters']} characters on average),",
        f"cores = rate × cost ÷ {BUSY:g}, nodes of {CORES_A_NODE} cores and one more to lose:",
    ]
    lines += [" ".join(about), "", *_rates(cpu_us), ""]
    return "\n".join([*lines, _archive(whole["files"])])


def _rates(cpu_us: float) -> list[str]:
    rows = [["messages a second", "arithmetic", "workers (cores)", "nodes"]]
    for rate in RATES:
        cores = cores_for(rate, cpu_us)
        arithmetic = f"{rate:,} × {cpu_us / 1e6:.5f} s ÷ {BUSY:g} = {rate * cpu_us / 1e6 / BUSY:.1f}"
        rows.append([f"{rate:,}", arithmetic, str(cores), str(nodes_for(cores) + 1)])
    return table(rows)


def more(files: Sequence[Mapping[str, Any]], what: str) -> float:
    """Return what one message more costs, from the smallest file to the largest: without what starting costs.

    >>> more([{"messages": 100, "cpu_us": 50}, {"messages": 200, "cpu_us": 30}], "cpu_us")
    10.0
    """
    first, last = min(files, key=_messages), max(files, key=_messages)
    if first["messages"] == last["messages"]:
        return float(last[what])
    return float((last[what] * last["messages"] - first[what] * first["messages"]) / (last["messages"] - first["messages"]))


def _messages(file: Mapping[str, Any]) -> int:
    return int(file["messages"])


def _archive(files: Sequence[Mapping[str, Any]]) -> str:
    """Say what an archive needs."""
    cost, own = more(files, "cpu_us"), more(files, "parent_cpu_us")
    largest = max(map(_messages, files))
    seconds = ARCHIVE * cost / 1e6
    hours = f"{seconds / 3600:,.0f}"
    cores = math.ceil(seconds / BUSY_IN_BULK / (HOURS * 3600))
    days = seconds / CORES_A_NODE / BUSY_IN_BULK / 86400
    sentences = [
        f"An archive of 10^8: {cost:,.0f} µs of processor for one message more by `score-file` (files of up to {largest:,}), so 10^8 × {cost / 1e6:.5f} s = {hours} core-hours.",
        f"In {HOURS} hours that is {hours} ÷ {BUSY_IN_BULK:g} ÷ {HOURS} = {cores:,} cores (nodes of {CORES_A_NODE}: {nodes_for(cores):,}); on one such node {days:,.1f} days.",
        f"Of the cost {own:,.0f} µs are the one reader and writer's, so that it feeds at most {(cost - own) / max(own, 1):.0f} workers.",
    ]
    return " ".join(sentences)


def _lengths(lengths: Mapping[str, Any]) -> list[str]:
    rows = [["characters", "ms", "µs of processor", "messages a second and core"]]
    for length, of in lengths.items():
        used = of["cpu_us"]["median"]
        rows.append([f"{int(length):,}", f"{of['ms']['median']:.1f}", f"{used:,.0f}", f"{1e6 / used:,.0f}"])
    return table(rows)
