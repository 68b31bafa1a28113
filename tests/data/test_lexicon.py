"""Does the lexicon hold what it should, and is it what the corpus and the lists of names make of it?"""

from data.lexicon import LEXICON, lexicon
from data.marking import parse
from data.records import Record
from serving.taxonomy import Tier


def records(*texts: str) -> list[Record]:
    marked = [parse(text) for text in texts]
    return [Record(text.plain, Tier.ROUTINE, text.marks) for text in marked]


def test_a_name_that_is_a_word_in_small_letters_counts_with_a_capital():
    lists = lexicon(records("una don reach", "una dey come", "una no sabi", "[Una](name:first) rang"))
    assert "una" in lists["capital"]
    assert "una" not in lists["given"]


def test_a_few_other_uses_do_not_take_a_name_away():
    assert "dan" in lexicon(records("Dan Brown's new book", "ring [Dan](name:first)"))["given"]


def test_a_name_that_is_mostly_a_word_counts_by_its_place():
    assert "will" in lexicon([])["also_word"]


def test_each_given_name_stands_in_one_list_only():
    given, capital, also_word = ((LEXICON / f"{kind}.txt").read_text().split() for kind in ("given", "capital", "also_word"))
    assert len({*given, *capital, *also_word}) == len(given) + len(capital) + len(also_word)
