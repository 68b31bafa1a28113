"""Make a page from its template; everything that is put in is escaped."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, PrefixLoader
from starlette.responses import HTMLResponse

from serving.review.desk import wording
from serving.review.people import Reviewer
from serving.review.weighing import FORWARD

STATIC = files("serving.review.desk") / "static"


@cache
def environment() -> Environment:
    """Return the templates, ours and those of the GOV.UK Frontend macros."""
    loader = PrefixLoader({"desk": PackageLoader("serving.review.desk"), "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    made = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    filters = (wording.type_name, wording.told, wording.doubtful, wording.span_of, wording.clock_time)
    made.filters |= {each.__name__: each for each in filters}
    made.globals |= {name: value for name, value in vars(wording).items() if name.isupper() and not name.startswith("_")}
    made.globals |= {"static": static_url, "pages_for": pages_for, "FORWARD": FORWARD}
    return made


def render(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page."""
    return HTMLResponse(environment().get_template(f"desk/{template}").render(values), status)


def pages_for(reviewer: Reviewer) -> list[tuple[str, str]]:
    """Return the pages beside the queue that somebody may see: address and name."""
    reports = [("/review/overview", "Overview"), ("/review/incidents", "Incidents")] if reviewer.may_report else []
    return [*reports, ("/review/audit", "Audit")] if reviewer.may_audit else reports


@cache
def static_url(name: str) -> str:
    """Return the address of a file of ours, which changes when the file does."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/review/static/{name}?v={digest}"
