"""When a check of a clause fires: keys with the values that they may have, as a policy officer writes them."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any

import re2
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator

from serving.phones import Line
from serving.signs import Sign
from serving.taxonomy import InfoType, Mode, NameForm, Tier
from serving.verdict import Audience, Channel, Device, Direction, Route

UNKNOWN = "unknown"
KNOWN = ("yes", "no", UNKNOWN)
_MOST_PATTERN = 400
_MOST_PATTERN_BYTES = 1 << 20
"""Memory that a compiled pattern may take; RE2 refuses what would need more."""

Values = tuple[str, ...]
Tests = tuple[tuple[str, frozenset[str]], ...]
"""Facts by name, and the values that each may have."""


class Part(BaseModel):
    """Base of everything that officers write: nothing unknown, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def one_of(known: Iterable[str]) -> Callable[[Any], Any]:
    """Return a validator of a value or a list of values that are known; `yes` and `no` may be written plainly."""
    names = tuple(str(each) for each in known)

    def check(value: Any) -> Values:
        given = value if isinstance(value, list | tuple) else [value]
        if not given:
            raise ValueError("needs at least one value")
        written = tuple({True: "yes", False: "no"}[each] if isinstance(each, bool) else str(each) for each in given)
        for each in written:
            if each not in names:
                close = get_close_matches(each, names, 1)
                raise ValueError(f"'{each}' is none of {', '.join(names)}" + (f"; did you mean '{close[0]}'?" if close else ""))
        return written

    return check


def compiled(pattern: str) -> Any:
    """Compile a pattern with RE2, which runs in linear time whatever the text.

    Raises:
        ValueError: the pattern is too long, too large, matches everything, or needs what RE2 leaves out for safety.
    """
    if len(pattern) > _MOST_PATTERN:
        raise ValueError(f"the pattern is longer than {_MOST_PATTERN} characters")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MOST_PATTERN_BYTES
    try:
        found = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"the pattern cannot be used safely: {reason}") from None
    if found.fullmatch(""):
        raise ValueError("the pattern matches nothing at all, and so every message")
    return found


def _pattern(value: str) -> str:
    compiled(value)
    return value


YES_NO = ("yes", "no")
KEYS: Mapping[str, Iterable[str]] = MappingProxyType(
    {
        "tier": Tier,
        "reading": Tier,
        "types": InfoType,
        "only_types": InfoType,
        "mode": Mode,
        "form": NameForm,
        "detector": ("model", "rules"),
        "remainder": ("safe", "telling"),
        "sign": Sign,
        "marking": ("official_sensitive", "secret"),
        "length": ("short", "long"),
        "encoding": ("gsm7", "ucs2"),
        "channel": (*Channel, UNKNOWN),
        "corporate": KNOWN,
        "direction": Direction,
        "audience": (*Audience, UNKNOWN),
        "device": (*Device, UNKNOWN),
        "route": (*Route, UNKNOWN),
        "two_way": KNOWN,
        "sender_id": ("registered", "unregistered", UNKNOWN),
        "line": (*Line, UNKNOWN),
        "consent": KNOWN,
        "used_before": KNOWN,
        "verified": ("recent", "stale", UNKNOWN),
        "template": ("matched", "unfit", "unmatched", UNKNOWN),
        "require_template": YES_NO,
        "exception": ("valid", "invalid", "none"),
        "significant": YES_NO,
        "subject": ("marked", "unmarked", "malformed", "none"),
        "repeated": YES_NO,
    }
)
"""The keys of a condition with the values that each may have, a pattern aside."""


class Condition(Part):
    """Every key that is given must hold; a list holds when one of its values does. `unknown` is what the caller has not told."""

    tier: Values | None = None
    """the tier, once the reading is sure of it"""
    reading: Values | None = None
    """the likeliest tier, sure or not"""
    types: Values | None = None
    only_types: Values | None = None
    """all that is found is of these types, and something is"""
    mode: Values | None = None
    form: Values | None = None
    detector: Values | None = None
    remainder: Values | None = None
    """the text without its surnames and plain relations, read again"""
    sign: Values | None = None
    marking: Values | None = None
    pattern: Annotated[str, AfterValidator(_pattern)] | None = None
    """a regular expression in RE2's syntax, case ignored, somewhere in the text"""
    length: Values | None = None
    """of a text message: more segments than the pack's `most_segments`, or not"""
    encoding: Values | None = None
    channel: Values | None = None
    corporate: Values | None = None
    """whether the channel is a corporate one of the business area, or else of the pack"""
    direction: Values | None = None
    audience: Values | None = None
    device: Values | None = None
    route: Values | None = None
    two_way: Values | None = None
    sender_id: Values | None = None
    line: Values | None = None
    """what kind of line the recipient's number is"""
    consent: Values | None = None
    used_before: Values | None = None
    verified: Values | None = None
    """whether the contact details were checked within the pack's `verify_after_days`"""
    template: Values | None = None
    require_template: Values | None = None
    """the pack's setting"""
    exception: Values | None = None
    significant: Values | None = None
    subject: Values | None = None
    """whether an email's subject carries the marking of its text"""
    repeated: Values | None = None
    """the same text, of no agreed template, came at least `repeats_from` times within an hour"""

    @field_validator(*KEYS, mode="before")
    @classmethod
    def _are_known(cls, value: Any, info: ValidationInfo) -> Any:
        return one_of(KEYS[str(info.field_name)])(value)

    @cached_property
    def tests(self) -> Tests:
        """Return what must hold of the message as a whole: a fact by name, and the values that it may have."""
        given = ((name, getattr(self, name)) for name in type(self).model_fields if name not in _OF_FINDINGS and name != "pattern")
        return tuple((name, frozenset(values)) for name, values in given if values is not None)

    @cached_property
    def compiled_pattern(self) -> Any:
        """Return the compiled pattern, `None` where none is given."""
        return compiled(self.pattern) if self.pattern else None

    @property
    def needs_finding(self) -> bool:
        """Tell whether only a finding can make it true."""
        return bool(self.types or self.mode or self.form or self.detector)

    @property
    def is_of_content(self) -> bool:
        """Tell whether it speaks of what the text tells."""
        return any(getattr(self, name) is not None for name in _CONTENT)

    @property
    def is_inbound(self) -> bool:
        """Tell whether it speaks of what citizens write; a condition that names no direction is of what is sent to them."""
        return self.direction is not None and Direction.INBOUND in self.direction

    @property
    def is_outbound(self) -> bool:
        """Tell whether it speaks of what is sent."""
        return self.direction is None or Direction.OUTBOUND in self.direction


_OF_FINDINGS = frozenset({"types", "only_types", "mode", "form", "detector"})
_CONTENT = ("tier", "reading", "types", "only_types", "mode", "form", "detector", "remainder", "pattern")
