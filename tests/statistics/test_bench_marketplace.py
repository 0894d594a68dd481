"""The bench task that sets forecasts between last year's revenue and the truth."""

import pytest

from bench.marketplace import FIGURES, GOALS, Judgement, of_the_way, tell
from clv.metrics import METRICS


def test_way_starts_at_last_year_s_revenue_ends_at_the_oracle_and_counts_errors_downwards():
    assert of_the_way(0.80, 0.80, 0.95) == 0
    assert of_the_way(0.80, 0.95, 0.95) == pytest.approx(1)
    assert of_the_way(450.0, 400.0, 250.0) == pytest.approx(0.25)


def test_tables_are_means_over_the_marketplaces(capsys):
    assert set(FIGURES) <= set(METRICS)
    assert set(GOALS) <= set(FIGURES)
    figures = {"12m": 0.80, "ours": 0.86, "oracle": 0.95}
    tell(
        [
            Judgement(seed, "all", model, dict.fromkeys(FIGURES, base + shift))
            for seed, shift in ((1, -0.01), (2, 0.01))
            for model, base in figures.items()
        ]
    )
    told = capsys.readouterr().out
    assert "| all | ours | 0.860 | 86.0% |" in told
    assert "| gini_normalised | 0.800 | 0.860 | 0.950 | +0.060 | 40% |" in told
