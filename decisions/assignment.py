"""Who is in which arm: by a salted hash, with the shares kept in every stratum.

Customers of a stratum stand in the order of their hash, which is as good as shuffled; the strata follow each
other, and arms are dealt along the whole line by systematic sampling (Cochran, Sampling Techniques, 1977,
ch. 8): after i customers, floor(i x share + u) are in the treatment. So a stratum is off its share by less
than one customer, and so is the whole. u comes of the salt: each customer's chance is the share exactly.

The arms follow from ids, strata and salt alone, and not from the order of rows. They do depend on who else is
dealt to: a customer more or less would move others. Therefore they are dealt once, for the customers of one
t₀, and kept in a file; whoever comes later is not in the experiment.
"""

from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pandas as pd

from decisions.experiment import CONTROL, STRATA, TREATMENT


def hashed(customer_id: npt.ArrayLike, salt: str) -> npt.NDArray[np.float64]:
    """Return a number in [0, 1) for each id: the first 53 bits of SHA-256 of `salt|id`."""
    digests = (sha256(f"{salt}|{one}".encode()).digest() for one in np.asarray(customer_id, dtype=object))
    bits = np.fromiter((int.from_bytes(digest[:8], "big") >> 11 for digest in digests), dtype=np.uint64)
    return bits / np.float64(2**53)


def arms(customers: pd.DataFrame, salt: str, treatment_share: float) -> "pd.Series[str]":
    """Return the arm of each row of `customer_id` and `STRATA`; ids are unique, strata not null."""
    order = customers[["customer_id", *STRATA]].assign(hash=hashed(customers["customer_id"], salt))
    order = order.sort_values([*STRATA, "hash", "customer_id"])
    dealt = np.floor(np.arange(len(order) + 1) * treatment_share + hashed([""], salt)[0])
    arm = np.where(np.diff(dealt) > 0, TREATMENT, CONTROL)
    return pd.Series(arm, index=order.index, dtype=object).reindex(customers.index)
