"""Do wrong labels get a worse model promoted? The loop's own checks and gate, with linear models in the place of the network.

A network takes hours for each seed; a linear one learns wrong labels just as readily. What stands between them and a promotion,
the doubts and the gate on the gold set, is the code that guards the network too. Behaviour cases and time are left out, since a
linear model has no bundle; both could only refuse more. Limits that stand by themselves are left out too: no linear model keeps them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.progress import track

from data.records import Record
from data.reviews import Review, labelled
from data.simulation import simulate
from evaluation.answers import Floor
from evaluation.gate import Limits, checks_of
from evaluation.markdown import share, table
from evaluation.paired import MEASURES, Pair, difference
from training.doubt import RetrainLimits, set_aside
from training.retrain import weighted

SHARES = (0.01, 0.02, 0.05, 0.10)
"""Shares of flipped labels, in turns."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One seed: how many labels were wrong, how many of those were set aside, and what the gate said of the model trained on the rest."""

    seed: int
    flipped: float
    wrong: int
    wrong_aside: int
    right_aside: int
    recall_change: float | None
    has_passed: bool


def attempts(
    known: Sequence[Record], pool: Sequence[Record], gold: Sequence[Record], limits: tuple[RetrainLimits, Limits], seeds: int, count: int
) -> list[Attempt]:
    """Try one candidate for each seed: `known` messages, and `count` reviews of the `pool` of which a share is wrong."""
    current = Floor(known)
    before = current.ask(gold)
    truth = {record.text: record.label for record in pool}
    found = []
    for seed in track(range(seeds), "seeds", transient=True):
        flipped = SHARES[seed % len(SHARES)]
        plain = [labelled(Review.model_validate(each)) for each in simulate(pool, count, flipped, seed)]
        said = current.ask([each.record for each in plain])
        new = [replace(each, machine=scored.category) for each, scored in zip(plain, said, strict=True)]
        aside = set_aside(new, gold, known, current.probabilities([each.record for each in new]), limits[0])
        wrong = {each.record.source for each in new if each.record.label is not truth[each.record.text]}
        kept = [each for each in new if each.record.source not in aside]
        after = Floor([*known, *weighted(kept, limits[0])]).ask(gold)
        pairs = [Pair(one, other, 1.0, 1.0) for one, other in zip(before, after, strict=True)]
        change = difference(pairs, MEASURES["sensitive_recall"], 1000, seed).value
        has_passed = all(check.has_passed for check in checks_of(pairs, beside_current(limits[1])))
        found.append(Attempt(seed, flipped, len(wrong), len(wrong & aside.keys()), len(aside.keys() - wrong), change, has_passed))
    return found


def beside_current(limits: Limits) -> Limits:
    """Return the gate's limits without those that stand by themselves, which no linear model keeps: it is held to the current one."""
    return limits.model_copy(update={"budgets": {name: each.model_copy(update={"most": 1.0}) for name, each in limits.budgets.items()}})


def poison_content(found: Sequence[Attempt], reviews: int) -> dict[str, Any]:
    """Return the attempts as JSON knows them."""
    lost = [each for each in found if each.has_passed and each.recall_change is not None and each.recall_change < 0]
    return {
        "reviews": reviews,
        "seeds": len(found),
        "promoted": sum(each.has_passed for each in found),
        "promoted_and_lost_recall": len(lost),
        "attempts": [asdict(each) for each in found],
    }


def poison_markdown(content: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Write the attempts as Markdown; they have no plots."""
    del plots
    came = f"{content['promoted']} promoted, of which {content['promoted_and_lost_recall']} lost recall of `sensitive`"
    lines = [
        "# Wrong labels in the loop",
        "",
        f"{content['seeds']} seeds, {content['reviews']} simulated reviews each, linear models: {came}.",
        "",
    ]
    rows = [["seed", "flipped", "wrong labels", "of them set aside", "right ones set aside", "change of recall of sensitive", "promoted"]]
    for each in content["attempts"]:
        counts = [str(each[name]) for name in ("wrong", "wrong_aside", "right_aside")]
        rows.append(
            [str(each["seed"]), f"{each['flipped']:.0%}", *counts, share(each["recall_change"]), "yes" if each["has_passed"] else "no"]
        )
    return "\n".join([*lines, *table(rows)]) + "\n"
