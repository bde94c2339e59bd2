"""ZEGOCLOUD tokens and callbacks: minted right, verified with the reason, explained. Works offline.

Every failure is a `zegocall.Error`; `.code` is its word, `.field` the member that is to blame.
"""
from typing import Union

from . import _native, callbacks, tokens
from ._check import number_of
from .errors import (ArgumentError, AuthError, CallError, Error, InternalError, NetworkError, ProtocolError, ProviderError, StoreError,
                     TokenError)


def explain(what: Union[int, str, Error]) -> str:
    """In plain words: one of the provider's numbers (50119), or an Error or its code: what is wrong and what to check."""
    if isinstance(what, Error):
        return _native.explain_word(what.code, what.field, what.detail)
    if isinstance(what, str):
        return _native.explain_word(what, "", "")
    return _native.explain_code(number_of("what", what, -2**63, 2**63 - 1))


__all__ = ["tokens", "callbacks", "explain", "Error", "ArgumentError", "NetworkError", "AuthError", "StoreError", "ProtocolError",
           "CallError", "TokenError", "ProviderError", "InternalError"]
