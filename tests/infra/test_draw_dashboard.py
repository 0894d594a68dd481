import json

import pytest

from infra.draw_dashboard import body_of, boxes, draw, main

QUESTIONS = [
    "Did it run?", "Is the data sound?", "Are the scores good?", "Where not?", "Has the world changed?", "What did it cost?",
]  # fmt: skip


def widget(x, y, title, width=12):
    properties = {"title": title, "metrics": [["CLV", "RowsScored"]]}
    return {"type": "metric", "x": x, "y": y, "width": width, "height": 6, "properties": properties}


def test_the_deployed_page_asks_six_questions_in_their_order_and_nothing_overlaps(stacks):
    found = boxes(body_of(stacks.template("ClvMonitoring")))
    assert [box.title for box in sorted(found, key=lambda box: box.y) if box.kind == "text"] == QUESTIONS
    assert all(box.title and box.lines for box in found)


def test_every_row_of_the_deployed_page_is_as_wide_as_the_page(stacks):
    found = boxes(body_of(stacks.template("ClvMonitoring")))
    for y in {box.y for box in found}:
        assert sum(box.width for box in found if box.y == y) == 24


def test_widgets_that_overlap_are_an_error():
    with pytest.raises(ValueError, match="'a' and 'b' overlap"):
        boxes({"widgets": [widget(0, 0, "a"), widget(6, 5, "b")]})


def test_widgets_side_by_side_and_one_below_the_other_do_not_overlap():
    assert len(boxes({"widgets": [widget(0, 0, "a"), widget(12, 0, "b"), widget(0, 6, "c")]})) == 3


def test_a_widget_that_leaves_the_page_is_an_error():
    with pytest.raises(ValueError, match="'a' leaves the page of 24 columns"):
        boxes({"widgets": [widget(13, 0, "a")]})


def test_the_picture_is_written(stacks, tmp_path):
    draw(boxes(body_of(stacks.template("ClvMonitoring"))), tmp_path / "page.svg")
    text = (tmp_path / "page.svg").read_text(encoding="utf-8")
    assert "<svg" in text


def test_a_template_without_a_dashboard_is_refused(tmp_path, capsys):
    (tmp_path / "template.json").write_text(json.dumps({"Resources": {}}))
    assert main([str(tmp_path / "template.json"), str(tmp_path / "page.png")]) == 2
    assert "has no dashboard" in capsys.readouterr().err
