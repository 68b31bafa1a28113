"""Do the notebooks run, and are they committed whole: executed from top to bottom, small, and without a machine's paths?"""

import json
import re
from pathlib import Path

import pytest

from notebooks.execute import execute

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MOST_BYTES = 300_000
A_PLACE = re.compile(r"(?<![\w./<:])/(?:home|root|Users|work|tmp|var|opt|usr|mnt|private)/|\b[A-Z]:\\\\|file://")
every = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def test_there_are_all_five():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05"]


@every
def test_it_runs(path, tmp_path, monkeypatch):
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    committed = [len(cell["outputs"]) > 0 for cell in code_cells(path)]
    executed = [len(cell["outputs"]) > 0 for cell in execute(path)["cells"] if cell["cell_type"] == "code"]
    assert executed == committed, "other cells say something than in the committed notebook: make notebooks"


@every
def test_it_is_committed_executed_from_top_to_bottom(path):
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs), "no plot"


@every
def test_it_is_small_and_names_no_place_of_a_machine(path):
    assert path.stat().st_size < MOST_BYTES
    notebook = json.loads(path.read_text())
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}
    for cell in notebook["cells"]:
        said = [text for output in cell.get("outputs", []) for key, text in pieces(output) if key != "image/png"]
        assert not [text for text in ("".join(cell["source"]), *said) if A_PLACE.search(text)]


def pieces(output):
    yield output.get("name", ""), "".join(output.get("text", ""))
    for key, text in output.get("data", {}).items():
        yield key, "".join(text)


@pytest.mark.parametrize("text", ["in /home/ann/x.py", "'/tmp/a'", "file:///srv", "(/usr/lib/python3)", "C:\\\\Users"])
def test_a_place_of_a_machine_is_seen(text):
    assert A_PLACE.search(text)


@pytest.mark.parametrize("text", ["docs/home/x", "https://example.org/home/", "</tmp>", "and/or", "9/10"])
def test_other_slashes_are_let_be(text):
    assert not A_PLACE.search(text)
