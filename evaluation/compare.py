"""Which messages two bundles judge otherwise: by their group, never by their words unless asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.markdown import share, table
from evaluation.metrics import UNSAFE, Scored, figures
from evaluation.paired import Pair, is_fair, is_stopped


def changes(pairs: Sequence[Pair], *, with_text: bool = False) -> list[dict[str, Any]]:
    """Return every message whose tier or action changed, those that became worse first."""
    found = []
    for pair in pairs:
        before, after = pair.current, pair.candidate
        if (before.category, before.action) == (after.category, after.action):
            continue
        found.append(
            {
                "group": pair.record.group,
                "source": pair.record.source,
                "label": pair.record.label.value,
                "also": pair.record.also.value if pair.record.also else None,
                "tier": [before.category.value, after.category.value],
                "action": [before.action.value, after.action.value],
                "effect": effect(before, after),
                **({"text": pair.record.text} if with_text else {}),
            }
        )
    order = {"worse": 0, "better": 1, "neither": 2}
    return sorted(found, key=lambda each: (order[each["effect"]], each["group"], each["source"]))


def effect(before: Scored, after: Scored) -> str:
    """Return whether a change is for the better: first by whether the message goes as it should, then by its tier."""
    was, now = _rightness(before), _rightness(after)
    return "better" if now > was else "worse" if now < was else "neither"


def compare_content(pairs: Sequence[Pair], names: tuple[str, str], data: str, *, with_text: bool = False) -> dict[str, Any]:
    """Return what changed between two bundles, as JSON knows it."""
    found = changes(pairs, with_text=with_text)
    before, after = figures([pair.current for pair in pairs]), figures([pair.candidate for pair in pairs])
    shown = ("macro_f1", "accuracy", "sensitive_caught", "unsafe_allowed", "safe_held", "reviewed")
    return {
        "data": data,
        "messages": len(pairs),
        "bundles": list(names),
        "figures": {name: [getattr(before, name), getattr(after, name)] for name in shown},
        "changed": {kind: sum(each["effect"] == kind for each in found) for kind in ("worse", "better", "neither")},
        "changes": found,
    }


def compare_markdown(content: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Write what changed as Markdown; it has no plots."""
    del plots
    one, other = content["bundles"]
    lines = [f"# From {one} to {other}", "", f"On {content['messages']} messages of {content['data']}.", ""]
    lines += table(
        [["", one, other], *([name.replace("_", " "), share(was), share(now)] for name, (was, now) in content["figures"].items())]
    )
    counts = content["changed"]
    lines += [
        "",
        f"{sum(counts.values())} messages changed: {counts['worse']} worse, {counts['better']} better, {counts['neither']} neither.",
    ]
    if content["changes"]:
        rows = [["group", "line", "label", "tier", "action", "effect"]]
        rows += [
            [each["group"], each["source"], _label(each), _arrow(each["tier"]), _arrow(each["action"]), each["effect"]]
            for each in content["changes"]
        ]
        lines += ["", *table(rows)]
        lines += [f"\n> {each['group']}: {each['text']!r}" for each in content["changes"] if "text" in each]
    return "\n".join(lines) + "\n"


def _rightness(scored: Scored) -> tuple[bool, bool]:
    fair = scored.record.fair_labels
    goes_right = is_stopped(scored) if fair <= UNSAFE else not fair.isdisjoint(UNSAFE) or not is_stopped(scored)
    return goes_right, is_fair(scored)


def _label(each: Mapping[str, Any]) -> str:
    return f"{each['label']} or {each['also']}" if each["also"] else str(each["label"])


def _arrow(values: Sequence[str]) -> str:
    before, after = values
    return before if before == after else f"{before} → {after}"
