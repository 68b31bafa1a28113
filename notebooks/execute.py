"""Run the notebooks and write their outputs: `python notebooks/execute.py [NAME …]`, or `make notebooks`."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
SECONDS = 600
"""Longest time for a cell, and for a kernel to start, on a busy machine."""


def execute(path: Path) -> nbformat.NotebookNode:
    """Run a notebook in a kernel of its own, in its folder, and return it with its outputs; its file stays as it is.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell has failed.
        nbclient.exceptions.CellTimeoutError: a cell took too long.
    """
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    return NotebookClient(notebook, timeout=SECONDS, startup_timeout=SECONDS, record_timing=False, resources=place).execute()


def main() -> None:
    """Run the named notebooks, or all, and keep their outputs."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        if path.stem in sys.argv[1:] or not sys.argv[1:]:
            nbformat.write(execute(path), path)


if __name__ == "__main__":
    main()
