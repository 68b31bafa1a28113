"""The smallest change that would let a held message go: worked out beside the judging, one message at a time, and kept with it."""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog
from sqlalchemy import select, update

from serving.counterfactual import Counterfactual
from serving.review.database import reading
from serving.review.records import held_message
from serving.review.reviews import WAITING
from serving.review.store import Store
from serving.verdict import Message

SECONDS = 10.0
"""How long one message may take, readings of others in between."""
MOST_ASKED = 64
NONE_FOUND: Mapping[str, Any] = {}
"""What is kept where no change was found that would do."""

Find = Callable[[Message, float], Counterfactual | None]
"""Works one out within so many seconds, or raises `TimeoutError`."""


class Changes:
    """A thread that works out changes, what was asked for last first; it begins when somebody asks."""

    def __init__(self, store: Store, find: Find | None) -> None:
        """Take what works them out; without it none is ever known."""
        self._store = store
        self._find = find
        self._asked: dict[str, threading.Event] = {}
        self._changed = threading.Condition()
        self._is_begun = False

    @property
    def is_able(self) -> bool:
        """Tell whether there is anything to work them out with."""
        return self._find is not None

    def ask(self, review_ids: Iterable[str]) -> None:
        """Have changes worked out, the last of the ids first; of too many the longest asked for are forgotten."""
        if self._find is None:
            return
        with self._changed:
            for each in review_ids:
                self._asked[each] = self._asked.pop(each) if each in self._asked else threading.Event()
            for each in list(self._asked)[:-MOST_ASKED]:
                self._asked.pop(each).set()
            if not self._is_begun:
                self._is_begun = True
                threading.Thread(target=self._run, name="changes", daemon=True).start()
            self._changed.notify()

    def wait(self, review_id: str, seconds: float) -> None:
        """Wait until a message that was asked for is done, or as long as that."""
        with self._changed:
            event = self._asked.get(review_id)
        if event is not None:
            event.wait(seconds)

    def known(self, review_id: str) -> Mapping[str, Any] | None:
        """Return what is kept of a message's change: `NONE_FOUND` where there is none, `None` where nobody knows yet."""
        reviews = self._store.tables.reviews
        with reading(self._store.engine) as connection:
            kept: Mapping[str, Any] | None = connection.scalar(select(reviews.c.change).where(reviews.c.id == review_id))
        return kept

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._asked:
                    self._changed.wait()
                review_id = next(reversed(self._asked))
            try:
                self._work_out(review_id)
            except Exception as error:  # noqa: BLE001 (whatever it is, the message is shown without)
                if not isinstance(error, TimeoutError):
                    structlog.get_logger().warning("no change worked out", error=type(error).__name__)
            with self._changed:
                if event := self._asked.pop(review_id, None):
                    event.set()

    def _work_out(self, review_id: str) -> None:
        reviews, decisions = self._store.tables.reviews, self._store.tables.decisions
        is_wanted = (reviews.c.id == review_id) & (reviews.c.state == WAITING) & reviews.c.change.is_(None)
        columns = (reviews.c.text, decisions.c.features, decisions.c.words)
        chosen = select(*columns).join(decisions, decisions.c.id == reviews.c.decision_id).where(is_wanted)
        with reading(self._store.engine) as connection:
            row = connection.execute(chosen).mappings().first()
        if row is None or self._find is None:
            return
        message = held_message(row["features"], json.loads(row["words"] or "{}"), json.loads(row["text"]))
        found = self._find(message, SECONDS) if message else None
        with self._store.engine.begin() as connection:
            connection.execute(update(reviews).where(is_wanted).values(change=found.as_json() if found else NONE_FOUND))
