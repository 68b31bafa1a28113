"""Read what officers write in YAML; what is wrong is told with file, line and key, in words."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from serving.errors import PolicyError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_BYTES = 1 << 20
Loc = tuple[int | str, ...]
Checked = TypeVar("Checked", bound=BaseModel)


class Document:
    """One YAML file: its content, and the line on which each key stands."""

    def __init__(self, path: Path) -> None:
        """Read a file.

        Raises:
            PolicyError: it is no YAML of ours: unreadable, too large, with repeated keys or with references.
        """
        self.name = path.name
        try:
            raw = path.read_bytes()
            if len(raw) > _MOST_BYTES:
                raise PolicyError(f"{self.name} is larger than 1 MiB")
            text = raw.decode("utf-8")
            if any(isinstance(token, yaml.AliasToken | yaml.AnchorToken) for token in yaml.scan(text, _Loader)):
                raise PolicyError(f"{self.name} uses references (& and *), which are not read: write the values out")
            self._root = yaml.compose(text, _Loader)
            self.content: Any = yaml.load(text, _Loader)  # noqa: S506 (a safe loader)
        except UnicodeDecodeError:
            raise PolicyError(f"{self.name} is not UTF-8 text") from None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else "?"
            raise PolicyError(f"{self.name}, line {line}: this is no YAML ({error.problem})") from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise PolicyError(f"{self.name}: this is no YAML ({type(error).__name__})") from None
        except OSError as error:
            raise PolicyError(f"{self.name} cannot be read: {error.strerror}") from None
        self._refuse_repeats(self._root)

    def check(self, model: type[Checked], content: Any = None) -> Checked:
        """Return the content as a checked value.

        Raises:
            PolicyError: it does not fit; the sentence names file, line and key.
        """
        try:
            return model.model_validate(self.content if content is None else content)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise PolicyError(self.place(first["loc"], _sentence(first, model))) from None

    def refuse(self, loc: Loc, sentence: str) -> NoReturn:
        """Refuse the file for what is wrong at a key.

        Raises:
            PolicyError: always.
        """
        raise PolicyError(self.place(loc, sentence))

    def place(self, loc: Loc, sentence: str) -> str:
        """Return a sentence with file, line and key before it."""
        keys = [step for step in loc if not (isinstance(step, str) and step.endswith("]"))]
        return f"{self.name}, line {self.line(loc)}, {_written(keys)}: {sentence}"

    def line(self, loc: Loc) -> int:
        """Return the line of a key, or of the nearest that is there."""
        node, line = self._root, 1
        for step in loc:
            if isinstance(node, yaml.MappingNode):
                pair = next(((key, value) for key, value in node.value if key.value == str(step)), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line

    def _refuse_repeats(self, node: Any) -> None:
        """Refuse a mapping with one key twice, of which YAML would silently keep the last."""
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    raise PolicyError(f"{self.name}, line {key.start_mark.line + 1}, {key.value}: this key stands twice")
                seen.add(key.value)
                self._refuse_repeats(value)
        elif isinstance(node, yaml.SequenceNode):
            for each in node.value:
                self._refuse_repeats(each)


def _written(keys: list[int | str]) -> str:
    """Write a path of keys as a person counts.

    >>> _written(["clauses", 1, "checks", 0, "when"])
    'clauses 2, checks 1, when'
    """
    written = ""
    for key in keys:
        written += f" {key + 1}" if isinstance(key, int) else f"{', ' if written else ''}{key}"
    return written or "the whole file"


_SENTENCES = {
    "missing": "this key is missing",
    "string_type": "must be text; put it in quotes if it looks like a number",
    "bool_parsing": "must be yes or no",
    "bool_type": "must be yes or no",
    "date_from_datetime_parsing": "must be a date such as 2027-06-30",
    "date_parsing": "must be a date such as 2027-06-30",
    "date_type": "must be a date such as 2027-06-30",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "tuple_type": "must be a list",
    "model_type": "must be keys with values",
    "model_attributes_type": "must be keys with values",
    "mapping_type": "must be keys with values",
    "dict_type": "must be keys with values",
    "too_short": "needs at least one entry",
    "string_too_short": "must not be empty",
}


def _sentence(error: Any, model: type[BaseModel]) -> str:
    kind = error["type"]
    if kind == "extra_forbidden":
        close = get_close_matches(str(error["loc"][-1]), sorted(_keys(model, set())), 1)
        return "this key is not known here" + (f"; did you mean '{close[0]}'?" if close else "")
    if kind == "enum":
        return f"must be one of {error['ctx']['expected']}"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind == "string_pattern_mismatch":
        return "must be a short name of small letters, digits and hyphens"
    told = str(error["msg"])
    return _SENTENCES.get(kind, told[:1].lower() + told[1:])


def _keys(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[str]:
    """Return every key that a file of this kind may hold, at any depth."""
    seen.add(model)
    keys = set(model.model_fields)
    for field in model.model_fields.values():
        for part in _models_in(field.annotation):
            if part not in seen:
                keys |= _keys(part, seen)
    return keys


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [found for each in getattr(annotation, "__args__", ()) for found in _models_in(each)]
