"""``zixun``, the same as ``python -m bot``."""


from handlers.terminal.cli import build_cli


def main() -> None:
    """Run the command line; what a command needs is imported when it runs."""

    def serve() -> None:
        import asyncio

        from bot.app import serve as run
        from bot.settings import load_settings

        asyncio.run(run(load_settings()))

    build_cli(serve=serve)(prog_name="zixun")


if __name__ == "__main__":
    main()
