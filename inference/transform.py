"""What Batch Transform does with a manifest: each file to the model server, each answer beside the others."""

import json
from collections.abc import Callable
from pathlib import Path

from clv.errors import UserError
from inference.handlers import PARQUET, answer, model_fn

OK = 200
MAX_PAYLOAD_BYTES = 100 * 1024**2
"""MaxPayloadInMB of CreateTransformJob is at most 100."""


def read_local(url: str) -> bytes:
    """Return a file of this machine."""
    return Path(url).read_bytes()


def write_local(url: str, body: bytes) -> None:
    """Write a file of this machine, and the folders above it."""
    Path(url).parent.mkdir(parents=True, exist_ok=True)
    Path(url).write_bytes(body)


def transform(
    manifest: str | Path,
    model_dir: Path,
    output: str | Path,
    read_bytes: Callable[[str], bytes] = read_local,
    write_bytes: Callable[[str, bytes], None] = write_local,
) -> list[str]:
    """Write `<output>/<entry>.out` for every entry of a manifest and return what was written, in its order.

    Parameters
    ----------
    manifest
        Address of a ManifestFile: a JSON list of `{"prefix": …}` and of what follows the prefix.
    model_dir
        An unpacked model.tar.gz.
    read_bytes, write_bytes
        How a file is read and written by its address.

    Raises
    ------
    UserError
        If the manifest is malformed, a file too large, or the model server refuses a file.
    """
    model = model_fn(model_dir)
    written = []
    prefix, entries = _listed(str(manifest), read_bytes(str(manifest)))
    for entry in entries:
        body = read_bytes(prefix + entry)
        if len(body) > MAX_PAYLOAD_BYTES:
            raise UserError(
                f"{prefix}{entry}: {len(body)} bytes, at most {MAX_PAYLOAD_BYTES}; write smaller parts"
            )
        said = answer(model, body, PARQUET, PARQUET)
        if said.status != OK:
            raise UserError(f"{prefix}{entry}: status {said.status}: {said.body.decode()}")
        written.append(f"{str(output).rstrip('/')}/{entry}.out")
        write_bytes(written[-1], said.body)
    return written


def _listed(where: str, manifest: bytes) -> tuple[str, list[str]]:
    try:
        head, *entries = json.loads(manifest)
        prefix = head["prefix"]
    except (ValueError, KeyError, TypeError):
        raise UserError(
            f'{where}: not a manifest; expected [{{"prefix": "…"}}, "part-000.parquet", …]'
        ) from None
    return prefix, entries
