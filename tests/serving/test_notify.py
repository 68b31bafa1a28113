"""Does the wrapper around Notify's own client send only what may go? Against a local stand-in for Notify's server."""

import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

from serving.client import Answer
from serving.notify import ChangedError, GuardedNotify, HeldError
from serving.verdict import Action

SERVICE, SECRET, TEMPLATE = (str(uuid.UUID(int=number)) for number in (1, 2, 3))
PHONE = "+447700900123"


class Notify:
    """Notify's server as far as it matters: signed requests, previews, texts sent."""

    def __init__(self):
        self.sent, self.version, self.template = [], 1, "Hi ((name)), your parcel is here"
        notify = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                content = json.loads(self.rfile.read(int(self.headers["content-length"])))
                token = self.headers["authorization"].removeprefix("Bearer ")
                assert jwt.decode(token, SECRET, algorithms=["HS256"])["iss"] == SERVICE
                self._answer(*notify.answer(self.path, content))

            def _answer(self, status, content):
                written = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(written)))
                self.end_headers()
                self.wfile.write(written)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path, content):
        name = (content.get("personalisation") or {}).get("name")
        if name is None:
            return 400, {"errors": [{"error": "BadRequestError", "message": "Missing personalisation: name"}], "status_code": 400}
        body = self.template.replace("((name))", name)
        template = {"id": TEMPLATE, "version": self.version, "uri": "x"}
        if path == f"/v2/template/{TEMPLATE}/preview":
            return 200, {"id": TEMPLATE, "type": "sms", "version": self.version, "body": body, "subject": None}
        assert path == "/v2/notifications/sms"
        self.sent.append(content)
        return 201, {"id": str(uuid.uuid4()), "content": {"body": f"Anytown: {body}", "from_number": "DWP"}, "template": template}


class Judge:
    """Stands for the sendsafe client."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def score(self, text, **fields):
        self.asked.append((text, fields))
        return self.answer


@pytest.fixture
def notify():
    notify = Notify()
    yield notify
    notify.server.shutdown()
    notify.server.server_close()


@pytest.fixture
def real(notify):
    return NotificationsAPIClient(f"key-{SERVICE}-{SECRET}", base_url=notify.url)


def test_a_text_that_may_go_is_sent_as_asked(notify, real):
    judge = Judge(Answer(Action.ALLOW))
    guarded = GuardedNotify(real, judge, sender={"business_area": "parcels"}, recipient={"consent": True})
    sent = guarded.send_sms_notification(PHONE, TEMPLATE, {"name": "Sam"}, reference="batch", sms_sender_id="s1")
    assert sent["content"]["body"] == "Anytown: Hi Sam, your parcel is here"
    assert notify.sent == [
        {"phone_number": PHONE, "template_id": TEMPLATE, "personalisation": {"name": "Sam"}, "reference": "batch", "sms_sender_id": "s1"}
    ]
    text, fields = judge.asked[0]
    assert text == "Hi Sam, your parcel is here"
    assert fields["recipient"] == {"consent": True, "phone": PHONE}
    assert (fields["channel"], fields["sender"]) == ("sms", {"business_area": "parcels"})
    assert fields["reference"].startswith("notify/")


@pytest.mark.parametrize(
    "answer", [Answer(Action.BLOCK), Answer(Action.REVIEW), Answer(Action.REVIEW, failure="overloaded"), Answer(Action.ALLOW, failure="x")]
)
def test_any_other_answer_sends_nothing(notify, real, answer):
    with pytest.raises(HeldError) as held:
        GuardedNotify(real, Judge(answer)).send_sms_notification(PHONE, TEMPLATE, {"name": "Sam"})
    assert held.value.answer is answer
    assert notify.sent == []


def test_what_notify_refuses_comes_through_unscored(notify, real):
    judge = Judge(Answer(Action.ALLOW))
    with pytest.raises(HTTPError):
        GuardedNotify(real, judge).send_sms_notification(PHONE, TEMPLATE)
    assert (judge.asked, notify.sent) == ([], [])


def test_a_template_that_changes_in_between_is_told(notify, real):
    judge = Judge(Answer(Action.ALLOW))
    score = judge.score

    def change(*given, **fields):
        notify.version, notify.template = 2, "Hi ((name)), your test is positive"
        return score(*given, **fields)

    judge.score = change
    with pytest.raises(ChangedError):
        GuardedNotify(real, judge).send_sms_notification(PHONE, TEMPLATE, {"name": "Sam"})
