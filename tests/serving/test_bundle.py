"""Is a bundle that is not what it says refused before it is parsed, and do the rules answer then?"""

import random
import shutil

import pytest

from serving.bundle import MODEL_FILE, TOKENIZER_FILE, open_bundle
from serving.classifier import READY, Classifier
from serving.errors import BundleError
from serving.model import Model
from serving.names import lexicon_sha256
from serving.settings import Settings
from serving.verdict import Action, DecidedBy, Message
from tests.manifests import rewrite

SHIPPED = Settings().bundle_folder


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "bundle")


def test_the_shipped_bundle_is_ready():
    assert Classifier.load(Settings()).model_status == READY


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE])
@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "flipped"])
def test_a_damaged_file_is_refused(copy, name, damage):
    path = copy / name
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "flipped":
        content[random.Random(1).randrange(len(content))] ^= 1
        path.write_bytes(content)
    else:
        path.write_bytes(b"" if damage == "empty" else content[: len(content) // 2])
    with pytest.raises(BundleError):
        Model(open_bundle(copy))


@pytest.mark.parametrize(
    "changes",
    [
        {"tiers": ["minimum_contact", "routine", "personal", "sensitive"]},
        {"format": 99},
        {"normalisation": "0"},
        {"temperature": 0},
        {"tags": ["O", "shoe_size"]},
        {"files": {}},
        {"surprise": 1},
        {"known_answers": []},
    ],
)
def test_a_manifest_of_other_code_is_refused(copy, changes):
    rewrite(copy, **changes)
    with pytest.raises(BundleError):
        open_bundle(copy)


def test_a_bundle_of_other_known_names_is_refused(copy):
    rewrite(copy, lexicon_sha256="0" * 64)
    with pytest.raises(BundleError, match="known names"):
        open_bundle(copy)


@pytest.mark.parametrize("said", [None, lexicon_sha256()])
def test_a_bundle_of_these_known_names_or_that_does_not_say_is_opened(copy, said):
    rewrite(copy, lexicon_sha256=said)
    assert open_bundle(copy).manifest.lexicon_sha256 == said


def test_a_failed_known_answer_is_refused(copy):
    rewrite(copy, known_answers=[{"text": "Bins tomorrow", "category": "sensitive"}] * 4)
    with pytest.raises(BundleError, match="known answer"):
        Model(open_bundle(copy))


def test_without_a_bundle_the_rules_answer(tmp_path):
    classifier = Classifier.load(Settings(bundle_folder=tmp_path, fallback_folder=tmp_path))
    routine = classifier.classify(Message("Bins tomorrow"))
    told = classifier.classify(Message("your NI is QQ123456C"))
    assert classifier.model_status != READY
    assert (routine.action, routine.decided_by, routine.degraded, routine.scores) == (Action.REVIEW, DecidedBy.FALLBACK, True, None)
    assert told.action is Action.BLOCK
