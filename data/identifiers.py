"""Invented identifiers and the sentences that carry them, from a seed: what every rule must find, whatever the value.

Formats are those that the rules name as their sources; values are drawn, so that nobody real is meant.
"""

import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stdnum import iban, luhn
from stdnum.gb import nhs

from data.synthesis import names

Maker = Callable[[random.Random], str]
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_STREETS = (
    "Elm Road",
    "Mill Lane",
    "Cobden Street",
    "Larch Grove",
    "Station Road",
    "Ropery Court",
    "Fallow Close",
    "Orchard Rise",
    "Park Avenue",
    "Quay Street",
)
_WORDS = ("harbour", "tulip", "kestrel", "bluebell", "marble", "copper", "lantern", "saddle", "orchid", "pebble")
_MAILBOXES = ("example.com", "example.org", "example.net", "mail.example", "example.co.uk")


@dataclass(frozen=True, slots=True)
class Carried:
    """A sentence and the identifier in it."""

    text: str
    value: str


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(count))


def _letters(rng: random.Random, count: int, of: str = string.ascii_uppercase) -> str:
    return "".join(rng.choice(of) for _ in range(count))


def _grouped(text: str, sizes: tuple[int, ...], gap: str) -> str:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(text[start : start + size])
        start += size
    return gap.join(pieces)


def nino(rng: random.Random) -> str:
    """Return a National Insurance number with HMRC's example prefix or an allowed one."""
    first, second = rng.choice(("QQ", "QQ", "AB", "CE", "JG", "LM", "PS", "RX", "WY", "SK"))
    return _grouped(f"{first}{second}{_digits(rng, 6)}{rng.choice('ABCD')}", (2, 2, 2, 2, 1), rng.choice(("", " ", " ", "-")))


def nhs_number(rng: random.Random) -> str:
    """Return ten digits that pass the NHS check."""
    while True:
        number = rng.choice("49") + _digits(rng, 9)
        if nhs.is_valid(number):
            return _grouped(number, (3, 3, 4), rng.choice(("", " ", "-")))


def chi_number(rng: random.Random) -> str:
    """Return a date of birth and four digits that pass the NHS check."""
    while True:
        number = f"{rng.randint(1, 28):02}{rng.randint(1, 12):02}{rng.randint(30, 99)}{_digits(rng, 4)}"
        if nhs.is_valid(number):
            return number


def licence(rng: random.Random) -> str:
    """Return a driving licence number as DVLA builds it."""
    surname = (rng.choice(names()["english"]["family"]).upper() + "99999")[:5]
    month = rng.randint(1, 12) + (50 if rng.random() < 0.5 else 0)  # noqa: PLR2004
    return f"{surname}{_digits(rng, 1)}{month:02}{rng.randint(1, 28):02}{_digits(rng, 1)}{_letters(rng, 1)}9{_digits(rng, 1)}{_letters(rng, 2)}"


def card(rng: random.Random) -> str:
    """Return sixteen digits that pass the Luhn check."""
    first = rng.choice("45") + _digits(rng, 14)
    return _grouped(first + luhn.calc_check_digit(first), (4, 4, 4, 4), rng.choice(("", " ", "-")))


def iban_number(rng: random.Random) -> str:
    """Return a British IBAN that passes its check."""
    account = _letters(rng, 4) + _digits(rng, 14)
    number = "GB" + iban.calc_check_digits("GB00" + account) + account
    return _grouped(number, (4, 4, 4, 4, 4, 2), rng.choice(("", " ")))


def mobile(rng: random.Random) -> str:
    """Return a mobile number, mostly from Ofcom's drama range."""
    number = f"07700900{_digits(rng, 3)}" if rng.random() < 0.7 else f"07{rng.choice('345789')}{rng.randint(10, 99)}{_digits(rng, 6)}"  # noqa: PLR2004
    way = rng.randrange(4)
    if way == 0:
        return number
    if way == 1:
        return f"{number[:5]} {number[5:]}"
    return f"{number[:5]} {number[5:8]} {number[8:]}" if way == 2 else f"+44 {number[1:5]} {number[5:]}"  # noqa: PLR2004


def landline(rng: random.Random) -> str:
    """Return a landline number from Ofcom's drama ranges."""
    return rng.choice((f"01632 960{_digits(rng, 3)}", f"0161 496 0{_digits(rng, 3)}", f"020 7946 0{_digits(rng, 3)}"))


def email(rng: random.Random) -> str:
    """Return a person's mailbox."""
    origin = names()[rng.choice(sorted(names()))]
    given, family = rng.choice(origin["given"]).lower(), rng.choice(origin["family"]).lower().replace(" ", "").replace("'", "")
    local = rng.choice((f"{given}.{family}", f"{given}{family}{rng.randint(1, 99)}", f"{given}_{rng.randint(1950, 2010)}"))
    return f"{local.encode('ascii', 'ignore').decode() or 'sam'}@{rng.choice(_MAILBOXES)}"


def postcode(rng: random.Random) -> str:
    """Return a full postcode."""
    return f"{rng.choice(('BD', 'NW', 'M', 'LS', 'SE', 'B', 'CF', 'OL', 'LE', 'NE'))}{rng.randint(1, 29)} {rng.randint(1, 9)}{_letters(rng, 2, 'ABDEFGHJLNPQRSTUWXYZ')}"


def street(rng: random.Random) -> str:
    """Return a house number and a street."""
    return f"{rng.randint(1, 199)} {rng.choice(_STREETS)}"


def day(rng: random.Random) -> str:
    """Return a date of birth as people write it."""
    d, m, y = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1930, 2015)
    return rng.choice(
        (f"{d:02}/{m:02}/{y}", f"{d}.{m}.{y % 100:02}", f"{d} {_MONTHS[m - 1]} {y}", f"{y}-{m:02}-{d:02}", f"{d:02}-{m:02}-{y}")
    )


def amount(rng: random.Random) -> str:
    """Return a sum of pounds and pence."""
    return f"£{rng.randint(1, 2500):,}.{rng.randint(0, 99):02}"


def plate(rng: random.Random) -> str:
    """Return a registration mark of the pattern since 2001."""
    return f"{_letters(rng, 2, 'ABDEFGHJKLMNPRSTUVWXY')}{rng.choice(('02', '09', '15', '19', '23', '51', '58', '66', '71'))} {_letters(rng, 3, 'ABCDEFGHJKLMNPRSTUVWXYZ')}"


def reference(rng: random.Random) -> str:
    """Return a case reference."""
    return rng.choice(
        (
            f"{_digits(rng, 8)}",
            f"{_letters(rng, 2)}{_digits(rng, 6)}",
            f"{_digits(rng, 4)}-{_digits(rng, 4)}-{_letters(rng, 1)}",
            f"{_letters(rng, 3)}-{_digits(rng, 5)}",
        )
    )


def password(rng: random.Random) -> str:
    """Return a password with digits or signs in it."""
    return f"{rng.choice(_WORDS).title()}{rng.choice('!#$%-')}{_digits(rng, 2)}"


def given(rng: random.Random) -> str:
    """Return a given name."""
    return rng.choice(names()[rng.choice(sorted(names()))]["given"])


def family(rng: random.Random) -> str:
    """Return a family name."""
    return rng.choice(names()[rng.choice(sorted(names()))]["family"])


MAKERS: Mapping[str, Maker] = {
    "nino": nino, "nhs": nhs_number, "chi": chi_number, "licence": licence, "card": card, "iban": iban_number, "mobile": mobile, "landline": landline,
    "email": email, "postcode": postcode, "street": street, "day": day, "amount": amount, "plate": plate, "reference": reference, "password": password,
    "given": given, "family": family,
    "utr": lambda rng: _digits(rng, 10),
    "passport": lambda rng: _digits(rng, 9),
    "permit": lambda rng: f"{_letters(rng, 2)}{rng.choice('XZ7')}{_digits(rng, 6)}",
    "part": lambda rng: _digits(rng, 4),
    "tail": lambda rng: f"{_digits(rng, 2)}{rng.choice('ABCD')}",
    "sort": lambda rng: _grouped(_digits(rng, 6), (2, 2, 2), rng.choice(("-", " ", ""))),
    "account": lambda rng: _digits(rng, 8),
    "pin": lambda rng: _digits(rng, 4),
    "otp": lambda rng: _digits(rng, 6),
    "word": lambda rng: rng.choice(_WORDS),
    "age": lambda rng: str(rng.randint(10, 95)),
    "foreign": lambda rng: rng.choice((f"+48 5{rng.randint(10, 19)} {_digits(rng, 3)} {_digits(rng, 3)}", f"+353 85 {_digits(rng, 3)} {_digits(rng, 4)}", f"+91 98{_digits(rng, 3)} {_digits(rng, 5)}")),
    "title": lambda rng: rng.choice(("Mr", "Mrs", "Ms", "Miss")),
    "worker": lambda rng: rng.choice(("Dr", "Nurse", "PC", "Cllr")),
    "flat": lambda rng: f"Flat {rng.randint(1, 90)}, {street(rng)}",
    "marking": lambda rng: rng.choice(("OFFICIAL-SENSITIVE", "OFFICIAL SENSITIVE", "OFF-SEN", "OFFICIAL: SENSITIVE")),
    "secret": lambda rng: rng.choice(("TOP SECRET", "SECRET", "UK SECRET")),
    "foreign_id": lambda rng: f"{rng.randint(100, 899)}-{rng.randint(10, 99)}-{_digits(rng, 4)}",
    "groups": lambda rng: _grouped("4" + _digits(rng, 15), (4, 4, 4, 4), " "),
    "stars": lambda rng: f"****{_digits(rng, 4)}",
    "pair": lambda rng: f"{_grouped(_digits(rng, 6), (2, 2, 2), rng.choice('- '))}{rng.choice((' ', ', ', ' / '))}{_digits(rng, 8)}",
    "share_code": lambda rng: _grouped(
        f"{rng.choice('WRS')}{_digits(rng, 1)}{_letters(rng, 3)}{_digits(rng, 2)}{_letters(rng, 2)}", (3, 3, 3), rng.choice((" ", "", "-"))
    ),
    "incident": lambda rng: f"{rng.randint(10, 9999)} of {rng.randint(1, 28)} {rng.choice(_MONTHS)}",
    "three_words": lambda rng: f"///{'.'.join(rng.sample(_WORDS, 3))}",
    "birthday": lambda rng: rng.choice(("{0} {1}", "{0}th of {1}", "{1} {0}")).format(rng.randint(4, 20), rng.choice(_MONTHS)),
    "anyone": lambda rng: f"{given(rng)} {family(rng)}",
}  # fmt: skip

CARRIERS: Mapping[str, tuple[str, ...]] = {
    "national_id.nino": ("{nino} is on the letter", "please check {nino} for me", "We hold {nino} for you"),
    "national_id.nino_labelled": ("NI number {nino}", "NINO: {nino}", "my national insurance number is {nino}"),
    "national_id.nino_part": ("NINO ending {tail}", "your NI number ends in {tail}", "national insurance number ending {tail}"),
    "national_id.nhs": ("NHS number {nhs}", "patient {nhs}", "NHS no: {nhs}"),
    "national_id.nhs_labelled": ("Your NHS number is {nhs}", "NHS no {nhs}", "patient number: {nhs}"),
    "national_id.chi": ("CHI {chi}", "her CHI number is {chi}", "CHI no {chi}"),
    "national_id.utr": ("UTR {utr}", "your unique taxpayer reference is {utr}", "tax reference {utr}"),
    "national_id.passport": ("passport {passport}", "my passport number is {passport}", "passport no: {passport}"),
    "national_id.driving_licence": ("licence {licence}", "my number is {licence}", "{licence} expired"),
    "national_id.driving_licence_labelled": (
        "driving licence number {licence}",
        "driver number: {licence}",
        "driver's licence no {licence}",
    ),
    "national_id.residence": ("BRP {permit}", "visa {permit} was lost", "my residence permit is {permit}"),
    "national_id.share_code": ("share code {share_code}", "My share code is {share_code} thanks", "share code: {share_code}"),
    "national_id.part": ("UTR ending {part}", "passport ending {part}", "licence number ends {part}"),
    "national_id.foreign": ("my social security number is {foreign_id}", "SSN {foreign_id}", "social security no: {foreign_id}"),
    "bank.card": ("card {card}", "pay with {card}", "{card} was declined"),
    "bank.card_labelled": ("my card {groups}", "card number {groups}", "debit card no: {groups}"),
    "bank.iban": ("IBAN {iban}", "send it to {iban}", "{iban} please"),
    "bank.iban_labelled": ("IBAN {iban}", "IBAN: {iban}", "my IBAN is {iban}"),
    "bank.sort_code": ("sort code {sort}", "s/c {sort}", "the sort code is {sort}"),
    "bank.account": ("account number {account}", "sort code 20-00-00 account {account}", "acc no {account}"),
    "bank.pair": ("paid into {pair}", "{pair} please", "it goes to {pair} thanks"),
    "bank.part": ("card ending {part}", "account ends in {part}", "last 4 digits {part} of your card"),
    "bank.masked": ("card {stars}", "your account {stars}", "direct debit from {stars}"),
    "phone.mobile": ("call me on {mobile}", "{mobile}", "my mobile is {mobile} thanks"),
    "phone.landline": ("my direct line is {landline}", "call me on {landline}", "home number {landline}"),
    "phone.foreign": ("ring {foreign}", "my number is {foreign}", "WhatsApp {foreign} please"),
    "email.personal": ("{email}", "write to {email}", "my address is {email} thanks"),
    "address.postcode": ("I live at the top, {postcode}", "your home address, {postcode}", "deliver to {postcode}"),
    "address.what3words": ("I live at {three_words}", "my house is {three_words}", "deliver to {three_words} please"),
    "address.street": ("I live at {street}", "deliver to {street}", "your home, {street}, {postcode}"),
    "address.flat": ("{flat}", "water coming through at {flat}", "{flat}, {postcode}"),
    "reference.person": ("claim {reference}", "your case ref {reference}", "customer number {reference}"),
    "reference.incident": ("CAD {incident}", "the police log is CAD {incident}", "CAD number {incident}"),
    "reference.own": ("your reference is {reference}", "my order number {reference}", "your booking ref {reference}"),
    "reference.vehicle": ("your car {plate}", "reg {plate}", "the MOT for {plate} is due"),
    "credential.code": ("password: {password}", "Your PIN is {pin}", "key safe {pin}"),
    "credential.password": ("the password is {word}", "Password: {word}", "password for the wifi is {word}"),
    "credential.your_code": ("{otp} is your login code", "{otp} is your one time passcode", "{pin} is your PIN"),
    "credential.use_code": ("Use {otp} to sign in", "use code {otp} to verify your number", "Enter {otp} to finish signing in"),
    "credential.sent_code": ("Code {otp}. Do not share it.", "Your code is {otp}", "security code: {otp}"),
    "dob.date": ("DOB {day}", "date of birth: {day}", "born on {day}"),
    "dob.day": ("DOB {birthday}", "date of birth: {birthday}", "my date of birth is {birthday}"),
    "dob.age": ("aged {age}", "my {age} year old", "he is {age} years old"),
    "dob.own_age": ("I'm {age} and on my own", "she's {age} tomorrow", "Gran turned {age}"),
    "amount.own": ("your payment of {amount}", "your rent arrears of {amount}", "my wages were {amount}"),
    "amount.rate": ("your new rate is {amount} an hour", "your pay rate is now {amount}", "your rent rate will be {amount}"),
    "amount.owed": ("you owe {amount}", "he owes me {amount}", "you will receive {amount}"),
    "amount.balance": ("the arrears on your account are {amount}", "The balance of {amount} is now due", "{amount} is still owed"),
    "marking.official_sensitive": ("{marking}: minutes", "[{marking}]", "{marking}\nagenda"),
    "marking.secret": ("{secret}\nBrief", "[{secret}]", "{secret}: plan"),
    "name.titled": ("Dear {title} {family}, hello", "Hi {title} {family}", "Good morning {title} {family}"),
    "name.titled_elsewhere": ("{title} {family} rang", "see {title} {family}", "with {title} {family}"),
    "name.greeted": ("Hi {given}, lunch?", "Dear {given},", "Hello {given}!"),
    "name.greeted_full": ("Dear {anyone}, hello", "Hello {anyone}, it's the council", "Hi {anyone}"),
    "name.worker": ("you're seeing {worker} {family}", "ask for {worker} {family}", "{worker} {family} will call"),
    "name.self": ("this is {given} from the council", "my name is {given}", "It's {given} here"),
    "name.signed": ("Thanks, {given}", "Regards\n{given}", "cheers, {given}"),
}
"""Sentences for every rule that finds a value; what is asked for has no value."""


def carried(rule_id: str, rng: random.Random) -> Carried:
    """Return a sentence with a drawn value for a rule.

    >>> carried("national_id.nino_part", random.Random(1)).text
    'NINO ending 91C'
    """
    carrier = rng.choice(CARRIERS[rule_id])
    name = carrier[carrier.index("{") + 1 : carrier.index("}")]
    value = MAKERS[name](rng)
    first = carrier.replace(f"{{{name}}}", value, 1)
    while "{" in first:
        other = first[first.index("{") + 1 : first.index("}")]
        made = MAKERS[other](rng)
        value = f"{value} {made}" if rule_id == "name.titled" else value
        first = first.replace(f"{{{other}}}", made, 1)
    return Carried(first, value)
