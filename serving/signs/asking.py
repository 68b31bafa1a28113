"""Asking: for a call (what the policies recommend), or for information about somebody."""

import re

_CALL = re.compile(
    r"\b(?:(?:please |pls |could you |can you |would you |kindly )+(?:then |just )?(?:give (?:me|us) a (?:call|ring|bell)|call|ring|phone|telephone|contact|"
    r"get in (?:touch|contact)|speak (?:to|with)|come (?:in|and see)|visit|log ?in|sign in)"
    r"|(?:call|ring|phone|contact) (?:me|us|the|our|back)\b"
    r"|give (?:me|us) a (?:call|ring|bell)|get in (?:touch|contact) with (?:me|us)|call(?:ing)? (?:on )?(?:\+44|0)[\d ]{6,})",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\b(?:(?:can|could|would|will) (?:you|u|someone|somebody) (?:please |pls )?(?:tell|send|give|confirm|let|text|email|check|look up|read)\b"
    r"|(?:please|pls) (?:tell|send|give|confirm|let me know|text|email|look up)\b"
    r"|(?:what|when|where|which|who|how much)(?:'s| is| are| was| did| does| do| will)\b[^.!?]{0,60}\b(?:my|his|her|their|our|i|he|she|they|client|tenant|patient)\b"
    r"|(?:i )?(?:need|want|would like|wanna) (?:to know|a copy|copies|the details|details|my|his|her|their)\b)",
    re.IGNORECASE,
)


def asks_for_contact(text: str) -> bool:
    """Tell whether the reader is asked to call, come in or get in touch.

    >>> asks_for_contact("I need to contact you, could you please call me on 020 8359 0000"), asks_for_contact("Reply YES")
    (True, False)
    """
    return _CALL.search(text) is not None


def asks_for_information(text: str) -> bool:
    """Tell whether the writer wants to be told something about a person.

    >>> asks_for_information("Can you tell me what her new address is?"), asks_for_information("Thanks, see you Monday")
    (True, False)
    """
    return _QUESTION.search(text) is not None
