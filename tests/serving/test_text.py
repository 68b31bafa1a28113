"""Does normalisation read what a person reads, and map back exactly?"""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.disguise import FAMILIES
from serving.text import normalise

DISGUISED = [
    ("your d1abet3s clinic", "your diabetes clinic"),
    ("y0ur pr0bati0n", "your probation"),
    ("Q Q 1 2 3 4 5 6 C", "QQ123456C"),
    ("d i a b e t e s  c l i n i c", "diabetes clinic"),
    ("h-i-v test", "hiv test"),
    ("N\u200bI number", "NI number"),
    ("oh seven seven double oh nine zero zero one two three", "07700900123"),
    ("%4E%49 number", "NI number"),
    ("eW91ciBibG9vZCB0ZXN0IGlzIG9u", "your blood test is on"),
    ("\u202esetebaid ruoy\u202c hello", "your diabetes hello"),
    ("yadnoM no si tnemtnioppa ruoy", "your appointment is on Monday"),
    ("р\u0430yment", "payment"),
    ("АВ123456С", "AB123456C"),
    ("N\x08INO", "NINO"),
    ("p@ssw0rd p455w0rd", "password password"),
    ("D14BETES", "DIABETES"),
    ("what t1me u 0pen", "what time u open"),
    ("call me on 0 7 7 0 0  9 0 0 1 2 3", "call me on 07700 900123"),
    ("c.a.l.l m.e o.n 0.7.7.0.0 9.0.0.1.2.3", "call me on 07700 900123"),
    ("I 0 7 7 0 0 9 0 0 1 2 3", "I 07700900123"),
    ("dia.betes clinic", "diabetes clinic"),
    ("d\ni\na\nb\ne\nt\ne\ns", "diabetes"),
    ("zerosevensevenzerozero", "07700"),
    ("Q Q one two three four five six C", "Q Q 123456 C"),
    ("twenty zero zero twenty four sixty one", "20002461"),
    ("O77OO 9OO l23", "07700 900 123"),
    ("sam (at) example (dot) com", "sam@example.com"),
    ("UVExMjM0NTZD is it", "QQ123456C is it"),
    ("&#81;&#81;12", "QQ12"),
    ("\\u0051\\x51=31=32=33", "QQ123"),
    ("dia<b></b>betes", "diabetes"),
    ("dia<!-- x -->betes", "diabetes"),
    ("dia<x></x>betes", "diabetes"),
    ("Y0u d0 n0t need t0 apply", "You do not need to apply"),
    ("🇳 🇮 🇳 🇴", "NINO"),
    ("ḋïäḃëẗëṡ", "diabetes"),
    ("your setebaid clinic", "your diabetes clinic"),
    ("hello\nyadnoM no si tnemtnioppa ruoy", "hello\nyour appointment is on Monday"),
]
TIDIED = [
    ("ＦＵＬＬ width", "FULL width"),
    ("0\ufe0f\u20e37\ufe0f\u20e3", "07"),
    ("&pound;20 <b>now</b>", "£20 now"),
    ("it’s here\xa0now", "it’s here now"),
    ("a\r\n\r\nb", "a\nb"),
    ("🅳🅸🅰 ①②③ ⑴⑵ ❶➁➂ ⓿", "DIA 123 12 123 0"),
    ("d̲i̲a̲", "dia"),
    ("it´s ½ price", "it's 1/2 price"),
    ("&amp;pound;20", "£20"),
    ("<p>one</p><div>two</div>", " one two "),
    ("٠٧ ०७", "07 07"),
    ("<level>AMBER</level><hazard>SNOW</hazard>", " AMBER SNOW "),
]
INNOCENT = [
    "b4 gr8 m8 covid19 mp3 room4b 2moro B4X7K9 SW1A 1AA",
    "Привет как дела",
    "12/03/2026 20-00-00 1-2-3",
    "one two three or four",
    "A.B.C and U.K",
    "Cymraeg ŵ ŷ café Łukasz",
    "p800refund",
    "Room 3B, 4pm, £35.50, x2",
    "Call 07700 900123 or 0300 123 4567",
    "100% off & more",
    "sam.lee@example.com, s@m",
    "1, 2, 3, 4, 5, 6 or A, B, C, D or a b c d e",
    "one, two, three, four, five",
    "at nine thirty ten thirty eleven thirty",
    "2-1, 3-0, 1-1",
    "2l 500l 100k 100m 5th £50k 4x4 room4b zone5 b12 O2 h1n1 B3D",
    "gov.uk example.com e.g. i.e. U.K.",
    "Mr T. Jones, B.A. (Hons.)",
    "café Łukasz Søren Đorđe résumé",
    "Hi <name>, x < y & y > z <3, <unsubscribe>",
    "🇬🇧 👍",
    "Password: Fl0wer5 and my password is now D1amonds",
    "Nevaeh Adnan Aidan",
]


@pytest.mark.parametrize(("written", "read"), DISGUISED)
def test_disguise_is_undone_and_told(written, read):
    found = normalise(written)
    assert found.text == read
    assert found.is_disguised


@pytest.mark.parametrize(("written", "read"), TIDIED)
def test_ordinary_oddness_is_no_disguise(written, read):
    found = normalise(written)
    assert found.text == read
    assert not found.is_disguised


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_ordinary_stays(text):
    found = normalise(text)
    assert found.text == text
    assert not found.is_disguised


ANY_TEXT = st.one_of(
    st.text(alphabet=st.characters(), max_size=80),
    st.text(alphabet="ab 01.-_&;%<>=\n\u200b\u202eао4@$QzZ", max_size=60),
)


@settings(max_examples=400, deadline=None)
@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text):
    once = normalise(text).text
    assert normalise(once).text == once


@settings(max_examples=400, deadline=None)
@given(ANY_TEXT)
def test_every_character_maps_into_the_original(text):
    found = normalise(text)
    assert len(found.text) == len(found.starts) == len(found.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(found.starts, found.ends, strict=True))


def test_a_span_maps_back_to_the_words():
    text = "Call N\u200bI QQ &amp; d1abet3s now"
    found = normalise(text)
    start = found.text.index("diabetes")
    assert text[slice(*found.original_span(start, start + 8))] == "d1abet3s"


@pytest.mark.parametrize(
    "text",
    [
        "a " * 5000,
        "1-" * 5000,
        "ｆ" * 10_000,
        "&" * 10_000,
        "%41" * 3333,
        "\u202e" * 10_000,
        "ﷺ" * 10_000,
        "<a " * 3333,
    ],
)
def test_the_worst_texts_take_bounded_time(text):
    started = time.thread_time()
    normalise(text)
    assert time.thread_time() - started < 0.2


@pytest.mark.parametrize("family", ["invisible", "compatibility", "separators", "reversed_override", "encodings"])
def test_generated_disguise_of_a_nino_is_undone(family):
    rng = random.Random(3)
    hidden = [FAMILIES[family]("QQ123456C", rng) for _ in range(300)]
    undone = sum("QQ123456C" in normalise(f"Ref {each} today").text for each in hidden)
    assert undone >= 0.95 * len(hidden)
