"""Read a request's body within limits, as strict JSON or as a form."""

import asyncio
import json
from typing import Any, NoReturn
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

from serving.errors import Code
from serving.problems import HttpProblem

MOST_BYTES = 128 * 1024
MOST_BATCH_BYTES = 2 * 1024 * 1024
_MOST_FIELDS = 200


async def read_json(request: Request, most_bytes: int, seconds: float) -> Any:
    """Return the request's JSON.

    Raises:
        HttpProblem: another content type, too many bytes, too slow, not UTF-8 or not JSON.
    """
    return parse_json(await _read_body(request, "application/json", most_bytes, seconds))


async def read_form(request: Request, seconds: float) -> dict[str, list[str]]:
    """Return the fields of a form as a page's own forms send it.

    Raises:
        HttpProblem: another content type, too many bytes or fields, too slow, or not UTF-8.
    """
    body = await _read_body(request, "application/x-www-form-urlencoded", MOST_BYTES, seconds)
    try:
        return parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HttpProblem(Code.BAD_REQUEST, "The body is no form in UTF-8.") from None


def parse_json(body: bytes) -> Any:
    """Read strict JSON: UTF-8, no NaN, no key twice, no bottomless nesting.

    Raises:
        HttpProblem: it is none; the sentence does not say what was sent.
    """
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise HttpProblem(Code.BAD_JSON, "The body is not valid JSON in UTF-8.") from None


async def _read_body(request: Request, wanted: str, most_bytes: int, seconds: float) -> bytes:
    kind, _, parameter = request.headers.get("content-type", "").lower().partition(";")
    if kind.strip() != wanted or parameter.strip() not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise HttpProblem(Code.UNSUPPORTED_MEDIA_TYPE, f"Send {wanted} in UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HttpProblem(Code.UNSUPPORTED_MEDIA_TYPE, "Send the body without content encoding.")
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:12]) > most_bytes:
        raise _too_large(most_bytes)
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, most_bytes)
    except TimeoutError:
        raise HttpProblem(Code.BAD_REQUEST, "The body took too long to arrive.", status=408, headers=_CLOSE) from None
    except ClientDisconnect:
        raise HttpProblem(Code.BAD_REQUEST, "The client went away.", status=400) from None


async def _read(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise _too_large(most_bytes, headers=_CLOSE)
    return bytes(body)


_CLOSE = {"connection": "close"}
"""A body that does not end, or not in time, would else hold the connection."""


def _too_large(most_bytes: int, headers: dict[str, str] | None = None) -> HttpProblem:
    return HttpProblem(Code.TOO_LARGE, f"A body has at most {most_bytes // 1024} KiB.", headers=headers)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key stands twice")
    return content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
