"""Is a broken pack refused with a sentence that names file and key?"""

import pytest

from serving.errors import NotFoundError, PolicyError
from serving.policy import PACKS, choose, read_pack, read_packs

GOOD = (PACKS / "dwp-sms.yaml").read_text()


def test_the_shipped_packs_are_read():
    assert set(read_packs(PACKS)) >= {"dwp-sms"}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("id: dwp-sms", "id: DWP!", "id"),
        ("then: block", "then: explode", "then"),
        ("tier: [personal, sensitive]", "tire: [personal]", "tire"),
        ('uncertain_clause: "1.2"', 'uncertain_clause: "9.9"', "9.9"),
        ('- id: "2.3"', '- id: "1.2"', "1.2"),
        ("effect: enforce", "effect: sometimes", "effect"),
        ("review_by: 2027-06-30", "review_by: soon", "review_by"),
        ("clauses:", "clauses: [", "YAML"),
    ],
)
def test_a_broken_pack_is_refused(tmp_path, old, new, named):
    assert old in GOOD
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(PolicyError) as refused:
        read_pack(path)
    assert "mine.yaml" in str(refused.value)
    assert named in str(refused.value)


def test_two_packs_of_one_id_are_refused(tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD)
    with pytest.raises(PolicyError):
        read_packs(tmp_path)


def test_an_unknown_pack_is_not_found():
    with pytest.raises(NotFoundError):
        choose(read_packs(PACKS), ("dwp-sms", "nowhere"))
