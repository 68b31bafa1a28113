"""One HTML page from a report's Markdown, with its plots inside; it needs nothing from anywhere else."""

import re
from collections.abc import Mapping

from markdown_it import MarkdownIt

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #0b0c0c }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; font-variant-numeric: tabular-nums }}
th, td {{ border-bottom: 1px solid #b1b4b6; padding: .2rem .6rem; font-size: .9rem }}
svg {{ max-width: 100%; height: auto }}
</style>
{body}
</html>
"""
_IMAGE = re.compile(r'<img src="([^"]+)" alt="([^"]*)" ?/?>')
_SVG_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)


def as_page(markdown: str, plots: Mapping[str, str]) -> str:
    """Write Markdown as a page; `plots` holds SVG by the file name that the Markdown gives."""
    body = MarkdownIt("commonmark").enable("table").render(markdown)
    title = markdown.partition("\n")[0].lstrip("# ")
    return _PAGE.format(title=title.replace("<", "&lt;"), body=_IMAGE.sub(lambda image: _inside(image, plots), body))


def _inside(image: re.Match[str], plots: Mapping[str, str]) -> str:
    svg = _SVG_HEAD.sub("", plots[image[1]])
    return f'<figure role="img" aria-label="{image[2]}">{svg}</figure>'
