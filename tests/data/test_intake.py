"""Are a team's own files and exported reviews read as they are, and refused where they are broken?"""

import json

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from data.intake import read_labelled
from data.marking import Mark
from data.records import RecordError
from data.reviews import read_reviews
from serving.taxonomy import InfoType, NameForm, Tier

ROWS = {"text": ["Bins, tomorrow", "Your £12.30\nis here"], "label": ["routine", "personal"], "service": ["bins", "dwp"]}


def written(tmp_path, kind):
    table = pa.table(ROWS)
    path = tmp_path / f"own{kind}"
    if kind == ".csv":
        # a quoted line break inside a text is how spreadsheets write one
        path.write_text('text,label,service\n"Bins, tomorrow",routine,bins\n"Your £12.30 is here",personal,dwp\n')
    elif kind == ".parquet":
        pa.parquet.write_table(table, path)
    elif kind == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in table.to_pylist()))
    else:
        path.mkdir()
        numbered = table.set_column(1, "label", pa.array([0, 2]))
        with pa.OSFile(str(path / "data-00000-of-00001.arrow"), "wb") as sink, pa.ipc.new_stream(sink, numbered.schema) as writer:
            writer.write_table(numbered)
        names = ["routine", "minimum_contact", "personal", "sensitive"]
        (path / "dataset_info.json").write_text(json.dumps({"features": {"label": {"names": names, "_type": "ClassLabel"}}}))
    return path


@pytest.mark.parametrize("kind", [".jsonl", ".csv", ".parquet", ""])
def test_every_kind_of_file_gives_the_same_records(tmp_path, kind):
    records = read_labelled(written(tmp_path, kind), is_marked=False)
    assert [record.label for record in records] == [Tier.ROUTINE, Tier.PERSONAL]
    assert records[0].text == "Bins, tomorrow"
    assert [record.slice_value("service") for record in records] == ["bins", "dwp"]
    assert len({record.source for record in records}) == 2


def test_marks_are_taken_out_where_there_are_some(tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps({"text": "Hi [Farida](name:first)", "label": "minimum_contact"}))
    (record,) = read_labelled(path, is_marked=True)
    assert (record.text, record.marks[0].form) == ("Hi Farida", NameForm.FIRST)
    (plain,) = read_labelled(path, is_marked=False)
    assert plain.text == "Hi [Farida](name:first)"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"text": "secret words", "label": "purple"}', "row 1: the label is none of"),
        ('{"text": "secret words"}', "row 1: no label"),
        ('{"label": "routine"}', "row 1: no text"),
        ('["secret words"]', "line 1: no JSON object"),
        ("secret words", "line 1: no JSON"),
        ('{"text": "secret [words](nonsense)", "label": "routine"}', "row 1: unknown mark"),
    ],
)
def test_a_broken_row_is_named_and_not_quoted(tmp_path, line, says):
    path = tmp_path / "own.jsonl"
    path.write_text(line)
    with pytest.raises(RecordError, match=says) as refused:
        read_labelled(path, is_marked=True)
    assert "secret" not in str(refused.value)


def test_another_kind_of_file_is_refused(tmp_path):
    (tmp_path / "own.xlsx").write_bytes(b"PK")
    with pytest.raises(RecordError, match="not one of"):
        read_labelled(tmp_path / "own.xlsx", is_marked=False)


REVIEW = {
    "id": "r1",
    "text": "Hi Farida Khan, your £12.30 is here",
    "category": "personal",
    "machine": "sensitive",
    "spans": [{"start": 21, "end": 27, "type": "amount"}, {"start": 3, "end": 14, "type": "name"}],
    "judgements": [{"reviewer": "ann", "stage": "first", "category": "personal"}],
}


def reviews(tmp_path, *changes):
    path = tmp_path / "reviews.jsonl"
    path.write_text("\n".join(json.dumps(REVIEW | change) for change in changes))
    return read_reviews(path)


def test_a_review_becomes_a_record_with_its_words(tmp_path):
    (found,) = reviews(tmp_path, {})
    assert found.record.marks == (Mark(3, 14, InfoType.NAME, form=NameForm.FULL), Mark(21, 27, InfoType.AMOUNT))
    assert (found.record.label, found.machine, found.reviewers, found.is_double) == (Tier.PERSONAL, Tier.SENSITIVE, ("ann",), False)
    assert found.record.marked.tier is Tier.PERSONAL


def test_marks_never_demand_more_than_the_label(tmp_path):
    (found,) = reviews(tmp_path, {"category": "minimum_contact", "judgements": [{"reviewer": "ann", "category": "minimum_contact"}]})
    assert found.record.marks == (Mark(3, 14, InfoType.NAME, form=NameForm.FIRST),)


@pytest.mark.parametrize(
    ("judgements", "is_double"),
    [
        ([("ann", "first", "personal"), ("bob", "second", "personal")], True),
        ([("ann", "first", "personal"), ("ann", "second", "personal")], False),
        ([("ann", "first", "routine"), ("bob", "second", "personal")], False),
        ([("ann", "first", "routine"), ("cat", "adjudication", "personal")], True),
    ],
)
def test_two_people_or_an_adjudicator_make_a_double_label(tmp_path, judgements, is_double):
    given = [{"reviewer": who, "stage": stage, "category": category} for who, stage, category in judgements]
    (found,) = reviews(tmp_path, {"judgements": given})
    assert found.is_double is is_double


@pytest.mark.parametrize("change", [{"text": ""}, {"category": "purple"}, {"judgements": []}, {"id": ""}])
def test_a_broken_review_is_refused_without_its_text(tmp_path, change):
    with pytest.raises(RecordError, match="line 1") as refused:
        reviews(tmp_path, change)
    assert "Farida" not in str(refused.value)


def test_a_review_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(RecordError, match="r1 stands twice"):
        reviews(tmp_path, {}, {})


def test_what_the_desk_exports_is_read(tmp_path):
    """Spans as three values, the machine's answer as an object, nobody named."""
    change = {
        "spans": [[21, 27, "amount"], [28, 30, None]],
        "machine": {"category": "routine", "scores": None},
        "judgements": [
            {"stage": "first", "category": "personal", "action": "block"},
            {"stage": "second", "category": "personal", "action": "block"},
        ],
        "is_test": False,
    }
    (found,) = reviews(tmp_path, change)
    assert found.record.marks == (Mark(21, 27, InfoType.AMOUNT),)
    assert (found.machine, found.is_double, found.reviewers) == (Tier.ROUTINE, True, ("unnamed",))
    (single,) = reviews(tmp_path, change | {"judgements": change["judgements"][:1]})
    assert not single.is_double


def test_reviews_of_test_keys_are_left_out(tmp_path):
    assert reviews(tmp_path, {"is_test": True}) == []


def test_an_export_without_texts_is_refused(tmp_path):
    with pytest.raises(RecordError, match="line 1: text"):
        reviews(tmp_path, {"text": None})
