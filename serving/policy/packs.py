"""Read packs from a folder; a pack may extend another one and replace some of its clauses."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from serving.errors import NotFoundError
from serving.policy.condition import Part
from serving.policy.document import Document
from serving.policy.pack import Clause, Pack

PACKS = Path(str(files("serving"))) / "policies"


def read_packs(folder: Path = PACKS) -> Mapping[str, Pack]:
    """Read every pack of a folder, by id.

    Raises:
        PolicyError: a pack is broken, two have one id, or packs extend each other in a circle.
    """
    return _checked([Document(path) for path in sorted(folder.glob("*.yaml"))])


def read_pack(path: Path, folder: Path = PACKS) -> Pack:
    """Read one pack, which may extend those of a folder.

    Raises:
        PolicyError: the file is no YAML or not a pack; the sentence names file, line and key.
    """
    own = Document(path)
    others = [Document(each) for each in sorted(folder.glob("*.yaml")) if each.resolve() != path.resolve()]
    known = _by_id([each for each in others if _id(each) != _id(own)] + [own])
    return _pack(own, known, ())


def choose(packs: Mapping[str, Pack], ids: tuple[str, ...]) -> tuple[Pack, ...]:
    """Return the named packs, in the order given.

    Raises:
        NotFoundError: a pack is not here.
    """
    if missing := [each for each in ids if each not in packs]:
        raise NotFoundError(f"no policy pack has the id {', '.join(map(repr, missing))}")
    return tuple(packs[each] for each in dict.fromkeys(ids))


class _OwnClauses(Part):
    clauses: tuple[Clause, ...]


def _checked(documents: list[Document]) -> dict[str, Pack]:
    known = _by_id(documents)
    return {pack.id: pack for pack in (_pack(document, known, ()) for document in documents)}


def _by_id(documents: list[Document]) -> dict[str, Document]:
    known: dict[str, Document] = {}
    for document in documents:
        taken = known.setdefault(_id(document), document)
        if taken is not document:
            document.refuse(("id",), f"the id '{_id(document)}' is taken by {taken.name}")
    return known


def _id(document: Document) -> str:
    return str(document.content.get("id")) if isinstance(document.content, dict) else document.name


def _pack(document: Document, known: Mapping[str, Document], above: tuple[str, ...]) -> Pack:
    return document.check(Pack, _extended(document, known, above))


def _extended(document: Document, known: Mapping[str, Document], above: tuple[str, ...]) -> Any:
    """Return the content with what it takes over from the pack that it extends: keys and clauses that it does not have itself."""
    content = document.content
    base_id = content.get("extends") if isinstance(content, dict) else None
    if base_id is None:
        return content if content is not None else {}
    if base_id in (_id(document), *above):
        circle = " → ".join((*above, _id(document), str(base_id)))
        document.refuse(("extends",), f"packs extend each other in a circle ({circle})")
    if base_id not in known:
        document.refuse(("extends",), f"there is no pack '{base_id}' to extend")
    base = known[base_id]
    inherited = _extended(base, known, (*above, _id(document)))
    base.check(Pack, inherited)
    own = content.get("clauses") or []
    document.check(_OwnClauses, {"clauses": own})
    replaced = {str(each.get("id")): each for each in own if isinstance(each, dict)}
    clauses = [replaced.pop(str(each["id"]), each) for each in inherited["clauses"]]
    return {**inherited, **content, "clauses": [*clauses, *replaced.values()]}
