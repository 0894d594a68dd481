"""Scores of customers from a saved model."""

from pathlib import Path

import pandas as pd

from clv.errors import UserError
from clv.models.catalogue import load_model
from clv.models.explain import with_drivers
from clv.models.forecast import ALL_DRIVERS, EXPLAINED, FIGURES, Model
from clv.segments import LEAD


def forecast_frame(model: Model, frame: pd.DataFrame) -> pd.DataFrame:
    """Return `customer_id`, `FIGURES`, `EXPLANATION`, `ALL_DRIVERS`, `model_version` by row, same index.

    All drivers are told of the rows whose column `EXPLAINED` is true; the column may be absent.

    Raises
    ------
    UserError
        If a lead is among the rows, a column is missing or a prior null.
    """
    leads = int((frame["segment"] == LEAD).sum())
    if leads:
        raise UserError(f"{leads} leads among the customers to score: they have no order, hence no forecast")
    asked = frame.get(EXPLAINED, pd.Series(data=False, index=frame.index)).to_numpy(bool)
    said, top, told = with_drivers(model.tell, frame, asked)
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"],
            **{name: said[name].astype("float64") for name in FIGURES},
            **top,
            ALL_DRIVERS: pd.Series(told, frame.index, dtype=object),
            "model_version": model.version,
        },
        index=frame.index,
    )


def forecast_with(folder: Path, frame: pd.DataFrame, horizon_days: int) -> pd.DataFrame:
    """Return the same with the model saved in a folder; UserError also if it forecasts another horizon."""
    return forecast_frame(load_model(folder, horizon_days), frame)
