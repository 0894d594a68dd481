from pathlib import Path

from app.render_docs import write_docs

DOCS = Path(__file__).parents[2] / "docs"


def test_rendered_pages_are_what_the_code_says_today(tmp_path):
    for page in write_docs(tmp_path):
        committed = (DOCS / page.name).read_text(encoding="utf-8")
        assert committed == page.read_text(encoding="utf-8"), f"run `make docs`: {page.name} is stale"
