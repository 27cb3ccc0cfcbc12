"""What ``zixun serve`` prints on the terminal when it answers, and nowhere else."""

import typer

from bot.settings import Settings


def welcome(*, host: str, port: int, token: str | None, settings: Settings) -> None:
    """Print where the pages are; with a token also the first administrator's sign-in link.

    The link goes to the terminal alone: a log is kept and shown to others.
    """
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host  # noqa: S104
    base = f"http://{shown}:{port}"
    lines = [
        "",
        "  咨询服务已启动",
        f"  市民咨询页：{base}/",
        f"  工作人员控制台：{base}/console",
    ]
    if token is not None:
        lines += [
            "  第一位管理员的登录链接（15 分钟内有效，只能用一次）：",
            f"  {base}/console/sign-in?token={token}",
        ]
    if settings.bot_token is None:
        lines.append("  Telegram 未启用：设置 ZIXUN_BOT_TOKEN 后重启即可")
    lines += ["  按 Ctrl-C 结束", ""]
    typer.echo("\n".join(lines))
