"""Problems as RFC 9457 documents with a stable code; the sentence never holds what was sent."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from serving.errors import Code, NotStoredError, SendsafeError
from serving.schema import FieldsError, to_json

STATUS = {
    Code.BAD_JSON: 400,
    Code.BAD_REQUEST: 422,
    Code.TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.REFERENCE_CONFLICT: 409,
    Code.RATE_LIMITED: 429,
    Code.OVERLOADED: 503,
    Code.INTERNAL: 500,
}
TITLES = {
    Code.BAD_JSON: "The body is not JSON",
    Code.BAD_REQUEST: "The request cannot be judged",
    Code.TOO_LARGE: "The request is too large",
    Code.UNSUPPORTED_MEDIA_TYPE: "The body must be application/json",
    Code.UNAUTHENTICATED: "The request carries no valid key",
    Code.FORBIDDEN: "The key does not allow this",
    Code.NOT_FOUND: "There is nothing here",
    Code.REFERENCE_CONFLICT: "The reference belongs to another message",
    Code.RATE_LIMITED: "Too many requests",
    Code.OVERLOADED: "The service is overloaded",
    Code.INTERNAL: "Something went wrong",
}


class HttpProblem(SendsafeError):
    """A request that is refused before it is judged."""

    def __init__(self, code: Code, detail: str, status: int | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.status = status or STATUS[code]
        self.headers = headers


def problem(code: Code, detail: str, status: int | None = None) -> dict[str, Any]:
    """Return a problem document."""
    return {
        "type": f"urn:sendsafe:problem:{code}",
        "title": TITLES[code],
        "status": status or STATUS[code],
        "code": code.value,
        "detail": detail,
    }


def problem_of(error: SendsafeError) -> dict[str, Any]:
    """Return the problem document of one of our errors."""
    if isinstance(error, HttpProblem):
        return problem(error.code, str(error), error.status)
    if isinstance(error, FieldsError):
        return {**problem(error.code, str(error)), "errors": error.fields}
    if error.code is Code.NOT_FOUND:
        # Its sentence names what was asked for, which is what was sent.
        if isinstance(error, NotStoredError):
            return problem(Code.NOT_FOUND, "Nothing of this id or reference is kept.")
        return problem(Code.NOT_FOUND, "There is no policy pack of this id; GET /v1/policies lists them.")
    return internal() if error.code is Code.INTERNAL else problem(error.code, str(error))


def internal() -> dict[str, Any]:
    """Return the problem document of a fault of ours, which says nothing of it."""
    return problem(Code.INTERNAL, "The fault is ours; hold the message and try again.")


def problem_response(document: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem document as a response; one that passes says when to try again."""
    if document["status"] in (429, 503):
        headers = {"retry-after": "1", **(headers or {})}
    return Response(to_json(document), document["status"], headers, media_type="application/problem+json")
