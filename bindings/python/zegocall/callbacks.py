"""The provider's callbacks (webhooks). THE BODY IS NOT SIGNED: take a callback for a hint, ask the server API before anything
that matters changes."""
import json
from dataclasses import dataclass
from typing import Any, Dict, Optional, Union

from . import _native
from ._check import bytes_of, now_ms, number_of


@dataclass(frozen=True)
class Callback:
    """A callback whose signature is right, fresh and new. `key` is the same for each delivery of one happening."""

    event: str
    app_id: int
    sent_ms: int
    key: str
    seen_as: str
    body: Dict[str, Any]


class Verifier:
    """Verifies callbacks with the project's CallbackSecret and remembers, in this process, which it has seen. Any thread.
    `past` and `future` are how far, in seconds, a callback's time may be from the present."""

    __slots__ = ("_native",)

    def __init__(self, *, secret: Union[str, bytes], past: int = 660, future: int = 60) -> None:
        self._native = _native.Callbacks(bytes_of("secret", secret), number_of("past", past, 0, 2**31),
                                         number_of("future", future, 0, 2**31))

    def __repr__(self) -> str:
        return "Verifier()"

    def verify(self, body: Union[str, bytes], *, now: Optional[float] = None) -> Callback:
        """Reads and verifies a body as it came. ProtocolError; AuthError with code unauthenticated, expired or replayed (field
        "nonce": the same again, answer 2xx; "body": another body, somebody forges)."""
        return Callback(**json.loads(self._native.verify(bytes_of("body", body), now_ms(now))))

    def release(self, callback: Callback) -> None:
        """Forgets a callback that you could not handle, so that the provider's next try comes through."""
        self._native.release(bytes_of("callback.seen_as", callback.seen_as))
