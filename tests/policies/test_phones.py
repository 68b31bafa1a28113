"""Is the kind of a recipient's line told, drama numbers included?"""

import pytest

from serving.phones import Line, line_of


@pytest.mark.parametrize(
    ("phone", "line"),
    [
        ("07700 900123", Line.MOBILE),
        ("+447700900123", Line.MOBILE),
        ("+44 (0)7700 900 123", Line.MOBILE),
        ("0044 7700 900123", Line.MOBILE),
        ("07911123456", Line.MOBILE),
        ("+353 85 123 4567", Line.MOBILE),
        ("020 7946 0123", Line.LANDLINE),
        ("01632 960123", Line.LANDLINE),
        ("0208 359 0000", Line.LANDLINE),
        ("0300 123 1000", Line.OTHER),
        ("0800 123 1000", Line.OTHER),
        ("+1 202 555 0143", Line.UNCLEAR),
        ("0770090012", Line.INVALID),
        ("077009001234", Line.INVALID),
        ("07700 90012E", Line.INVALID),
        ("999", Line.INVALID),
        ("", Line.INVALID),
        ("call me", Line.INVALID),
        ("+" * 40, Line.INVALID),
    ],
)
def test_line(phone, line):
    assert line_of(phone) is line
