"""What a reader finds on the report: its text, its tables by title, its links."""

from html.parser import HTMLParser
from pathlib import Path


class Page(HTMLParser):
    """`tables[title]` are rows of cells, the heading first; a cell's small print is left out."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.source = path.read_text(encoding="utf-8")
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.captions: list[str] = []
        self._open: list[str] = []
        self._title = ""
        self._words: list[str] = []
        self.feed(self.source)
        self.text = " ".join("".join(self._words).replace("\u00a0", " ").split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in {"meta", "path", "use", "br"}:
            return
        self._open.append(tag)
        if tag == "h3":
            self._title = ""
        if tag == "table":
            self.tables[self._title] = []
        if tag == "tr":
            self.tables[self._title].append([])
        if tag in {"td", "th"}:
            self.tables[self._title][-1].append("")
        if tag == "figcaption":
            self.captions.append("")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        self._words.append(" ")

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self._words.append(data)
        text = data.replace("\u00a0", " ")
        if self._open and self._open[-1] in {"td", "th"}:
            self.tables[self._title][-1][-1] += text
        if "h3" in self._open:
            self._title += text
        if "figcaption" in self._open:
            self.captions[-1] += text

    def column(self, title: str, name: str) -> list[str]:
        """Return a column of a table by its heading, the total included."""
        head, *rows = self.tables[title]
        return [row[head.index(name)] for row in rows if len(row) > 1]
