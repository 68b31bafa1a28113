"""F01 to F08: does a model file that is not what it should be get no message sent that was held before?"""

import json
import pickle
import shutil
import time

import pytest

from serving.bundle import MODEL_FILE, TOKENIZER_FILE, sha256
from serving.classifier import READY, Classifier
from serving.settings import Settings
from serving.verdict import Message
from tests.manifests import rewrite

SHIPPED = Settings().bundle_folder
TEXTS = ("Bins tomorrow", "The library is closed on Monday.", "my NI is QQ123456C", "Hi Sam, your payment of £368.74 is late")


def load(folder):
    return Classifier.load(Settings(bundle_folder=folder, suggestion_seconds=0))


@pytest.fixture(scope="module")
def sound():
    classifier = load(SHIPPED)
    return {text: classifier.classify(Message(text)).action for text in TEXTS}


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "bundle")


def put(folder, name, content):
    """Put a file in and its true hash into the manifest, as somebody would who can write both."""
    (folder / name).write_bytes(content)
    rewrite(folder, files={each: sha256((folder / each).read_bytes()) for each in (MODEL_FILE, TOKENIZER_FILE)})


def cut(folder):
    content = (folder / MODEL_FILE).read_bytes()
    (folder / MODEL_FILE).write_bytes(content[: len(content) // 2])


def flip(folder):
    content = bytearray((folder / MODEL_FILE).read_bytes())
    content[len(content) // 3] ^= 1
    (folder / MODEL_FILE).write_bytes(content)


def swap_labels(folder):
    tiers = json.loads((folder / "manifest.json").read_text())["tiers"]
    rewrite(folder, tiers=tiers[::-1])


def point_outside(folder):
    """Move one of the network's weights into a file beside it, which no hash covers."""
    onnx = pytest.importorskip("onnx")
    network = onnx.load(folder / MODEL_FILE, load_external_data=False)
    weight = max(network.graph.initializer, key=lambda each: len(each.raw_data))
    (folder / "weights").write_bytes(weight.raw_data)
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="weights")
    put(folder, MODEL_FILE, network.SerializeToString())


class Harm:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def pickled(folder):
    put(folder, MODEL_FILE, pickle.dumps(Harm(folder / "harm")))


def other_vocabulary(folder):
    content = json.loads((folder / TOKENIZER_FILE).read_text())
    words = list(content["model"]["vocab"])
    special = [word for word in words if word.startswith("[")]
    plain = [word for word in words if not word.startswith("[")]
    vocabulary = dict(content["model"]["vocab"])
    vocabulary |= dict(zip(plain, [vocabulary[word] for word in reversed(plain)], strict=True))
    assert special
    content["model"]["vocab"] = vocabulary
    put(folder, TOKENIZER_FILE, json.dumps(content).encode())


DAMAGE = {
    ("F01", "missing"): lambda folder: (folder / MODEL_FILE).unlink(),
    ("F02", "empty"): lambda folder: (folder / MODEL_FILE).write_bytes(b""),
    ("F03", "truncated"): cut,
    ("F04", "one bit"): flip,
    ("F05", "label order"): swap_labels,
    ("F06", "external data"): point_outside,
    ("F07", "pickle"): pickled,
    ("F08", "corrupt"): lambda folder: put(folder, TOKENIZER_FILE, b"{" + (folder / TOKENIZER_FILE).read_bytes()),
    ("F08", "other vocabulary"): other_vocabulary,
}


@pytest.mark.parametrize("damage", [pytest.param(do, id=" ".join(name), marks=pytest.mark.fault(name[0])) for name, do in DAMAGE.items()])
def test_a_broken_bundle_is_refused_and_the_rules_answer(folder, sound, noted, damage, monkeypatch):
    monkeypatch.chdir(folder)  # a path in the network that is taken as relative must not be found either
    damage(folder)
    classifier = load(folder)
    assert classifier.model_status != READY
    for text, action in sound.items():
        verdict = classifier.classify(Message(text))
        assert verdict.degraded
        noted.compare(verdict.action, action)
    assert not (folder / "harm").exists()
    started = time.monotonic()
    shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    healed = load(folder)
    noted.recover(time.monotonic() - started)
    assert healed.model_status == READY
    assert {text: healed.classify(Message(text)).action for text in TEXTS} == sound
