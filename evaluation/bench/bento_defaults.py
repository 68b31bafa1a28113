"""BentoML as its first page has it, nothing set: once around a transformers pipeline, once around our own classifier."""

from typing import Any

import bentoml


@bentoml.service
class Pipeline:
    """A text-classification pipeline."""

    def __init__(self) -> None:
        from evaluation.bench.contestants import CONTESTANTS, PIPELINE  # noqa: PLC0415

        self._ask, _ = CONTESTANTS[PIPELINE].load()

    @bentoml.api  # type: ignore[untyped-decorator]
    def classify(self, text: str) -> list[dict[str, Any]]:
        """Return the classes with their probabilities."""
        found: Any = self._ask(text)
        return list(found[0])


@bentoml.service
class Verdicts:
    """Our own classifier."""

    def __init__(self) -> None:
        from serving.classifier import Classifier  # noqa: PLC0415
        from serving.settings import Settings  # noqa: PLC0415

        self._classifier = Classifier.load(Settings())

    @bentoml.api  # type: ignore[untyped-decorator]
    def classify(self, text: str) -> dict[str, Any]:
        """Return a verdict."""
        from serving.schema import validate, verdict_json  # noqa: PLC0415

        return verdict_json(self._classifier.classify(validate({"text": text}).message()))
