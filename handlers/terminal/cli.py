"""The command line: each command imports what it needs when it runs, so that help is instant."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

BAD_INPUT = 2

Text = Annotated[str, typer.Argument(metavar="TEXT", help="要问的话")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


def build_cli(*, serve: Callable[[], None]) -> typer.Typer:
    """The ``zixun`` command; ``serve`` runs the service, which only the wiring can build."""
    cli = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # its tables cost a third of a second at each --help
        help="政府信息公开咨询：回答、登记、统计、出报告。",
    )
    kb = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="知识库（指南）")
    staff = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="工作人员名单")
    cli.add_typer(kb, name="kb")
    cli.add_typer(staff, name="staff")

    @cli.command("serve")
    def serve_command() -> None:
        """启动网页、接口和 Telegram（设了 ZIXUN_BOT_TOKEN 时）。"""
        _guarded(serve)

    @cli.command()
    def ask(text: Text, as_json: AsJson = False) -> None:
        """在终端里问一个问题，和别的渠道一样登记。"""
        from handlers.terminal.ask import ask as run

        _run(lambda: run(text, as_json=as_json))

    @kb.command("list")
    def kb_list(as_json: AsJson = False) -> None:
        """列出知识库里的指南。"""
        from handlers.terminal.kb import list_guides as run

        _finish(_guarded(lambda: run(as_json=as_json)))

    @kb.command("lint")
    def kb_lint(
        files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE…]")] = None,
        as_json: AsJson = False,
    ) -> None:
        """检查指南的写法；有要改的，退出码为 1。"""
        from handlers.terminal.kb import lint_guides as run

        _finish(_guarded(lambda: run(files or [], as_json=as_json)))

    @kb.command("search")
    def kb_search(text: Text, as_json: AsJson = False) -> None:
        """看一句话会匹配到哪些指南，为什么。"""
        from handlers.terminal.kb import search_guides as run

        _finish(_guarded(lambda: run(text, as_json=as_json)))

    @cli.command()
    def evaluate(
        kb_: Annotated[str, typer.Option("--kb", metavar="{KB.jsonl,embedded}")],
        queries: Annotated[Path, typer.Option("--queries", metavar="Q.jsonl")],
        output: Annotated[Path, typer.Option("--output", metavar="RESULTS.jsonl")],
        oos: Annotated[Path | None, typer.Option("--oos", metavar="O.jsonl")] = None,
        as_json: AsJson = False,
    ) -> None:
        """用带标注的问题测一个知识库：答对多少、误答多少。"""
        from handlers.terminal.evaluate import run_evaluation as run

        _finish(
            _guarded(lambda: run(kb=kb_, queries=queries, oos=oos, output=output, as_json=as_json))
        )

    @cli.command()
    def export(
        month: Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="哪个月")],
        output: Annotated[Path, typer.Option("--output", metavar="PATH")],
        format_: Annotated[str, typer.Option("--format", metavar="{xlsx,csv,json}")] = "xlsx",
        rows: Annotated[bool, typer.Option("--rows", help="附去标识化的明细")] = False,
    ) -> None:
        """导出一个月的咨询统计。"""
        from handlers.terminal.export import export as run

        _run(lambda: run(month=month, format=format_, output=output, rows=rows))

    @cli.command()
    def report(
        year: Annotated[str, typer.Option("--year", metavar="YYYY", help="哪一年")],
        output: Annotated[Path, typer.Option("--output", metavar="PATH")],
        style: Annotated[str, typer.Option("--style", help="报告句式")] = "section",
        format_: Annotated[str, typer.Option("--format", metavar="{docx,md,html,json}")] = "docx",
    ) -> None:
        """生成年度报告的咨询一节。"""
        from handlers.terminal.report import report as run

        _run(lambda: run(year=year, style=style, format=format_, output=output))

    from handlers.terminal.deadline import deadline

    cli.command("deadline")(deadline)

    @staff.command("add")
    def staff_add(
        name: Annotated[str, typer.Argument(help="姓名")],
        role: Annotated[str, typer.Option("--role", help="角色")] = "clerk",
        telegram: Annotated[
            int | None, typer.Option("--telegram", metavar="ID", help="Telegram 用户编号")
        ] = None,
    ) -> None:
        """把一个人加进工作人员名单。"""
        from handlers.terminal.staff import add as run

        _run(lambda: run(name=name, role=role, telegram=telegram))

    @staff.command("list")
    def staff_list() -> None:
        """列出工作人员。"""
        from handlers.terminal.staff import list_ as run

        _run(run)

    @staff.command("link")
    def staff_link(
        staff_id: Annotated[int, typer.Argument(metavar="ID", help="名单里的编号")],
    ) -> None:
        """给一个人一次性的控制台登录链接，15 分钟内有效。"""
        from handlers.terminal.staff import link as run

        _run(lambda: run(staff_id))

    @staff.command("disable")
    def staff_disable(
        staff_id: Annotated[int, typer.Argument(metavar="ID", help="名单里的编号")],
    ) -> None:
        """停用一个人；他做过的事仍记在他名下。"""
        from handlers.terminal.staff import disable as run

        _run(lambda: run(staff_id))

    @cli.command()
    def doctor() -> None:
        """检查设置、机关资料、知识库、数据库和假期安排，逐条说明。"""
        from handlers.terminal.doctor import doctor as run

        _run(run)

    return cli


def _run(command: Callable[[], Coroutine[Any, Any, int]]) -> None:
    _finish(_guarded(lambda: asyncio.run(command())))


def _finish(code: int | None) -> None:
    if code:
        raise typer.Exit(code)


def _guarded(command: Callable[[], Any]) -> Any:
    """Run a command; what is wrong with its input or surroundings is one clear line, status 2."""
    try:
        return command()
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except Exception as error:
        from handlers.terminal.errors import sentence

        line = sentence(error)
        if line is None:
            raise
        typer.echo(line, err=True)
        raise typer.Exit(BAD_INPUT) from error
