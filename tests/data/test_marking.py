"""Does inline marking read and write what the guide says?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.marking import Mark, MarkedText, MarkingError, parse, render
from serving.taxonomy import InfoType, Mode, NameForm, Tier


@pytest.mark.parametrize(
    ("marked", "plain", "tier"),
    [
        ("Bins are out on Monday", "Bins are out on Monday", Tier.ROUTINE),
        ("Back at [3pm](slot:time)", "Back at 3pm", Tier.ROUTINE),
        ("Hi [Farida](name:first)", "Hi Farida", Tier.MINIMUM_CONTACT),
        ("Ask [Jo Lane](name:worker)", "Ask Jo Lane", Tier.MINIMUM_CONTACT),
        ("[Jo Lane](name:full) called", "Jo Lane called", Tier.PERSONAL),
        ("We have [your fit note](health:receipt)", "We have your fit note", Tier.MINIMUM_CONTACT),
        ("Reply with your [date of birth](dob?)", "Reply with your date of birth", Tier.PERSONAL),
        ("[the curfew box comes off](criminal) on Friday", "the curfew box comes off on Friday", Tier.SENSITIVE),
        (r"Row \[3] of the sheet", "Row [3] of the sheet", Tier.ROUTINE),
    ],
)
def test_reads_marks(marked, plain, tier):
    text = parse(marked)
    assert text.plain == plain
    assert text.tier is tier


@pytest.mark.parametrize(
    "marked",
    [
        "[x](nonsense)",
        "[x](slot:nonsense)",
        "[x](name)",
        "[x](health:first)",
        "[ ](health)",
        "a [b",
        "[a [b](dob) c](health)",
    ],
)
def test_refuses_what_the_guide_does_not_know(marked):
    with pytest.raises(MarkingError):
        parse(marked)


@given(st.text(alphabet="ab [](),\n£é"), st.sampled_from([InfoType.HEALTH, InfoType.NAME]), st.text(alphabet="ab ]["))
def test_writing_and_reading_gives_the_same(before, info_type, words):
    if not words.strip() or "\\" in before:
        return
    form = NameForm.FULL if info_type is InfoType.NAME else None
    mark = Mark(len(before), len(before) + len(words), info_type, Mode.STATED, form)
    text = MarkedText(before + words, (mark,))
    assert parse(render(text)) == text
