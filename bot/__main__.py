"""``zixun``, the same as ``python -m bot``."""

import sys
from typing import cast

import typer

from handlers.terminal.cli import build_cli

BAD_INPUT = 2
# typer carries its own copy of click, and names only this part of its usage errors.
_UsageError = cast("type[Exception]", typer.BadParameter.__base__)


def main() -> None:
    """Run the command line; what a command needs is imported when it runs.

    A command that was typed wrongly is told in one line, with exit status 2.
    """

    def serve() -> None:
        import asyncio

        from bot.app import serve as run
        from bot.settings import load_settings

        asyncio.run(run(load_settings()))

    try:
        code = build_cli(serve=serve)(prog_name="zixun", standalone_mode=False)
    except typer.Abort:
        sys.exit(130)
    except _UsageError as error:
        _tell(error)
        sys.exit(BAD_INPUT)
    sys.exit(code if isinstance(code, int) else 0)


def _tell(error: Exception) -> None:
    """The one line; for a group of commands without one, its help."""
    context = getattr(error, "ctx", None)
    message = str(getattr(error, "format_message", lambda: error)()).strip()
    if context is not None and (not message or type(error).__name__ == "NoArgsIsHelpError"):
        typer.echo(context.get_help(), err=True)
        return
    name = context.command_path if context is not None else "zixun"
    typer.echo(f"{message}（用法见 {name} --help）", err=True)


if __name__ == "__main__":
    main()
