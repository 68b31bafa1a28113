"""One name for all: is a swap invisible, and is everything else left alone?"""

import pytest

from serving.names import with_one_name
from serving.text import normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hi Farida, your slot is at 3pm", "Hi Tomasz, your slot is at 3pm"),
        ("Dear Mrs Okafor, your form is here", "Dear Mrs Kowalska, your form is here"),
        ("Ask for Dr. Nguyen", "Ask for Dr. Sivakumar"),
        ("P. Kaur signed for it", "P. Levy signed for it"),
        ("tell priya we moved", "tell siobhan we moved"),
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
    ],
)
def test_words_that_are_also_names_stay(text):
    assert with_one_name(normalise(text)).text == text


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
