"""What a plan may bring: what it depends on, how it may turn out, and what other budgets would bring."""

import numpy as np
import pandas as pd

from clv.decision_tables import PROFIT_DRAWS, SENSITIVITY, SPEND_CURVE
from clv.schema import Table
from decisions.programme import Choice
from decisions.returns import Returns
from decisions.risk import Draws, exposure, outcomes
from decisions.roi import sensitivity, spend_curve
from decisions.spend import Wishes

TABLES = (SPEND_CURVE, SENSITIVITY, PROFIT_DRAWS)


def outlook(returns: Returns, choice: Choice, wishes: Wishes, draws: Draws) -> dict[Table, pd.DataFrame]:
    """Return spend curve, sensitivity and draws of profit of a plan, `TABLES` but for `as_of`.

    choice : the action of everybody, shape (customers,)
    """
    plan = exposure(returns, choice)
    profit = outcomes(plan, draws)
    horizon_days = int(returns.customers["horizon_days"].iloc[0])
    return {
        SPEND_CURVE: spend_curve(returns, wishes.budget_eur, wishes.minimums, draws),
        SENSITIVITY: sensitivity(plan, horizon_days, returns.assumptions.ranges),
        PROFIT_DRAWS: pd.DataFrame({"draw": np.arange(len(profit)), "profit_eur": profit}),
    }
