"""Write a report next to its plots: OUT.json, OUT.md, OUT.html and OUT-….svg, all of one content."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from evaluation.page import as_page
from evaluation.report import as_json


def write_report(out: Path, content: Mapping[str, Any], drawn: Mapping[str, str], write: Callable[[Any, Mapping[str, str]], str]) -> str:
    """Write the files and return the Markdown, which `write` makes of the content and the plots' file names."""
    out.parent.mkdir(parents=True, exist_ok=True)
    names = {name: f"{out.name}-{name}.svg" for name in drawn}
    text = write(content, names)
    for name, svg in drawn.items():
        out.with_name(names[name]).write_text(svg, encoding="utf-8")
    out.with_name(f"{out.name}.json").write_text(as_json(dict(content)), encoding="utf-8")
    out.with_name(f"{out.name}.md").write_text(text, encoding="utf-8")
    out.with_name(f"{out.name}.html").write_text(as_page(text, {names[name]: svg for name, svg in drawn.items()}), encoding="utf-8")
    return text
