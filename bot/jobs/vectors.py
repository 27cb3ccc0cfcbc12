"""Where vectors of guide texts are kept: one file, appended to, that may be deleted at any time.

The file is a header (magic, dimensions) and then records of one size: a CRC-32 of what follows,
a key of 32 bytes, and the row as 16-bit floats. Everything in it can be computed again, so
nothing is flushed to the disk: what a crash or a fault left unreadable is found by its checksum,
counts as not kept, and is cut off with all behind it when something is next added. Processes that
share a file take turns by a lock on it, many readers or one writer.
"""

import fcntl
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float16]

KEY_BYTES = 32

_MAGIC = b"zixun vectors 1\n"
_HEADER = struct.Struct(f"<{len(_MAGIC)}sI")
_CHECKSUM = struct.Struct("<I")


class VectorFile:
    """Rows by key, in a file that several processes may read and add to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[bytes, Row]:
        """All rows that are kept; none if there is no file, or it is not one of ours.

        Raises OSError if the file is there and cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                content = file.read()
        except FileNotFoundError:
            return {}
        return _sound(content)[0]

    def add(self, rows: Mapping[bytes, Row]) -> None:
        """Keep the rows, whose keys are 32 bytes, after those that are kept already.

        What is kept under a key stays. Rows of another length than those in the file take their
        place. Raises OSError if they cannot be written; some may then have been.
        """
        if not rows:
            return
        header = _HEADER.pack(_MAGIC, len(next(iter(rows.values()))))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            content = file.read()
            kept, whole = _sound(content) if content.startswith(header) else ({}, 0)
            file.truncate(whole)
            if not whole:
                file.write(header)
            for key, row in rows.items():
                if key not in kept:
                    body = key + row.astype("<f2").tobytes()
                    file.write(_CHECKSUM.pack(zlib.crc32(body)) + body)


def _sound(content: bytes) -> tuple[dict[bytes, Row], int]:
    """The rows up to the first damage, and where that is; 0 if the header is not ours."""
    if len(content) < _HEADER.size:
        return {}, 0
    magic, dimensions = _HEADER.unpack_from(content)
    if magic != _MAGIC or not dimensions:
        return {}, 0
    rows: dict[bytes, Row] = {}
    at = _HEADER.size
    size = _CHECKSUM.size + KEY_BYTES + 2 * dimensions
    while at + size <= len(content):
        (checksum,) = _CHECKSUM.unpack_from(content, at)
        body = content[at + _CHECKSUM.size : at + size]
        if zlib.crc32(body) != checksum:
            break
        row = np.frombuffer(body, dtype="<f2", offset=KEY_BYTES)
        rows[body[:KEY_BYTES]] = row.astype(np.float16)
        at += size
    return rows, at
