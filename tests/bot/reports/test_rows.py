from pathlib import Path

from tests.bot.reports.logbook import Matter, local, statement_and_rows

SEPTEMBER, OCTOBER = local("2026-09-10 10:00"), local("2026-10-10 10:00")
NOVEMBER = local("2026-11-10 10:00")


async def test_each_row_says_what_it_counts_in(tmp_path: Path) -> None:
    matters = [
        Matter(SEPTEMBER, closed=OCTOBER, outcome="ANSWERED_KB"),
        Matter(SEPTEMBER, closed=NOVEMBER, outcome="ANSWERED_KB", asker="Bob"),
        Matter(OCTOBER, closed=OCTOBER, outcome="ANSWERED_KB", asker="Charlie"),
        Matter(OCTOBER, asker="Dora"),
        Matter(OCTOBER, closed=OCTOBER, outcome="INVALID", asker="Eve"),
    ]
    statement, rows = await statement_and_rows(matters, "2026-10", tmp_path)

    assert [row.counted_in for row in rows] == [
        "期初在办、办结",
        "期初在办、期末在办",
        "受理、办结",
        "受理、期末在办",
        "无效量",
    ]
    for name, number in (
        ("期初在办", statement.balances[-1].opening),
        ("受理", statement.figure("Q1").value),
        ("办结", statement.figure("O*").value),
        ("期末在办", statement.figure("X0").value),
        ("无效量", statement.figure("Q2").value),
    ):
        assert sum(name in row.counted_in.split("、") for row in rows) == number


async def test_the_last_moment_of_a_month_is_not_shown_as_the_next(tmp_path: Path) -> None:
    last = local("2026-10-31 23:59:59.999999")
    _, (row,) = await statement_and_rows([Matter(last)], "2026-10", tmp_path)

    assert row.opened == local("2026-10-31 23:59:59")


async def test_a_row_names_channel_topic_and_state_for_people(tmp_path: Path) -> None:
    matters = [
        Matter(OCTOBER, channel="terminal"),
        Matter(OCTOBER, closed=OCTOBER, outcome="WITHDRAWN", topic=None, asker="Bob"),
    ]
    _, rows = await statement_and_rows(matters, "2026-10", tmp_path)

    assert (rows[0].channel, rows[0].topic, rows[0].state) == ("其他", "什么是政府信息", "待认领")
    assert (rows[1].topic, rows[1].state, rows[1].outcome) == ("未知", "已办结", "公民撤回")
