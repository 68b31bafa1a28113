"""Asking: for a call (what the policies recommend), or for information about somebody."""

CONTACT = (
    r"(?:please |pls |could you |can you |would you |kindly )+(?:then |just )?(?:call|ring|phone|telephone|contact|get in (?:touch|contact)|speak (?:to|with)|come (?:in|and see)|visit|log ?in|sign in)",
    r"(?:call|ring|phone|contact) (?:me|us|the|our|back)",
    r"give (?:me|us) a (?:call|ring|bell)",
    r"get in (?:touch|contact) with (?:me|us)",
    r"call(?:ing)? (?:on )?(?:\+44|0)[\d ]{6,}",
)
INFORMATION = (
    r"(?:can|could|would|will) (?:you|u|someone|somebody) (?:please |pls )?(?:tell|send|give|confirm|let|text|email|check|look up|read)",
    r"(?:please|pls) (?:tell|send|give|confirm|let me know|text|email|look up)",
    r"(?:what|when|where|which|who|how much)(?:'s| is| are| was| did| does| do| will)\b[^.!?]{0,60}\b(?:my|his|her|their|our|i|he|she|they|client|tenant|patient)",
    r"(?:i )?(?:need|want|would like|wanna) (?:to know|a copy|copies|the details|details|my|his|her|their)",
)
