"""The customers of one segment and t₀ whose drivers are all published, as the lake holds them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clv.driver_words import DRIVER_WORDS
from clv.feature_catalogue import FEATURES
from clv.lake import Lake
from clv.parquet import read_table
from clv.partitions import explanations_at, scores_at
from clv.tables import PRIORS

MEDIUM, HIGH = 5, 8
"""Deciles above which the CLV bands medium and high begin."""
SCORED = [
    *("customer_id", "country", "acquisition_channel", "device", "decile"),
    *("clv_eur", "driver_start_eur", "model_version"),
]
STAGE = "stage"
"""The segments themselves, told apart."""
BY = {
    "country": "country",
    "acquisition channel": "acquisition_channel",
    "device": "device",
    "decile": "decile",
    "CLV band": "band",
}
"""What customers of a sample are told apart by, and the column of `people`."""
UNITS = {column.name: column.unit for table in (FEATURES, PRIORS) for column in table.columns}


@dataclass(frozen=True)
class Sample:
    """Customers drawn by lot, with their scores and all of their drivers.

    everybody : all customers of the segment by customer_id, sampled or not: the columns `SCORED` and `band`
    people : the sampled ones among them, with the same columns
    eur : EUR by customer_id and driver, drivers in words; driver_start_eur + the sum of a row is its clv_eur
    values : the rows of `explanations` with customer_id, driver, feature, value and value_text
    """

    segment: str
    everybody: pd.DataFrame
    people: pd.DataFrame
    eur: pd.DataFrame
    values: pd.DataFrame

    @property
    def start_eur(self) -> float:
        """Return the forecast of the typical customer, from which drivers count."""
        return float(self.people.driver_start_eur.mean())

    @property
    def mean_eur(self) -> float:
        """Return the mean forecast of all customers, sampled or not."""
        return float(self.everybody.clv_eur.mean())

    @property
    def model_version(self) -> str:
        """Return the model that most of them were scored by."""
        return str(self.people.model_version.mode()[0])

    def groups(self, least: int) -> dict[str, list[str]]:
        """Return by what customers can be told apart, and the groups of at least so many customers.

        Those with the highest mean forecast come first.
        """
        found = {}
        for by, column in BY.items():
            clv = self.people.groupby(column).clv_eur
            means = clv.mean()[clv.size() >= least].sort_values(ascending=False, kind="stable")
            found[by] = [str(name) for name in means.index]
        return found

    def where(self, by: str, value: str) -> "Sample":
        """Return the customers of one group, such as `country`, `DE`; nobody where there is none."""
        everybody, people = (
            rows[rows[BY[by]].astype(str) == value] for rows in (self.everybody, self.people)
        )
        mine = self.values.customer_id.isin(people.index)
        return Sample(self.segment, everybody, people, self.eur.loc[people.index], self.values[mine])

    def of(self, driver: str) -> pd.DataFrame:
        """Return `eur`, `value` and `value_text` of one driver by customer."""
        rows = self.values[self.values.driver == driver].set_index("customer_id")
        return rows[["value", "value_text"]].assign(eur=self.eur[driver])

    def unit(self, driver: str) -> str:
        """Return the unit of a driver's values, empty where they have none."""
        features = self.values.feature[self.values.driver == driver].dropna().unique()
        return UNITS.get(str(features[0]), "") if len(features) else ""

    def meaning(self, driver: str) -> str:
        """Return in words what a driver's value is, with its unit: of a combined driver, of its prior."""
        features = self.values.feature[self.values.driver == driver].dropna().unique()
        words = DRIVER_WORDS.get(str(features[0]), driver) if len(features) else driver
        unit = self.unit(driver)
        return f"{words}, {unit}" if unit else words


def read_sample(lake: Lake, as_of: date, segment: str) -> Sample | None:
    """Return the sample of one segment, None where none is published.

    A customer counts if the score of t₀ is of the same model: while a week is replaced, it may not be yet.
    """
    if lake.current(explanations_at(as_of)) is None:
        return None
    told = _rows(lake.files(explanations_at(as_of)), segment)
    everybody = _rows(lake.files(scores_at(as_of)), segment, SCORED).set_index("customer_id").sort_index()
    above = [everybody.decile > HIGH, everybody.decile > MEDIUM]
    everybody["band"] = np.select(above, ["high", "medium"], "low")
    models = told.drop_duplicates("customer_id").set_index("customer_id").model_version
    people = everybody[everybody.model_version == models.reindex(everybody.index)]
    if people.empty:
        return None
    eur = told.pivot_table(index="customer_id", columns="driver", values="eur", aggfunc="sum", observed=True)
    values = told[["customer_id", "driver", "feature", "value", "value_text"]]
    return Sample(segment, everybody, people, eur.loc[people.index].fillna(0.0), values)


def _rows(files: list[str], segment: str, columns: list[str] | None = None) -> pd.DataFrame:
    wanted = None if columns is None else [*columns, "segment"]
    tables = [read_table(file, wanted) for file in files]
    whole = pa.concat_tables(table.filter(pc.equal(table["segment"], segment)) for table in tables)
    frame: pd.DataFrame = whole.drop_columns(["segment"]).to_pandas()
    return frame
