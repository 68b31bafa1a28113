"""Is a change of what comes in an alarm, and chance none; and does nothing of a message's words get into a report?"""

import json
import random
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from evaluation import __main__ as command_line
from evaluation.drift import DAY_MS, OVERRIDES, drift_content, drift_markdown, drift_plots, read_limits, shifts, write_metrics
from evaluation.stored import Kept, read_kept, read_waiting
from evaluation.teaching import choose, uncertainty
from serving.classifier import Classifier
from serving.policy import Keep
from serving.review.forward import list_forward
from serving.review.records import Caller, make_record
from serving.review.reviews import Feedback, give_feedback
from serving.settings import Settings
from serving.taxonomy import TIERS, Tier
from serving.verdict import Message

NOW = 100 * DAY_MS
LIMITS = read_limits()


def kept(number, at_ms, tier=Tier.ROUTINE, unsafe=0.02, *, should_be=None, **changes):
    scores = ((1 - unsafe) / 2, (1 - unsafe) / 2, unsafe / 2, unsafe / 2)
    each = Kept(f"d{number}", at_ms, tier, "allow", scores, frozenset(), "en", "sms", "model", should_be)
    return replace(each, **changes)


def weeks(count, seed, begin=NOW - 35 * DAY_MS, end=NOW, share=0.2, **changes):
    rng = random.Random(seed)
    return [
        kept(
            f"{seed}-{number}",
            rng.randrange(begin, end),
            *((Tier.PERSONAL, 0.9) if rng.random() < share else (Tier.ROUTINE, 0.05)),
            **changes,
        )
        for number in range(count)
    ]


def alarms(found):
    return {each.measure for each in found if each.is_alarm}


@pytest.mark.parametrize("seed", range(5))
def test_chance_is_no_alarm(seed):
    assert alarms(shifts(weeks(2000, seed), NOW, LIMITS)) == set()


def test_other_messages_are_an_alarm():
    before = weeks(2000, 1, end=NOW - 7 * DAY_MS)
    more = weeks(500, 2, begin=NOW - 7 * DAY_MS, share=0.6)
    assert alarms(shifts([*before, *more], NOW, LIMITS)) == {"probability of being unsafe", "tiers"}
    welsh = weeks(500, 2, begin=NOW - 7 * DAY_MS, language="cy")
    assert alarms(shifts([*before, *welsh], NOW, LIMITS)) == {"languages"}


def test_too_few_verdicts_say_nothing():
    found = shifts([*weeks(2000, 1, end=NOW - 7 * DAY_MS), *weeks(50, 2, begin=NOW - 7 * DAY_MS, share=1)], NOW, LIMITS)
    assert alarms(found) == set()
    assert all(each.index is None for each in found)
    assert "–" in drift_markdown(drift_content(found, "today", LIMITS), {})


def test_more_overrides_are_an_alarm():
    before = [kept(f"a{number}", NOW - 20 * DAY_MS, should_be=Tier.PERSONAL if number % 20 == 0 else Tier.ROUTINE) for number in range(300)]
    now = [kept(f"b{number}", NOW - DAY_MS, should_be=Tier.PERSONAL if number % 3 == 0 else Tier.ROUTINE) for number in range(300)]
    (found,) = (each for each in shifts([*before, *now], NOW, LIMITS) if each.measure == OVERRIDES)
    assert found.is_alarm
    assert found.index == pytest.approx(1 / 3 - 0.05, abs=0.01)
    fewer = shifts(
        [*(replace(each, at_ms=NOW - DAY_MS) for each in before), *(replace(each, at_ms=NOW - 20 * DAY_MS) for each in now)], NOW, LIMITS
    )
    assert OVERRIDES not in alarms(fewer), "that people agree more often is none"


def test_what_lies_outside_the_weeks_counts_not():
    inside = weeks(2000, 1)
    outside = [
        *weeks(500, 3, begin=NOW - 90 * DAY_MS, end=NOW - 36 * DAY_MS, share=1),
        *weeks(500, 4, begin=NOW, end=NOW + DAY_MS, share=1),
    ]
    assert shifts([*outside, *inside], NOW, LIMITS) == shifts(inside, NOW, LIMITS)


def test_metrics_and_page_show_it(tmp_path):
    found = shifts([*weeks(2000, 1, end=NOW - 7 * DAY_MS), *weeks(500, 2, begin=NOW - 7 * DAY_MS, share=0.6)], NOW, LIMITS)
    write_metrics(found, tmp_path / "drift.prom")
    lines = (tmp_path / "drift.prom").read_text().splitlines()
    assert 'sendsafe_drift_alarm{measure="tiers"} 1.0' in lines
    assert 'sendsafe_drift_alarm{measure="languages"} 0.0' in lines
    content = drift_content(found, "today", LIMITS)
    assert content["is_alarm"]
    assert "ALARM" in drift_markdown(json.loads(json.dumps(content)), {})
    assert "<svg" in drift_plots(found)["tiers"]


def test_stored_verdicts_are_read_without_their_words(store):
    classifier = Classifier.load(Settings(use_model=False))
    now = store.clock.now_ms()
    texts = ["Bins tomorrow, Xyzzyx", "my NI is QQ123456C, Xyzzyx"]
    for number, text in enumerate(texts):
        message = Message(text, reference=f"a/{number}")
        at_ms = now - DAY_MS + number
        store.write([make_record(store.vault, Caller("one", is_test=False), message, classifier.classify(message), Keep.TEXT, at_ms)])
    hidden = Message(texts[0], reference="t/1")
    store.write([make_record(store.vault, Caller("one", is_test=True), hidden, classifier.classify(hidden), Keep.TEXT, now - DAY_MS)])
    give_feedback(store, "one", Feedback(Tier.SENSITIVE, reference="a/1"))
    found = list(read_kept(store, now - 7 * DAY_MS, now))
    assert [(each.category, each.action, each.should_be) for each in found] == [
        (Tier.ROUTINE, "review", None),
        (Tier.PERSONAL, "block", Tier.SENSITIVE),
    ]
    assert "national_id" in found[1].types
    assert len(found[0].scores) == 4
    assert "Xyzzyx" not in repr(found)
    (waiting,) = read_waiting(store).values()
    assert waiting.id == found[0].id
    assert list(read_kept(store, now, now + 1)) == []


def test_the_uncertain_and_the_unlike_teach_first():
    sure = [kept(f"sure{number}", number, unsafe=0.01) for number in range(20)]
    alike = [kept(f"alike{number}", number, unsafe=0.5) for number in range(20)]
    other = [kept("other", 50, unsafe=0.45, types=frozenset({"health", "name"}), channel="email")]
    chosen = choose([*sure, *alike, *other], 3)
    assert [each.id for each in chosen[:2]] == ["dalike0", "dother"]
    assert len(choose([*sure, *alike, *other], 100)) == 41
    assert len({each.id for each in choose([*sure, *alike, *other], 100)}) == 41
    assert choose([], 5) == []
    assert [each.id for each in choose([*sure, *alike, *other], 3, {"dalike3", "dalike7"})] == ["dalike3", "dalike7", "dother"]
    assert [each.id for each in choose([*sure, *alike, *other], 1, {"dalike3", "dalike7"})] == ["dalike3"]


def test_what_teaches_most_is_put_forward_up_to_the_budget(store, monkeypatch):
    classifier = Classifier.load(Settings(use_model=False))
    for number in range(4):
        message = Message("Bins tomorrow", reference=f"a/{number}")
        store.write([make_record(store.vault, Caller(), message, classifier.classify(message), Keep.TEXT, store.clock.now_ms())])
    monkeypatch.setattr(command_line, "_store", lambda: store)

    def put_first(budget):
        done = CliRunner().invoke(command_line.app, ["teach-first", "--budget", str(budget), "--put-first"])
        assert done.exit_code == 0, done.output
        return done.output.splitlines()[-1], list_forward(store)

    assert CliRunner().invoke(command_line.app, ["teach-first"]).exit_code == 0
    assert list_forward(store) == set()
    told, first = put_first(2)
    assert (told, len(first)) == ("2 put forward, 2 in all of a budget of 2", 2)
    assert put_first(2) == ("0 put forward, 2 in all of a budget of 2", first)
    told, more = put_first(3)
    assert told == "1 put forward, 3 in all of a budget of 3"
    assert first < more


def test_an_unread_message_is_as_uncertain_as_can_be():
    unread = kept("unread", 1, scores=None)
    assert choose([kept("a", 1, unsafe=0.3), unread], 1) == [unread]
    assert uncertainty([1 / len(TIERS)] * 4) == pytest.approx(1)
