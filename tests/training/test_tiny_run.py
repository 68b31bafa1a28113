"""Does a tiny run go from corpus to a bundle that answers, and on from where it was stopped?"""

import random

import numpy as np
import pytest
import torch

from data.records import Record, read_corpus
from serving.bundle import Thresholds, open_bundle
from serving.model import Model
from serving.taxonomy import Tier
from serving.text import normalise
from training.base import BaseModelError, encoder_folder
from training.bundle_weights import load_bundle
from training.calibrate import TIER_BOUNDS, best_temperature, calibrate, calibration_error, choose_thresholds, choose_tier_bounds
from training.config import CONFIGS, load_config
from training.dataset import IGNORED, Example, batches, collate
from training.export import export_bundle, load_network
from training.fit import MARGIN, contrast, fit
from training.network import Network, new_network
from training.precision import precision_content
from training.soft_labels import key_of
from training.variants import variants

MOST_LOST, MOST_LOST_OF_SMOOTHED = 0.02, 0.05
"""Share of a matrix that quantising to int8 may take; in smoothed layers, of weights that meet little."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    config = load_config(CONFIGS / "tiny.yaml")
    records = read_corpus("train")[: config.limit]
    texts = [*(record.text for record in records[:50]), *list(variants(records))[:50]]
    fit(config, records, folder, soft={key_of(text): (0.7, 0.1, 0.1, 0.1) for text in texts})
    return folder, config


def test_exports_a_bundle_equal_to_torch(run, monkeypatch):
    folder, config = run
    export_bundle(config.encoder, folder / "weights.safetensors", folder / "bundle", "0" * 64)
    monkeypatch.setattr(Model, "_check_known_answers", lambda _: None)  # so short a training knows little
    model = Model(open_bundle(folder / "bundle"))
    assert model.read(normalise("Bins tomorrow")).windows == 1
    found = calibrate(model, read_corpus("calibration")[:60])
    assert found.thresholds.allow <= found.thresholds.block


def test_training_can_go_on_from_what_a_bundle_holds(run):
    folder, config = run
    source = encoder_folder(config.encoder)
    trained, taken = load_network(source, folder / "weights.safetensors"), new_network(source)
    load_bundle(taken, folder / "bundle")
    for name, weight in trained.state_dict().items():
        if "pooler" not in name:
            lost = weight - taken.state_dict()[name]
            most = MOST_LOST_OF_SMOOTHED if name.endswith("dense.weight") else MOST_LOST
            assert lost.norm() <= most * weight.norm() + 1e-6, name
    with pytest.raises(BaseModelError, match="another network"):
        load_bundle(Network(taken.encoder, 2 * taken.tag_head.in_features), folder / "bundle")


def test_int8_is_compared_with_a_bundle_around_fp32(run, monkeypatch):
    folder, config = run
    monkeypatch.setattr(Model, "_check_known_answers", lambda _: None)
    records = read_corpus("test")[:12]
    found = precision_content(config.encoder, folder / "weights.safetensors", folder / "bundle", records, "test")
    assert found["messages"] == 12
    assert found["alone"] == {"another_order": 1.0, "batches": 1.0}
    assert 0 < found["largest_difference"] < 0.2


def test_a_finished_run_is_not_done_again(run):
    folder, config = run
    before = (folder / "epoch-1.safetensors").stat().st_mtime_ns
    fit(config, read_corpus("train")[: config.limit], folder)
    assert (folder / "epoch-1.safetensors").stat().st_mtime_ns == before


def _half(pair, tier, length=3):
    nothing = (IGNORED,) * length
    return Example((1,) * length, tuple(float(place == tier) for place in range(4)), (0.0,), nothing, nothing, pair)


def test_halves_of_a_near_pair_come_into_one_batch():
    data = [_half(f"{number}", tier, length=number + 3 * tier) for number in range(3, 23) for tier in (0, 3)]
    random.Random(4).shuffle(data)
    assert sum(len(batch.twins) for batch in batches(data, 8, random.Random(5))) == 20


def test_contrast_counts_only_how_far_the_halves_are_apart():
    batch = collate([_half("a", 3), _half(None, 0), _half("a", 0)])
    together = torch.tensor([[1.0, 0, 0, 2], [0, 0, 0, 9], [1, 0, 0, 2]])
    apart = torch.tensor([[0.0, 0, 0, MARGIN / 2], [0, 0, 0, 9], [MARGIN / 2, 0, 0, 0]])
    assert batch.twins.tolist() == [[0, 2]]
    assert contrast(together, batch) == pytest.approx(MARGIN, abs=0.01)
    assert contrast(apart, batch) == pytest.approx(np.log(2), abs=0.001)
    assert contrast(together + torch.tensor([0.0, 0, 0, 5]), batch) == contrast(together, batch)


def test_temperature_undoes_overconfidence():
    rng = np.random.default_rng(5)
    logits = rng.normal(size=(4000, 4))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(4, p=row) for row in probabilities])
    assert best_temperature(logits * 3, truth) == pytest.approx(3, abs=0.3)
    assert calibration_error(probabilities, truth) < 0.03


def test_thresholds_balance_what_slips_and_what_is_held():
    unsafe = np.array([0.01] * 90 + [0.4] * 10 + [0.3] * 2 + [0.99] * 98)
    must_not_go = np.arange(200) >= 100
    found = choose_thresholds(unsafe, must_not_go, ~must_not_go)
    assert (unsafe[must_not_go] < found.allow).mean() <= 0.02
    assert found.block >= 0.5


@pytest.mark.parametrize(
    ("allow", "label", "expected"),
    [(0.1, Tier.SENSITIVE, TIER_BOUNDS[0]), (0.1, Tier.ROUTINE, (0.4, 0.4)), (0.48, Tier.SENSITIVE, (0.5, 0.5))],
)
def test_the_tier_leans_to_the_stricter_reading_where_that_costs_nothing(allow, label, expected):
    doubtful = np.array([[0.61, 0.0, 0.22, 0.17], [0.9, 0.04, 0.03, 0.03]])
    records = [Record("a", label), Record("b", Tier.ROUTINE)]
    found = choose_tier_bounds(Thresholds(allow=allow, block=0.5), doubtful, records)
    assert (found.unsafe, found.sensitive) == expected
