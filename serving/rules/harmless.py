"""Filters: what looks like a finding and is known to be none, by the words beside it. Finding and forgiving are separate."""

from serving.rules.rule import Filter, one_of

FILTERS = (
    Filter(
        "harmless.office",
        ("address.postcode", "address.street", "address.flat"),
        "Labelling guide, ruling 1: an organisation's public address",
        before=one_of(
            "offices?", "jobcentre", "library", "surgery", "clinic", "hospital", "school", "centre", "hall", "church", "museum", "court", "bank", "shop",
            "visit us", "venue", "community", "theatre", "works? at", "road ?works?", "application", "planning", "to let", "for sale", "auction", "registered",
            "pharmacy", "mosque", "temple", "station", "depot", "stall", "market", "open house", "demolition", "closed?", "closure", "ltd", "limited",
        ),
        after=one_of("is closed", "closed", "will be closed", "library", "surgery", "community", "office", "road ?works?", "medical", "health centre"),
    ),
    Filter(
        "harmless.public_reference",
        ("reference",),
        "Labelling guide, ruling 12: a reference for a public thing",
        before=one_of(
            "planning", "event", "vacanc(?:y|ies)", "job", "petition", "licen[cs]ing", "tender", "consultation", "route", "bus", "course", "module", "notice board",
            "helpline", "committee", "agenda", "order of", "charity", "charity n(?:o|umber)", "company n(?:o|umber)", "VAT", "stock", "part", "unit", "item",
            "product", "model", "flight", "train", "lot", "batch", "version", "form", "leaflet", "example", "e\\.g\\.",
        ),
        reach=30,
    ),
    Filter(
        "harmless.public_account",
        ("bank.account", "bank.sort_code"),
        "An account that is no bank account",
        before=one_of("council tax", "rent", "customer", "water", "energy", "gas", "library"),
    ),
    Filter(
        "harmless.public_rate",
        ("amount.own", "amount.owed", "amount.balance"),
        "Labelling guide, ruling 7: a flat public rate, fee or price",
        before=one_of(
            "fees?", "costs?", "price", "tickets?", "up to", "rate", "maximum", "minimum", "cost of living", "everyone", "each", "entry", "admission", "from only", "worth",
            "anyone", "people", "households?", "winter fuel", "per person", "deposit of", "if", "over", "under", "more than", "less than", "at least", "earns?(?: over| more| less| under)",
        ),
        after=one_of("per (?:person|adult|child|head|bag|hour|night|ticket)", "each", "a (?:head|ticket|bag|night|person)", "off", "million", "or (?:more|less|over|under)"),
    ),
    Filter(
        "harmless.group_age",
        ("dob",),
        "Labelling guide, ruling 10: an age of everybody",
        before=one_of("over", "under", "anyone", "everyone", "people", "children", "adults", "those", "if", "between", "when you", "once you", "from age", "until"),
        reach=32,
    ),
    Filter(
        "harmless.warning",
        ("credential",),
        "Labelling guide, ruling 10: a warning to everybody",
        before=one_of("never share", "do not share", "never give", "forgot", "forgotten"),
    ),
    Filter(
        "harmless.public_code",
        ("credential",),
        "A code for everybody: a voucher, a place, a course",
        before=one_of(
            "promo(?:tion(?:al)?)?", "discount", "voucher", "post", "area", "dress", "dialling", "tax", "error", "event", "course", "product", "referral", "coupon", "QR", "offer",
            "class", "module", "country", "building", "fault", "app", "at the checkout", "game", "room",
        ),
        after=one_of("at (?:the )?(?:checkout|till|basket)", "for \\d+% off", "off your"),
        reach=24,
    ),
    Filter(
        "harmless.talk_of_marking",
        ("marking.official_sensitive",),
        "Labelling guide, ruling 34: talk about a marking",
        before=one_of("marked", "nothing", "called", "means?", "handling of", "what is", "anything", "guidance on", "how to", "training on", "about", "the word", "labelled"),
        after=one_of("means", "training", "guidance", "is (?:a|the|now|used)", "documents? (?:must|should|may)", "marking"),
    ),
    Filter(
        "harmless.talk_of_secret",
        ("marking.secret",),
        "Labelling guide, rulings 28 and 34: secrets of recipes, gardens and films",
        before=one_of("marked", "nothing", "called", "means?", "victoria'?s"),
        after=one_of("santa", "garden", "recipe", "sale", "shopper", "menu"),
        reach=24,
    ),
)  # fmt: skip
