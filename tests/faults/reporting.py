"""Write what a long run found as JSON and Markdown, with machine, date and command; stop it early without losing it."""

import json
import os
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from evaluation.machine import describe
from evaluation.markdown import table as as_table

__all__ = ["as_table", "described", "until_stopped", "write"]


def described(command):
    """Return what a figure needs beside it: when, where and how it was measured."""
    return {
        "date": datetime.now(UTC).date().isoformat(), "machine": describe("bentoml", "uvicorn", "onnxruntime"),
        "load": [round(each, 1) for each in os.getloadavg()], "nice": os.nice(0), "commit": _commit(), "command": command,
    }  # fmt: skip


def write(out, title, command, result, lines):
    """Write OUT.json and OUT.md where `out` is given; return the Markdown."""
    result = described(command) | result
    told = f"Made by `{command}` on {result['date']} at commit {result['commit']}: {result['machine']}, load average {result['load'][0]}, priority {result['nice']}."
    text = "\n".join([f"# {title}", "", *lines, "", told, ""])
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.with_suffix(".json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        out.with_suffix(".md").write_text(text, encoding="utf-8")
    return text


def until_stopped(minutes=0):
    """Return what tells whether a run is over: after some minutes (0: never), or once SIGTERM or SIGINT came."""
    stopped = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.append(1))
    end = time.monotonic() + minutes * 60
    return lambda: bool(stopped) or (minutes > 0 and time.monotonic() > end)


def _commit():
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, cwd=Path(__file__).parent)  # noqa: S607
    return asked.stdout.strip() or "unknown"
