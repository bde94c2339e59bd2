"""Tokens: a Keyring mints and verifies, inspect says all that can be said about a text."""
import enum
import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Union

from . import _native
from ._check import bytes_of, now_ms, number_of, text_of
from .errors import ArgumentError


class Role(enum.IntEnum):
    """What somebody does in a room: a listener may not publish, the others may."""

    HOST = 0
    CO_HOST = 1
    SPEAKER = 2
    LISTENER = 3


@dataclass(frozen=True)
class Claims:
    """What a token says. Times are Unix seconds; room_id and what follows is set where it is bound to a room."""

    app_id: int
    user_id: str
    nonce: int
    created: int
    expires: int
    payload: str
    mode: str
    version: str
    key: int
    room_id: Optional[str] = None
    login: Optional[bool] = None
    publish: Optional[bool] = None
    streams: Optional[List[str]] = None


def _expectation(user: Optional[str], room: Optional[str], stream: Optional[str], app_id: int, login: bool, publish: bool, token03: bool,
                 leeway: int) -> Any:
    return _native.Expectation(text_of("user", user), text_of("room", room), text_of("stream", stream),
                               number_of("app_id", app_id, 0, 2**32 - 1), bool(login), bool(publish), bool(token03),
                               number_of("leeway", leeway, 0, 2**31))


class Keyring:
    """The secrets of your projects, 32 bytes each. Any thread. Its repr shows no secret."""

    __slots__ = ("_native",)

    def __init__(self, *, app_id: int, secret: Union[str, bytes]) -> None:
        self._native = _native.Keys(number_of("app_id", app_id, 0, 2**32 - 1), bytes_of("secret", secret))

    def __repr__(self) -> str:
        return f"Keyring(app_id={self._native.app()}, keys={self._native.size()})"

    def add(self, *, app_id: int, secret: Union[str, bytes]) -> None:
        """One more secret: tokens that it made verify too. Of one project's secrets the first makes new ones."""
        self._native.add(number_of("app_id", app_id, 0, 2**32 - 1), bytes_of("secret", secret))

    def mint(self, *, user: str, lifetime: int = 3600, room: Optional[str] = None, role: Role = Role.HOST, payload: Optional[str] = None,
             mode: str = "gcm", app_id: int = 0, relaxed_ids: bool = False, now: Optional[float] = None) -> str:
        """A Token04 for `lifetime` seconds, good for `room` only where one is given, with what `role` may do there; or with a
        `payload` of your own. ArgumentError names the argument; TokenError wrong_app."""
        if mode not in ("gcm", "cbc"):
            raise ArgumentError(100, "invalid_argument", "mode", "must be gcm or cbc")
        return self._native.mint(text_of("user", user), number_of("lifetime", lifetime, -2**62, 2**62), text_of("room", room),
                                 number_of("role", role, 0, 3), text_of("payload", payload), mode == "cbc",
                                 number_of("app_id", app_id, 0, 2**32 - 1), bool(relaxed_ids), now_ms(now))

    def verify(self, token: str, *, user: Optional[str] = None, room: Optional[str] = None, stream: Optional[str] = None, app_id: int = 0,
               login: bool = False, publish: bool = False, token03: bool = False, leeway: int = 30, now: Optional[float] = None) -> Claims:
        """Opens a token and checks it against what is given. An Error whose code is the reason."""
        expectation = _expectation(user, room, stream, app_id, login, publish, token03, leeway)
        return Claims(**json.loads(self._native.verify(text_of("token", token), expectation, now_ms(now))))


def inspect(token: str, keys: Optional[Keyring] = None, *, user: Optional[str] = None, room: Optional[str] = None,
            stream: Optional[str] = None, app_id: int = 0, login: bool = False, publish: bool = False, token03: bool = False,
            leeway: int = 30, now: Optional[float] = None) -> Dict[str, Any]:
    """Everything that can be said about a text that claims to be a token: ok, and where that is False error, field, detail, why,
    todo; kind, opened, and as far as known mode, version, expires, claims, layout. Never fails for a bad token."""
    expectation = _expectation(user, room, stream, app_id, login, publish, token03, leeway)
    if keys is not None and not isinstance(keys, Keyring):
        raise ArgumentError(102, "mistyped_field", "keys", "must be a Keyring")
    look = _native.inspect if keys is None else keys._native.inspect
    return json.loads(look(text_of("token", token), expectation, now_ms(now)))
