"""HiGHS, as far as the budget problem needs it: small linear programmes, and a mixed-integer one.

Huangfu and Hall (2018), "Parallelizing the dual revised simplex method". One thread and a fixed seed; limits
are nodes, not seconds, so that a plan does not depend on how busy the machine is.
"""

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array

Floats = npt.NDArray[np.float64]

MOST_NODES = 200
FEASIBILITY = 1e-9


def _silent() -> "highspy.Highs":
    solver = highspy.Highs()
    for option, value in {
        "output_flag": False,
        "log_to_console": False,
        "threads": 1,
        "random_seed": 0,
    }.items():
        solver.setOptionValue(option, value)
    return solver


class CuttingPlanes:
    """A lower model of a convex function: the largest of its tangents, in a box [0, widest]."""

    def __init__(self, widest: Floats) -> None:
        self._widest, self._solver = widest, _silent()
        for high in widest:
            self._solver.addVar(0.0, float(high))
        self._solver.addVar(-highspy.kHighsInf, highspy.kHighsInf)
        self._solver.changeColCost(len(widest), 1.0)

    def add(self, at: Floats, value: float, slope: Floats) -> None:
        """Add the tangent of a value and a subgradient at a point."""
        count = len(at)
        row = np.append(-slope, 1.0)
        low = value - float(slope @ at)
        self._solver.addRow(low, highspy.kHighsInf, count + 1, np.arange(count + 1, dtype=np.int32), row)

    def lowest(self, low: Floats, high: Floats) -> tuple[Floats, float, Floats]:
        """Return where the model is lowest between two points, its value there, and the tangents' weights.

        Where no bound of the box holds the weights sum to 1: their mix of subgradients is 0.
        """
        for place, widest in enumerate(self._widest):
            bounds = max(float(low[place]), 0.0), min(float(high[place]), float(widest))
            self._solver.changeColBounds(place, *bounds)
        self._solver.run()
        found = self._solver.getSolution()
        solution = np.array(found.col_value)
        weights = np.maximum(np.array(found.row_dual), 0.0)
        return np.clip(solution[:-1], 0.0, self._widest), float(solution[-1]), weights


def largest_binary(
    value: Floats, rows: csc_array, low: Floats, high: Floats, tolerance: float
) -> tuple[npt.NDArray[np.bool_], float] | None:
    """Return the binary x of the largest value·x with low ≤ rows·x ≤ high, and a bound of that value.

    None where there is none, or none was found.

    tolerance : an x that is so much worse than the bound will do
    """
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(value), rows.shape[0]
    model.col_cost_, model.sense_ = value, highspy.ObjSense.kMaximize
    model.col_lower_, model.col_upper_ = np.zeros(len(value)), np.ones(len(value))
    model.row_lower_ = np.where(np.isfinite(low), low, -highspy.kHighsInf)
    model.row_upper_ = np.where(np.isfinite(high), high, highspy.kHighsInf)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.asarray(rows.indptr, np.int32)
    model.a_matrix_.index_ = np.asarray(rows.indices, np.int32)
    model.a_matrix_.value_ = rows.data
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(value)
    solver = _silent()
    limits = {"mip_abs_gap": tolerance, "mip_rel_gap": 0.0, "mip_max_nodes": MOST_NODES}
    for option, limit in (limits | {"mip_feasibility_tolerance": FEASIBILITY}).items():
        solver.setOptionValue(option, limit)
    solver.passModel(model)
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    return np.array(solver.getSolution().col_value) > 0.5, float(info.mip_dual_bound)


def worst_mix(expected: Floats, profit: Floats, weight: float, most: float) -> tuple[float, Floats, Floats]:
    """Return what the best mix of some plans is worth in its worst draws, their weights, and its shares.

    The minimum over q of the maximum over plans k of expected_k + Σ_d q_d profit_kd, with Σ q = weight and
    0 ≤ q_d ≤ most; by duality the maximum over mixes of plans, whose shares are the multipliers.

    Parameters
    ----------
    expected
        Shape (plans,).
    profit
        Shape (plans, draws).
    weight, most
        Of all draws together, and of one.

    Returns
    -------
    tuple
        Worth; weights of the draws, shape (draws,); shares of the plans, shape (plans,), summing to 1.
    """
    plans, draws = profit.shape
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = draws + 1, plans + 1
    model.col_cost_ = np.append(np.zeros(draws), 1.0)
    model.col_lower_ = np.append(np.zeros(draws), -highspy.kHighsInf)
    model.col_upper_ = np.append(np.full(draws, most), highspy.kHighsInf)
    model.row_lower_ = np.append(expected, weight)
    model.row_upper_ = np.append(np.full(plans, highspy.kHighsInf), weight)
    matrix = csc_array(np.block([[-profit, np.ones((plans, 1))], [np.ones((1, draws)), np.zeros((1, 1))]]))
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.asarray(matrix.indptr, np.int32)
    model.a_matrix_.index_ = np.asarray(matrix.indices, np.int32)
    model.a_matrix_.value_ = matrix.data
    solver = _silent()
    solver.passModel(model)
    solver.run()
    found = solver.getSolution()
    solution, shares = np.array(found.col_value), np.maximum(np.array(found.row_dual)[:plans], 0.0)
    return float(solution[-1]), solution[:-1], shares / shares.sum()
