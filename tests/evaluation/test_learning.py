"""The learning curve is made of reports, and says so when one is not a point."""

import json

import pytest

from evaluation.learning import CurveError, curve_content, curve_markdown, curve_plots, read_points


def report(folder, name, data, messages, macro_f1):
    figures = {"contestants": {"sendsafe": {"figures": {"macro_f1": macro_f1}}}}
    (folder / f"{name}.json").write_text(json.dumps({"data": data, "bundle": name, "training_messages": messages, **figures}))


def test_points_are_ordered_by_messages_and_told_apart_by_data(tmp_path):
    for name, messages, value in (("half", 6000, 0.86), ("all", 12000, 0.9), ("eighth", 1500, 0.7)):
        report(tmp_path, name, "test", messages, value)
    report(tmp_path, "all-public", "public-messages", 12000, 0.8)
    content = curve_content(read_points(tmp_path))
    assert [each["bundle"] for each in content["curves"]["test"]["points"]] == ["eighth", "half", "all"]
    assert content["curves"]["test"]["gain_of_last_doubling"] == pytest.approx(0.04)
    assert content["curves"]["public-messages"]["gain_of_last_doubling"] is None
    text = curve_markdown(content, {"macro-f1": "plot.svg"})
    assert "+4.0 points: still rising" in text
    assert "| 12,000 | 0.900 | all |" in text
    assert "training messages" in curve_plots(content)["macro-f1"]


def test_a_report_that_does_not_say_how_much_was_trained_on_is_refused(tmp_path):
    report(tmp_path, "all", "test", None, 0.9)
    with pytest.raises(CurveError, match=r"all\.json"):
        read_points(tmp_path)


def test_an_empty_folder_is_no_curve(tmp_path):
    with pytest.raises(CurveError):
        read_points(tmp_path)
