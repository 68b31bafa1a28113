"""The secrets of a store: what encrypts its columns, and what makes digests that nobody else can make."""

import base64
import hashlib
import hmac
import os
import secrets as random
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from serving.errors import StoreError
from serving.settings import Settings

SECRET_FILE = "secret"  # noqa: S105 (a file name)
KEYS_FILE = "encryption.keys"


class Vault:
    """Encrypts with the newest key, decrypts with any, and makes keyed digests.

    >>> vault = Vault("s" * 32, [Fernet.generate_key().decode()])
    >>> vault.open(vault.seal(b"curfew"))
    b'curfew'
    """

    def __init__(self, secret: str, encryption_keys: Sequence[str]) -> None:
        """Take the secret and the Fernet keys, the newest first.

        Raises:
            StoreError: there is no key, or one is none.
        """
        try:
            self._fernet = MultiFernet([Fernet(key) for key in encryption_keys])
        except ValueError:
            raise StoreError("the encryption keys must be Fernet keys: 32 bytes in URL-safe base64, with commas between") from None
        self._secret = secret.encode()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the vault of a deployment; with the database in the state folder, missing secrets are made there.

        Raises:
            StoreError: a secret is missing and may not be made here, or cannot be used.
        """
        secret = settings.secret.get_secret_value() if settings.secret else None
        keys = settings.encryption_keys.get_secret_value().split(",") if settings.encryption_keys else None
        if settings.database_url is not None and (secret is None or keys is None):
            raise StoreError("a database of your own needs SENDSAFE_SECRET and SENDSAFE_ENCRYPTION_KEYS; `sendsafe store keys` makes both")
        folder = settings.state_folder
        return cls(
            secret or _read_or_make(folder / SECRET_FILE, new_secret()),
            [key.strip() for key in keys or _read_or_make(folder / KEYS_FILE, new_encryption_key()).split()],
        )

    def seal(self, content: bytes) -> bytes:
        """Encrypt."""
        return self._fernet.encrypt(content)

    def open(self, token: bytes) -> bytes:
        """Decrypt.

        Raises:
            StoreError: none of the keys opens it, or it was changed.
        """
        try:
            return self._fernet.decrypt(token)
        except InvalidToken:
            raise StoreError("none of the encryption keys opens what is stored") from None

    def reseal(self, token: bytes) -> bytes:
        """Encrypt anew with the newest key.

        Raises:
            StoreError: none of the keys opens it, or it was changed.
        """
        try:
            return self._fernet.rotate(token)
        except InvalidToken:
            raise StoreError("none of the encryption keys opens what is stored") from None

    def digest(self, purpose: str, content: bytes) -> str:
        """Return a digest in hex that only this secret makes; another purpose gives another digest."""
        return hmac.new(self._secret, purpose.encode() + b"\0" + content, hashlib.sha256).hexdigest()


def new_secret() -> str:
    """Make a secret."""
    return random.token_urlsafe(48)


def new_encryption_key() -> str:
    """Make a Fernet key."""
    return base64.urlsafe_b64encode(random.token_bytes(32)).decode()


def _read_or_make(path: Path, content: str) -> str:
    """Return what a file holds; where it is not there, make it for this user alone. Of two that make it, one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}.{random.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, content.encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text(encoding="ascii").strip()
