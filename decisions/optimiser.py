"""Solve the budget problem: by the greedy rule where that is exact, else by prices and HiGHS.

*Greedy.* With one action, one cost for everyone it is for, and no minimum spend, all that counts is how many
are contacted: the best so many are the optimum.

*Else.* The dual's prices decide nearly all customers: their best choice beats their second best by far. The
few who are close to indifferent, the core (Balas and Zemel 1980; Pisinger 1995 for multiple choice), are
settled by HiGHS as a mixed-integer programme with what the others leave. The dual bounds what any choice is
worth, so the gap that is reported holds for the whole problem. A core of all customers is the whole problem.
"""

import numpy as np
from scipy.sparse import coo_array, csc_array

from clv.errors import UserError
from decisions.duality import Priced, best_prices, regrets
from decisions.highs import largest_binary
from decisions.programme import NOTHING, Choice, Floats, Plan, Programme

GREEDY, HIGHS = "greedy", "HiGHS"
CORE = 150
GROWTH = 4
LARGEST_CORE = 2_400
"""Customers whom HiGHS settles: first, how many times more when that does not do, and how many are enough."""
GOOD_ENOUGH = 1e-4
"""Gap at which the core stops growing."""
PRECISION = 0.1
"""Share of the gap that will do which HiGHS need not close, where it does not solve to the end."""
EXACT = 1e-9


class NoPlanError(UserError):
    """Minimum spends, caps and budget contradict each other."""


def best_plan(programme: Programme, gap: float | None = None) -> Plan:
    """Return the best plan, with the gap that is left.

    gap : one that will do; without it small problems are solved to the end and large ones to 0.01 %.
    NoPlanError where minimum spends, caps and budget contradict each other.
    """
    if _greedy_is_exact(programme):
        return _greedy(programme)
    dual = best_prices(programme)
    order = np.argsort(regrets(dual.worth_eur), kind="stable")
    core, best = min(CORE, programme.customers), None
    enough = GOOD_ENOUGH if gap is None else gap
    while True:
        exactly = gap is None and core == programme.customers
        tolerance = EXACT if exactly else enough * PRECISION
        plan = _with_core(programme, dual, np.sort(order[:core]), tolerance)
        if plan is not None and (best is None or plan.value_eur > best.value_eur):
            best = plan
        if core == programme.customers or (best and (best.gap <= enough or core >= LARGEST_CORE)):
            break
        core = min(core * GROWTH, programme.customers)
    if best is None:
        raise NoPlanError(
            f"no plan keeps all minimum spends, caps and a budget of EUR {programme.budget_eur:,.2f}: "
            "lower a minimum or raise a cap"
        )
    return best


def _greedy_is_exact(programme: Programme) -> bool:
    there = programme.value_eur > -np.inf
    costs = programme.cost_eur[there]
    one_cost = costs.size == 0 or costs.min() == costs.max()
    return programme.value_eur.shape[1] == 1 and one_cost and not programme.minimums


def _greedy(programme: Programme) -> Plan:
    value = programme.value_eur[:, 0]
    cost = float(programme.cost_eur[value > -np.inf, 0].max(initial=0.0))
    # A budget that is a multiple of the cost pays for all of them, though floats may say a little less.
    paid = np.floor(programme.budget_eur / cost + 1e-9) if cost > 0 else np.inf
    reach = int(min(paid, programme.most[0], programme.customers))
    order = np.argsort(-value, kind="stable")
    taken = order[:reach][value[order[:reach]] > 0]
    choice = np.full(programme.customers, NOTHING, np.int64)
    choice[taken] = 0
    worth = float(value[taken].sum())
    by_money = paid <= min(programme.most[0], programme.customers - 1)
    following = value[order[reach]] if by_money else 0.0
    return Plan(choice, worth, worth, max(float(following), 0.0) / cost if cost > 0 else 0.0, GREEDY)


def _with_core(programme: Programme, dual: Priced, core: Choice, tolerance: float) -> Plan | None:
    """Return the plan in which HiGHS chooses for the core, the dual for all others; None where none fits.

    tolerance : share of the dual's bound that HiGHS need not find
    """
    choice = dual.choice.copy()
    choice[core] = NOTHING
    used = programme.use(choice)
    low, high = programme.limits()
    left_low, left_high = low - used, high - used
    if np.any(left_high < 0):
        return None
    whole = len(core) == programme.customers
    customers, actions = np.nonzero(programme.value_eur[core] > -np.inf)
    value = programme.value_eur[core][customers, actions]
    if not len(value):
        return None if np.any(left_low > 0) else Plan(choice, 0.0, 0.0, 0.0, HIGHS)
    rows = _rows(programme, core, customers, actions)
    once = np.ones(len(core))
    found = largest_binary(
        value,
        rows,
        np.concatenate([left_low, once - 1]),
        np.concatenate([left_high, once]),
        tolerance * max(abs(dual.bound_eur), 1.0),
    )
    if found is None:
        return None
    taken, bound = found
    choice[core[customers[taken]]] = actions[taken]
    worth = float(programme.of(choice, programme.value_eur).sum())
    upper = min(dual.bound_eur, bound) if whole else dual.bound_eur
    return Plan(choice, worth, max(upper, worth), float(dual.prices[0]), HIGHS)


def _rows(programme: Programme, core: Choice, customers: Choice, actions: Choice) -> csc_array:
    """Return what each choice of the core uses: of budget, caps and minimum spends, and of its customer."""
    columns = np.arange(len(customers))
    cost: Floats = programme.cost_eur[core][customers, actions]
    first = 1 + len(programme.most)
    entries = [(np.zeros_like(columns), columns, cost), (1 + actions, columns, np.ones(len(columns)))]
    for place, one in enumerate(programme.minimums):
        inside = one.members[core[customers]]
        entries.append((np.full(inside.sum(), first + place), columns[inside], cost[inside]))
    last = first + len(programme.minimums)
    entries.append((last + customers, columns, np.ones(len(columns))))
    row, column, data = (np.concatenate(part) for part in zip(*entries, strict=True))
    return csc_array(coo_array((data, (row, column)), shape=(last + len(core), len(columns))))
