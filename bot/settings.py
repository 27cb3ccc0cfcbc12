"""The settings: ``ZIXUN_…`` environment variables, or the same names in ``.env``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it, one line each."""


class Settings(BaseSettings):
    """What an installation can choose; every one has a default that works."""

    model_config = SettingsConfigDict(
        env_prefix="ZIXUN_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: str = "sqlite:///data/zixun.db"
    bot_token: SecretStr | None = None
    telegram_api: str | None = None
    webhook_url: str | None = None
    staff_chat_id: int | None = None
    secret_key: SecretStr | None = None
    public_url: str | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    office: Path | None = None
    secret_file: Path = Path("data/secret.key")
    encoder: Literal["auto", "off"] = "auto"

    @field_validator("bot_token")
    @classmethod
    def _token_has_two_parts(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            number, _, secret = value.get_secret_value().partition(":")
            if not number.isdigit() or len(secret) < 10:
                raise ValueError("应为 BotFather 给出的形式，如 123456789:AA…")
        return value

    @property
    def web_address(self) -> str:
        """Where citizens and staff reach the web side, without a slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")


def load_settings() -> Settings:
    """The settings in force; raises SettingsError naming every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_url=False, include_input=False):
            name = "ZIXUN_" + str(problem["loc"][0]).upper()
            lines.append(f"{name}：{problem['msg'].removeprefix('Value error, ')}")
        raise SettingsError("\n".join(lines)) from error
