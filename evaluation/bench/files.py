"""Files of growing size through `sendsafe score-file` on every core: is the cost linear, and the memory flat?"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

from evaluation.bench.seat import ONE_THREAD

LOOK_SECONDS = 0.1


def files_content(texts: Sequence[str], sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Judge a file of each size; seconds count from the first rows written, so that starting weighs in none."""
    with tempfile.TemporaryDirectory() as folder:
        return [_measure(Path(folder), texts, size) for size in sizes]


def _measure(folder: Path, texts: Sequence[str], size: int) -> dict[str, Any]:
    source, target = folder / "in.jsonl", folder / "out.jsonl"
    with source.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"n": number, "text": texts[number % len(texts)]}) + "\n" for number in range(size))
    target.unlink(missing_ok=True)
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", "from serving.cli import app; app()", "score-file", str(source), str(target)],
        env=os.environ | ONE_THREAD | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.DEVNULL,
    )
    first: float | None = None
    parent, workers, used, read = 0.0, 0.0, 0.0, 0.0
    while process.poll() is None:
        if first is None and target.exists() and target.stat().st_size:
            first = time.perf_counter()
        sizes = list(_looked_at(psutil.Process(process.pid)))
        if sizes:
            parent = max(parent, sizes[0][0])
            workers = max([workers, *(each for each, _ in sizes[1:])])
            used, read = max(used, sum(each for _, each in sizes)), max(read, sizes[0][1])
        time.sleep(LOOK_SECONDS)
    ended = time.perf_counter()
    if process.returncode:
        raise RuntimeError(f"score-file ended with {process.returncode}")
    return {
        "messages": size,
        "seconds": round(ended - started, 2),
        "judging_seconds": round(ended - (first or started), 2),
        "cpu_us": round(1e6 * used / size),
        "parent_cpu_us": round(1e6 * read / size),
        "parent_mb": round(parent),
        "worker_mb": round(workers),
    }


def _looked_at(process: psutil.Process) -> Iterator[tuple[float, float]]:
    """Yield memory (MB) and seconds of processor of a process and of those that it started."""
    try:
        for each in (process, *process.children(recursive=True)):
            times = each.cpu_times()
            yield each.memory_info().rss / 1e6, times.user + times.system
    except psutil.NoSuchProcess:
        return
