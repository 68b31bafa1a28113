"""One name for all: is a swap invisible, and is everything else left alone?"""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data.synthesis import names
from serving import rules
from serving.names import with_one_name
from serving.taxonomy import Tier
from serving.text import normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hi Farida, your slot is at 3pm", "Hi Tomasz, your slot is at 3pm"),
        ("Dear Mrs Okafor, your form is here", "Dear Mrs Kowalska, your form is here"),
        ("Ask for Dr. Nguyen", "Ask for Dr. Sivakumar"),
        ("P. Kaur signed for it", "P. Levy signed for it"),
        ("tell priya we moved", "tell siobhan we moved"),
        ("Hi Will, your bin is late", "Hi Peregrina, your bin is late"),
        ("did you tell Christian yet", "did you tell Hepzibah yet"),
        ("Hope says eight", "Ffion says eight"),
        ("Thanks,\nFavour", "Thanks,\nPiotr"),
        ("Ask for Miss Zofia", "Ask for Miss Achterberg"),
        ("Ring Sade Brzęczyszczykiewicz", "Ring Wałęsława Nowak"),
        ("Anne-Marie Smith-Okafor rang", "Kofi Mensah rang"),
        ("PADRAIG O'BRIEN TO ROOM 4", "KOFI MENSAH TO ROOM 4"),
    ],
)
def test_a_swapped_name_reads_the_same(one, other):
    assert with_one_name(normalise(one)).text == with_one_name(normalise(other)).text


@pytest.mark.parametrize(
    "text",
    [
        "Will the office be open in May?",
        "Grace period ends on Friday",
        "The summer fair is at Victoria Park",
        "Your mark for the essay",
        "Hope you can come, dawn is lovely in June",
        "Green bins are out on Monday",
        "Hi, I've moved",
        "Dear Sir or Madam, may I complain",
        "Meet at Kerry House on Alma Road",
        "St Jude's is closed",
        "Hi May I ask about Grant funding",
    ],
)
def test_words_that_are_also_names_stay(text):
    assert with_one_name(normalise(text)).text == text


CARRIERS = (
    "Hi {given}, your slot is at 3pm",
    "Tell {given} we moved",
    "Dear Mrs {family}, your form is here",
    "Dear {given} {family}, your form is here",
    "Ask for Dr {family}, room 4",
    "Your bin is late. Thanks, {given}",
)


LEFT_AS_WORDS = {
    "Dear Mrs {family}, your form is here": ("To",),
    "Dear {given} {family}, your form is here": ("Black", "Day", "Do", "He", "Lane", "Park", "To"),
    "Ask for Dr {family}, room 4": ("To",),
}
"""Family names that are read there as the words they also are, and so left to the network."""


@settings(max_examples=300, deadline=None)
@given(origin=st.sampled_from(sorted(names())), carrier=st.sampled_from(CARRIERS), data=st.data())
def test_a_name_of_any_origin_reads_as_another(origin, carrier, data):
    people = {kind: data.draw(st.sampled_from([each for each in names()[origin][kind] if " " not in each])) for kind in ("given", "family")}
    assume(people["family"] not in LEFT_AS_WORDS.get(carrier, ()))
    one, other = (normalise(carrier.format(**each)) for each in (people, {"given": "Farida", "family": "Nowak"}))
    assert with_one_name(one).text == with_one_name(other).text
    is_unsafe = [any(finding.tier.rank >= Tier.PERSONAL.rank for finding in rules.find(text.text)) for text in (one, other)]
    assert is_unsafe[0] == is_unsafe[1]


def test_offsets_map_back_to_the_whole_name():
    original = "Ask Ngozi Okafor about it"
    read = with_one_name(normalise(original))
    start = read.text.index("Sam Smith")
    assert read.original_span(start, start + len("Sam")) == (4, 9)
    assert read.original_span(start + 4, start + len("Sam Smith")) == (10, 16)
    assert original[slice(*read.original_span(0, len(read.text)))] == original


def test_length_of_the_maps_is_the_length_of_the_text():
    read = with_one_name(normalise("Siobhan and Wei-Lin O’Brien, and Farida"))
    assert len(read.text) == len(read.starts) == len(read.ends)
