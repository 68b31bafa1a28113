"""The one path from a message to its verdict; whatever is evaluated is what is served."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self, TypeVar

from serving import language, rules
from serving.appraisal import Appraisal, appraise
from serving.bundle import open_bundle
from serving.counterfactual import Counterfactual, smallest_deletion
from serving.deadline import Deadline, TimedReader, Worker
from serving.decide import Decision, decide
from serving.errors import BundleError
from serving.facts import Certainty, Circumstances, Grounds, Judgement, markings_of, today
from serving.fallback import Fallback, Guess
from serving.findings import Finding
from serving.model import Model, Reading
from serving.policy import Fit, Match, Pack, Rulebook, Shelf, choose, faults
from serving.reconcile import reconcile, without_model
from serving.redact import redact
from serving.repeats import Repeats
from serving.reply import reply_to
from serving.settings import Settings
from serving.signs import Sign, read_signs
from serving.sms import size_of
from serving.suggestion import candidates, is_plain_relation, without_names_and_relations
from serving.taxonomy import InfoType, Mode, NameForm, Tier, highest
from serving.text import NormalisedText, normalise
from serving.verdict import Action, Channel, Coverage, DecidedBy, Direction, Message, Sender, Suggestion, Verdict

READY = "ready"
RESTING = "late or failing: the rules answer"
_MOST_TRIES = 4
"""Wordings that are tried for one message."""
_MOST_KNOWN = 256
_LOOK_SECONDS = 0.01
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Settled:
    """What model and rules say together."""

    judgement: Judgement
    scores: dict[Tier, float] | None
    decided_by: DecidedBy
    windows: int
    language: str | None
    normalised: NormalisedText


@dataclass(frozen=True, slots=True)
class Judged:
    """A message's reading, what is known beside it, and what the packs make of both."""

    settled: Settled
    circumstances: Circumstances
    decision: Decision


class Classifier:
    """Judges messages. One for each process; calls do not overlap: with a deadline its worker does them one by one."""

    def __init__(
        self, settings: Settings, model: Model | None, model_status: str, deadline: Deadline | None = None, *, counts_repeats: bool = True
    ) -> None:
        self._model = model
        self._timed: TimedReader | None = None
        self._fallback = _fallback(settings)
        self._shelf = Shelf(settings.policy_folder, settings.register_folder, settings.policies)
        self._default_policies = settings.policies
        self._suggestion_seconds = settings.suggestion_seconds
        self._repeats = Repeats() if counts_repeats else None
        self._requests: dict[str, Settled] = {}
        self._next_model: Model | None = None
        self._status = model_status
        self._is_template_unread = False
        self._safe_templates = self._read_templates()
        self._deadline = deadline
        if model is not None and deadline is not None:
            self._timed = TimedReader(model, deadline)
        self.worker = Worker(self._timed)

    @classmethod
    def load(cls, settings: Settings, deadline: Deadline | None = None, *, counts_repeats: bool = True) -> Self:
        """Load the bundle and the packs; without a usable bundle the rules answer alone.

        With a deadline they also answer where the model does not in time; without one it is waited for. Who judges an
        archive counts no repeats: it was not sent within this hour, and a verdict may not depend on how rows are dealt out.

        Raises:
            PolicyError: a pack or a register is broken.
            NotFoundError: a default policy has no pack.
        """
        if not settings.use_model:
            return cls(settings, None, "switched off", counts_repeats=counts_repeats)
        try:
            return cls(settings, Model(open_bundle(settings.bundle_folder)), READY, deadline, counts_repeats=counts_repeats)
        except BundleError as error:
            return cls(settings, None, str(error), counts_repeats=counts_repeats)

    def renew(self, model: Model) -> None:
        """Judge with another model from the next message on; no message is read partly with one and partly with the other.

        May be called from another thread.
        """
        self._next_model = model

    @property
    def model_status(self) -> str:
        """Say whether the model answers, and if not, why."""
        return RESTING if self._timed is not None and self._timed.is_resting else self._status

    @property
    def model_version(self) -> str | None:
        """Return the version of the bundle in use, `None` when the rules answer alone."""
        return self._model.manifest.version if self._model else None

    @property
    def policies(self) -> tuple[tuple[str, str], ...]:
        """Return id and version of every pack that can be asked for."""
        return tuple((pack.id, pack.version) for pack in self.rulebook.packs.values())

    @property
    def rulebook(self) -> Rulebook:
        """Return the packs and registers in use; changed files are read anew, broken ones are not taken."""
        return self._in_time(self._take_up_changes)

    def _take_up_changes(self) -> Rulebook:
        is_due = self._is_template_unread and self._timed is not None and not self._timed.is_resting
        if self._shelf.look() or is_due:
            self._safe_templates = frozenset()  # until they are read, which may be given up
            self._safe_templates = self._read_templates()
        return self._shelf.rulebook

    @property
    def policy_fault(self) -> str | None:
        """Return what is wrong with changed packs or registers that were not taken, `None` while all is in use."""
        return self._shelf.fault

    def classify(self, message: Message) -> Verdict:
        """Judge one message.

        Raises:
            NotFoundError: the message asks for a policy pack that is not here.
        """
        return self._in_time(partial(self._classify, message))

    def _classify(self, message: Message) -> Verdict:
        started = time.monotonic()
        packs = choose(self.rulebook.packs, message.policies or self._default_policies)
        judged = self.decide(message, self.read(message), repeats=self._count(message, packs))
        settled, decision = judged.settled, judged.decision
        findings = settled.judgement.findings
        is_read = settled.decided_by is not DecidedBy.FALLBACK
        return Verdict(
            id=uuid.uuid4().hex,
            reference=message.reference,
            category=settled.judgement.category,
            scores=settled.scores,
            action=decision.action,
            decided_by=settled.decided_by,
            degraded=settled.judgement.is_degraded,
            disguised=settled.normalised.is_disguised,
            urgent=decision.is_urgent,
            findings=findings,
            reasons=decision.reasons,
            advice=decision.advice,
            suggestion=self._suggest(message, judged, packs, started + self._suggestion_seconds),
            reply=_reply(message, judged),
            redacted=redact(message.text, findings) if message.redact else None,
            explanation=self._explain(message, judged, time.monotonic() + self._suggestion_seconds) if message.explain else None,
            coverage=Coverage(
                model=is_read,
                rules=True,
                complete=settled.normalised.is_whole,
                windows=settled.windows,
                language=settled.language,
            ),
            sms=judged.circumstances.size,
            model=self.model_version if is_read else None,
            policies=tuple((pack.id, pack.version) for pack in packs),
            grounds=Grounds(settled.judgement, judged.circumstances, tuple(pack.keep for pack in packs)),
        )

    def classify_many(self, messages: Sequence[Message]) -> list[Verdict]:
        """Judge messages one by one, in order: a verdict never depends on its neighbours."""
        return [self.classify(message) for message in messages]

    def check_template(
        self, text: str, business_area: str | None, policies: tuple[str, ...] = (), values: dict[str, str] | None = None
    ) -> Appraisal:
        """Judge a template before there is anybody's data to fill it; of a text without fields, tell which template it is of.

        Raises:
            NotFoundError: a policy pack is asked for that is not here.
        """
        return self._in_time(partial(self._check_template, text, business_area, policies, values))

    def _check_template(self, text: str, business_area: str | None, policies: tuple[str, ...], values: dict[str, str] | None) -> Appraisal:
        packs = choose(self.rulebook.packs, policies or self._default_policies)

        def judge(rendered: str, worst: Tier) -> tuple[Judgement, Decision]:
            message = Message(rendered, policies=policies, sender=Sender(business_area=business_area))
            judged = self.decide(message, self.read(message))
            judgement = judged.settled.judgement
            if worst.rank <= judgement.category.rank:
                return judgement, judged.decision
            raised = replace(judgement, category=worst, certainty=Certainty.UNSAFE)
            return raised, decide(message, raised, packs, judged.circumstances)

        registry = self._shelf.rulebook.templates
        appraisal = appraise(text, registry.named(business_area, text), values, judge)
        if appraisal.matches is None and not appraisal.fields and (match := registry.match(business_area, text)).fit is Fit.MATCHED:
            return replace(appraisal, matches=match.template.id if match.template else None)
        return appraisal

    def read(self, message: Message) -> Settled:
        """Read a message with model and rules; a subject is read as well, and the stricter reading counts."""
        return self._in_time(partial(self._read_message, message))

    def _read_message(self, message: Message) -> Settled:
        if self._next_model is not None:
            self._take_up(self._next_model)
        self._begin()
        settled = self._settle(message.text)
        if not message.subject:
            return settled
        above, judgement = self._settle(message.subject), settled.judgement
        strictest = max((judgement, above.judgement), key=lambda each: list(Certainty).index(each.certainty))
        return replace(
            settled,
            decided_by=DecidedBy.FALLBACK if above.judgement.is_degraded else settled.decided_by,
            judgement=replace(
                judgement,
                category=highest((judgement.category, above.judgement.category)),
                certainty=strictest.certainty,
                is_degraded=judgement.is_degraded or above.judgement.is_degraded,
                is_plain=judgement.is_plain and above.judgement.is_plain,
            ),
        )

    def decide(self, message: Message, settled: Settled, *, repeats: int = 0) -> Judged:
        """Ask the packs about a message that has been read.

        Raises:
            NotFoundError: the message asks for a policy pack that is not here.
        """
        return self._in_time(partial(self._decide, message, settled, repeats))

    def _decide(self, message: Message, settled: Settled, repeats: int) -> Judged:
        rulebook = self._shelf.rulebook
        packs = self._packs(message)
        circumstances = self._circumstances(message, settled, rulebook, repeats)
        if any("remainder" in pack.facts_used for pack in packs):
            settled = replace(settled, judgement=self._with_remainder(message, settled.judgement, circumstances))
        return Judged(settled, circumstances, decide(message, settled.judgement, packs, circumstances))

    def _packs(self, message: Message) -> tuple[Pack, ...]:
        return choose(self._shelf.rulebook.packs, message.policies or self._default_policies)

    def _settle(self, words: str) -> Settled:
        """Read one text with model and rules."""
        text = normalise(words)
        found = tuple(finding.at(*text.original_span(finding.start, finding.end)) for finding in rules.find(text.text))
        reading = self._read(text)
        spoken = language.language_of(text.text)
        is_readable = spoken not in language.UNREADABLE and text.is_whole
        if reading is None or self._model is None:
            guess = self._guess(text)
            judgement = without_model(guess, found, is_readable=is_readable)
            return Settled(judgement, guess.scores if guess else None, DecidedBy.FALLBACK, 0, spoken, text)
        thresholds = self._model.manifest.thresholds
        is_plain = is_readable and not text.is_disguised
        judgement, decided_by = reconcile(reading, thresholds, found, is_readable=is_readable, is_plain=is_plain)
        return Settled(judgement, reading.scores, decided_by, reading.windows, spoken, text)

    def _circumstances(self, message: Message, settled: Settled, rulebook: Rulebook, repeats: int) -> Circumstances:
        """Gather what is known beside the reading."""
        area = rulebook.areas.get(message.sender.business_area or "")
        findings = settled.judgement.findings
        signs = read_signs(settled.normalised.text, area.domains if area else ())
        if any(each.form is NameForm.WORKER and " " in message.text[each.start : each.end].strip() for each in findings):
            signs |= {Sign.FULL_WORKER_NAME}
        match = _match(message, rulebook)
        exception = rulebook.exceptions.get(message.exception or "")
        day = today()
        return Circumstances(
            text=settled.normalised.text.encode("utf-8", "replace").decode(),
            signs=signs,
            markings=markings_of(message.text, findings, settled.judgement.certainty) | self._subject_markings(message),
            area=area,
            match=match,
            is_template_safe=match.fit is Fit.MATCHED and match.template is not None and match.template.id in self._safe_templates,
            exception=exception,
            exception_fault=exception.fault(message, day) if exception else None,
            size=size_of(message.text) if message.channel in (Channel.SMS, None) else None,
            repeats=repeats,
            today=day,
        )

    def _subject_markings(self, message: Message) -> frozenset[str]:
        """Return the markings that rules find in the subject."""
        if not message.subject:
            return frozenset()
        text = normalise(message.subject)
        return markings_of(text.text, tuple(rules.find(text.text)), Certainty.UNSURE)

    def _with_remainder(self, message: Message, judgement: Judgement, circumstances: Circumstances) -> Judgement:
        """Add how the text reads without its surnames and plain relations, where a request for contact is all that it seems to hold."""
        may_be_plain = (
            Sign.ASKS_CONTACT in circumstances.signs
            and judgement.certainty is not Certainty.SAFE
            and (judgement.category is not Tier.SENSITIVE or judgement.certainty is Certainty.UNSURE)
            and judgement.is_plain
            and not judgement.is_degraded
            and all(_is_of_contact(finding, message.text) for finding in judgement.findings)
        )
        rest = without_names_and_relations(message.text, judgement.findings) if may_be_plain else None
        read = None if rest is None else self._settle(rest).judgement
        return judgement if read is None or read.is_degraded else replace(judgement, remainder=read.certainty)

    def _suggest(self, message: Message, judged: Judged, packs: Sequence[Pack], until: float) -> Suggestion | None:
        """Return another wording that was judged and may go, for a message that may not because of what it tells.

        A wording is only tried while there is time; whatever goes wrong with it, the verdict stands as it is.
        """
        judgement = judged.settled.judgement
        if message.direction is Direction.INBOUND or judged.decision.action is Action.ALLOW or judgement.is_degraded:
            return None
        if time.monotonic() >= until or not _may_go_harmless(message, packs, judged.circumstances):
            return None
        for tried, text in enumerate(candidates(message.text, judgement.findings, judged.circumstances.area)):
            if tried == _MOST_TRIES or time.monotonic() >= until:
                break
            wording = replace(message, text=text, subject=None, template=None)
            again = self.decide(wording, self._read_wording(text))
            if not again.settled.judgement.is_degraded and again.decision.action is Action.ALLOW:
                return Suggestion(text, again.settled.judgement.category)
        return None

    def _explain(self, message: Message, judged: Judged, until: float) -> dict[str, Any]:
        """Return the smallest deletion that would lower the tier, as far as one is found while there is time."""
        judgement = judged.settled.judgement

        def read(text: str) -> Tier | None:
            if time.monotonic() >= until:
                return None
            self._begin()
            again = self._settle(text).judgement
            return None if again.is_degraded or again.category.rank >= judgement.category.rank else again.category

        weighty = [each for each in judgement.findings if each.tier is judgement.category]
        found = None if judgement.is_degraded else smallest_deletion(message.text, weighty, read)
        return {"counterfactual": found.as_json() if found else None}

    def smallest_change(self, message: Message, seconds: float) -> Counterfactual | None:
        """Return the smallest deletion found without which a message may go, `None` where none is found or nothing it tells is the reason.

        Slow, and done beside the judging: each wording is read only while no message waits to be judged. Call it from a thread of its own.

        Raises:
            TimeoutError: it was not found out within so many seconds, or the model did not answer.
            NotFoundError: the message asks for a policy pack that is not here.
        """
        until = time.monotonic() + seconds

        def judge(text: str) -> Judged:
            while not self.worker.is_idle and time.monotonic() < until:
                time.sleep(_LOOK_SECONDS)
            if time.monotonic() >= until:
                raise TimeoutError
            wording = replace(message, text=text, template=None)
            judged = self.worker.run(lambda: self._decide(wording, self._read_message(wording), 0))
            if judged.settled.judgement.is_degraded:
                raise TimeoutError
            return judged

        def read(text: str) -> Tier | None:
            judged = judge(text)
            return judged.settled.judgement.category if judged.decision.action is Action.ALLOW else None

        judged = judge(message.text)
        if judged.decision.action is Action.ALLOW or not _may_go_harmless(message, self._packs(message), judged.circumstances):
            return None
        findings = judged.settled.judgement.findings
        telling = [each for each in findings if each.mode is Mode.STATED and each.tier.rank >= Tier.PERSONAL.rank]
        return smallest_deletion(message.text, telling or findings, read)

    def _read_wording(self, text: str) -> Settled:
        """Read a suggested wording; requests for contact, which come again and again, are read once."""
        settled = self._requests.get(text) or self._settle(text)
        if len(self._requests) < _MOST_KNOWN and not settled.judgement.is_degraded and not settled.judgement.findings:
            self._requests[text] = settled
        return settled

    def _count(self, message: Message, packs: Sequence[Pack]) -> int:
        """Count how often the text was sent, where a pack asks and whoever calls sends."""
        if self._repeats is None or message.direction is Direction.INBOUND or not any("repeated" in pack.facts_used for pack in packs):
            return 0
        return self._repeats.count(message.text)

    def _read_templates(self) -> frozenset[str]:
        """Return the agreed templates that the model, while it is well, reads as safe whatever their fields hold."""
        if self._model is None:
            return frozenset()
        self._is_template_unread = True
        unread: list[str] = []
        safe = set()
        for each in self._shelf.rulebook.templates.all():
            appraisal = appraise(each.text, each, None, self._reader(unread))
            if each.is_closed and appraisal.is_safe:
                safe.add(each.id)
        self._is_template_unread = bool(unread)
        return frozenset(safe)

    def _reader(self, unread: list[str]) -> Callable[[str, Tier], tuple[Judgement, Decision]]:
        nothing = Decision(Action.ALLOW, (), ())

        def judge(rendered: str, _: Tier) -> tuple[Judgement, Decision]:
            self._begin()
            judgement = self._settle(rendered).judgement
            if judgement.is_degraded:  # what the fallback guesses makes no template safe
                unread.append(rendered)
                judgement = replace(judgement, certainty=Certainty.UNSURE)
            return judgement, nothing

        return judge

    def _take_up(self, model: Model) -> None:
        self._model, self._next_model, self._requests = model, None, {}
        if self._timed is not None:
            self._timed.use(model)
        elif self._deadline is not None:
            self._timed = TimedReader(model, self._deadline)
            self.worker.watch(self._timed)
        self._status = READY
        self._safe_templates = frozenset()  # until they are read, which may be given up
        self._safe_templates = self._read_templates()

    def _in_time(self, task: Callable[[], Answer]) -> Answer:
        """Do a task here where nothing is timed, else on the worker's thread."""
        return task() if self._timed is None else self.worker.run(task)

    def _begin(self) -> None:
        if self._timed is not None:
            self._timed.begin()

    def _read(self, text: NormalisedText) -> Reading | None:
        if self._model is None:
            return None
        if self._timed is not None:
            return self._timed.read(text)
        try:
            return self._model.read(text)
        except Exception:  # noqa: BLE001 (whatever the runtime raises, the rules answer)
            return None

    def _guess(self, text: NormalisedText) -> Guess | None:
        if self._fallback is None:
            return None
        try:
            return self._fallback.read(text.text)
        except Exception:  # noqa: BLE001 (whatever the runtime raises, the rules answer)
            return None


def _fallback(settings: Settings) -> Fallback | None:
    """Load the linear fallback; without it the rules answer alone."""
    try:
        return Fallback.load(settings.fallback_folder)
    except BundleError:
        return None


def _is_of_contact(finding: Finding, text: str) -> bool:
    """Tell whether a finding is a name, a line, or no more than a relation."""
    return finding.info_type in (InfoType.NAME, InfoType.PHONE) or is_plain_relation(text[finding.start : finding.end])


def _match(message: Message, rulebook: Rulebook) -> Match:
    """Return how the text stands to the agreed templates, with the values as they were given where they were."""
    area, registry = message.sender.business_area, rulebook.templates
    if message.template is None:
        return registry.match(area, message.text)
    agreed = registry.named(area, message.template)
    if agreed is None:
        return Match(Fit.UNMATCHED) if registry.of(area) else Match()
    return Match(Fit.UNFIT if faults(agreed.purposes, dict(message.personalisation)) else Fit.MATCHED, agreed)


def _may_go_harmless(message: Message, packs: Sequence[Pack], circumstances: Circumstances) -> bool:
    """Tell whether a message would go if it told nothing: where not, no wording helps."""
    harmless = Judgement(Tier.ROUTINE, Certainty.SAFE, (), is_degraded=False)
    bare = replace(circumstances, text="", signs=frozenset(), markings=frozenset(), repeats=0)
    return decide(message, harmless, packs, bare).action is Action.ALLOW


def _reply(message: Message, judged: Judged) -> str | None:
    """Return the reply that is suggested to a citizen who tells something, or is in need."""
    if message.direction is not Direction.INBOUND:
        return None
    judgement = judged.settled.judgement
    tells = judgement.category.rank >= Tier.PERSONAL.rank and judgement.certainty is not Certainty.SAFE
    if not tells and not judged.decision.is_urgent:
        return None
    return reply_to(judged.circumstances.area, is_urgent=judged.decision.is_urgent)
