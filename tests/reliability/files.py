"""Random changes to the files of a delivery: their bytes, their number, their names, their schemas."""

from collections.abc import Callable

from tests.reliability.delivery import Bytes, Delivery, Part
from tests.reliability.mutations import COLUMNS, Rng, pick


def flipped(rng: Rng, part: Part) -> Bytes:
    """Flip one to eight bits."""
    places = rng.random(int(rng.integers(1, 9)))
    bits = rng.integers(0, 8, len(places))

    def change(data: bytes) -> bytes:
        changed = bytearray(data)
        for place, bit in zip(places, bits, strict=True):
            changed[int(place * len(changed))] ^= 1 << int(bit)
        return bytes(changed)

    return change


def truncated(rng: Rng, part: Part) -> Bytes:
    """Cut the file at a random place."""
    share = rng.random()
    return lambda data: data[: int(share * len(data))]


def emptied(rng: Rng, part: Part) -> Bytes:
    """Leave nothing, or the head of a CSV file."""
    return pick(rng, (lambda _: b"", lambda data: data.split(b"\n")[0] + b"\n", lambda _: b"\n"))


def garbled(rng: Rng, part: Part) -> Bytes:
    """Put something else into its place: noise, a web page, the other format's first bytes."""
    noise = rng.bytes(200)
    return pick(rng, (lambda _: noise, lambda _: b"<html>404</html>", lambda data: b"PAR1" + data[4:]))


def encoded(rng: Rng, part: Part) -> Bytes:
    """Write text as others do: other encodings, a byte order mark, other ends of lines, semicolons."""
    changes: tuple[Callable[[bytes], bytes], ...] = (
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.decode().encode("latin-1", "replace").replace(b"a", b"\xe4", 3),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\r\n", b"\r"),
        lambda data: data.replace(b"\r\n", b"\n"),
        lambda data: data.replace(b",", b";"),
        lambda data: data.rstrip(b"\r\n"),
        lambda data: data + b"\r\n\r\n",
    )
    return pick(rng, changes)


def ragged(rng: Rng, part: Part) -> Bytes:
    """Break one line: a comma more or less, a quote, a null byte, two lines in one."""
    share = rng.random()
    changes: tuple[Callable[[bytes], bytes], ...] = (
        lambda line: line + b",x",
        lambda line: line.rpartition(b",")[0],
        lambda line: b'"' + line,
        lambda line: line + b'"',
        lambda line: line[:5] + b"\0" + line[5:],
        lambda line: line + line,
        lambda _: b"",
    )
    change = pick(rng, changes)

    def broken(data: bytes) -> bytes:
        lines = data.split(b"\r\n")
        place = 1 + int(share * (len(lines) - 1)) if len(lines) > 1 else 0
        lines[place] = change(lines[place])
        return b"\r\n".join(lines)

    return broken


OF_BYTES = (flipped, flipped, truncated, truncated, emptied, garbled)
OF_TEXT = (encoded, ragged)


def bytes_of(rng: Rng, found: Delivery) -> str:
    """Change the bytes of one file."""
    name = pick(rng, sorted(found))
    part = pick(rng, found[name])
    kind = pick(rng, (*OF_BYTES, *OF_TEXT, *OF_TEXT) if part.form == "csv" else OF_BYTES)
    part.bytes_by.append(kind(rng, part))
    return f"{name}/{part.name} {kind.__name__}"


def again(rng: Rng, found: Delivery) -> str:
    """Deliver one file twice."""
    name = pick(rng, sorted(found))
    found[name].append(found[name][0].copy(f"part-001.{found[name][0].form}"))
    return f"{name} twice"


def split(rng: Rng, found: Delivery) -> str:
    """Cut one table into two files in either order, the second of another schema, or one of them empty."""
    name = pick(rng, sorted(found))
    first = found[name][0]
    at = int(rng.integers(0, first.rows + 1))
    second = first.copy(f"{pick(rng, ('part-001', 'a'))}.{first.form}")
    first.columns = [values[:at] for values in first.columns]
    second.columns = [values[at:] for values in second.columns]
    found[name].append(second)
    told = pick(rng, COLUMNS)(rng, {name: [second]}) if rng.random() < 0.8 else "alike"
    return f"{name} cut at row {at}, {told}"


def absent(rng: Rng, found: Delivery) -> str:
    """Do not deliver a table, or deliver it without a row."""
    name = pick(rng, sorted(found))
    if rng.random() < 0.5:
        del found[name]
        return f"no {name}"
    for part in found[name]:
        part.columns = [[] for _ in part.columns]
    return f"{name} without rows"


def misnamed(rng: Rng, found: Delivery) -> str:
    """Name a file as it is not: the other format, a hidden one, capital letters."""
    name = pick(rng, sorted(found))
    part = found[name][0]
    part.name = pick(
        rng, ("part-000.parquet", "part-000.csv", ".part.csv", "PART.CSV", 'it\'s "here" [1]*.csv')
    )
    return f"{name} named {part.name}"


FILES = (bytes_of, bytes_of, bytes_of, again, split, split, absent, misnamed)
