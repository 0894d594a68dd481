"""What closed rows teach a forecast that learns its mean from no label: its interval, and who is typical."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from clv.models.bands import Bands
from clv.models.drivers import Typical


@dataclass(frozen=True)
class Taught:
    """Bands and the typical customer; None where too little has closed."""

    bands: Bands | None = None
    typical: Typical | None = None

    def version(self, name: str) -> str:
        """Return the name of a model, ending in a digest of what rows taught it, if they did."""
        if self == UNTAUGHT:
            return name
        return f"{name}-{sha256(json.dumps(self.to_dict()).encode()).hexdigest()[:8]}"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; `from_dict` restores them."""
        return {
            "bands": self.bands.to_dict() if self.bands else None,
            "typical": self.typical.to_dict() if self.typical else None,
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """Restore what `to_dict` returned, from the model's whole JSON."""
        return cls(Bands.from_dict(saved.get("bands")), Typical.from_dict(saved.get("typical")))


UNTAUGHT = Taught()
