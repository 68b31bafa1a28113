"""Problems as RFC 9457 documents with a stable code; the sentence never holds what was sent."""

from typing import Any

from starlette.responses import Response

from serving.errors import Code, SendsafeError
from serving.schema import to_json

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

    def __init__(self, code: Code, detail: str, status: int | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.status = status or STATUS[code]


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
    if error.code is Code.INTERNAL:
        return problem(Code.INTERNAL, "The fault is ours; hold the message and try again.")
    return problem(error.code, str(error), error.status if isinstance(error, HttpProblem) else None)


def problem_response(document: dict[str, Any]) -> Response:
    """Return a problem document as a response."""
    return Response(to_json(document), document["status"], media_type="application/problem+json")
