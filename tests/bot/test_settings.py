"""Settings come from the environment or .env, and a wrong one is named."""

import os
from pathlib import Path

import pytest

from bot.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ZIXUN_")]:
        monkeypatch.delenv(name)
    return tmp_path


def test_everything_has_a_default_that_works() -> None:
    settings = load_settings()

    assert settings.database_url == "sqlite:///data/zixun.db"
    assert settings.port == 8080
    assert settings.bot_token is None
    assert settings.web_address == "http://localhost:8080"


def test_the_environment_goes_before_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / ".env").write_text("ZIXUN_PORT=9000\nZIXUN_HOST=0.0.0.0\n")
    monkeypatch.setenv("ZIXUN_PORT", "9001")

    settings = load_settings()

    assert (settings.port, settings.host) == (9001, "0.0.0.0")  # noqa: S104


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIXUN_BOT_TOKEN", "")

    assert load_settings().bot_token is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZIXUN_PORT", "eighty"),
        ("ZIXUN_PORT", "70000"),
        ("ZIXUN_BOT_TOKEN", "not-a-token"),
        ("ZIXUN_STAFF_CHAT_ID", "@group"),
        ("ZIXUN_ENCODER", "on"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert str(caught.value).startswith(f"{name}：")
    assert "\n" not in str(caught.value)


def test_a_secret_is_not_shown_when_settings_are_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZIXUN_BOT_TOKEN", "123456789:AAAAAAAAAAAAAAAAAAAAAAAA")

    assert "AAAAAAAA" not in repr(load_settings())
