"""Whether the growth benchmark measures what it says, on sizes that take no time."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.growth import Figures, chart, grown, main, percentile
from knowledge.corpus import Entry

ENTRIES = [
    Entry(
        id=f"{name}",
        title=f"怎么办理{name}登记",
        phrasings=(f"{name}登记在哪里办",),
        passages=(f"{name}登记由本机关办理。带好身份证。二十个工作日内答复！",),
    )
    for name in ("房屋", "婚姻", "企业", "车辆", "土地", "船舶")
]


def test_a_greater_size_has_distinct_entries_and_holds_the_given_ones() -> None:
    found = grown(ENTRIES, size=200, seed=1)

    assert found[: len(ENTRIES)] == ENTRIES
    assert len({entry.id for entry in found}) == 200
    assert len({(entry.title, entry.passages) for entry in found}) == 200
    assert all(entry.title.strip() and len(entry.passages) == 1 for entry in found)


def test_a_smaller_size_is_a_sample() -> None:
    found = grown(ENTRIES, size=4, seed=1)

    assert len({entry.id for entry in found}) == 4
    assert all(entry in ENTRIES for entry in found)


def test_the_same_seed_gives_the_same_entries_and_another_gives_others() -> None:
    assert grown(ENTRIES, size=50, seed=1) == grown(ENTRIES, size=50, seed=1)
    assert grown(ENTRIES, size=50, seed=1) != grown(ENTRIES, size=50, seed=2)


def test_entries_too_few_to_be_mixed_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        grown([Entry(id="fee", title="费", phrasings=(), passages=())], size=10, seed=1)


def test_a_percentile_is_the_least_value_that_enough_others_do_not_exceed() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0
    assert percentile([float(value) for value in range(1, 101)], 0.99) == 99.0
    assert percentile([7.0], 0.99) == 7.0


def test_the_chart_has_a_line_and_a_name_for_each_system() -> None:
    found = [
        Figures(name, size, 100, 1.0, 50.0, 60.0, (cost * size, 3.0), (cost * size, 3.0))
        for name, cost in (("Matcher", 0.001), ("tantivy", 0.0001))
        for size in (1_000, 100_000)
    ]

    drawing = ElementTree.fromstring(chart(found))  # noqa: S314

    space = "{http://www.w3.org/2000/svg}"
    assert len(drawing.findall(f"{space}polyline")) == 2
    assert {"Matcher", "tantivy"} < {text.text for text in drawing.findall(f"{space}text")}


def test_our_matcher_is_measured_at_each_size_in_a_process_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kb, queries = tmp_path / "kb.jsonl", tmp_path / "queries.jsonl"
    rows = [
        {
            "id": entry.id,
            "title": entry.title,
            "body": entry.passages[0],
            "variants": entry.phrasings,
        }
        for entry in ENTRIES
    ]
    asked = [{"query": f"{entry.id}登记要带什么", "relevant": [entry.id]} for entry in ENTRIES]
    for path, lines in ((kb, rows), (queries, asked)):
        path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")

    files = ["--kb", f"{kb}", "--queries", f"{queries}"]
    main([*files, "--sizes", "50", "100", "--systems", "Matcher", "--rounds", "2"])

    said = capsys.readouterr()
    measured = [line.split(" | ") for line in said.out.splitlines() if "| Matcher |" in line]
    assert [cells[1] for cells in measured] == ["50", "100", "50"]
    for _, _, build, memory, peak, *times, asked_in_all in measured[:2]:
        assert float(build) > 0
        assert 0 < float(memory) <= float(peak)
        assert all(float(time) > 0 for time in times)
        assert asked_in_all == f"{2 * len(ENTRIES)} |"
    assert "[2/2] 100 entries, Matcher: built in" in said.err
