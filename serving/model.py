"""Read a text with the bundle's network: onnxruntime and tokenizers, nothing heavier.

Each window goes through the network alone and unpadded: dynamic int8 makes a score depend on what else is in a batch
(onnxruntime issues 10111 and 8625), and the same message must get the same verdict.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from serving.bundle import Bundle, Thresholds
from serving.errors import BundleError
from serving.findings import Finding
from serving.inference import open_network
from serving.names import FAMILY_NAME, GIVEN_NAME, TITLE, WORD, is_proper, is_unknown, renamed, with_one_name
from serving.taxonomy import TIERS, InfoType, Mode, NameForm, Tier
from serving.text import NormalisedText, normalise
from serving.windows import windows

Floats = NDArray[np.float32]
PLAIN = 0.5
"""Probability of one type from which a word keeps it, whatever stands beside it."""
SURELY_A_NAME, PROPERLY_A_NAME = 0.7, 0.3
"""Probability of being a name from which a word that the lexicon lacks is read as one; the lesser with a capital."""
RENAMED_WINDOWS = 4
"""Parts up to which a text is read once more for such names; in longer ones a single name weighs little."""
_ONE_NAME = {GIVEN_NAME.lower(), FAMILY_NAME.lower()}
OUTPUTS = ("tier", "types", "tags", "modes")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model makes of one text.

    `scores` are calibrated and sum to 1, `category` is the tier that they come to; `findings` have offsets in the original
    text; `windows` says how many parts were read.
    """

    scores: dict[Tier, float]
    category: Tier
    findings: tuple[Finding, ...]
    windows: int

    @property
    def unsafe(self) -> float:
        """Return the probability that the text is `personal` or `sensitive`."""
        return self.scores[Tier.PERSONAL] + self.scores[Tier.SENSITIVE]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What came out of the network for a text: per window the tier's logits (4), per token the tags' probabilities and the modes' logits.

    `offsets` are each token's place in `text`; a word's tokens go from its place in `bounds` to the next one, and `words` are
    the means of their tags.
    """

    text: NormalisedText
    tier_logits: list[Floats]
    tags: Floats
    modes: Floats
    offsets: Sequence[tuple[int, int]]
    bounds: list[int]
    words: Floats

    def place(self, first: int, end: int) -> tuple[int, int]:
        """Return where in `text` the words from the first up to another begin and end."""
        return self.offsets[self.bounds[first]][0], self.offsets[self.bounds[end] - 1][1]


class Model:
    """One loaded bundle. Not shared between threads that run at once: one session, one thread."""

    def __init__(self, bundle: Bundle) -> None:
        """Load the network and check it against its known answers.

        Raises:
            BundleError: the network or tokenizer does not load, or a known answer comes out otherwise.
        """
        self.manifest = bundle.manifest
        try:
            self._tokenizer = Tokenizer.from_str(bundle.tokenizer.decode())
            self._session = open_network(bundle.model)
        except BundleError:
            raise
        except Exception as error:  # noqa: BLE001 (onnxruntime and tokenizers raise their own kinds)
            raise BundleError(f"the bundle does not load: {type(error).__name__}") from None
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        special = self._tokenizer.encode("").ids
        self._first, self._last = special[0], special[-1]
        self._name_tags = [place for place, tag in enumerate(self.manifest.tags) if tag.startswith(InfoType.NAME)]
        self._check_known_answers()

    def read(self, text: NormalisedText) -> Reading:
        """Read a text of any length.

        Raises:
            ModelError: the network gave something that is no answer (NaN, another shape).
        """
        seen = self._see(text)
        scores = join_windows(
            [softmax(logits / self.manifest.temperature) for logits in seen.tier_logits],
            self.manifest.thresholds.further_window,
        )
        return Reading(
            scores=dict(zip(TIERS, scores.tolist(), strict=True)),
            category=category_of(scores, self.manifest.thresholds),
            findings=tuple(self._findings(seen)),
            windows=len(seen.tier_logits),
        )

    def count_windows(self, text: NormalisedText) -> int:
        """Return in how many parts a text is read."""
        text = self._named(text)
        tokens = len(self._tokenizer.encode(text.text, add_special_tokens=False).ids)
        return sum(1 for _ in windows(tokens, self.manifest.window_tokens, self.manifest.overlap_tokens))

    def tier_logits(self, text: NormalisedText) -> Floats:
        """Return the tier's logits of each window (windows, 4), as calibration needs them.

        Raises:
            ModelError: as `read`.
        """
        return np.array(self._see(text).tier_logits)

    def _see(self, text: NormalisedText) -> _Seen:
        """Run the network over a text; where it finds names that the lexicon lacks, once more with these written as the known ones are."""
        seen = self._look(self._named(text))
        may_be_renamed = self.manifest.has_one_name and len(seen.tier_logits) <= RENAMED_WINDOWS
        found = list(self._unknown_names(seen)) if may_be_renamed else []
        return self._look(renamed(seen.text, found)) if found else seen

    def _named(self, text: NormalisedText) -> NormalisedText:
        return with_one_name(text) if self.manifest.has_one_name else text

    def _look(self, text: NormalisedText) -> _Seen:
        encoding = self._tokenizer.encode(text.text, add_special_tokens=False)
        ids = encoding.ids
        tier_logits: list[Floats] = []
        tags = modes = np.empty((0, 0), dtype=np.float32)
        for start, end in windows(len(ids), self.manifest.window_tokens, self.manifest.overlap_tokens):
            tier, window_tags, window_modes = self._run(ids[start:end])
            new_tags = softmax(window_tags)
            tags, modes = _joined(tags, modes, new_tags, window_modes, start) if tier_logits else (new_tags, window_modes)
            tier_logits.append(tier)
        bounds = _bounds(encoding.word_ids)
        return _Seen(text, tier_logits, tags, modes, encoding.offsets, bounds, _of_words(tags, bounds))

    def _unknown_names(self, seen: _Seen) -> Iterator[tuple[int, int, str]]:
        """Yield the words that are surely names and are not yet written as the one name: the first of a name as given name."""
        probabilities = seen.words[:, self._name_tags].sum(axis=1).tolist()
        if max(probabilities, default=0.0) < PROPERLY_A_NAME:
            return
        previous_end = -1
        before: tuple[int, int] | None = None
        for place, probability in enumerate(probabilities):
            start, end = seen.place(place, place + 1)
            word = seen.text.text[start:end]
            goes_on = previous_end >= 0 and seen.text.text[previous_end:start] == " "
            is_name = probability >= (PROPERLY_A_NAME if is_proper(word) else SURELY_A_NAME)
            if not is_name or TITLE.match(word) or not WORD.fullmatch(word):
                before = None
                if goes_on and is_unknown(word):
                    previous_end = end
                    yield start, end, FAMILY_NAME
                elif is_unknown(word):
                    before = (start, end)
                continue
            if before and seen.text.text[before[1] : start] == " ":
                yield *before, GIVEN_NAME
                goes_on = True
            previous_end = end
            before = None
            if word.lower() not in _ONE_NAME:
                yield start, end, FAMILY_NAME if goes_on else GIVEN_NAME

    def _run(self, ids: Sequence[int]) -> tuple[Floats, Floats, Floats]:
        tokens = np.array([[self._first, *ids, self._last]], dtype=np.int64)
        tier, _, tags, modes = self._session.run(OUTPUTS, {"input_ids": tokens, "attention_mask": np.ones(tokens.shape, dtype=np.int64)})
        if tier.shape != (1, len(TIERS)) or not np.isfinite(tier).all() or not np.isfinite(tags).all():
            raise ModelError("the network gave no usable answer")
        return tier[0], tags[0, 1:-1], modes[0, 1:-1]

    def _findings(self, seen: _Seen) -> Iterator[Finding]:
        """Join neighbouring telling words of one type into findings."""
        labels = label_words(seen.words, self.manifest.thresholds.tag)
        place = 0
        for label, stretch in groupby(labels):
            first, place = place, place + sum(1 for _ in stretch)
            if label:
                yield self._finding(seen, first, place, label)

    def _finding(self, seen: _Seen, first: int, end: int, tag: int) -> Finding:
        """Make a finding of the words from the first up to another."""
        tokens = slice(seen.bounds[first], seen.bounds[end])
        kind, _, form = self.manifest.tags[tag].partition(":")
        mode = Mode(self.manifest.modes[int(softmax(seen.modes[tokens]).sum(axis=0).argmax())])
        return Finding(
            InfoType(kind),
            *seen.text.original_span(*seen.place(first, end)),
            mode,
            NameForm(form) if form and mode is Mode.STATED else None,
            score=round(float(1 - seen.tags[tokens, 0].mean()), 4),
        )

    def _check_known_answers(self) -> None:
        for answer in self.manifest.known_answers:
            if self.read(normalise(answer.text)).category != answer.category:
                raise BundleError("the network fails a known answer on this machine")


class ModelError(Exception):
    """The network ran and gave no usable answer."""


def softmax(logits: Floats) -> Floats:
    """Return probabilities along the last axis."""
    shifted: Floats = logits - logits.max(axis=-1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=-1, keepdims=True)
    return shifted


def category_of(scores: Floats, thresholds: Thresholds) -> Tier:
    """Return the tier that the probabilities of the four come to: first whether it is one that must not go, then which.

    >>> category_of(np.array([0.5, 0.1, 0.2, 0.2]), Thresholds(allow=0.1, block=0.5))
    <Tier.ROUTINE: 'routine'>
    >>> category_of(np.array([0.5, 0.1, 0.2, 0.2]), Thresholds(allow=0.1, block=0.5, unsafe=0.4))
    <Tier.SENSITIVE: 'sensitive'>
    """
    routine, minimum_contact, personal, sensitive = scores.tolist()
    if personal + sensitive < thresholds.unsafe:
        return Tier.ROUTINE if routine >= minimum_contact else Tier.MINIMUM_CONTACT
    return Tier.SENSITIVE if sensitive >= thresholds.sensitive * (personal + sensitive) else Tier.PERSONAL


def label_words(probabilities: Floats, threshold: float) -> list[int]:
    """Return the tag of each word (words, tags), 0 where it tells nothing.

    A word that tells something, but not plainly what, takes the type of the telling words beside it.

    >>> label_words(np.array([[0.9, 0.1, 0.0], [0.4, 0.2, 0.4], [0.1, 0.9, 0.0], [0.3, 0.3, 0.4]]), 0.4)
    [0, 1, 1, 1]
    """
    labels = [0] * len(probabilities)
    telling = np.flatnonzero(1 - probabilities[:, 0] >= threshold).tolist()
    if not telling:
        return labels
    likeliest = (1 + probabilities[:, 1:].argmax(axis=1)).tolist()
    is_plain = (probabilities[:, 1:].max(axis=1) >= PLAIN).tolist()
    for start, end in _stretches(telling):
        plain = [place for place in range(start, end) if is_plain[place]]
        if not plain:
            labels[start:end] = [1 + int(probabilities[start:end, 1:].sum(axis=0).argmax())] * (end - start)
            continue
        for place in range(start, end):
            labels[place] = likeliest[min(plain, key=lambda each: abs(each - place))]
    return labels


def join_windows(scores: Sequence[Floats], further_window: float = 0.0) -> Floats:
    """Join the windows' probabilities (windows, 4) into the text's: the strictest window wins.

    Each probability of "this tier or stricter" is the highest of any window. `further_window` is what every doubling of
    the number of windows takes off its logit, since more windows mean more chances of a false alarm.

    >>> join_windows([np.array([1.0, 0.0, 0.0, 0.0]), np.array([0.5, 0.0, 0.0, 0.5])]).tolist()
    [0.5, 0.0, 0.0, 0.5]
    """
    stricter = np.cumsum(np.array(scores)[:, ::-1], axis=1)[:, ::-1].max(axis=0)
    if len(scores) > 1 and further_window:
        clipped = np.clip(stricter[1:], 1e-6, 1 - 1e-6)
        logit = np.log(clipped / (1 - clipped)) - further_window * np.log2(len(scores))
        stricter[1:] = 1 / (1 + np.exp(-logit))
    stricter[0] = 1.0
    stricter = np.minimum.accumulate(stricter)
    stricter[:-1] -= stricter[1:]
    return np.asarray(stricter, dtype=np.float32)


def _joined(tags: Floats, modes: Floats, new_tags: Floats, new_modes: Floats, start: int) -> tuple[Floats, Floats]:
    """Add a window's tokens from its start on; where it overlaps what was read, each keeps the reading that finds it the more telling."""
    both = len(tags) - start
    is_better = new_tags[:both, 0] < tags[start:, 0]
    tags[start:][is_better] = new_tags[:both][is_better]
    modes[start:][is_better] = new_modes[:both][is_better]
    return np.concatenate([tags, new_tags[both:]]), np.concatenate([modes, new_modes[both:]])


def _bounds(word_ids: Sequence[int | None]) -> list[int]:
    """Return where each word's tokens begin, and where the last one's end; tokens outside any word stand alone.

    >>> _bounds([0, 0, 1, None, None])
    [0, 2, 3, 4, 5]
    """
    previous: int | None = None
    bounds = []
    for place, word in enumerate(word_ids):
        if word is None or word != previous:
            bounds.append(place)
        previous = word
    return [*bounds, len(word_ids)]


def _of_words(probabilities: Floats, bounds: list[int]) -> Floats:
    """Return the mean of each word's tokens (words, …), of what is given for each token (tokens, …)."""
    if not len(probabilities):
        return probabilities
    edges = np.array(bounds)
    return np.asarray(np.add.reduceat(probabilities, edges[:-1], axis=0) / (edges[1:] - edges[:-1])[:, None])


def _stretches(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where runs of neighbouring places begin and end.

    >>> list(_stretches([1, 2, 4]))
    [(1, 3), (4, 5)]
    """
    start = places[0]
    for place, following in zip(places, [*places[1:], -1], strict=True):
        if following != place + 1:
            yield start, place + 1
            start = following
