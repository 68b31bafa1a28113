"""Is each rule right? Three texts that it must find something in, three that it must leave alone."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.identifiers import CARRIERS, carried
from serving.findings import CERTAIN
from serving.rules import FILTERS, RULES, Page, find, find_by, open_page
from serving.taxonomy import InfoType, Mode
from serving.text import normalise

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
    "bank.pair": (
        ["paid into 20-00-00 55779911", "20 00 00, 55779911 please", "12-34-56 / 12345678"],
        ["on 20-00-00 at 5", "20-11-26 20261130-4", "ref 1-20-00-00 55779911"],
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
    "address.what3words": (
        ["my house is at ///filled.count.soap", "meet me at ///index.home.raft", "He lives at ///daring.lion.race."],
        ["file:///filled.count.soap", "https://filled.count.soap", "///filled.count", "the leak is at ///filled.count.soap"],
    ),
    "address.street": (
        ["I live at 14 Elm Road", "deliver to 7 Mill Lane", "your home, 22 Cobden Street, BD7 3QL"],
        ["14 Elm Road is closed", "our office at 7 Mill Lane", "I live at home"],
    ),
    "dob.date": (
        ["DOB 03/04/1971", "date of birth: 3 April 1971", "born on 3rd April 1971", "born on the 3rd of May 1981", "D/O/B 03/05/81"],
        ["on 03/04/2026", "date of birth needed", "born in Leeds"],
    ),
    "dob.day": (
        ["dob 3rd May", "date of birth: 12 June", "her D.O.B. is March 4th"],
        ["born 3rd May", "birthday party 3rd May", "date of birth by 3 May 2027"],
    ),
    "dob.age": (
        ["aged 7", "my 4 year old", "he is 43 years old"],
        ["aged 65 and over", "over 65s", "anyone aged 18"],
    ),
    "amount.own": (
        ["your payment of £368.74", "your rent arrears of £40", "your refund was £12.10", "your PIP is £434.20 every 4 weeks"],
        ["the payment is £299", "JSA is £90 for anyone over 25", "tickets cost £6", "up to £500 off"],
    ),
    "amount.rate": (
        ["your new rate is £12.60 an hour", "your rent rate will be £112.40", "her hourly rate is now £13", "my pay rate was £11.44"],
        ["the new rate is £38 a year", "your new rate is £4 per person", "your rate of council tax", "the hourly rate is £2"],
    ),
    "amount.owed": (
        ["you owe £212.40", "he owes me £20", "you will receive £91.17"],
        ["you owe us a visit", "everyone pays £4", "we owe £3m"],
    ),
    "reference.person": (
        [
            "claim 4417-9023-X",
            "your case ref AB12345",
            "customer number 20331178",
            "NOMS A1234BC",
            "PAYE ref 123/AB45678",
            "tax ref 123/AB456",
            "TV licence no 1234567890",
        ],
        [
            "planning case 24/0417",
            "PAYE 2025/26",
            "TV licence 2026 prices",
            "tax ref by post",
            "tax 2025/26",
            "claim your 20% off",
            "account online",
        ],
    ),
    "reference.incident": (
        ["CAD 1234 of 12 May", "quote CAD 417/12MAY26", "police log CAD number 2217"],
        ["CAD 1234", "CAD 2024 course of 12 weeks", "a cad of 30"],
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
    "national_id.nino_labelled": (
        ["NINO: ZZ 01 22 73 C", "NI number QQ 12 34 56", "my national insurance no is zz441082b"],
        ["NI number needed", "NI 2026", "Northern Ireland (NI) AB 12"],
    ),
    "national_id.nhs_labelled": (
        ["Your NHS number is 999 204 6618", "NHS no 999 041 7726", "patient number: 999-118-4402"],
        ["call the NHS on 0300 123 1000", "NHS number needed", "NHS numbers for 2026"],
    ),
    "national_id.driving_licence_labelled": (
        ["driving licence number ZZ000417QX", "driver number D0000 22222 ZZ", "driver's license no. Y0000417-CA"],
        ["driving licence number needed", "licence number 7", "TV licence no 123456"],
    ),
    "national_id.share_code": (
        ["share code W4A BCD 1EF", "my share code is WXY12D4EF", "Share code for work: R9A-B3D-7EF"],
        ["share code needed", "share code with nobody", "get a share code WORKPLACE"],
    ),
    "national_id.part": (
        ["UTR ending 4471", "Your UTR starts 5538", "Passport no. ending 4419"],
        ["offer ending 4471", "the passport office ends at 5", "visa rules end in May"],
    ),
    "national_id.foreign": (
        ["my social security number is 900-45-0012", "Aadhaar 0000 1188 0042", "KRA PIN A000000417Z"],
        ["social security rights", "a pan for 12345678", "Aadhaar by post"],
    ),
    "bank.card_labelled": (
        ["my card 4929 1111 0000 3333", "card no 4000 0000 0000 0417", "debit card number: 4000-0000-0000-0417"],
        ["library card by post", "4929 1111 0000 3333", "card 4417"],
    ),
    "bank.iban_labelled": (
        ["IBAN DE00 5000 0000 0417 00", "IBAN: GB00 TEST 0000 0041 7733 20", "iban is DE00 0000 0000 1234 5678 00"],
        ["IBAN by post", "what is an IBAN", "IBAN GB"],
    ),
    "bank.masked": (
        ["card ****8820", "A/c XX0431 credited", "direct debit from *71"],
        ["****8820", "rated ***** 2026", "account xxl 40"],
    ),
    "phone.foreign": (
        ["ring +48 512 345 678", "WhatsApp me on +91 98765 43210", "+353 85 012 3456"],
        ["+44 20 7946 0018", "+1", "up +2000 points"],
    ),
    "address.flat": (
        ["Flat 3, 18 Larch Grove", "Flat 9, Ivory House, SE15 4PL", "apt 4b Mill Lane"],
        ["a flat tyre", "Flats 1 to 6 are let", "our offices at Flat 2, 9 Quay Street"],
    ),
    "reference.own": (
        ["your reference PIP-7718-40H", "my order no HV-20931174", "Your booking ref: 4417 9023"],
        ["planning reference 24/0417", "your order is ready", "my ticket to ride"],
    ),
    "credential.password": (
        ["memorable word is tulip", "pw: bluebell", "password is bluebell", "Password: bluebell", "the password for the wifi is tulips"],
        ["secret answer is wrong", "password is required", "password is wrong", "the password policy changes"],
    ),
    "credential.use_code": (
        ["Use 660418 to finish signing in", "use 518 270 to sign in to WebFiling", "Enter code 7720 to verify your device"],
        ["use 4 eggs to finish the mix", "Use 2026 forms to apply", "use bus 4417 and walk"],
    ),
    "credential.sent_code": (
        ["Code 220194. Do not share it.", "Your code is <b>731902</b>", "Code 90 44 17. Use within 5 min."],
        ["area code 0161 expires", "promo code 202620 valid to May", "code of 2010"],
    ),
    "dob.own_age": (
        ["I'm 14 and I've been in foster care", "she's 30 tomorrow", "Gran turned 91"],
        ["I'm 5 minutes away", "he's 2 nil up", "I am 3rd in the queue"],
    ),
    "amount.balance": (
        ["the arrears on your account are £94.50", "The balance of £214.35 is now due", "£23.80 is still owed"],
        ["tickets £23.80", "up to £500 outstanding for everyone", "a balance bike for £40"],
    ),
    "name.greeted_full": (
        ["Hello Jim Smith, it's the council", "Dear Ngozi Okafor", "Hi Sheela Patel!"],
        ["Dear Parish Council", "Hi Jim", "Hello Kitty Mugs"],
    ),
    "name.worker": (
        ["you're seeing Dr Hussain", "ask for Nurse Patel", "PC Khan will call"],
        ["Dr Who is on", "the nurse will call", "Church Dr is closed"],
    ),
    "name.self": (
        ["this is Priya from the council", "my name is Ngozi", "It's Callum here"],
        ["this is Monday", "it's Christmas", "name is needed"],
    ),
    "name.signed": (
        ["Thanks, Priya", "Regards\nCallum", "cheers, Ngozi"],
        ["Thanks, bye", "Regards, Planning", "Love Actually"],
    ),
    "asking.dob": (
        ["Please reply with your date of birth", "what's your date of birth?", "Reply with your child's date of birth"],
        ["Log in to check your date of birth", "We never ask for your date of birth, reply STOP", "your date of birth is safe"],
    ),
    "asking.national_id": (
        ["Text us your NI number", "reply with your NHS number", "please send us your UTR"],
        ["Have your NI number to hand when you call", "your NHS number is on the letter", "bring your passport number"],
    ),
    "asking.bank": (
        ["send us your sort code", "reply with your bank details", "text back your account number and sort code"],
        ["Never text your sort code to anyone", "your bank details are safe", "bring your bank details"],
    ),
    "asking.credential": (
        ["reply with your PIN", "send me your password", "tell us the code we just texted"],
        ["We will never ask for your PIN", "change your password online", "your password expires"],
    ),
    "asking.address": (
        ["What's your full address?", "reply with your postcode", "text us your new address"],
        ["Log in to confirm your address online", "post goes to your address", "bring proof of your address"],
    ),
    "asking.email": (
        ["reply with your email address", "send us your personal email", "what's your email?"],
        ["check your email", "sign in to confirm your email", "never share your email"],
    ),
    "asking.phone": (
        ["DM us your mobile number", "reply with a phone number please", "text me your number and your mobile"],
        ["we'll call your mobile number", "your phone number is safe with us", "keep your mobile on"],
    ),
    "asking.reference": (
        ["Reply with your case number", "Send your claim number and we'll look", "reply with your registration"],
        ["have your claim number to hand", "your case number is on the letter", "bring your account number"],
    ),
    "asking.document": (
        ["Text us a photo of your passport", "send a copy of your driving licence", "please email a scan of your BRP"],
        ["bring a photo of your passport", "upload a copy of your visa online", "passport photos £8"],
    ),
    "asking.statement": (
        ["send us a photo of your bank card", "text us a copy of your latest bank statement", "reply with a picture of your payslip"],
        ["bring a copy of your bank statement", "a photo of your dog", "upload a copy of your payslip online"],
    ),
}

FORGIVEN = {
    "harmless.office": [
        "our offices, your place: 14 Elm Road, BD7 3QL",
        "the library, your home from home, BD7 3QL",
        "Flat 2, 9 Quay Street is closed",
    ],
    "harmless.public_reference": ["planning case 24/0417", "bus route, customer no 44170", "charity account 1041775"],
    "harmless.public_account": ["council tax account 12345678", "rent a/c 12345678", "library account 12345678"],
    "harmless.public_rate": ["the fee: your share is £4", "up to £500 outstanding for everyone", "your charge is £4 per person"],
    "harmless.group_age": ["anyone aged 18", "children aged 7", "if you are over, say aged 65"],
    "harmless.warning": ["never share your PIN 1234", "do not share your password: 12ab", "forgot password: 12ab"],
    "harmless.public_code": ["promo code 202620. Valid to May", "discount access code SAVE20", "voucher: security code SAVE20"],
    "harmless.talk_of_marking": [
        "nothing marked OFFICIAL-SENSITIVE may leave",
        "OFFICIAL-SENSITIVE means this",
        "guidance on OFFICIAL-SENSITIVE",
    ],
    "harmless.talk_of_secret": ["It is called\nSECRET", "SECRET\nSanta", "Victoria's\nSECRET"],
}


@pytest.mark.parametrize("each", FILTERS, ids=lambda each: each.id)
def test_a_filter_forgives(each):
    for text in FORGIVEN[each.id]:
        found = [f for rule in RULES for f in rule.find(open_page(text)) if each.forgives(f, open_page(text))]
        assert found, text


def test_every_filter_has_three_cases_and_a_source():
    assert set(FORGIVEN) == {each.id for each in FILTERS}
    assert all(len(set(texts)) >= 3 for texts in FORGIVEN.values())
    assert all(
        each.source and set(each.rules) <= {rule.id for rule in RULES} | {rule.id.partition(".")[0] for rule in RULES} for each in FILTERS
    )


def test_every_rule_has_three_cases_of_each_kind():
    assert set(CASES) == {rule.id for rule in RULES}
    assert all(len(set(yes)) >= 3 and len(set(no)) >= 3 for yes, no in CASES.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_finds(rule):
    missed = [text for text in CASES[rule.id][0] if not find_by(rule, open_page(text))]
    assert missed == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_leaves_alone(rule):
    found = [text for text in CASES[rule.id][1] if any(f.score >= CERTAIN for f in find_by(rule, open_page(text)))]
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


def test_a_long_text_is_read_as_its_pattern_alone_would_read_it():
    """Words are looked up by how they begin in long texts; that must lose no match of any rule or context."""
    rng = random.Random(8)
    for _ in range(30):
        drawn = [carried(rng.choice(tuple(CARRIERS)), rng).text for _ in range(60)]
        text = normalise(rng.choice((" ", ". ", "\n")).join(drawn)[:10_000]).text
        page = Page(text, {})
        for rule in RULES:
            found = [match.span() for match in page.matches(rule.pattern, None)]
            assert found == [match.span() for match in rule.pattern.finditer(text)], rule.id
