"""Does the linear fallback load only what its manifest lists, and guess without ever letting a message go by itself?"""

import shutil

import pytest

from serving.classifier import Classifier
from serving.errors import BundleError
from serving.fallback import FEATURES_FILE, FOLDER, LINEAR_FILE, MANIFEST_FILE, Fallback
from serving.settings import Settings
from serving.verdict import Action, DecidedBy, Direction, Message


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "fallback")


def test_its_scores_sum_to_one_and_tell_safe_from_unsafe():
    linear = Fallback.load()
    safe, unsafe = linear.read("The library is closed on Monday."), linear.read("Your blood test shows that the infection has come back.")
    assert sum(safe.scores.values()) == pytest.approx(1, abs=1e-4)
    assert safe.unsafe < unsafe.unsafe
    assert safe.is_safe
    assert not unsafe.is_safe


def test_a_long_text_never_looks_safe():
    assert not Fallback.load().read("The library is closed on Monday. " * 20).is_safe


@pytest.mark.parametrize("name", [LINEAR_FILE, FEATURES_FILE, MANIFEST_FILE])
@pytest.mark.parametrize("content", [b"", b"\x80\x04."])
def test_a_changed_file_is_refused(copy, name, content):
    (copy / name).write_bytes(content)
    with pytest.raises(BundleError):
        Fallback.load(copy)


def test_by_default_what_the_network_has_not_read_goes_to_review():
    verdict = Classifier.load(Settings(use_model=False)).classify(Message("The library is closed on Monday.", direction=Direction.OUTBOUND))
    assert (verdict.action, verdict.decided_by, verdict.degraded, verdict.model) == (Action.REVIEW, DecidedBy.FALLBACK, True, None)
    assert verdict.scores is not None


def test_without_its_files_the_rules_answer_alone(tmp_path):
    classifier = Classifier.load(Settings(use_model=False, fallback_folder=tmp_path))
    verdict = classifier.classify(Message("The library is closed on Monday.", direction=Direction.OUTBOUND))
    assert (verdict.action, verdict.scores) == (Action.REVIEW, None)
