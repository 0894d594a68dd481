"""Writing the marketplace: the same for the same seed, chunk by chunk, never over a lake in use."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from app.importers.ecb import ecb_rates
from app.world import parameters as p
from app.world.build import write_world
from app.world.catalogue import draw_catalogue
from app.world.chunk import draw_chunk
from app.world.rates import daily_rates
from app.world.write import raw_tables
from clv.errors import UserError
from clv.lake import Lake


def write(root: Path, customers: int, seed: int) -> None:
    write_world(Lake.at(root), customers, seed, replace=False, progress=lambda _: None)


def test_one_seed_gives_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        write(tmp_path / folder, 300, seed)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.parquet"))
    assert len(files) == 9 + 1 + 2
    for file in files:
        first = (tmp_path / "a" / file).read_bytes()
        assert first == (tmp_path / "b" / file).read_bytes()
        fixed = file.parts[1] in {"markets", "fx_rates"}
        assert fixed or first != (tmp_path / "c" / file).read_bytes()


def test_a_chunk_drawn_alone_equals_its_part_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(p, "CHUNK_CUSTOMERS", 200)
    write(tmp_path, 500, 5)
    catalogue = draw_catalogue(5)
    for number, members in ((1, 200), (2, 100)):
        chunk = draw_chunk(5, number, members, catalogue, daily_rates(ecb_rates()))
        for name, table in raw_tables(chunk, catalogue):
            written = pq.read_table(tmp_path / "raw" / name / f"part-00{number}.parquet")
            assert table.cast(written.schema).equals(written), name


@pytest.mark.parametrize(("customers", "seed"), [(0, 1), (-5, 1), (10, -1)])
def test_a_number_out_of_range_is_one_clear_error(tmp_path: Path, customers: int, seed: int) -> None:
    with pytest.raises(UserError, match="at least 1 customer"):
        write(tmp_path, customers, seed)


def test_a_lake_in_use_is_left_as_it_is_unless_replace_is_said(tmp_path: Path) -> None:
    lake = Lake.at(tmp_path)
    said: list[str] = []
    write_world(lake, 50, 1, replace=False, progress=said.append)
    latent = tmp_path / "truth" / "latent" / "part-000.parquet"
    before = latent.read_bytes()
    with pytest.raises(UserError, match="--replace"):
        write_world(lake, 50, 2, replace=False, progress=said.append)
    assert latent.read_bytes() == before
    write_world(lake, 50, 2, replace=True, progress=said.append)
    assert latent.read_bytes() != before
    assert said == ["world: 50 of 50 customers"] * 2
