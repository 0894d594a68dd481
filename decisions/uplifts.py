"""What a finished experiment teaches for later decisions: uplift by stratum, shrunk to that of all."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from decisions.experiment import STRATA, TREATMENT

Floats = npt.NDArray[np.float64]


def uplifts(customers: pd.DataFrame) -> pd.DataFrame:
    """Return one row per stratum with the lift of the treatment and the uplift of a contact.

    Both in EUR of winsorised revenue per customer. `lift_eur`: all customers of the treatment less all of the
    control. `contact_uplift_eur`: among customers whom one rule alone names, those contacted less those not,
    which the draw of the arm decided. Each with its standard error and the value shrunk to the mean of all
    strata; a stratum without customers on both sides has null, and the mean as its shrunk value.

    customers : `STRATA`, `arm`, `contacted`, `named_by_control`, `named_by_treatment`, `outcome_eur`
    """
    treated = customers["arm"].eq(TREATMENT)
    apart = customers["named_by_control"] != customers["named_by_treatment"]
    lift = _by_stratum(customers, treated).add_prefix("lift_")
    contact = _by_stratum(customers[apart], customers.loc[apart, "contacted"]).add_prefix("contact_uplift_")
    strata = lift.join(contact)
    counts = {"lift_n1": "n_treatment", "lift_n0": "n_control"}
    counts |= {"contact_uplift_n1": "n_contacted", "contact_uplift_n0": "n_not_contacted"}
    strata = strata.rename(columns=counts)
    strata[list(counts.values())] = strata[list(counts.values())].fillna(0).astype("int64")
    mean = overall(strata["contact_uplift_eur"], strata["contact_uplift_standard_error_eur"])
    strata["contact_uplift_shrunk_eur"] = strata["contact_uplift_shrunk_eur"].fillna(mean)
    return strata.reset_index()


def _by_stratum(customers: pd.DataFrame, given: "pd.Series[bool]") -> pd.DataFrame:
    """Return n1, n0, eur (mean given less mean not given), standard_error_eur, shrunk_eur by stratum.

    The variance is that of the value band: strata are too small for one of their own.
    """
    band = [customers["value_band"], given]
    within = customers["outcome_eur"] - customers["outcome_eur"].groupby(band).transform("mean")
    variance = (within**2).groupby(customers["value_band"]).mean()
    sides = customers["outcome_eur"].groupby([*(customers[name] for name in STRATA), given.rename("given")])
    found = sides.agg(["mean", "size"]).unstack("given")  # noqa: PD010 - of two figures at once
    wanted = pd.MultiIndex.from_product([["mean", "size"], [False, True]])
    found = pd.DataFrame(found).reindex(columns=wanted)
    n0, n1 = (found["size"][side].fillna(0) for side in (False, True))
    both = (n0 > 0) & (n1 > 0)
    eur = (found["mean"][True] - found["mean"][False]).where(both)
    spread = variance.reindex(found.index.get_level_values("value_band")).to_numpy()
    error = np.sqrt(spread * (1 / n0.where(both) + 1 / n1.where(both)))
    shrunk = shrink(eur, error)
    return pd.DataFrame({"n1": n1, "n0": n0, "eur": eur, "standard_error_eur": error, "shrunk_eur": shrunk})


def shrink(estimate: "pd.Series[float]", error: "pd.Series[float]") -> "pd.Series[float]":
    """Return estimates drawn to their mean, the more the larger their error; null becomes the mean.

    mean + τ² / (τ² + error²) × (estimate − mean), τ² the variance between strata by the moments of
    DerSimonian and Laird (1986), "Meta-analysis in clinical trials". NaN for all where nothing is known.
    """
    between = _between(estimate, error)
    mean = overall(estimate, error)
    trust = (between / (between + error**2)).fillna(0.0)
    return mean + trust * (estimate.fillna(mean) - mean)


def overall(estimate: "pd.Series[float]", error: "pd.Series[float]") -> float:
    """Return the mean of all strata, each weighed by 1 / (τ² + error²); NaN where nothing is known."""
    known = estimate.notna() & (error > 0)
    if not known.any():
        return float("nan")
    return float(np.average(estimate[known], weights=1 / (_between(estimate, error) + error[known] ** 2)))


def shrunk_errors(estimate: "pd.Series[float]", error: "pd.Series[float]") -> pd.DataFrame:
    """Return the standard errors of `shrink`: `shared` by all strata through their mean, and their `own`.

    Morris (1983), "Parametric empirical Bayes inference", without his term for the error of τ²: a stratum
    trusted by B has variance (1 − B)² Var(mean) + B error², the first part common to all strata.
    """
    between = _between(estimate, error)
    known = estimate.notna() & (error > 0)
    trust = (between / (between + error**2)).fillna(0.0)
    weights = (1 / (between + error[known] ** 2)).sum()
    of_mean = weights**-0.5 if weights > 0 else float("nan")
    # An unseen stratum lies around the mean with the spread that there is between strata.
    variance = (trust * error.fillna(0.0) ** 2).where(known, between)
    return pd.DataFrame({"shared": (1 - trust) * of_mean, "own": variance**0.5})


def _between(estimate: "pd.Series[float]", error: "pd.Series[float]") -> float:
    known = estimate.notna() & (error > 0)
    if known.sum() < 2:
        return 0.0
    y, w = estimate[known].to_numpy(np.float64), 1 / error[known].to_numpy(np.float64) ** 2
    q = float((w * (y - np.average(y, weights=w)) ** 2).sum())
    return max((q - (len(y) - 1)) / float(w.sum() - (w**2).sum() / w.sum()), 0.0)
