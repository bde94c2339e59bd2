"""Arguments are checked here, by name and without repeating them: a message must never show a secret."""
import time
from typing import Any, Optional, Union

from .errors import ArgumentError


def number_of(name: str, value: Any, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ArgumentError(102, "mistyped_field", name, f"must be an int, is {type(value).__name__}")
    if not low <= value <= high:
        raise ArgumentError(103, "out_of_range", name, f"must be {low} to {high}")
    return value


def text_of(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ArgumentError(102, "mistyped_field", name, f"must be a str, is {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ArgumentError(100, "invalid_argument", name, "holds half of a surrogate pair") from None
    return value


def bytes_of(name: str, value: Union[str, bytes]) -> bytes:
    return value if isinstance(value, bytes) else text_of(name, value).encode()


def now_ms(now: Optional[float]) -> int:
    if now is None:
        return time.time_ns() // 1_000_000
    if not isinstance(now, (int, float)) or isinstance(now, bool):
        raise ArgumentError(102, "mistyped_field", "now", "must be Unix seconds")
    if not 0 <= now < 253402300800:
        raise ArgumentError(103, "out_of_range", "now", "must be Unix seconds from 1970 to the year 9999")
    return int(now * 1000)
