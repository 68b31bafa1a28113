"""Is each rule right? Three texts that it must find something in, three that it must leave alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.findings import CERTAIN
from serving.rules import RULES, find
from serving.taxonomy import InfoType, Mode

CASES = {
    "national_id.nino": (
        ["QQ123456C", "your NI is qq 12 34 56 c", "AB-12-34-56-D please"],
        ["BG123456A", "part QX12345", "ref GB 12 34 56 A"],
    ),
    "national_id.nino_part": (
        ["NINO ending 12C", "your national insurance number ends in 56D", "NI number ending with 3A"],
        ["ending 12C", "page ending 4 B", "NINO by post"],
    ),
    "national_id.nhs": (
        ["NHS number 943 476 5919", "NHS no: 9434765919", "patient 943-476-5919"],
        ["NHS number 943 476 5918", "£9434765919", "call 0300 123 1000 about the NHS"],
    ),
    "national_id.chi": (
        ["CHI 0101336489", "her CHI number is 010133 6489", "CHI no 0101336489"],
        ["0101336489", "CHI 9901336489", "Chi Chi won"],
    ),
    "national_id.utr": (
        ["UTR 28441 77301", "your unique taxpayer reference is 2844177301", "tax reference 28 4417 7301"],
        ["call 2844177301", "UTR by post", "tax reference office"],
    ),
    "national_id.passport": (
        ["passport 533901227", "passport number AB1234567", "her passport no 533901227"],
        ["533901227", "passport office, desk 4", "passport photos £8"],
    ),
    "national_id.driving_licence": (
        ["MORGA657054SM9IJ", "licence JONES601015JA9AB", "mine is morga657054sm9ij"],
        ["MORGA657054", "licence no longer needed", "MORGA677054SM9IJ"],
    ),
    "national_id.residence": (
        ["BRP ZUX123456", "UAN 1234-1234-1234-1234", "visa X1234567"],
        ["1234-1234-1234-1234", "visa office", "BRP desk 7"],
    ),
    "bank.card": (
        ["4111 1111 1111 1111", "card 5500005555555559", "pay with 4000-0000-0000-0002"],
        ["4111 1111 1111 1112", "£4111111111111111", "0000 0000 0000 0000"],
    ),
    "bank.iban": (
        ["GB82 WEST 1234 5698 7654 32", "IBAN GB82WEST12345698765432", "to DE89370400440532013000"],
        ["GB83 WEST 1234 5698 7654 32", "GB20 by road", "IBAN by post"],
    ),
    "bank.sort_code": (
        ["sort code 20-00-00", "s/c 200000", "the sort code is 20 11 09"],
        ["on 20-00-00", "call 200000", "Sort codes change soon"],
    ),
    "bank.account": (
        ["account number 12345678", "sort code 20-00-00 account 12345678", "a/c 1234 5678"],
        ["12345678", "council tax account 12345678", "account ready"],
    ),
    "bank.part": (
        ["card ending 4417", "account ends in 09", "last 4 digits 0021 of your card"],
        ["ending 4417", "card ending soon", "bus ending at 14"],
    ),
    "phone.mobile": (
        ["07700 900123", "+44 7700 900123", "ring 07700900999"],
        ["0300 123 1000", "0800 555 0100", "p07700"],
    ),
    "phone.landline": (
        ["my direct line is 0161 496 0551", "call me on 01632 960118", "home number 020 7946 0733"],
        ["ring the office on 0161 496 0551", "01632 960118", "open 01 02 2026"],
    ),
    "email.personal": (
        ["sam.lee@example.com", "k.o'neil@example.org", "write to nadia_1987@example.net"],
        ["benefits@anytown.gov.uk", "info@example.com", "@sam on the app"],
    ),
    "address.postcode": (
        ["my home is in BD7 3QL", "your address NW9 5AB", "she lives at the top, M14 5TT"],
        ["BD7 3QL", "visit us at our offices, BD7 3QL", "p800refund my home"],
    ),
    "address.street": (
        ["I live at 14 Elm Road", "deliver to 7 Mill Lane", "your home, 22 Cobden Street, BD7 3QL"],
        ["14 Elm Road is closed", "our office at 7 Mill Lane", "I live at home"],
    ),
    "dob.date": (
        ["DOB 03/04/1971", "date of birth: 3 April 1971", "born on 3rd April 1971"],
        ["on 03/04/2026", "date of birth needed", "born in Leeds"],
    ),
    "dob.age": (
        ["aged 7", "my 4 year old", "he is 43 years old"],
        ["aged 65 and over", "over 65s", "anyone aged 18"],
    ),
    "amount.own": (
        ["your payment of £368.74", "your rent arrears of £40", "your refund was £12.10"],
        ["the payment is £299", "tickets cost £6", "up to £500 off"],
    ),
    "amount.owed": (
        ["you owe £212.40", "he owes me £20", "you will receive £91.17"],
        ["you owe us a visit", "everyone pays £4", "we owe £3m"],
    ),
    "reference.person": (
        ["claim 4417-9023-X", "your case ref AB12345", "customer number 20331178"],
        ["planning case 24/0417", "claim your 20% off", "account online"],
    ),
    "reference.vehicle": (
        ["your car BD51 SMR", "reg LP67ZGH", "MOT for KV68 QXB is due"],
        ["BD51 SMR", "room AB12 CDE", "your car is ready"],
    ),
    "credential.code": (
        ["password: Harbour!29", "Your PIN is 4471", "key safe 1947"],
        ["never share your PIN 1234", "password policy changes", "door on the left"],
    ),
    "credential.your_code": (
        ["482913 is your login code", "0421 is your PIN", "662914 is your one time passcode"],
        ["482913 people voted", "code of conduct", "42 is your bus"],
    ),
    "marking.official_sensitive": (
        ["OFFICIAL-SENSITIVE: minutes", "[OFFICIAL SENSITIVE]", "OFF-SEN rota"],
        ["OFFICIAL", "nothing marked OFFICIAL-SENSITIVE may leave", "official sensitive skin cream"],
    ),
    "marking.secret": (
        ["SECRET\nBrief", "UK TOP SECRET", "TOP SECRET: plan"],
        ["top secret recipe", "the SECRET garden", "marked SECRET"],
    ),
    "name.titled": (
        ["Dear Mrs Okafor, hello", "Hi Mr Khan", "Good morning Ms Lee"],
        ["Mrs Okafor rang", "Dear all", "Hi Miss"],
    ),
    "name.titled_elsewhere": (
        ["Mrs Okafor rang", "see Mr Khan", "with Ms Lee"],
        ["the missus rang", "Mr", "miss the bus"],
    ),
    "name.greeted": (
        ["Hi Sam, lunch?", "Dear Farida,", "Hello Kofi!"],
        ["Hi all, lunch?", "Dear customer,", "Hi there!"],
    ),
}


def test_every_rule_has_three_cases_of_each_kind():
    assert set(CASES) == {rule.id for rule in RULES}
    assert all(len(set(yes)) >= 3 and len(set(no)) >= 3 for yes, no in CASES.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_finds(rule):
    missed = [text for text in CASES[rule.id][0] if not list(rule.find(text))]
    assert missed == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_leaves_alone(rule):
    found = [text for text in CASES[rule.id][1] if any(f.score >= CERTAIN for f in rule.find(text))]
    assert found == []


def test_every_rule_names_its_source():
    assert all(rule.source for rule in RULES)


@pytest.mark.parametrize(
    ("text", "info_type"),
    [
        ("Please reply with your date of birth", InfoType.DOB),
        ("Text us your NI number", InfoType.NATIONAL_ID),
        ("send us your sort code", InfoType.BANK),
        ("What's your full address?", InfoType.ADDRESS),
    ],
)
def test_finds_what_is_asked_for(text, info_type):
    assert [(f.info_type, f.mode) for f in find(text)] == [(info_type, Mode.ASKED)]


@pytest.mark.parametrize(
    "text",
    [
        "We will never ask for your PIN",
        "Have your NI number to hand when you call",
        "Log in to confirm your address online",
        "Bring your passport",
        "Never text your sort code to anyone",
    ],
)
def test_asks_for_nothing(text):
    assert [f for f in find(text) if f.mode is Mode.ASKED] == []


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=120), st.text(alphabet="0123456789 -£QC@.abAZ", max_size=120)))
def test_never_raises_and_stays_inside_the_text(text):
    assert all(0 <= finding.start < finding.end <= len(text) for finding in find(text))
