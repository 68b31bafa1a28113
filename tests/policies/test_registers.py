"""Are areas, exceptions and templates read as they were agreed, and broken ones refused in words?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from serving.errors import PolicyError
from serving.policy import PACKS, Fit, read_packs, read_rulebook
from serving.policy.areas import read_areas
from serving.policy.exceptions import read_exceptions
from serving.policy.registry import read_registry
from serving.verdict import Channel, Direction, Message, Route, Sender

REGISTERS = Path(__file__).parent / "registers"
READERS = {"areas": read_areas, "exceptions": lambda path: read_exceptions(path, read_packs(PACKS)), "templates": read_registry}

BROKEN = [
    ("areas", "id: outreach", "id: housing", "the area 'housing' stands twice"),
    ("areas", 'phone: "0300 123 1000"', 'phone: "07700 900123"', "a public line"),
    ("areas", "sender_ids: [AnytownHsg, DWP]", "sender_id: [AnytownHsg]", "did you mean 'sender_ids'"),
    ("exceptions", "reference: EX-OLD", "reference: EX-MOBILE", "stands twice"),
    ("exceptions", "Security policy exceptions authority", "Senior Responsible Officer", "Senior Responsible Officer may not accept"),
    ("exceptions", "Security policy exceptions authority", "SRO, benefits", "Senior Responsible Officer may not accept"),
    ("exceptions", "end: 2024-12-31", "end: 2023-12-31", "ends before it starts"),
    ("exceptions", '{dwp-sms: ["1.3"]}', '{dwp-sms: ["1.2"]}', "no exception may lift clause 1.2 of dwp-sms"),
    ("exceptions", '{dwp-sms: ["1.3"]}', '{dwp-aup: ["4.1"]}', "no exception may lift clause 4.1 of dwp-aup"),
    ("exceptions", "    records_protocol: Texts are kept with the incident file.\n", "", "records_protocol: this key is missing"),
    ("templates", "first name: first_name, ", "", "((first name)) declares no purpose"),
    ("templates", "first name: first_name", "first name: first_nam", "'first_nam' is no purpose"),
    ("templates", "{first name: first_name,", "{first name: first_name, claim: reference,", "has no field ((claim))"),
    ("templates", "id: housing/directions", "id: housing/appointment", "stands twice"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), BROKEN)
def test_a_broken_register_is_refused_with_file_and_line(tmp_path, name, old, new, said):
    content = (REGISTERS / f"{name}.yaml").read_text()
    assert old in content
    path = tmp_path / f"{name}.yaml"
    path.write_text(content.replace(old, new, 1))
    with pytest.raises(PolicyError) as refused:
        READERS[name](path)
    assert str(refused.value).startswith(f"{name}.yaml, line ")
    assert said in str(refused.value)


def test_without_files_the_registers_are_empty(tmp_path):
    rulebook = read_rulebook(PACKS, tmp_path)
    assert not rulebook.areas
    assert not rulebook.exceptions
    assert rulebook.templates.all() == ()


def message(**sender):
    return Message("x", channel=Channel.SMS, sender=Sender(**{"business_area": "housing", "route": Route.DWP_MOBILE, **sender}))


@pytest.mark.clause("dwp-sms 1.6")
@pytest.mark.parametrize(
    ("message", "day", "fault"),
    [
        (message(), date(2026, 11, 30), None),
        (message(), date(2026, 1, 1), None),
        (message(), date(2027, 12, 31), None),
        (message(), date(2025, 12, 31), "not begun"),
        (message(), date(2028, 1, 1), "ended"),
        (message(business_area="parking"), date(2026, 11, 30), "another business area"),
        (message(business_area=None), date(2026, 11, 30), "another business area"),
        (replace(message(), direction=Direction.INBOUND), date(2026, 11, 30), "direction"),
        (replace(message(), channel=Channel.WHATSAPP), date(2026, 11, 30), "channel"),
        (message(route=Route.OTHER), date(2026, 11, 30), "route"),
        (message(two_way=True), date(2026, 11, 30), "one-way"),
    ],
)
def test_an_exception_counts_in_its_time_and_scope_alone(rulebook, message, day, fault):
    told = rulebook.exceptions["EX-ONE-WAY"].fault(message, day)
    assert told is None if fault is None else fault in told


@pytest.mark.clause("dwp-sms 1.3")
@pytest.mark.clause("dwp-sms 1.4")
@pytest.mark.parametrize(
    ("area", "text", "fit"),
    [
        ("housing", "Hi Sam, your appointment is on Tuesday 3 March at 10am, Anytown Library. Anytown Housing", Fit.MATCHED),
        (
            "housing",
            "Hi Sam, your appointment is on 3/3/2027 at 10:30, Anytown Library. You may be seen late. Anytown Housing",
            Fit.MATCHED,
        ),
        ("housing", "hi sam,  your appointment is on Tuesday at noon, Town Hall. anytown housing", Fit.MATCHED),
        ("housing", "Hi Sam Okafor, your appointment is on Tuesday at 10am, Town Hall. Anytown Housing", Fit.UNFIT),
        ("housing", "Hi Sam, your appointment is on Tuesday at 10am, HIV clinic upstairs. Anytown Housing", Fit.MATCHED),
        ("housing", "Hi Sam, your appointment is on Tuesday because you owe £40 at 10am, Town Hall. Anytown Housing", Fit.UNFIT),
        ("housing", "Our office has moved. How to find us: turn left at the station", Fit.MATCHED),
        ("housing", "Our office has moved. How to find us: your claim is refused", Fit.UNFIT),
        ("housing", "Something else", Fit.UNMATCHED),
        ("outreach", "Something else", Fit.UNKNOWN),
        (None, "Something else", Fit.UNKNOWN),
    ],
)
def test_a_text_is_matched_with_the_agreed_templates_of_its_area(rulebook, area, text, fit):
    assert rulebook.templates.match(area, text).fit is fit


def test_matching_takes_linear_time(rulebook):
    text = "Hi " + ", your appointment is on a at b, " * 300
    assert rulebook.templates.match("housing", text).fit is Fit.UNMATCHED
