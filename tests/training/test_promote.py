"""Is a bundle put in place in one step, under load too, and back again?"""

import json
import os
import shutil
import threading
import time
from pathlib import Path

import bentoml
import pytest
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.models.model import ModelStore
from starlette.testclient import TestClient

from serving.bundle import MANIFEST_FILE, MODEL_FILE, open_bundle, sha256
from serving.classifier import Classifier
from serving.deadline import Deadline
from serving.errors import BundleError
from serving.http import create_app
from serving.renewal import Renewal
from serving.settings import Settings
from training import promote as promotion
from training.export import write_manifest
from training.promote import Place, PromotionError, promote, roll_back

TEXTS = {"Bins tomorrow": "allow", "The child protection conference about your son is on Tuesday at 2pm.": "block"}


@pytest.fixture(autouse=True)
def model_store(tmp_path):
    """BentoML's model store in a folder of the test's own."""
    folder = tmp_path / "models"
    folder.mkdir()
    BentoMLContainer.model_store.set(ModelStore(folder))
    yield
    BentoMLContainer.model_store.reset()


@pytest.fixture
def unloaded(monkeypatch):
    """Where loading is not what is tested: hashes are enough."""
    monkeypatch.setattr(promotion, "check", lambda folder: (open_bundle(folder).model, open_bundle(folder).tokenizer))


@pytest.fixture
def bundles(tmp_path, request):
    """Three bundles with a version and thresholds of their own: around the shipped network, or small ones where none is loaded."""
    made = []
    for number in range(3):
        folder = tmp_path / f"made-{number}"
        shutil.copytree(Settings().bundle_folder, folder, copy_function=os.link)
        manifest = open_bundle(folder).manifest
        if "unloaded" in request.fixturenames:
            for name in manifest.files:
                (folder / name).unlink()
                (folder / name).write_bytes(f"{name} {number}".encode() * 1000)
            manifest = manifest.model_copy(update={"files": {name: sha256((folder / name).read_bytes()) for name in manifest.files}})
        (folder / MANIFEST_FILE).unlink()
        thresholds = manifest.thresholds.model_copy(update={"block": 0.6 + number / 10})
        write_manifest(manifest.model_copy(update={"version": f"v{number}", "thresholds": thresholds}), folder)
        made.append(folder)
    return made


def test_the_one_before_is_kept_and_comes_back(tmp_path, bundles, unloaded):
    place = Place(tmp_path / "place")
    assert place.version is None
    assert promote(bundles[1], place, first=bundles[0]) == "v1"
    promote(bundles[2], place)
    assert open_bundle(place.current).manifest.version == "v2"
    assert [roll_back(place), roll_back(place)] == ["v1", "v0"]
    assert open_bundle(place.current).manifest.version == "v0"
    with pytest.raises(PromotionError, match="no bundle to go back to"):
        roll_back(place)
    assert place.version == "v0"


def test_it_stands_in_the_model_store(tmp_path, bundles, unloaded):
    place = Place(tmp_path / "place")
    promote(bundles[1], place)
    promote(bundles[1], place)
    found = bentoml.models.get("sendsafe:v1")
    assert open_bundle(Path(found.path)).manifest.version == "v1"
    assert [str(each.tag) for each in bentoml.models.list("sendsafe")] == ["sendsafe:v1"]


def test_a_broken_bundle_changes_nothing(tmp_path, bundles, unloaded):
    place = Place(tmp_path / "place")
    promote(bundles[0], place)
    content = bytearray((bundles[1] / MODEL_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (bundles[1] / MODEL_FILE).write_bytes(content)
    with pytest.raises(BundleError):
        promote(bundles[1], place)
    assert place.version == "v0"
    assert sorted(path.name for path in (place.folder / "bundles").iterdir()) == ["v0"]


def test_a_version_is_never_another_bundle(tmp_path, bundles, unloaded):
    place = Place(tmp_path / "place")
    promote(bundles[0], place)
    other = open_bundle(bundles[1]).manifest.model_copy(update={"version": "v0"})
    write_manifest(other, bundles[1])
    with pytest.raises(PromotionError, match="another bundle has the version"):
        promote(bundles[1], place)


def test_one_promotion_at_a_time(tmp_path, bundles, unloaded):
    place = Place(tmp_path / "place")
    with place.alone(), pytest.raises(PromotionError, match="under way"):
        promote(bundles[0], Place(tmp_path / "place"))
    assert promote(bundles[0], place) == "v0"


@pytest.mark.parametrize("step", ["copyfile", "rename", "symlink_to", "replace"])
def test_killed_at_any_step_the_current_one_is_untouched(tmp_path, bundles, unloaded, step):
    """A child that dies in the middle of a promotion leaves a place that serves, and that a second try mends."""
    place = Place(tmp_path / "place")
    promote(bundles[0], place)
    child = os.fork()
    if child == 0:
        owner = shutil if step == "copyfile" else Path
        setattr(owner, step, lambda *_, **__: os._exit(9))
        try:
            promote(bundles[1], place)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert open_bundle(place.current).manifest.version == "v0"
    assert promote(bundles[1], place) == "v1"
    assert roll_back(place) == "v0"


def test_readers_never_see_half_a_bundle(tmp_path, bundles, unloaded):
    place = Place(tmp_path / "place")
    for bundle in bundles:
        promote(bundle, place)
    blocks = {"v0": 0.6, "v1": 0.7, "v2": 0.8}
    stop, wrong, seen = threading.Event(), [], set()

    def read():
        while not stop.is_set():
            try:
                bundle = open_bundle(place.current)
                assert len(bundle.model) > 1000
                assert len(bundle.tokenizer) > 1000
                assert bundle.manifest.thresholds.block == blocks[bundle.manifest.version]
                seen.add(bundle.manifest.version)
            except Exception as error:  # noqa: BLE001
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for swaps in range(100):
        place.serve(f"v{swaps % 3}")
        time.sleep(0.001)
    while seen != set(blocks) and not wrong:
        time.sleep(0.01)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def post(client, text):
    return client.post("/v1/score", content=json.dumps({"text": text}), headers={"content-type": "application/json"})


def test_a_hot_swap_under_load_fails_no_request(tmp_path, bundles):
    place = Place(tmp_path / "place")
    promote(bundles[0], place)
    settings = Settings(bundle_folder=place.current)
    classifier = Classifier.load(settings, Deadline(10, 1))  # a busy machine must not blur what is tested
    renewal = Renewal(classifier, settings.bundle_folder)
    stop, answers = threading.Event(), []

    def ask(client):
        while not stop.is_set():
            for text, action in TEXTS.items():
                answer = post(client, text)
                answers.append(
                    (answer.status_code, answer.json()["action"] == action, answer.json()["degraded"], answer.json()["model"]["version"])
                )

    with TestClient(create_app(classifier, settings), raise_server_exceptions=False) as client:
        clients = [threading.Thread(target=ask, args=(client,)) for _ in range(2)]
        for each in clients:
            each.start()
        served = []
        for change in (lambda: promote(bundles[1], place), lambda: promote(bundles[2], place), lambda: roll_back(place)):
            time.sleep(0.2)
            served.append(change())
            assert renewal.look()
            while answers[-1][3] != served[-1]:
                time.sleep(0.01)
        stop.set()
        for each in clients:
            each.join()
    assert served == ["v1", "v2", "v1"]
    assert {answer[:3] for answer in answers} == {(200, True, False)}
    order = [answer[3] for answer in answers]
    assert {"v0", "v1", "v2"} == set(order)


@pytest.mark.fault("F45")
def test_a_bad_swap_leaves_the_served_model_in_use(tmp_path, bundles):
    """Somebody moves the link by hand to a bundle that is broken, then to none: F45."""
    place = Place(tmp_path / "place")
    promote(bundles[0], place)
    settings = Settings(bundle_folder=place.current)
    classifier = Classifier.load(settings)
    renewal = Renewal(classifier, settings.bundle_folder)
    client = TestClient(create_app(classifier, settings), raise_server_exceptions=False)
    (bundles[1] / MANIFEST_FILE).write_text("{}")
    for target in (bundles[1], tmp_path / "nowhere"):
        place.current.unlink()
        place.current.symlink_to(target)
        assert not renewal.look()
        for text, action in TEXTS.items():
            verdict = post(client, text).json()
            assert (verdict["action"], verdict["degraded"], verdict["model"]["version"]) == (action, False, "v0")
    place.current.unlink()
    place.current.symlink_to(bundles[2])
    assert renewal.look()
    assert post(client, "Bins tomorrow").json()["model"]["version"] == "v2"


def test_a_model_that_was_missing_at_the_start_is_taken_up(tmp_path, bundles):
    place = Place(tmp_path / "place")
    settings = Settings(bundle_folder=place.current)
    classifier = Classifier.load(settings, Deadline(10, 1))
    renewal = Renewal(classifier, settings.bundle_folder)
    client = TestClient(create_app(classifier, settings), raise_server_exceptions=False)
    assert post(client, "Bins tomorrow").json()["degraded"]
    promote(bundles[0], place)
    assert renewal.look()
    assert not post(client, "Bins tomorrow").json()["degraded"]
    assert client.get("/v1/model").json() == {"version": "v0", "status": "ready"}
