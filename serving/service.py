"""The BentoML service: our ASGI app mounted in it, and in front of BentoML's own routes.

Tuned by measurement: access log and tracing off, the collector frozen after warm-up, a bounded traffic timeout (BentoML's timers
are never cancelled; it is the net below our own limits and longer than the slowest body and batch together).
"""

import asyncio
import gc
from functools import cache
from typing import Any

import bentoml
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from serving import logs, protocol, threads
from serving.admission import Room
from serving.classifier import Classifier
from serving.deadline import Deadline
from serving.http import create_app, guarded
from serving.renewal import Renewal
from serving.review.keeper import Keeper, open_store
from serving.review.keys import KeyRing
from serving.schema import ScoreRequest, verdict_json
from serving.settings import Authentication as Who
from serving.settings import Settings
from serving.tracing import Spans
from serving.verdict import Message

SETTINGS = Settings()
CLASSIFIER = Classifier.load(SETTINGS, Deadline(SETTINGS.deadline_seconds, SETTINGS.deadline_further_window_seconds))
KEEPER = Keeper.of(SETTINGS)
KEYS = KeyRing(KEEPER.store if KEEPER else open_store(SETTINGS)) if SETTINGS.authentication is Who.KEYS else None
ROOM = Room.of(SETTINGS, CLASSIFIER.worker, has_clients=KEYS is not None)
SPANS = Spans.open() if SETTINGS.traces else None
APP = create_app(CLASSIFIER, SETTINGS, KEEPER, KEYS, ROOM, SPANS)
DRAIN_SECONDS = 30
"""How long a worker that is told to end waits for the requests that it has taken; left to itself it would wait for ever."""
BENTOML_PATHS = frozenset({"/schema.json"})
"""What BentoML answers itself: its client reads the routes there. Its pages, health checks and error texts stay unseen."""


class Ahead:
    """Answer what is ours at once: the layers that BentoML puts around every app cost a third of a millisecond.

    They are a net of 30 s, which our own limits are within, and a span that is switched off. Whatever serves without our protocol
    has `Front`.
    """

    def __init__(self, served: ASGIApp) -> None:
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass it on where it is BentoML's."""
        is_ours = scope["type"] == "http" and scope["path"] not in BENTOML_PATHS
        await (APP if is_ours else self._served)(scope, receive, send)


@cache
def ahead(config: uvicorn.Config) -> ASGIApp:
    """Return what a server of BentoML asks, behind what it believes of proxies; and have it end some time, where told to."""
    if config.timeout_graceful_shutdown is None:
        config.timeout_graceful_shutdown = DRAIN_SECONDS
    return ProxyHeadersMiddleware(Ahead(config.loaded_app), config.forwarded_allow_ips)  # type: ignore[arg-type, return-value]


protocol.install(SETTINGS.body_seconds)


class Front:
    """Answer every request with our app, ahead of the routes that BentoML adds."""

    def __init__(self, app: ASGIApp) -> None:
        self._lifespan = app
        self._bentoml = guarded(app, ROOM, KEYS, SPANS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass it on where it is BentoML's."""
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope.get("method") == "GET" and scope["path"] in BENTOML_PATHS:
            await self._bentoml(scope, receive, send)
        else:
            await APP(scope, receive, send)


@bentoml.service(
    name="sendsafe",
    workers=SETTINGS.workers,
    http={"host": SETTINGS.host, "port": SETTINGS.port},
    traffic={"timeout": 30},
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": [".*"]},
    metrics={"enabled": False},
)
@bentoml.asgi_app(APP, path="/")
class Sendsafe:
    """Judges messages."""

    def __init__(self) -> None:
        logs.set_up()
        protocol.ask_ahead(ahead)
        threads.end_with_them()
        threads.end_if_stuck(asyncio.get_running_loop())
        if KEEPER is not None:
            KEEPER.start()
        CLASSIFIER.classify(Message(text="Warm up."))
        if SETTINGS.use_model:
            Renewal(CLASSIFIER, SETTINGS.bundle_folder).start()
        gc.collect()
        gc.freeze()

    @bentoml.api(route="/v1/score")  # type: ignore[untyped-decorator]
    def score(self, request: ScoreRequest, /) -> dict[str, Any]:
        """Judge one message: the entry for BentoML's client and tooling. Over HTTP, `Front` answers this path by the contract."""
        return verdict_json(CLASSIFIER.classify(request.message()))


Sendsafe.add_asgi_middleware(Front)  # type: ignore[attr-defined]
