"""Are soft labels kept as they were read, and unlabelled variants made of the corpus's own words?"""

import pytest

from data.records import read_corpus
from training.soft_labels import key_of, read_soft_labels, write_soft_labels
from training.variants import variants


@pytest.fixture(scope="module")
def records():
    return read_corpus("train")[:300]


def test_kept_labels_come_back(tmp_path):
    kept = {key_of("Bins tomorrow"): (0.9, 0.05, 0.03, 0.02), key_of("Your scan"): (0.0, 0.0, 0.25, 0.75)}
    write_soft_labels(kept, tmp_path / "labels.tsv.gz")
    assert read_soft_labels(tmp_path / "labels.tsv.gz") == kept


def test_no_file_means_no_labels(tmp_path):
    assert read_soft_labels(tmp_path / "none.tsv.gz") == {}


def test_variants_are_the_same_for_the_same_messages(records):
    assert list(variants(records)) == list(variants(records))


def test_no_variant_is_a_message_as_it_stands(records):
    texts = {record.text for record in records}
    assert not texts.intersection(variants(records))
