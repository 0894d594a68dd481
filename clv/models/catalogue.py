"""Every family of models by the name in its `model.json`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from clv.errors import UserError
from clv.models import boosted, early
from clv.models.forecast import MODEL_FILE, Model
from clv.models.label_free import LabelFree
from clv.models.last_year import LastYear

FAMILIES: Mapping[tuple[str, int], Callable[[dict[str, Any], Path], Model]] = {
    (boosted.FAMILY, boosted.FORMAT_VERSION): boosted.Boosted.load,
    (early.FAMILY, early.FORMAT_VERSION): early.EarlyStage.load,
    (LabelFree.family, LabelFree.format_version): LabelFree.load,
    (LastYear.family, LastYear.format_version): LastYear.load,
}


def load_model(folder: Path, horizon_days: int) -> Model:
    """Return the model saved in a folder.

    Raises
    ------
    UserError
        If there is none, its family or format is unknown, or it forecasts another horizon.
    """
    file = folder / MODEL_FILE
    if not file.exists():
        raise UserError(f"{folder}: no model there; train one first")
    saved = json.loads(file.read_text(encoding="utf-8"))
    found = saved.get("family"), saved.get("format_version")
    if found not in FAMILIES:
        raise UserError(f"{file}: family {found[0]} in format {found[1]} is not known here; train again")
    if saved["horizon_days"] != horizon_days:
        raise UserError(
            f"{file}: forecasts {saved['horizon_days']} days, not {horizon_days}; train for that horizon"
        )
    return FAMILIES[found](saved, folder)
