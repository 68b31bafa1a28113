"""Put sendsafe before GOV.UK Notify: a text is scored as Notify would send it, and sent only when it may go.

from notifications_python_client.notifications import NotificationsAPIClient

notify = GuardedNotify(NotificationsAPIClient(api_key), Client("http://127.0.0.1:3000"))
notify.send_sms_notification("+447700900123", template_id, {"name": "Sam"})
"""

import uuid
from collections.abc import Mapping
from typing import Any, Protocol

from serving.client import Answer, Client


class NotifyClient(Protocol):
    """What is used of `notifications_python_client.notifications.NotificationsAPIClient`."""

    def post_template_preview(self, template_id: str, personalisation: Any) -> Any:
        """Return the template filled in."""

    def send_sms_notification(
        self, phone_number: str, template_id: str, personalisation: Any = None, reference: Any = None, sms_sender_id: Any = None
    ) -> Any:
        """Send a text."""


class HeldError(Exception):
    """The text was not sent; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"not sent: {answer.failure or answer.action}")
        self.answer = answer


class ChangedError(Exception):
    """The text was sent, but it is not the one that was scored: the template was changed in between."""


class GuardedNotify:
    """Scores before `send_sms_notification`; what Notify's client raises comes through, and then nothing was sent."""

    def __init__(self, notify: NotifyClient, client: Client, **fields: Any) -> None:
        """Take both clients, and fields of the contract that are the same for every text, such as `sender`."""
        self._notify = notify
        self._client = client
        self._fields = fields

    def send_sms_notification(
        self,
        phone_number: str,
        template_id: str,
        personalisation: Mapping[str, Any] | None = None,
        reference: str | None = None,
        sms_sender_id: str | None = None,
    ) -> Any:
        """Send a text that may go, and return what Notify answers.

        Notify's `reference` may stand for a whole batch, so each text is scored under one of its own.

        Raises:
            HeldError: the text may not go, or sendsafe gave no clear answer.
            ChangedError: another text was sent than was scored.
        """
        preview = self._notify.post_template_preview(template_id, dict(personalisation or {}))
        recipient = {**self._fields.get("recipient", {}), "phone": phone_number}
        fields = {"channel": "sms", "reference": f"notify/{uuid.uuid4().hex}", **self._fields, "recipient": recipient}
        answer = self._client.score(preview["body"], **fields)
        if not answer.may_send:
            raise HeldError(answer)
        sent = self._notify.send_sms_notification(phone_number, template_id, personalisation, reference, sms_sender_id)
        if sent["template"]["version"] != preview["version"]:
            raise ChangedError("the template was changed between scoring and sending")
        return sent
