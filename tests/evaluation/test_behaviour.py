"""Do the behaviour cases find a classifier that breaks them, and is each of them readable?"""

from dataclasses import dataclass

import pytest

from evaluation.behaviour import CASES, CaseError, count, read_cases, run_cases
from serving.taxonomy import Tier
from serving.verdict import Action


@dataclass
class Stub:
    """A classifier by a plain rule from a text to a tier; from `personal` on it blocks."""

    tier_of: object

    def classify(self, message):
        @dataclass
        class Said:
            category: Tier
            action: Action

        tier = self.tier_of(message.text)
        return Said(tier, Action.BLOCK if tier.rank >= Tier.PERSONAL.rank else Action.ALLOW)


def outcomes(tmp_path, yaml, tier_of):
    (tmp_path / "some.yaml").write_text(f"about: a test\n{yaml}")
    return list(run_cases(Stub(tier_of), read_cases(tmp_path)))


def always(tier):
    return lambda text: tier


@pytest.mark.parametrize(
    ("expects", "tier", "passes"),
    [
        ("goes: yes", Tier.ROUTINE, True),
        ("goes: yes", Tier.PERSONAL, False),
        ("goes: no", Tier.ROUTINE, False),
        ("tier: personal", Tier.PERSONAL, True),
        ("tier: personal", Tier.SENSITIVE, False),
        ("at_least: personal", Tier.SENSITIVE, True),
        ("at_least: personal", Tier.MINIMUM_CONTACT, False),
        ("at_most: minimum_contact", Tier.ROUTINE, True),
        ("at_most: minimum_contact", Tier.PERSONAL, False),
    ],
)
def test_one_message_is_held_to_what_is_expected(tmp_path, expects, tier, passes):
    case = f"must_hold:\n- {{name: one, text: a bus, {expects}}}"
    assert [each.has_passed for each in outcomes(tmp_path, case, always(tier))] == [passes]


def test_another_name_that_changes_what_goes_is_found(tmp_path):
    case = 'invariance:\n- {name: one, text: "Hi {Farida}, ring us.", change: names}'
    (knows_one,) = outcomes(tmp_path, case, lambda text: Tier.ROUTINE if "Farida" in text else Tier.PERSONAL)
    assert len(knows_one.faults) == 12
    (deaf,) = outcomes(tmp_path, case, always(Tier.ROUTINE))
    assert deaf.has_passed


def test_braces_never_reach_the_classifier(tmp_path):
    seen = []
    case = 'invariance:\n- {name: one, text: "Hi {Farida}. Ring us.", change: [names, order, typos, casing, disguise]}'
    outcomes(tmp_path, case, lambda text: seen.append(text) or Tier.ROUTINE)
    assert len(seen) > 20
    assert not any(sign in text for text in seen for sign in "{}")
    assert "Ring us. Hi Farida." in seen


def test_disguise_that_gets_through_is_found_and_named(tmp_path):
    case = 'invariance:\n- {name: one, text: "she has cancer", change: disguise}'
    (found,) = outcomes(tmp_path, case, lambda text: Tier.SENSITIVE if "cancer" in text else Tier.ROUTINE)
    assert found.faults
    assert all(fault.sentence.startswith("disguise") for fault in found.faults)
    assert "cancer" not in repr(found), "what failed is named, its text is not printed"


def test_tier_counts_between_wordings_only_where_asked(tmp_path):
    def wavers(text):
        return Tier.SENSITIVE if text.startswith("a") else Tier.PERSONAL

    plain = 'invariance:\n- {name: one, texts: ["a", "b"]}'
    assert outcomes(tmp_path, plain, wavers)[0].has_passed
    assert not outcomes(tmp_path, plain.replace("]}", "], same_tier: yes}"), wavers)[0].has_passed


def test_a_detail_that_makes_it_milder_is_found(tmp_path):
    case = 'direction:\n- {name: one, texts: ["abc", "ab", "a"]}'
    tiers = {"a": Tier.ROUTINE, "ab": Tier.PERSONAL, "abc": Tier.SENSITIVE}
    (falls,) = outcomes(tmp_path, case, tiers.__getitem__)
    assert [fault.sentence for fault in falls.faults] == [
        "step 2: tier falls from sensitive to personal",
        "step 3: tier falls from personal to routine",
        "step 3: it goes, the one before did not",
    ]


@pytest.mark.parametrize(
    ("yaml", "says"),
    [
        ("must_hold:\n- {name: one, text: a bus}", "case 'one'"),
        ("must_hold:\n- {name: one, text: a bus, tear: personal}", "case 'one', tear"),
        ("must_hold:\n- {text: a bus, goes: yes}", "name"),
        ('invariance:\n- {name: one, text: "Hi Sam", change: names}', "braces"),
        ("invariance:\n- {name: one, text: a, change: nonsense}", "unknown change nonsense"),
        ("invariance:\n- {name: one, texts: [a]}", "two and more"),
        ("direction:\n- {name: one, texts: [a]}", "case 'one', texts"),
        ("must_hold:\n- {name: one, text: a, goes: yes}\n- {name: one, text: b, goes: yes}", "a name of its own"),
        ("must_hold: [", "near line"),
    ],
)
def test_a_broken_case_is_refused_with_its_name(tmp_path, yaml, says):
    with pytest.raises(CaseError, match=says):
        outcomes(tmp_path, yaml, always(Tier.ROUTINE))


def test_the_committed_cases_are_readable_and_of_every_kind():
    files = read_cases(CASES)
    assert count(files) >= 60
    for kind in ("must_hold", "invariance", "direction"):
        assert sum(len(getattr(of, kind)) for of in files.values()) >= 10
    assert all(of.about for of in files.values())
