"""Is a template judged before there is anybody's data, in GOV.UK Notify's grammar?"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.classifier import Classifier
from serving.settings import Settings
from serving.taxonomy import Tier
from serving.templates import Template, TemplateError, check_value, guess_purpose
from serving.verdict import Action

REGISTERS = Path(__file__).parent / "registers"


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load(Settings(register_folder=REGISTERS))


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("Hi ((name))", {"name": "Sam"}, "Hi Sam"),
        ("Hi ((First Name))", {"first_name": "Sam"}, "Hi Sam"),
        ("Hi (( first-name ))", {"FIRSTNAME": "Sam"}, "Hi Sam"),
        ("((a))((b))((a))", {"a": "1", "b": "2"}, "121"),
        ("((late??You are late. ))Come", {"late": "yes"}, "You are late. Come"),
        ("((late??You are late. ))Come", {"late": "no"}, "Come"),
        ("((late??You are late. ))Come", {"Late": "TRUE"}, "You are late. Come"),
        ("((late??You are late. ))Come", {"late": "maybe"}, "Come"),
        ("((a??b??c))", {"a": "y"}, "b??c"),
        ("(one) ((x)) ((", {"x": "2"}, "(one) 2 (("),
        ("((x))", {"x": "((y))"}, "((y))"),
    ],
)
def test_notifys_grammar(template, values, text):
    assert Template(template).render(values) == text


def test_a_field_without_a_value_is_refused_without_naming_values():
    with pytest.raises(TemplateError) as refused:
        Template("((a)) ((b))").render({"a": "secret"})
    assert "secret" not in str(refused.value)


@given(st.text("abc def,.£()?9\n", max_size=60), st.text("abcXYZ 9,.", min_size=1, max_size=20))
def test_what_a_template_gives_it_recognises(around, value):
    template = Template(f"{around}((x)) and more")
    values = {field.name: value for field in template.fields}
    found = template.values_in(template.render(values))
    assert found is not None or not value.strip()


@pytest.mark.parametrize(
    ("purpose", "good", "bad"),
    [
        ("first_name", ["Sam", "Mary-Jane", "O'Neil", "Łukasz"], ["Sam Okafor", "Sam, HIV", "", "S4m"]),
        ("date", ["Tuesday", "3 March", "Tuesday 3 March 2027", "03/03/2027", "2027-03-03", "tomorrow"], ["when you are better", "3 March at the clinic"]),
        ("time", ["10am", "10:30", "9.15 am to 10 am", "noon"], ["after your scan", "10am HIV clinic"]),
        ("office", ["Anytown Jobcentre", "Town Hall, 2nd floor"], ["your house", "HIV!"]),
        ("phone", ["0300 123 1000", "020 8359 0000", "101"], ["07700 900123", "soon"]),
        ("link", ["https://www.gov.uk/x"], ["www.gov.uk", "http://gov.uk"]),
        ("amount", ["£12.50", "1,000"], ["a lot"]),
        ("free_text: directions", ["turn left at the station", "Bus 4 to the High Road"], ["your claim is refused", "x" * 201]),
        ("free_text: bring", ["Please bring your passport"], ["your claim is refused"]),
        ("free_text: anything", ["some words"], [""]),
    ],
)  # fmt: skip
def test_values_are_checked_against_what_a_field_is_for(purpose, good, bad):
    assert [check_value(purpose, value) for value in good] == [None] * len(good)
    for value in bad:
        assert check_value(purpose, value)
        assert value not in check_value(purpose, value) or not value


@pytest.mark.parametrize(
    ("name", "purpose"), [("FirstName", "first_name"), ("appointment time", "time"), ("NINO", "reference"), ("notes", None)]
)
def test_a_purpose_is_guessed_from_a_name(name, purpose):
    assert guess_purpose(name) == purpose


@pytest.mark.parametrize(
    ("template", "area", "worst", "matches"),
    [
        ("Reminder: your appointment at ((office)) is on ((date)) at ((time)).", None, Tier.ROUTINE, None),
        (
            "Hi ((first name)), a reminder of your appointment on ((date)) at ((time)). Anytown Housing",
            "housing",
            Tier.MINIMUM_CONTACT,
            "housing/reminder",
        ),
        (
            "Hi ((first name)), a reminder of your appointment on ((date)) at ((time)). Anytown Housing",
            "outreach",
            Tier.MINIMUM_CONTACT,
            None,
        ),
        ("Your payment of ((amount)) is on its way", None, Tier.PERSONAL, None),
        ("A note for you: ((notes))", None, Tier.SENSITIVE, None),
        ("Your chemotherapy session on the cancer ward is on ((date))", None, Tier.SENSITIVE, None),
    ],
)
def test_the_worst_that_a_template_can_tell(classifier, template, area, worst, matches):
    appraisal = classifier.check_template(template, area)
    assert appraisal.worst_category is worst
    assert appraisal.matches == matches
    blocked = any(reason.effect is Action.BLOCK for reason in appraisal.reasons)
    assert blocked == (worst.rank >= Tier.PERSONAL.rank)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("Hi Sam, a reminder of your appointment on Tuesday at 10am. Anytown Housing", "housing/reminder"),
        ("Hi Sam Okafor, a reminder of your appointment on Tuesday at 10am. Anytown Housing", None),
        ("Hi Sam", None),
    ],
)
def test_a_filled_text_is_told_which_template_it_is_of(classifier, text, matches):
    assert classifier.check_template(text, "housing").matches == matches


def test_hidden_parts_are_judged_too(classifier):
    appraisal = classifier.check_template("Your appointment is on ((date)). ((ward??It is at the cancer ward for chemotherapy.))", None)
    assert appraisal.worst_category is Tier.SENSITIVE


def test_fields_without_a_purpose_and_values_that_do_not_fit_are_told(classifier):
    text = "Our office has moved. How to find us: ((how to find us))"
    problems = lambda values: [field.problem for field in classifier.check_template(text, "housing", values=values).fields]  # noqa: E731
    assert problems(None) == [None]
    assert problems({"how to find us": "turn left at the station"}) == [None]
    assert "must be" in problems({"how to find us": "your claim is refused"})[0]
    assert "tells more" in problems({"how to find us": "turn left past the clinic where you have chemotherapy, Mrs Okafor"})[0]
    assert problems({}) == ["has no value"]
    assert "no purpose" in classifier.check_template("((notes))", None).fields[0].problem
