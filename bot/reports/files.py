"""Files that are there whole or not at all."""

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

Write = Callable[[Path], None]
"""Writes a whole file at the path it is given."""


class OutputError(Exception):
    """A file that cannot be written there; the message is one sentence for a person."""


def check_output(path: Path) -> None:
    """Raise OutputError if that path cannot become a file of ours, before any work is done."""
    try:
        problem = _problem(path)
    except OSError as error:
        raise OutputError(f"输出位置不能用：{error.strerror or error}") from error
    if problem is not None:
        raise OutputError(f"{problem}：{path}")


def write_files(files: Sequence[tuple[Path, Write]]) -> None:
    """Write files beside where they belong, then put all of them in place.

    If one cannot be written none is put in place and whatever stood there before stays. Raises
    OutputError.
    """
    waiting: list[tuple[Path, Path]] = []
    try:
        for path, write in files:
            check_output(path)
            target = path.resolve()
            ours = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
            waiting.append((ours, target))
            write(ours)
            _make_durable(ours)
        for ours, target in waiting:
            ours.replace(target)
    except OSError as error:
        raise OutputError(f"写不了 {path}：{error.strerror or error}") from error
    finally:
        for ours, _ in waiting:
            ours.unlink(missing_ok=True)


def _problem(path: Path) -> str | None:
    if path.is_dir():
        return "输出位置是文件夹，请写明文件名"
    if path.exists() and not path.is_file():
        return "输出位置不是普通文件"
    if not path.parent.is_dir():
        return "输出文件夹不存在"
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return "没有权限在输出文件夹里写文件"
    return None


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
