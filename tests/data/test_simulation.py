"""Are simulated reviews readable as reviews, with as many wrong labels as asked for?"""

from data.records import read_corpus
from data.reviews import read_reviews
from data.simulation import write_simulation


def test_simulated_reviews_are_read_and_wrong_as_often_as_asked(tmp_path):
    records = read_corpus("dev")
    truth = {record.text: record.label for record in records}
    assert write_simulation(records, 300, 0.1, 7, tmp_path / "a.jsonl") == 300
    found = read_reviews(tmp_path / "a.jsonl")
    wrong = [each for each in found if each.record.label is not truth[each.record.text]]
    assert 10 <= len(wrong) <= 45
    assert not any(each.is_double for each in wrong), "where a second person looked, the right one has the last word"
    assert 30 <= sum(each.is_double for each in found) <= 90
    assert all(each.record.marked.tier.rank <= each.record.label.rank for each in found)
    assert write_simulation(records, 300, 0.0, 7, tmp_path / "b.jsonl") == 300
    assert all(each.record.label is truth[each.record.text] for each in read_reviews(tmp_path / "b.jsonl"))


def test_a_simulation_is_the_same_each_time(tmp_path):
    for name in ("a", "b"):
        write_simulation(read_corpus("dev"), 20, 0.1, 7, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
