"""The one path from a message to its verdict; whatever is evaluated is what is served."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from serving import language, rules
from serving.bundle import open_bundle
from serving.decide import Certainty, Judgement, decide
from serving.errors import BundleError
from serving.findings import CERTAIN, Finding
from serving.model import Model, Reading
from serving.policy import choose, read_packs
from serving.redact import redact
from serving.settings import Settings
from serving.taxonomy import Tier, highest
from serving.text import NormalisedText, normalise
from serving.verdict import Coverage, DecidedBy, Message, Verdict

READY = "ready"


@dataclass(frozen=True, slots=True)
class _Settled:
    """What model and rules say together."""

    judgement: Judgement
    scores: dict[Tier, float] | None
    decided_by: DecidedBy
    windows: int


class Classifier:
    """Judges messages. One for each worker; calls do not overlap."""

    def __init__(self, settings: Settings, model: Model | None, model_status: str) -> None:
        self._model = model
        self._packs = read_packs(settings.policy_folder)
        self._default_policies = settings.policies
        self.model_status = model_status
        choose(self._packs, settings.policies)

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Load the bundle and the packs; without a usable bundle the rules answer alone.

        Raises:
            PolicyError: a pack is broken.
            NotFoundError: a default policy has no pack.
        """
        if not settings.use_model:
            return cls(settings, None, "switched off")
        try:
            return cls(settings, Model(open_bundle(settings.bundle_folder)), READY)
        except BundleError as error:
            return cls(settings, None, str(error))

    @property
    def model_version(self) -> str | None:
        """Return the version of the bundle in use, `None` when the rules answer alone."""
        return self._model.manifest.version if self._model else None

    @property
    def policies(self) -> tuple[tuple[str, str], ...]:
        """Return id and version of every pack that can be asked for."""
        return tuple((pack.id, pack.version) for pack in self._packs.values())

    def classify(self, message: Message) -> Verdict:
        """Judge one message.

        Raises:
            NotFoundError: the message asks for a policy pack that is not here.
        """
        packs = choose(self._packs, message.policies or self._default_policies)
        text = normalise(message.text)
        found = tuple(finding.at(*text.original_span(finding.start, finding.end)) for finding in rules.find(text.text))
        reading = self._read(text)
        spoken = language.language_of(text.text)
        settled = self._settle(reading, found, is_readable=spoken not in language.UNREADABLE)
        decision = decide(message, settled.judgement, packs)
        findings = settled.judgement.findings
        return Verdict(
            id=uuid.uuid4().hex,
            reference=message.reference,
            category=settled.judgement.category,
            scores=settled.scores,
            action=decision.action,
            decided_by=settled.decided_by,
            degraded=settled.judgement.is_degraded,
            disguised=text.is_disguised,
            urgent=False,
            findings=findings,
            reasons=decision.reasons,
            advice=decision.advice,
            suggestion=None,
            reply=None,
            redacted=redact(message.text, findings) if message.redact else None,
            explanation=None,
            coverage=Coverage(model=reading is not None, rules=True, complete=True, windows=settled.windows, language=spoken),
            sms=None,
            model=self.model_version if reading else None,
            policies=tuple((pack.id, pack.version) for pack in packs),
        )

    def classify_many(self, messages: Sequence[Message]) -> list[Verdict]:
        """Judge messages one by one, in order: a verdict never depends on its neighbours."""
        return [self.classify(message) for message in messages]

    def _read(self, text: NormalisedText) -> Reading | None:
        if self._model is None:
            return None
        try:
            return self._model.read(text)
        except Exception:  # noqa: BLE001 (whatever the runtime raises, the rules answer)
            return None

    def _settle(self, reading: Reading | None, found: Sequence[Finding], *, is_readable: bool) -> _Settled:
        certain = [finding for finding in found if finding.score >= CERTAIN]
        by_rules = highest(finding.tier for finding in certain)
        if reading is None or self._model is None:
            certainty = Certainty.UNSAFE if by_rules.rank >= Tier.PERSONAL.rank else Certainty.UNSURE
            judgement = Judgement(by_rules, certainty, tuple(found), is_degraded=True)
            return _Settled(judgement, None, DecidedBy.FALLBACK, windows=0)
        by_model = reading.category
        category = highest((by_model, by_rules))
        certainty = self._certainty(reading, by_rules, is_readable=is_readable)
        kept = [finding for finding in reading.findings if finding.tier.rank <= category.rank]
        findings = merge(kept, [finding for finding in found if finding.tier.rank <= category.rank])
        decided_by = DecidedBy.RULES if by_rules.rank > by_model.rank else DecidedBy.MODEL
        return _Settled(Judgement(category, certainty, findings, is_degraded=False), reading.scores, decided_by, reading.windows)

    def _certainty(self, reading: Reading, by_rules: Tier, *, is_readable: bool) -> Certainty:
        thresholds = self._model.manifest.thresholds if self._model else None
        if by_rules.rank >= Tier.PERSONAL.rank:
            return Certainty.UNSAFE
        if thresholds is None or not is_readable or thresholds.allow <= reading.unsafe < thresholds.block:
            return Certainty.UNSURE
        return Certainty.UNSAFE if reading.unsafe >= thresholds.block else Certainty.SAFE


def merge(by_model: Sequence[Finding], by_rules: Sequence[Finding]) -> tuple[Finding, ...]:
    """Join the findings of model and rules in order of place.

    Where they overlap, a certain rule stands before the model, and the model before a rule that is only possible.
    """
    kept: list[Finding] = []
    certain = [finding for finding in by_rules if finding.score >= CERTAIN]
    possible = [finding for finding in by_rules if finding.score < CERTAIN]
    for finding in (*certain, *by_model, *possible):
        if not any(finding.start < other.end and other.start < finding.end for other in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda finding: finding.start))
