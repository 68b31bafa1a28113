"""Everything that can go wrong on purpose: one family, stable codes."""

from enum import StrEnum


class Code(StrEnum):
    """The code that a problem document carries; callers may rely on it."""

    BAD_JSON = "bad_json"
    BAD_REQUEST = "bad_request"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    REFERENCE_CONFLICT = "reference_conflict"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    INTERNAL = "internal"


class SendsafeError(Exception):
    """Base of our errors. The sentence never holds message text."""

    code = Code.INTERNAL


class RequestError(SendsafeError):
    """The caller's request cannot be judged."""

    code = Code.BAD_REQUEST


class TooLargeError(SendsafeError):
    """The caller's request is over a limit."""

    code = Code.TOO_LARGE


class NotFoundError(SendsafeError):
    """What the caller names does not exist."""

    code = Code.NOT_FOUND


class NotStoredError(NotFoundError):
    """What the caller names is not in the store."""


class BundleError(SendsafeError):
    """A model bundle is missing, broken or not what its manifest says."""


class PolicyError(SendsafeError):
    """A policy pack cannot be used; the sentence is for a policy officer."""


class ReferenceConflictError(SendsafeError):
    """The caller has used this reference for another message."""

    code = Code.REFERENCE_CONFLICT


class ConflictError(SendsafeError):
    """Somebody else has been faster, or it is too late; the sentence says with what."""

    code = Code.REFERENCE_CONFLICT


class StoreError(SendsafeError):
    """The store cannot be used as it is: a missing or wrong key, or a schema that is newer than this release."""


class NotKeptError(SendsafeError):
    """A verdict could be kept nowhere, so it is not given: the caller holds the message and tries again."""

    code = Code.OVERLOADED


class TracingError(SendsafeError):
    """Spans are asked for and cannot be made."""


class ClockError(SendsafeError):
    """The clock of this machine has jumped, and nothing may be deleted by it."""
