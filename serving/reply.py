"""The reply that is suggested to a citizen's message: ask for contact, repeat nothing."""

from serving.policy import Area

_IN_DANGER = "If you or anyone else is in danger now, call 999. "


def reply_to(area: Area | None, *, is_urgent: bool) -> str:
    """Return a reply that asks for a call to a named person, as far as the register has one.

    >>> reply_to(None, is_urgent=False)
    'Thank you for your message. So that we can talk about it safely, please call us. Please do not send personal details here.'
    """
    contact = area.contact if area else None
    call = f"please call us on {contact.phone} and ask for {contact.name}" if contact else "please call us"
    thanks = "Thank you for your message. "
    return (
        f"{thanks}{_IN_DANGER if is_urgent else ''}So that we can talk about it safely, {call}. Please do not send personal details here."
    )
