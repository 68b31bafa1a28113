"""Judge a data set on two workers of Ray Data and kill one in mid run: is every row judged, once?

Usage: python tests/faults/dataset.py [--rows 1000000] [--kills 1] [--model] [--out evaluation/reports/dataset]

Every hundredth row has no text, and must be held. Without `--model` the rules judge alone: what is asked of the engine is the same.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[2]))

from serving.dataset import ROWS_A_BLOCK
from tests.faults.reporting import as_table, write

ROWS_A_FILE = 100_000
COMMAND = [sys.executable, "-c", "from serving.cli import app; app()", "score-dataset", "--workers", "2"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=1)
    parser.add_argument("--model", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in", Path(folder) / "out"
        fill(source, given.rows)
        started = time.monotonic()
        with (Path(folder) / "said").open("w+") as saying:
            run = subprocess.Popen(  # noqa: S603
                [*COMMAND, str(source), str(target)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "SENDSAFE_USE_MODEL": str(given.model).lower()},
                stdout=subprocess.DEVNULL,
                stderr=saying,
            )
            killed = kill_in_mid_run(run, target, given.kills)
            run.wait()
            saying.seek(0)
            said = saying.read().splitlines()[-1:]
        seconds = time.monotonic() - started
        figures = {"rows": given.rows, "workers killed": killed, "seconds": round(seconds), **look(target, given.rows)}
    faults = sum(figures[name] for name in ("lost", "twice", "wrongly held"))
    is_sound = run.returncode == 0 and killed == given.kills and not faults
    lines = as_table([["", "n"], *([name, f"{value:,}"] for name, value in figures.items())])
    command = f"python tests/faults/dataset.py --rows {given.rows} --kills {given.kills}{' --model' if given.model else ''}"
    print(write(given.out, "A data set on Ray Data, a worker killed in mid run", command, figures, lines), *said, sep="\n")  # noqa: T201
    return 0 if is_sound else 1


def fill(folder, rows):
    """Write the messages, so many a file."""
    folder.mkdir()
    for start in range(0, rows, ROWS_A_FILE):
        numbers = range(start, min(start + ROWS_A_FILE, rows))
        texts = [f"Ring 020 7946 {number % 10_000:04}, my NI is QQ123456C" if number % 100 else "" for number in numbers]
        pq.write_table(pa.table({"n": list(numbers), "text": texts}), folder / f"{start:09}.parquet")


def kill_in_mid_run(run, target, kills):
    """Kill a worker that is judging, each time when so many files more have been written; return how many were killed."""
    killed = 0
    while run.poll() is None and killed < kills:
        written = len(list(target.glob("*.parquet"))) if target.exists() else 0
        judging = [each for each in psutil.Process(run.pid).children(recursive=True) if is_judging(each)] if written > killed else []
        if judging:
            judging[0].kill()
            killed += 1
        time.sleep(0.05)
    return killed


def is_judging(process):
    """Tell whether a process is a worker of Ray that is judging now."""
    try:
        title = " ".join(process.cmdline())
    except psutil.Error:
        return False
    return title.startswith("ray::") and "judged" in title


def look(target, rows):
    """Count the rows that are not there, that are there more than once, and whose verdict is not what it must be."""
    numbers, wrong, held, last, disordered = Counter(), 0, 0, -1, 0
    for path in sorted(target.glob("*.parquet")):
        table = pq.read_table(path, columns=["n", "action", "code"])
        numbers.update(table.column("n").to_pylist())
        for row in table.to_pylist():
            disordered += row["n"] < last
            last = row["n"]
            is_empty = row["n"] % 100 == 0
            held += is_empty
            wrong += (row["code"] == "bad_request" and row["action"] == "review") != is_empty
    return {
        "blocks of at most": ROWS_A_BLOCK,
        "lost": rows - len(numbers),
        "twice": sum(count > 1 for count in numbers.values()),
        "out of order": disordered,
        "held without a text": held,
        "wrongly held": wrong,
    }


if __name__ == "__main__":
    sys.exit(main())
