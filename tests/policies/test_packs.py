"""Is a broken pack refused in words that a policy officer understands, and does the running service keep its old packs?"""

import os
import shutil

import pytest

from serving.classifier import Classifier
from serving.errors import PolicyError
from serving.policy import PACKS, Shelf, read_pack, read_packs
from serving.settings import Settings
from serving.verdict import Action, Message

MINIMAL = """id: mine
version: "1"
title: Mine
source: Nobody
review_by: 2027-01-01
uncertain_clause: "1"
clauses:
  - id: "1"
    says: Nothing personal.
    effect: enforce
    how: By its tier.
    checks:
      - when: {tier: [personal, sensitive]}
        then: block
        say: Nothing personal.
"""

BROKEN = [
    ("tier: [personal, sensitive]", "tire: [personal]", 13, ("clauses 1, checks 1, when, tire", "not known here; did you mean 'tier'?")),
    ("tier: [personal, sensitive]", "tier: [persnal]", 13, ("when, tier", "'persnal' is none of", "did you mean 'personal'?")),
    ("tier: [personal, sensitive]", "tier: []", 13, ("when, tier", "at least one value")),
    ("tier: [personal, sensitive]", "pattern: '(?<=a)b'", 13, ("when, pattern", "cannot be used safely")),
    ("tier: [personal, sensitive]", "pattern: '((a{1,900}){1,900}){1,900}'", 13, ("when, pattern", "cannot be used safely")),
    ("tier: [personal, sensitive]", "pattern: '(a+)+\\1'", 13, ("when, pattern", "cannot be used safely")),
    ("tier: [personal, sensitive]", "pattern: 'x*'", 13, ("when, pattern", "every message")),
    ("tier: [personal, sensitive]", "pattern: '" + "x" * 401 + "'", 13, ("when, pattern", "longer than 400")),
    ("then: block", "then: explode", 14, ("then", "must be one of 'allow', 'advise', 'review' or 'block'")),
    ("        say: Nothing personal.\n", "", 13, ("checks 1", "needs 'say'")),
    ("effect: enforce", "effect: sometimes", 10, ("effect", "must be one of")),
    ("effect: enforce", "effect: outside", 8, ("clauses 1", "'enforce' or 'advise'")),
    ("effect: enforce", "effect: advise", 8, ("clauses 1", "may hold or block")),
    ("review_by: 2027-01-01", "review_by: soon", 5, ("review_by", "must be a date such as 2027-06-30")),
    ('version: "1"\n', "", 1, ("version", "this key is missing")),
    ('version: "1"', "version: 1", 2, ("version", "put it in quotes")),
    ("id: mine", "id: Mine!", 1, ("id", "small letters")),
    ('uncertain_clause: "1"', 'uncertain_clause: "9"', 1, ("'9'", "no clause of this pack")),
    ("title: Mine", "title: Mine\ntitle: Yours", 4, ("title", "stands twice")),
    ("title: Mine", "title: &a Mine\nsource_note: *a", None, ("references",)),
    ("clauses:", "clauses: [", 8, ("no YAML",)),
    ("tier: [personal, sensitive]", "tier: [personal], direction: [inbound]", 13, ("checks 1", "already been sent")),
    ("then: block", "then: block\n        exception: allow", 13, ("checks 1", "no exception may excuse what a text tells")),
    ("tier: [personal, sensitive]", "marking: [secret]}\n        exception: review\n        unless: {tier: [personal]", 13, ("markings",)),
    ("title: Mine", "title: Mine\ndefaults: {degraded: allow}", 4, ("defaults, degraded", "never allowed")),
    ("title: Mine", "title: Mine\nextends: mine", 4, ("extends", "circle (mine → mine)")),
    ("title: Mine", "title: Mine\nextends: nobody", 4, ("extends", "no pack 'nobody'")),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "said"), BROKEN)
def test_a_broken_pack_is_refused_with_file_line_and_key(tmp_path, old, new, line, said):
    assert old in MINIMAL
    path = tmp_path / "mine.yaml"
    path.write_text(MINIMAL)
    read_pack(path)
    path.write_text(MINIMAL.replace(old, new, 1))
    with pytest.raises(PolicyError) as refused:
        read_pack(path)
    sentence = str(refused.value)
    assert sentence.startswith(f"mine.yaml, line {line}" if line else "mine.yaml")
    assert all(each in sentence for each in said), sentence


def test_packs_that_extend_each_other_in_a_circle_are_refused(tmp_path):
    for own, other in (("a-pack", "b-pack"), ("b-pack", "c-pack"), ("c-pack", "a-pack")):
        (tmp_path / f"{own}.yaml").write_text(MINIMAL.replace("id: mine", f"id: {own}\nextends: {other}", 1))
    with pytest.raises(PolicyError, match="a-pack → b-pack → c-pack → a-pack"):
        read_packs(tmp_path)


def test_an_organisation_extends_a_pack_without_code(tmp_path):
    shutil.copy(PACKS / "dwp-sms.yaml", tmp_path)
    (tmp_path / "ours.yaml").write_text(
        "id: ours\nextends: dwp-sms\nversion: '1'\nreview_by: 2027-01-01\nrequire_template: yes\n"
        "clauses:\n  - id: 'L1'\n    says: No talk of parking.\n    effect: enforce\n    how: A word.\n    checks:\n"
        "      - {when: {pattern: '\\bparking\\b'}, then: review, say: Not about parking.}\n"
    )
    packs = read_packs(tmp_path)
    ours, base = packs["ours"], packs["dwp-sms"]
    assert [clause.id for clause in ours.clauses] == [*(clause.id for clause in base.clauses), "L1"]
    assert ours.require_template
    assert not base.require_template


def test_yes_and_no_are_written_plainly(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(MINIMAL.replace("tier: [personal, sensitive]", "consent: [no, unknown], two_way: yes", 1))
    when = read_pack(path).clauses[0].checks[0].when
    assert when.consent == ("no", "unknown")
    assert when.two_way == ("yes",)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(PACKS, tmp_path / "packs")
    return tmp_path / "packs"


def touch(path, content):
    path.write_text(content)
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


def test_the_running_service_keeps_its_old_packs_when_a_new_one_is_broken(folder, tmp_path):
    classifier = Classifier.load(Settings(policy_folder=folder, register_folder=tmp_path, use_model=False))
    before = classifier.rulebook
    good = (folder / "dwp-sms.yaml").read_text()
    touch(folder / "dwp-sms.yaml", good.replace("then: block", "then: explode", 1))
    assert not classifier._shelf.refresh()
    assert classifier._shelf.rulebook is before
    assert "dwp-sms.yaml, line" in classifier.policy_fault
    assert classifier.classify(Message("my NI is QQ123456C")).action is Action.BLOCK
    touch(folder / "dwp-sms.yaml", good.replace('version: "1.0"', 'version: "1.1"'))
    assert classifier._shelf.refresh()
    assert classifier.policy_fault is None
    assert ("dwp-sms", "1.1") in classifier.policies


def test_a_default_pack_that_is_gone_is_kept(folder, tmp_path):
    shelf = Shelf(folder, tmp_path, ("dwp-sms",))
    (folder / "dwp-sms.yaml").unlink()
    assert not shelf.refresh()
    assert "dwp-sms" in shelf.rulebook.packs
    assert shelf.fault


def test_files_are_looked_at_again_after_two_seconds(folder, tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("serving.policy.rulebook.time.monotonic", lambda: now[0])
    shelf = Shelf(folder, tmp_path, ("dwp-sms",))
    touch(folder / "dwp-sms.yaml", (folder / "dwp-sms.yaml").read_text().replace('version: "1.0"', 'version: "1.1"'))
    now[0] = 1.9
    assert not shelf.look()
    now[0] = 2.0
    assert shelf.look()
    assert shelf.rulebook.packs["dwp-sms"].version == "1.1"
