"""What can go wrong. One class per group of codes."""


class Error(Exception):
    """`code` is a stable word ("expired"), `number` its number, `field` the member that is to blame or "", `detail` a
    sentence. None of them ever holds a secret."""

    def __init__(self, number: int, code: str, field: str, detail: str) -> None:
        super().__init__(number, code, field, detail)
        self.number, self.code, self.field, self.detail = number, code, field, detail

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.field, self.detail) if part)


class ArgumentError(Error):
    """A value that is not allowed; 1xx."""


class NetworkError(Error):
    """2xx."""


class AuthError(Error):
    """Credentials that do not verify, are too old or were used before; 3xx."""


class StoreError(Error):
    """4xx."""


class ProtocolError(Error):
    """What came in cannot be read; 5xx."""


class CallError(Error):
    """Refused in this state of things; 6xx."""


class TokenError(Error):
    """Why a text is no acceptable token; 7xx."""


class ProviderError(Error):
    """8xx."""


class InternalError(Error):
    """9xx."""


_GROUPS = (ArgumentError, NetworkError, AuthError, StoreError, ProtocolError, CallError, TokenError, ProviderError, InternalError)


def error_of(number: int, code: str, field: str, detail: str) -> Error:
    """The error of a number, as its group's class."""
    group = number // 100
    return (_GROUPS[group - 1] if 1 <= group <= len(_GROUPS) else Error)(number, code, field, detail)
