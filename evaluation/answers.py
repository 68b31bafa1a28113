"""Ask a classifier about labelled messages; the served one, or the floor that it must beat."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from data.records import Record
from evaluation.metrics import UNSAFE, Scored
from serving.bundle import Thresholds
from serving.classifier import Classifier
from serving.model import Model, Reading
from serving.taxonomy import TIERS, Tier
from serving.text import normalise
from serving.verdict import Action, Direction, Message


def ask(classifier: Classifier, records: Sequence[Record]) -> list[Scored]:
    """Judge every message as an outbound one under the default policy, so that its action can be measured."""
    return [ask_one(classifier, record) for record in records]


def ask_one(classifier: Classifier, record: Record) -> Scored:
    """Judge one message, as `ask`."""
    verdict = classifier.classify(Message(text=record.text, direction=Direction.OUTBOUND))
    return Scored(record, verdict.category, verdict.action, verdict.scores, verdict.findings)


def ask_model_alone(model: Model, record: Record) -> Scored:
    """Judge one message by the network and its thresholds, without rules and without a policy."""
    reading = model.read(normalise(record.text))
    return Scored(record, reading.category, _action(reading, model.manifest.thresholds), reading.scores, reading.findings)


def _action(reading: Reading, thresholds: Thresholds) -> Action:
    if reading.unsafe < thresholds.allow:
        return Action.ALLOW
    return Action.BLOCK if reading.unsafe >= thresholds.block else Action.REVIEW


class Floor:
    """TF-IDF of words and characters with logistic regression: what the transformer must beat."""

    def __init__(self, records: Iterable[Record]) -> None:
        """Fit on labelled messages."""
        features = FeatureUnion(
            [
                ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)),
                ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True)),
            ]
        )
        self._pipeline = Pipeline([("features", features), ("classes", LogisticRegression(C=10, max_iter=2000))])
        known = list(records)
        self._pipeline.fit([record.text for record in known], [record.label.value for record in known])

    def ask(self, records: Sequence[Record]) -> list[Scored]:
        """Judge messages; what is unsafe is blocked, the rest allowed."""
        said = [Tier(label) for label in self._pipeline.predict([record.text for record in records])]
        return [Scored(record, tier, Action.BLOCK if tier in UNSAFE else Action.ALLOW) for record, tier in zip(records, said, strict=True)]

    def ask_one(self, record: Record) -> Scored:
        """Judge one message."""
        return self.ask([record])[0]

    def probabilities(self, records: Sequence[Record]) -> NDArray[np.float64]:
        """Return the tiers' probabilities (messages, 4), 0 for a tier that it was not fitted on."""
        known = [TIERS.index(Tier(label)) for label in self._pipeline.classes_]
        found = np.zeros((len(records), len(TIERS)))
        found[:, known] = self._pipeline.predict_proba([record.text for record in records])
        return found
