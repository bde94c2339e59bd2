#!/usr/bin/env python3
"""package_test.py README: the package as a stranger uses it, and the README's Python example as it stands there."""
import hashlib
import json
import pathlib
import re
import sys
import threading
import unittest

import zegocall
from zegocall import callbacks, tokens

SECRET = "zegocall-test-secret-0123456789a"
CALLBACK_SECRET = "callback-secret-made-up-for-tests"
NOW = 1_700_000_000
README = sys.argv.pop(1)


def keys():
    return tokens.Keyring(app_id=1234567890, secret=SECRET)


class Tokens(unittest.TestCase):
    def fails(self, kind, code, field, work):
        with self.assertRaises(kind) as caught:
            work()
        self.assertEqual((caught.exception.code, caught.exception.field), (code, field))
        self.assertNotIn(SECRET[:12], str(caught.exception) + repr(caught.exception))
        return caught.exception

    def test_round_trip(self):
        token = keys().mint(user="alice", lifetime=60, room="call_42", role=tokens.Role.LISTENER, now=NOW)
        claims = keys().verify(token, user="alice", room="call_42", login=True, now=NOW + 1)
        self.assertEqual((claims.app_id, claims.user_id, claims.expires, claims.room_id), (1234567890, "alice", NOW + 60, "call_42"))
        self.assertEqual((claims.login, claims.publish, claims.mode), (True, False, "gcm"))
        with self.assertRaises(zegocall.TokenError) as caught:
            keys().verify(token, publish=True, now=NOW)
        self.assertEqual(caught.exception.code, "privilege_missing")
        with self.assertRaises(zegocall.TokenError) as caught:
            keys().verify(token, now=NOW + 91)
        self.assertEqual((caught.exception.code, caught.exception.number, caught.exception.field), ("expired", 715, "expire"))
        self.assertIn("the token's time is over", zegocall.explain(caught.exception))
        with self.assertRaises(zegocall.TokenError) as caught:
            keys().verify(token, user="bob", now=NOW)
        self.assertEqual(caught.exception.code, "wrong_user")

    def test_a_second_secret(self):
        ring, other = keys(), "zegocall-test-secret-9876543210z"
        token = tokens.Keyring(app_id=1234567890, secret=other).mint(user="alice", now=NOW)
        with self.assertRaises(zegocall.TokenError) as caught:
            ring.verify(token, now=NOW)
        self.assertEqual(caught.exception.code, "wrong_key_or_tampered")
        ring.add(app_id=1234567890, secret=other)
        self.assertEqual(ring.verify(token, now=NOW).key, 1)

    def test_inspect(self):
        token = keys().mint(user="alice", mode="cbc", now=NOW)
        report = tokens.inspect(token, keys(), now=NOW)
        self.assertTrue(report["ok"] and report["opened"])
        self.assertEqual(report["claims"]["user_id"], "alice")
        report = tokens.inspect("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", now=NOW)
        self.assertEqual((report["ok"], report["error"], report["kind"]), (False, "jwt_instead_of_token", "jwt"))

    def test_bad_arguments(self):
        make = tokens.Keyring
        self.fails(zegocall.TokenError, "secret_length", "secret", lambda: make(app_id=7, secret=SECRET[1:]))
        self.fails(zegocall.ArgumentError, "mistyped_field", "app_id", lambda: make(app_id="7", secret=SECRET))
        self.fails(zegocall.ArgumentError, "out_of_range", "app_id", lambda: make(app_id=2**32, secret=SECRET))
        self.fails(zegocall.ArgumentError, "mistyped_field", "secret", lambda: make(app_id=7, secret=[SECRET]))
        self.fails(zegocall.ArgumentError, "invalid_argument", "secret", lambda: make(app_id=7, secret=SECRET + "\ud800"))
        mint = keys().mint
        self.fails(zegocall.ArgumentError, "invalid_argument", "user", lambda: mint(user=""))
        self.fails(zegocall.ArgumentError, "mistyped_field", "user", lambda: mint(user=5))
        self.fails(zegocall.ArgumentError, "out_of_range", "lifetime", lambda: mint(user="a", lifetime=0))
        self.fails(zegocall.ArgumentError, "out_of_range", "lifetime", lambda: mint(user="a", lifetime=2**70))
        self.fails(zegocall.ArgumentError, "invalid_argument", "room", lambda: mint(user="a", room="a room"))
        self.fails(zegocall.ArgumentError, "invalid_argument", "role", lambda: mint(user="a", role=tokens.Role.LISTENER))
        self.fails(zegocall.ArgumentError, "invalid_argument", "mode", lambda: mint(user="a", mode="ecb"))
        self.fails(zegocall.ArgumentError, "out_of_range", "now", lambda: mint(user="a", now=float("nan")))
        self.fails(zegocall.ArgumentError, "mistyped_field", "keys", lambda: tokens.inspect("04", "x"))

    def test_no_secret_is_shown(self):
        ring = keys()
        self.assertEqual(repr(ring), "Keyring(app_id=1234567890, keys=1)")
        self.assertNotIn("callback-secret", repr(callbacks.Verifier(secret=CALLBACK_SECRET)))

    def test_threads_share_a_keyring(self):
        ring, minted = keys(), []

        def work(first):
            for number in range(200):
                minted.append(ring.mint(user=f"u{first + number}", now=NOW))

        threads = [threading.Thread(target=work, args=(start,)) for start in (0, 1000)]
        for thread in threads:
            thread.start()
        for number in range(10):
            ring.add(app_id=9, secret=f"zegocall-test-secret-000000000{number:02d}"[:32].ljust(32, "x"))
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(minted)), 400)
        self.assertTrue(all(ring.verify(token, now=NOW) for token in minted))


class Callbacks(unittest.TestCase):
    def body(self, **more):
        parts = sorted([CALLBACK_SECRET, str(NOW), "350176"])
        signature = hashlib.sha1("".join(parts).encode()).hexdigest()
        return json.dumps({"event": "brand_new", "appid": 7, "timestamp": NOW, "nonce": "350176", "signature": signature, **more})

    def test_once(self):
        verifier = callbacks.Verifier(secret=CALLBACK_SECRET)
        callback = verifier.verify(self.body(), now=NOW + 5)
        self.assertEqual((callback.event, callback.app_id, callback.sent_ms), ("brand_new", 7, NOW * 1000))
        for body, field in ((self.body(), "nonce"), (self.body(room_id="x"), "body")):
            with self.assertRaises(zegocall.AuthError) as caught:
                verifier.verify(body, now=NOW + 5)
            self.assertEqual((caught.exception.code, caught.exception.field), ("replayed", field))
        verifier.release(callback)
        self.assertEqual(verifier.verify(self.body().encode(), now=NOW + 5).key, callback.key)

    def test_refusals(self):
        for secret, body, now, kind, code in (("other", self.body(), NOW, zegocall.AuthError, "unauthenticated"),
                                              (CALLBACK_SECRET, self.body(), NOW + 5000, zegocall.AuthError, "expired"),
                                              (CALLBACK_SECRET, "nonsense", NOW, zegocall.ProtocolError, "protocol")):
            with self.assertRaises(kind) as caught:
                callbacks.Verifier(secret=secret).verify(body, now=now)
            self.assertEqual(caught.exception.code, code)
        with self.assertRaises(zegocall.ArgumentError):
            callbacks.Verifier(secret="")


class Explain(unittest.TestCase):
    def test_numbers_and_errors(self):
        self.assertIn("50119", zegocall.explain(50119))
        with self.assertRaises(zegocall.Error) as caught:
            keys().verify("04%2B", now=NOW)
        self.assertGreater(len(zegocall.explain(caught.exception)), 80)
        self.assertEqual(zegocall.explain("empty"), zegocall.explain(zegocall.TokenError(700, "empty", "", "")))
        with self.assertRaises(zegocall.ArgumentError):
            zegocall.explain("no such word")
        with self.assertRaises(zegocall.ArgumentError):
            zegocall.explain(2**63)

    def test_readme(self):
        blocks = re.findall(r"```python\n(.*?)```", pathlib.Path(README).read_text(), re.S)
        self.assertTrue(blocks)
        for block in blocks:
            exec(compile(block, "README", "exec"), {})


if __name__ == "__main__":
    unittest.main()
