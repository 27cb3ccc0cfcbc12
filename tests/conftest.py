"""Rules for the whole test run: skips fail in CI, and tests do not get lost."""

import os
from pathlib import Path

import pytest

FLOOR = Path(__file__).with_name("collected.txt")
"""The number of tests that a full run must at least collect; it only grows."""


def _is_full_run(config: pytest.Config) -> bool:
    chosen = config.getoption("keyword") or config.getoption("markexpr")
    return config.args == config.getini("testpaths") and not chosen


def pytest_collection_finish(session: pytest.Session) -> None:
    """Say how many tests there are, and refuse to run fewer than there were."""
    if not _is_full_run(session.config) or session.config.option.collectonly:
        return
    count, floor = len(session.items), int(FLOOR.read_text())
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"{count} tests collected; the floor is {floor}")
    if count < floor:
        pytest.exit(f"{count} tests were collected, {floor} are expected", returncode=1)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With CI=true a skipped test is a failure: there, every tool can be installed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI") != "true":
        return
    skipped = len(reporter.stats.get("skipped", ()))
    if skipped and exitstatus == 0:
        reporter.write_line(f"{skipped} tests were skipped, which CI does not allow", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
