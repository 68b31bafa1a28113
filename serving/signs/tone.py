"""Tone: pressure, promises, vague alarm, abuse, canvassing, and whether the sender is named.

The lists are short on purpose: each sends a message to a person or adds advice, and none of them blocks.
"""

from collections.abc import Iterator

from serving.signs.sign import Sign

PRESSURE = (
    "act now", "final (?:warning|notice|reminder|demand|chance)", "last (?:chance|warning)", "immediate(?:ly)? (?:payment|action)", "(?:pay|respond|reply|call|act) immediately",
    "without (?:further )?delay", "or (?:else|we will (?:stop|take|close|sanction|cancel|suspend|prosecute|send bailiffs))", "you (?:must|have to) (?:pay|reply|respond|act|call)",
    "failure to (?:reply|respond|comply|pay|attend)", "if you (?:fail|do not|don'?t) (?:to )?(?:pay|reply|respond|attend|comply|act)[^.!?]{0,60}(?:stop|sanction|lose|court|bailiff|prosecut|clos|suspen|terminat)\\w*",
    "urgent(?:ly)? (?:pay|action required|reply|respond)", "within (?:the next )?(?:24|12|48) hours", "pay now", "legal action", "will be (?:stopped|sanctioned|terminated)",
)  # fmt: skip
URGENT = (
    "urgent(?:ly)?",
    "immediately",
    "at once",
    "right away",
    "straight ?away",
    "asap",
    "as soon as (?:possible|you can)",
    "emergency",
    "serious(?:ly)?",
    "something has happened",
    "there has been an (?:incident|accident)",
)  # fmt: skip
CALLING = (
    "call", "ring", "phone", "contact", "come", "speak to", "get in touch",
)  # fmt: skip
DEAR = (
    "(?:your|ur) (?:child|children|son|daughter|kids?|boy|girl|baby|mum|mother|dad|father|wife|husband|partner|parents?|brother|sister|nan|gran\\w*|family|little one|(?:loved|dear) one)",
    "(?:your|ur) (?:health|results?|safety|home|benefits?|money|claim|payments?)",
)  # fmt: skip
WHY = (
    "nothing to (?:panic|worry)(?: about)?", "not? (?:to )?(?:worry|panic|alarm)", "no need to (?:worry|panic)", "don'?t worry", "routine", "about (?:a|an|the|your|some)? ?(?:\\w+ ){0,2}(?:payment|trip|form|lunch|uniform|meeting|book|letter|fee|club|letter|coat|bag|pe kit|homework|timetable|appointment)",
    "not urgent", "safe and well", "(?:is|are) fine",
)  # fmt: skip
PROMISE = (
    "(?:we|i) (?:can |will |do )?(?:guarantee|promise|assure you|undertake)", "(?:is|are|will be) guaranteed", "you will definitely", "you(?:'ll| will) (?:certainly|always) (?:get|receive|be paid)",
    "(?:we|i) (?:can |will )?(?:personally )?(?:make sure|ensure) (?:that )?you (?:get|are|will be|receive) (?:paid|the money|your money|a house|housed|the award)", "without (?:fail|any doubt)", "i give you my word",
)  # fmt: skip
ABUSIVE = (
    "fuck\\w*", "shit(?:s|ty|head)?", "bullshit", "cunts?", "wank(?:er|ers|ing)?", "twats?", "bastards?", "arseholes?", "assholes?", "dick ?heads?", "bitch(?:es|ing)?", "sluts?", "slags?", "whores?", "piss off", "bellends?",
    "nigg(?:er|a)s?", "pakis?", "chinks?", "coons?", "wogs?", "gypp?os?", "pikeys?", "kikes?", "raghead\\w*", "faggots?", "poofters?", "trann(?:y|ies)", "retard(?:ed|s)?", "spastics?", "mongs?",
    "(?:you(?:'re| are)?|u r|these|those|bloody|bunch of|lot of|pair of) (?:an? )?(?:\\w+ )?(?:idiots?|morons?|scum|scroungers?|vermin|pigs?|liars?|thick|stupid|useless|worthless|pathetic|parasites?)",
    "shut (?:the \\w+ )?up", "go back (?:to where you|to your own country)", "(?:stupid|silly|daft|hysterical) (?:woman|women|girl|cow|bint|foreigners?|immigrants?)", "women (?:should|belong|can'?t|are too)",
    "(?:i|we)(?:'ll| will|'m going to| am going to) (?:hurt|kill|break|smash|batter|find|get|destroy|finish) (?:you|u|your)", "you(?:'ll| will) (?:regret|pay for|be sorry)", "watch your back", "we know where you live",
)  # fmt: skip
SOLICITING = (
    "vote (?:for |against )?(?:labour|conservatives?|tor(?:y|ies)|lib(?:eral)? dem\\w*|greens?|reform|snp|plaid|us|me|our candidate|remain|leave)", "join (?:the |our )?(?:party|church|mosque|temple|congregation|campaign|union today)",
    "(?:support|back) (?:our|the) (?:campaign|candidate|petition|party|cause)", "sign (?:our|the|this) petition", "jesus (?:loves|saves)", "accept (?:jesus|christ|allah)", "find (?:god|jesus)", "god(?:'s)? (?:love|word) (?:for|is)",
    "(?:donate|give) (?:generously|now|today|to our (?:church|cause|appeal|campaign))", "buy (?:my|our|now|one get)", "(?:i(?:'m| am) selling|for sale:|check out my (?:shop|business|page))", "special offer", "discount code", "sponsor me",
    "earn (?:money|cash|£\\d+) (?:from home|fast|a day|a week)", "invest (?:now|today|with us)",
)  # fmt: skip
ORGANISATION = (
    "DWP", "job ?cent(?:re|er)(?: plus)?", "councils?", "borough", "universal credit", "child maintenance", "hmrc", "nhs", "gov\\.uk", "dvla", "police", "court", "tribunal", "probation", "surgery", "hospital", "clinic", "pharmacy", "dentist\\w*", "medical (?:centre|practice)",
    "health (?:centre|visitor)", "school", "academy", "college", "university", "nursery", "library", "leisure centre", "housing (?:association|team|office)?", "homes", "pension (?:service|credit)", "children'?s services", "adult social care", "social services",
    "food ?bank", "charity", "citizens advice", "trust", "ltd", "service", "team", "office", "department", "authority", "agency", "union", "bank", "royal mail", "home office", "passport office", "student finance",
)  # fmt: skip
PAY = (
    "(?:pay|settle|clear) (?:a |the |your )?(?:fee|charge|fine|penalty|balance|customs|delivery)", "(?:unpaid|outstanding) (?:fee|charge|toll|customs|tax|fine)", "(?:refund|rebate) (?:is )?(?:waiting|pending|due|available)",
    "(?:confirm|verify|update) (?:your )?(?:bank|card|payment|account|billing|security) ?(?:details|information|account)?", "suspended|locked|restricted", "gift ?cards?", "bitcoin|crypto", "send (?:me )?(?:the|your) code", "new number",
    "(?:parcel|package|delivery) (?:could not|couldn'?t|is (?:being )?held|is waiting|failed)", "(?:lend|send|transfer) (?:me )?(?:some )?(?:money|£)",
)  # fmt: skip
HURRY = (
    "today",
    "now",
    "immediately",
    "urgent(?:ly)?",
    "within \\d+ (?:hours|hrs)",
    "asap",
    "avoid",
    "before",
    "expires?",
    "final",
    "or (?:else|you)",
    "click",
    "https?://\\S+",
    "link",
)  # fmt: skip
FORWARDED = (r"(?:^|\n)(?:>|(?:fwd?|fw): ?|-{2,} ?(?:forwarded|original) message)", "forwarded (?:message|from)", "begin forwarded")
TONE = {
    "pressure": PRESSURE,
    "urgent": URGENT,
    "calling": CALLING,
    "dear": DEAR,
    "why": WHY,
    "promise": PROMISE,
    "abusive": ABUSIVE,
    "soliciting": SOLICITING,
    "organisation": ORGANISATION,
    "pay": PAY,
    "hurry": HURRY,
    "forwarded": FORWARDED,
}


def tone_signs(said: frozenset[str]) -> Iterator[Sign]:
    """Yield the signs of a text's tone, from the lists of which it has a phrase.

    >>> sorted(tone_signs(frozenset({"urgent", "calling", "dear", "organisation"})))
    [<Sign.ALARMING: 'alarming'>]
    >>> list(tone_signs(frozenset({"urgent", "calling", "dear", "organisation", "why"})))
    []
    """
    for sign in (Sign.PRESSURE, Sign.PROMISE, Sign.ABUSIVE, Sign.SOLICITING, Sign.FORWARDED):
        if sign in said:
            yield sign
    if said >= {"urgent", "calling", "dear"} and "why" not in said:
        yield Sign.ALARMING
    if "organisation" not in said:
        yield Sign.UNSIGNED
    if said >= {"pay", "hurry"}:
        yield Sign.PAY_DEMAND
