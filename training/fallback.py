"""Fit the linear fallback: TF-IDF of counted words and letter groups, logistic regression, exported to ONNX."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.feature_selection import chi2
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from data.records import Record
from evaluation.metrics import UNSAFE
from serving.bundle import sha256
from serving.fallback import FEATURES_FILE, LINEAR_FILE, MANIFEST_FILE, FallbackManifest, counted, feature_places, tokens
from serving.inference import open_network
from serving.taxonomy import TIERS
from serving.text import NORMALISATION_VERSION, normalise

UNSAFE_ALLOWED_GOAL = 0.02
"""Share of the messages that must not go which may look safe, on the calibration split."""
MOST_CHARACTERS = 400
"""A longer text never looks safe to the fallback."""
_MOST_FEATURES = 16_000
_LEAST_MESSAGES = 4
_INVERSE_REGULARISATION = 8.0
_SAME = 1e-4


def fit_fallback(train: Sequence[Record], calibration: Sequence[Record], folder: Path, data_sha256: str) -> FallbackManifest:
    """Fit on labelled messages, choose `allow` on others, write the three files.

    Raises:
        ValueError: the exported graph gives other probabilities than scikit-learn.
    """
    texts = [normalise(record.text).text for record in train]
    labels = np.array([TIERS.index(record.label) for record in train])
    features = choose_features(texts, labels)
    places = feature_places(features)
    matrix = _matrix(texts, places)
    tiers = LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=1000, class_weight="balanced")
    pipeline = Pipeline([("weights", TfidfTransformer()), ("tiers", tiers)])
    pipeline.fit(matrix, labels)
    network = to_onnx(
        pipeline,
        initial_types=[("counts", FloatTensorType([None, len(features)]))],
        options={id(tiers): {"zipmap": False}},
        target_opset=17,
    ).SerializeToString()
    _check_same(network, pipeline, matrix[:50])
    unsafe = _unsafe(pipeline, [normalise(record.text).text for record in calibration], places)
    allow = choose_allow(unsafe, np.array([record.fair_labels <= UNSAFE for record in calibration]))
    listed = "\n".join(features).encode()
    manifest = FallbackManifest(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        normalisation=NORMALISATION_VERSION,
        training_data_sha256=data_sha256,
        allow=allow,
        most_characters=MOST_CHARACTERS,
        metrics={"messages": float(len(train)), "features": float(len(features))},
        files={LINEAR_FILE: sha256(network), FEATURES_FILE: sha256(listed)},
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LINEAR_FILE).write_bytes(network)
    (folder / FEATURES_FILE).write_bytes(listed)
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return manifest


def choose_features(texts: Sequence[str], labels: NDArray[np.int_]) -> list[str]:
    """Return the features that tell most of the tier (chi-squared), among those of enough messages, in alphabetical order."""
    messages = Counter(feature for text in texts for feature in tokens(text))
    common = sorted(feature for feature, count in messages.items() if count >= min(_LEAST_MESSAGES, 1 + len(texts) // 50))
    if len(common) <= _MOST_FEATURES:
        return common
    strength, _ = chi2(_matrix(texts, feature_places(common)), labels)
    return sorted(common[place] for place in np.argsort(-np.nan_to_num(strength))[:_MOST_FEATURES])


def choose_allow(unsafe: NDArray[np.float64], must_not_go: NDArray[np.bool_]) -> float:
    """Return the highest probability below which at most the goal's share of what must not go would look safe.

    >>> choose_allow(np.array([0.1, 0.4, 0.9]), np.array([False, True, True]))
    0.4
    """
    slipping = np.sort(unsafe[must_not_go])
    return float(slipping[int(UNSAFE_ALLOWED_GOAL * len(slipping))]) if len(slipping) else 0.0


def _matrix(texts: Sequence[str], places: dict[str, int]) -> csr_matrix:
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        line = counted(text, places)
        filled = line.nonzero()[0]
        rows += [row] * len(filled)
        columns += filled.tolist()
        values += line[filled].tolist()
    return csr_matrix((values, (rows, columns)), shape=(len(texts), len(places)), dtype=np.float32)


def _unsafe(pipeline: Pipeline, texts: Sequence[str], places: dict[str, int]) -> NDArray[np.float64]:
    scores = pipeline.predict_proba(_matrix(texts, places))
    return np.asarray(scores[:, [TIERS.index(tier) for tier in UNSAFE]].sum(axis=1))


def _check_same(network: bytes, pipeline: Pipeline, matrix: csr_matrix) -> None:
    said = open_network(network).run(None, {"counts": matrix.toarray().astype(np.float32)})[1]
    if np.abs(said - pipeline.predict_proba(matrix)).max() > _SAME:
        raise ValueError("the exported fallback differs from scikit-learn")
