"""What a plan takes on trust, read from JSON: whatever is wrong is told with its place."""

import json

import pytest

from clv.errors import UserError
from decisions.assumptions_file import read_assumptions

BAND = {"action": "mail", "uplift": 0.1, "low": 0.02, "high": 0.18, "band": "top"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "the text: [] is no object"),
        ('{"actions": [{"name": "mail", "cost": 1}]}', "actions.0.cost: unknown"),
        ('{"actions": [{"name": "mail"}]}', "actions.0.cost_eur: missing"),
        ('{"actions": [{"name": "mail", "cost_eur": "1"}]}', 'actions.0.cost_eur: "1" is not a number'),
        ('{"actions": [{"name": "mail", "cost_eur": 1, "most": 1.5}]}', "actions.0.most: 1.5 is not a whole number"),
        ('{"actions": [{"name": "mail", "cost_eur": 1, "most": true}]}', "actions.0.most: true is not a whole number"),
        (json.dumps({"actions": [{"name": "mail", "cost_eur": 0.8}], "uplifts": [BAND]}), "uplifts.0.band"),
        ('{"actions": [{"name": "mail", "cost_eur": 0.8}], "ranges": {"tax": 1}}', "ranges.tax: unknown"),
    ],
)  # fmt: skip
def test_a_faulty_text_is_refused_with_the_place_of_the_fault(text, says):
    with pytest.raises(UserError) as error:
        read_assumptions(text, "the file")
    assert str(error.value).startswith("the file: ")
    assert says in str(error.value)
