"""Is a message's text shown as text, whatever stands in it, and masked until somebody asks?"""

import re
import unicodedata
from html.parser import HTMLParser

import pytest

from serving.review.desk.shown import Marked, mask, show
from serving.taxonomy import Mode

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</span><script>alert(1)</script>", "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>", "<iframe srcdoc='<script>1</script>'>", "<style>*{display:none}</style>", "<!-- <script> -->",
    "<![CDATA[<b>]]>", "&lt;script&gt;", "&#60;script&#62;", '"><b>', "' onmouseover='alert(1)", "{{ 7*7 }}", "{% raw %}", "${7*7}",
    "#{7*7}", "<%= 1 %>", "</textarea><script>", "</title><script>", "<base href=//evil.example>", "<meta http-equiv=refresh content=0>",
    "<form action=//evil.example>", "<input autofocus onfocus=alert(1)>", "<details open ontoggle=alert(1)>", "<math><mi xlink:href=x>",
    "<svg><use href=data:x>", "<object data=x>", "<embed src=x>", "<link rel=stylesheet href=x>", "javascript:alert(1)",
    "data:text/html,<b>",
    "\u202egnirts\u202c", "\u2066isolate\u2069", "\u200fright\u200e", "\u061c", "\u200bzero\u200cwidth\u200d", "\ufeffmark", "\x00null",
    "\x1b[31mred", "\x08\x7f", "\x85next", "\u2028line\u2029paragraph", "\ud800lone", "\udfff", "\U000e0041tag", "\ue000private",
    "\uffff", "a\u0301\u0301\u0301\u0301", "\r\nHeader: x", "שלום <b>", "\u2062\u2063 <marquee>", "\u00ad", "\ufff9a\ufffab\ufffb",
]  # fmt: skip


class Reader(HTMLParser):
    """What a browser would make of it: elements with their attributes, and text."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.elements, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)

    def handle_comment(self, data):
        raise AssertionError("a comment")

    def handle_decl(self, decl):
        raise AssertionError("a declaration")


def read(html):
    reader = Reader()
    reader.feed(str(html))
    reader.close()
    return reader


def test_there_are_fifty():
    assert len(HOSTILE) >= 50


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text):
    marks = [Marked(0, len(text), "health"), Marked(len(text) // 2, len(text), "name", Mode.ASKED)]
    for html in (show(text, []), show(text, marks), mask(text, []), mask(text, marks), mask(text, [], whole=True)):
        str(html).encode()
        reader = read(html)
        assert {tag for tag, _ in reader.elements} <= {"span", "mark"}
        for _, attributes in reader.elements:
            assert set(attributes) <= {"class", "data-start", "data-end"}
            assert all(re.fullmatch(r"[a-z0-9 _-]*", value) for value in attributes.values())
    shown = "".join(read(show(text, [])).text)
    assert all(each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for each in shown)


def test_what_cannot_be_seen_is_spelt_out():
    assert "U+202E right-to-left override" in str(show("a\u202eb", []))
    assert "U+0000 control character" in str(show("\x00", []))
    assert "U+D800" in str(show("\ud800", []))


def test_what_is_stated_is_masked_and_what_is_asked_is_not():
    text = "Sam, ring 01632 960117 about your tests"
    marks = [Marked(0, 3, "name"), Marked(10, 22, "phone"), Marked(29, 39, "health", Mode.ASKED)]
    masked = "".join(read(mask(text, marks)).text)
    assert masked == "name, ring phone about your tests"
    assert "01632" not in str(mask(text, marks))


def test_where_nobody_knows_which_words_tell_all_are_masked():
    assert "".join(read(mask("The curfew box\ncomes off", [], whole=True)).text) == "••• ••• •••\n••• •••"


def test_places_count_code_points_of_the_message():
    html = str(show("é𝄞\u200bz", [Marked(1, 2, "health")]))
    starts = [int(attributes["data-start"]) for _, attributes in read(html).elements if "data-start" in attributes]
    assert starts == [0, 1, 2, 3]


def test_marks_have_a_text_alternative_and_overlap():
    html = read(show("one two three", [Marked(0, 7, "health"), Marked(4, 13, "name")]))
    assert "".join(html.text) == "[one : health][two: health, name][ three: name]"


def test_marks_outside_the_text_are_left_out():
    assert "mark" not in str(show("abc", [Marked(2, 9, "name"), Marked(-1, 2, "name"), Marked(1, 1, "name")]))
