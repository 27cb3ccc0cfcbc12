"""The office's secret and what is made from it: keyed hashes, sealed contacts, retrieval codes."""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.desk.receipts import parse_code

SHORTEST_SECRET = 16


class SecretKeyError(ValueError):
    """The secret key cannot be used; the message says why in one sentence."""


class Keys:
    """Everything derived from the secret, a separate key for each purpose (RFC 5869).

    Without the secret nobody can tell from the database who asked; who has both can check
    whether a known person asked, so the two are kept and backed up apart.
    """

    def __init__(self, secret: str) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise SecretKeyError(f"ZIXUN_SECRET_KEY 至少要有 {SHORTEST_SECRET} 个字符")
        self._secret = secret.encode()
        self._hash_key = self._derive("hash")
        self._seal = Fernet(urlsafe_b64encode(self._derive("seal")))

    def hash(self, purpose: str, value: str) -> bytes:
        """A keyed hash (32 bytes): equal for equal purpose and value, else unrelated."""
        return hmac.digest(self._hash_key, f"{purpose}\0{value}".encode(), hashlib.sha256)

    def text_digest(self, text: str, *, salt: bytes) -> bytes:
        """A salted keyed digest of a text: without the salt it cannot be guessed back."""
        return hmac.digest(self._hash_key, b"text\0" + salt + text.encode(), hashlib.sha256)

    def lock_number(self, value: bytes) -> int:
        """A number (63 bits) that names the same lock in every process."""
        return int.from_bytes(value[:8]) >> 1

    def seal(self, text: str) -> bytes:
        """The text encrypted and authenticated; only ``unseal`` with the same secret opens it."""
        return self._seal.encrypt(text.encode())

    def unseal(self, sealed: bytes) -> str | None:
        """The sealed text, or None if it was sealed under another secret or was altered."""
        try:
            return self._seal.decrypt(sealed).decode()
        except InvalidToken:
            return None

    def retrieval_code(self, receipt: str) -> str:
        """The four digits that go with a receipt; derived, so that they are stored nowhere."""
        return f"{int.from_bytes(self.hash('retrieval', receipt)[:8]) % 10_000:04d}"

    def matches(self, receipt: str, code: str) -> bool:
        """Whether these are the receipt's digits, however typed; compared in constant time."""
        return hmac.compare_digest(self.retrieval_code(receipt), parse_code(code))

    def _derive(self, purpose: str) -> bytes:
        return HKDF(
            algorithm=hashes.SHA256(), length=32, salt=None, info=b"zixun " + purpose.encode()
        ).derive(self._secret)


def load_or_make_secret(path: Path) -> str:
    """The secret in that file, made once (readable by its owner alone) if there is none yet.

    Two processes that start together end up with the same secret: the first file wins.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        ours = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(ours, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(ours, path)
        except FileExistsError:
            pass
        finally:
            ours.unlink()
    try:
        return path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise SecretKeyError(f"密钥文件 {path} 坏了，请换回备份的那一份") from error
