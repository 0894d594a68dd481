"""Arguments that every job of Glue reads alike."""

import json
from typing import Any

from clv.errors import UserError


def json_object(name: str, text: str) -> dict[str, Any]:
    """Return the JSON object that an argument holds; UserError naming the argument for anything else."""
    try:
        told = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"{name}: not JSON ({error})") from None
    if not isinstance(told, dict):
        raise UserError(f"{name}: must be an object")
    return told
