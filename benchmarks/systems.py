"""What is measured side by side: our matcher, and what others search with.

* Matcher, Reader: ours; the reader also tells small talk, dates and emergencies;
* bm25s, tantivy: BM25 over title, phrasings and body in our cutter's words, in memory;
  bm25s pairs: the same over characters and pairs of them, as our own index has it;
* FTS5: SQLite's, over the same text's trigrams, in memory, ranked by its bm25;
* RapidFuzz: ``process.extract`` with WRatio over titles and phrasings.

Each prepares what does not depend on the entries, then builds an index of them, then is asked for
ten candidates. The peers get texts in simplified characters, as they need to find anything.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from rapidfuzz import fuzz, process

from knowledge.corpus import Entry
from knowledge.evaluation import as_guides
from knowledge.matching import Matcher
from knowledge.text import grams, tidy
from knowledge.understanding import Reader
from knowledge.words import Words

FOUND = 10
TODAY = date(2026, 11, 23)

Ask = Callable[[str], Any]
Build = Callable[[Sequence[Entry]], Ask]


def matcher() -> Build:
    words = Words()
    return lambda entries: Matcher(entries, words=words).match


def reader() -> Build:
    return lambda entries: partial(Reader(as_guides(entries)).read, today=TODAY)


def bm25s(take: Callable[[], Callable[[str], Sequence[str]]]) -> Build:
    import bm25s as library

    terms = take()

    def build(entries: Sequence[Entry]) -> Ask:
        index = library.BM25()
        index.index([terms(whole(entry)) for entry in entries], show_progress=False)
        count = min(FOUND, len(entries))
        return lambda text: index.retrieve([terms(text)], k=count, show_progress=False)

    return build


def tantivy() -> Build:
    import tantivy as library

    terms = words_of()

    def build(entries: Sequence[Entry]) -> Ask:
        builder = library.SchemaBuilder()
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
        schema = builder.build()
        index = library.Index(schema)
        writer = index.writer(num_threads=1)
        for entry in entries:
            writer.add_document(library.Document(text=" ".join(terms(whole(entry)))))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        searcher = index.searcher()

        def ask(text: str) -> Any:
            parts = [library.Query.term_query(schema, "text", word) for word in terms(text)]
            either = [(library.Occur.Should, part) for part in parts]
            return searcher.search(library.Query.boolean_query(either), FOUND)

        return ask

    return build


def fts5() -> Build:
    def build(entries: Sequence[Entry]) -> Ask:
        connection = sqlite3.connect(":memory:")
        connection.execute(
            "CREATE VIRTUAL TABLE entry USING fts5(text, content='', tokenize='trigram')"
        )
        connection.executemany(
            "INSERT INTO entry (rowid, text) VALUES (?, ?)",
            enumerate(tidy(whole(entry)) for entry in entries),
        )
        connection.execute("INSERT INTO entry (entry) VALUES ('optimize')")

        def ask(text: str) -> Any:
            plain = tidy(text)
            threes = dict.fromkeys(plain[at : at + 3] for at in range(len(plain) - 2))
            wanted = " OR ".join(f'"{one}"' for one in threes) or f'"{plain}"'
            statement = f"SELECT rowid FROM entry WHERE entry MATCH ? ORDER BY rank LIMIT {FOUND}"  # noqa: S608
            return connection.execute(statement, (wanted,)).fetchall()

        return ask

    return build


def rapidfuzz() -> Build:
    def build(entries: Sequence[Entry]) -> Ask:
        said = [tidy(text) for entry in entries for text in (entry.title, *entry.phrasings)]
        return lambda text: process.extract(tidy(text), said, scorer=fuzz.WRatio, limit=FOUND)

    return build


def whole(entry: Entry) -> str:
    """All that an entry says."""
    return "\n".join([entry.title, *entry.phrasings, *entry.passages])


def words_of() -> Callable[[str], list[str]]:
    """A function that gives a text's words, those that say nothing left in."""
    words = Words()
    return lambda text: words.cut(tidy(text))


def pairs_of() -> Callable[[str], list[str]]:
    """A function that gives a text's characters and pairs of them."""
    return lambda text: grams(tidy(text))


SYSTEMS: Mapping[str, Callable[[], Build]] = {
    "Matcher": matcher,
    "Reader": reader,
    "bm25s": partial(bm25s, words_of),
    "bm25s pairs": partial(bm25s, pairs_of),
    "tantivy": tantivy,
    "FTS5": fts5,
    "RapidFuzz": rapidfuzz,
}
