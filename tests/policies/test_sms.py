"""Does the size of a text message agree with gsm0338, and with the standard's counts?"""

import random

import gsm0338
import pytest

from serving.sms import foreign_characters, size_of

CODEC = gsm0338.Codec()


def octets(text):
    try:
        return len(CODEC.encode(text)[0])
    except UnicodeError:
        return None


def test_every_character_of_the_basic_plane_counts_as_gsm0338_says():
    for code in range(0x10000):
        character = chr(code)
        if 0xD800 <= code < 0xE000 or character == "\x1b":
            continue
        places = octets(character)
        size = size_of(character * 81)
        assert (size.encoding == "gsm7") == (places is not None), hex(code)
        if places:
            assert size.segments == places, hex(code)


def test_random_texts_agree_with_gsm0338():
    rng = random.Random(7)
    alphabet = "abcdefgh XYZ£@€[]{}~^|\\éü0123456789.,\n"
    for _ in range(300):
        text = "".join(rng.choices(alphabet, k=rng.randint(1, 700)))
        places = octets(text)
        assert size_of(text).encoding == "gsm7"
        least = 1 if places <= 160 else -(-places // 153)
        assert least <= size_of(text).segments <= least + 1


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("", "gsm7", 1),
        ("x" * 160, "gsm7", 1),
        ("x" * 161, "gsm7", 2),
        ("x" * 306, "gsm7", 2),
        ("x" * 307, "gsm7", 3),
        ("€" * 80, "gsm7", 1),
        ("€" * 81, "gsm7", 2),
        ("x" * 152 + "€" + "x" * 152, "gsm7", 3),
        ("’" * 70, "ucs2", 1),
        ("’" * 71, "ucs2", 2),
        ("👋" * 35, "ucs2", 1),
        ("👋" * 36, "ucs2", 2),
        ("’" * 66 + "👋" + "’" * 66, "ucs2", 3),
    ],
)
def test_segments(text, encoding, segments):
    assert (size_of(text).encoding, size_of(text).segments) == (encoding, segments)


def test_the_characters_to_blame_are_named():
    assert foreign_characters("It’s ready – it’s £5 [ok]") == "’–"
