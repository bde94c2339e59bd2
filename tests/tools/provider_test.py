"""`explain` and `callback` as a user meets them: provider_test.py ZEGOCALL VECTORS"""
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

ZEGOCALL, VECTORS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SECRET = "callback-secret-made-up-for-tests"
NAMES = ("ZEGO_CALLBACK_SECRET", "ZEGOCLOUD_CALLBACK_SECRET", "ZEGO_APP_ID", "ZEGOCLOUD_APP_ID")
KEY = {"ZEGO_CALLBACK_SECRET": SECRET}
START = 1735689600


class Ran:
    def __init__(self, *args, stdin="", env=KEY):
        clean = {name: value for name, value in os.environ.items() if name not in NAMES}
        done = subprocess.run([ZEGOCALL, *args], input=stdin, env={**clean, **env}, capture_output=True, text=True, timeout=60)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)


def callback(event, nonce, at=START, secret=SECRET, **fields):
    nonce, time = str(nonce), str(at)
    signature = hashlib.sha1("".join(sorted((secret, time, nonce))).encode()).hexdigest()
    return json.dumps({"event": event, "appid": 1234567890, "timestamp": at, "nonce": nonce, "signature": signature, **fields})


def room(event, nonce, ms, **fields):
    where = {"room_id": "r1", "room_session_id": 18446744073709551615}
    return callback(event, nonce, START + ms // 1000, **where, **fields)


def login(nonce, ms, user, session, event="room_login", **fields):
    return callback(event, nonce, START + ms // 1000, room_id="r1", room_seq="18446744073709551615", user_account=user,
                    session_id=session, **{"login_time": str(START * 1000 + ms), **fields})


HISTORY = [
    room("room_create", 1, 0, room_create_time=str(START * 1000)),
    login(2, 100, "alice", "a1"),
    room("stream_create", 3, 200, user_id="alice", stream_id="s1", stream_seq=1, create_time_ms=START * 1000 + 200),
    login(4, 300, "bob", "b1"),
    login(5, 300, "bob", "b1", event="room_logout", logout_time=str(START * 1000 + 900), reason="4"),
]


class Explain(unittest.TestCase):
    def test_a_number(self):
        ran = Ran("explain", "50119")
        self.assertEqual(ran.code, 0)
        self.assertEqual(ran.out.splitlines()[0], "50119  token refused at room login; the web SDK shows it as 1102016")
        self.assertIn("    1  not a Token04 at all (a JWT, a kit token)    zegocall token inspect < token.txt\n", ran.out)

    def test_json(self):
        ran = Ran("explain", "2002050119", "--json").json
        self.assertEqual((ran["ok"], ran["asked"], ran["code"], len(ran["entries"])), (True, 2002050119, 50119, 1))
        entry = ran["entries"][0]
        self.assertEqual((entry["documented"], entry["see_also"], len(entry["causes"])), (False, [20014, 1102018], 5))

    def test_unknown_and_misspelt(self):
        unknown = Ran("explain", "1102999")
        self.assertEqual(unknown.code, 1)
        self.assertIn("Express Web SDK", unknown.out)
        self.assertEqual(Ran("explain", "1102999", "--json").json["ok"], False)
        for bad in ("50119x", "no_such_word", "99999999999999999999"):
            ran = Ran("explain", bad)
            self.assertEqual((ran.code, ran.out), (2, ""), bad)
            self.assertIn("CODE: must be a number", ran.err)
        self.assertEqual(Ran("explain").code, 2)

    def test_a_word(self):
        ran = Ran("explain", "plus_turned_into_space")
        self.assertEqual(ran.code, 0)
        self.assertIn("  1  send it in JSON\n", ran.out)
        self.assertEqual(Ran("explain", "conflict", "--json").json["retry"], True)


class Verify(unittest.TestCase):
    def test_the_golden_bodies(self):
        with open(os.path.join(VECTORS, "callback_signature.json"), encoding="utf-8") as file:
            bodies = json.load(file)["bodies"]
        self.assertEqual(len(bodies), 9)
        for body in bodies:
            ran = Ran("callback", "verify", "--any-time", stdin=body["body"])
            self.assertEqual(ran.code, 0 if body["valid"] else 1, body["id"])

    def test_what_it_says(self):
        ran = Ran("callback", "verify", "--now", str(START + 60), stdin=HISTORY[1])
        self.assertEqual(ran.code, 0, ran.out)
        lines = ran.out.splitlines()
        self.assertEqual(lines[0], "good: room_login of app 1234567890, sent 2025-01-01 00:00:00 UTC, 1 min ago")
        self.assertIn("ask the server API before you act on it", lines[-1])
        said = Ran("callback", "verify", "--any-time", "--json", stdin=HISTORY[0]).json
        self.assertEqual((said["ok"], said["event"], said["body"]["room_session_id"]), (True, "room_create", 18446744073709551615))

    def test_three_spellings(self):
        body = json.loads(HISTORY[1])
        for spelling in (json.dumps(body), urllib.parse.quote(json.dumps(body)), urllib.parse.quote_plus(json.dumps(body)),
                         urllib.parse.urlencode(body)):
            self.assertEqual(Ran("callback", "verify", "--any-time", stdin=spelling).code, 0, spelling)

    def test_no(self):
        wrong = Ran("callback", "verify", "--any-time", stdin=callback("room_close", 1, secret="another"))
        self.assertEqual(wrong.code, 1)
        self.assertTrue(wrong.out.startswith("unauthenticated: signature: "))
        self.assertIn("take the CallbackSecret", wrong.out)
        old = Ran("callback", "verify", "--json", stdin=HISTORY[0])
        self.assertEqual((old.code, old.json["error"], old.json["field"]), (1, "expired", "timestamp"))
        for body in ("", "{}", "[]", "null", "%7B", "{" * 5000, "\x00", "a=%"):
            self.assertEqual(Ran("callback", "verify", stdin=body).code, 1, body[:20])
        missing = Ran("callback", "verify", "--any-time", stdin=callback("room_close", 1))
        self.assertEqual((missing.code, missing.out), (1, "protocol: room_id: is missing\n"))

    def test_of_which_app(self):
        for args, env in (((), {"ZEGO_APP_ID": "1234567890"}), ((), {"ZEGOCLOUD_APP_ID": "1234567890"}), (("--app", "1234567890"), {"ZEGO_APP_ID": "7"}), ((), {})):
            self.assertEqual(Ran("callback", "verify", "--any-time", *args, stdin=HISTORY[0], env={**KEY, **env}).code, 0)
        for args, env in (((), {"ZEGO_APP_ID": "7"}), (("--app", "7"), {"ZEGO_APP_ID": "1234567890"})):
            ran = Ran("callback", "verify", "--any-time", *args, stdin=HISTORY[0], env={**KEY, **env})
            self.assertEqual((ran.code, ran.out.splitlines()[0]), (1, "wrong_app: appid: is 1234567890, must be 7"))
            ran = Ran("callback", "verify", "--any-time", "--json", *args, stdin=HISTORY[0], env={**KEY, **env})
            self.assertEqual((ran.code, ran.json["ok"], ran.json["error"], ran.json["field"]), (1, False, "wrong_app", "appid"))
            ran = Ran("callback", "replay", "--json", *args, stdin="\n".join(HISTORY[:2]), env={**KEY, **env})
            self.assertEqual((ran.code, ran.json["rooms"], [line["error"] for line in ran.json["lines"]]), (1, [], ["wrong_app"] * 2))
        nameless = json.loads(HISTORY[0])
        del nameless["appid"]
        ran = Ran("callback", "verify", "--any-time", "--app", "7", stdin=json.dumps(nameless))
        self.assertEqual((ran.code, ran.out.splitlines()[0]), (1, "wrong_app: appid: is missing, must be 7"))
        self.assertEqual(Ran("callback", "verify", stdin=HISTORY[0], env={**KEY, "ZEGO_APP_ID": "x"}).code, 2)

    def test_where_the_secret_comes_from(self):
        with tempfile.TemporaryDirectory() as folder:
            secret, body = os.path.join(folder, "secret"), os.path.join(folder, "body")
            for path, text in ((secret, SECRET + "\n"), (body, HISTORY[0])):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            self.assertEqual(Ran("callback", "verify", "--any-time", "--secret-file", secret, stdin=HISTORY[0], env={}).code, 0)
            self.assertEqual(Ran("callback", "verify", body, "--any-time", "--secret-file", "-", stdin=SECRET, env={}).code, 0)
            self.assertEqual(Ran("callback", "verify", "--any-time", "--secret-file", "-", stdin=SECRET, env={}).code, 2)
        self.assertEqual(Ran("callback", "verify", "--any-time", stdin=HISTORY[0], env={"ZEGOCLOUD_CALLBACK_SECRET": SECRET}).code, 0)
        none = Ran("callback", "verify", stdin=HISTORY[0], env={})
        self.assertEqual((none.code, none.out), (2, ""))
        self.assertIn("missing_field: ZEGO_CALLBACK_SECRET", none.err)
        for ran in (none, Ran("callback", "verify", stdin=callback("x", 1, secret="y"))):
            self.assertNotIn(SECRET, ran.out + ran.err)


class Replay(unittest.TestCase):
    def test_in_order(self):
        ran = Ran("callback", "replay", stdin="\n".join(HISTORY))
        self.assertEqual(ran.code, 0, ran.out)
        self.assertEqual(ran.out, ("line 1  room_create    r1  room opened\n"
                                   "line 2  room_login     r1  user alice entered\n"
                                   "line 3  stream_create  r1  stream s1 added by alice\n"
                                   "line 4  room_login     r1  user bob entered\n"
                                   "line 5  room_logout    r1  user bob left: token_expired\n"
                                   "open rooms\n"
                                   "  r1  users alice  streams s1\n"))

    def test_any_order_and_repetitions_end_the_same(self):
        expected = Ran("callback", "replay", "--json", stdin="\n".join(HISTORY)).json["rooms"]
        for seed in range(10):
            lines = HISTORY * 2
            random.Random(seed).shuffle(lines)
            ran = Ran("callback", "replay", "--json", stdin="\n".join(lines) + "\n\n")
            self.assertEqual((ran.code, ran.json["rooms"], ran.json["ask"]), (0, expected, []), seed)
            self.assertEqual(sum(line["event"] == "repeated" for line in ran.json["lines"]), len(HISTORY))

    def test_forged_and_lost(self):
        forged = json.dumps({**json.loads(HISTORY[1]), "user_account": "mallory"})
        ran = Ran("callback", "replay", "--json", stdin="\n".join([HISTORY[1], forged, "rubbish"]))
        self.assertEqual(ran.code, 1)
        self.assertEqual([(line["event"], line.get("field")) for line in ran.json["lines"]],
                         [("room_login", None), ("refused", "body"), ("refused", "")])
        self.assertEqual([user["user_id"] for user in ran.json["rooms"][0]["users"]], ["alice"])
        self.assertEqual([(ask["action"], ask["why"]) for ask in ran.json["ask"]],
                         [("DescribeUserList", "create_lost"), ("DescribeSimpleStreamList", "create_lost")])

    def test_no_file(self):
        ran = Ran("callback", "replay", "/nowhere/at/all")
        self.assertEqual((ran.code, ran.out), (2, ""))
        empty = Ran("callback", "replay")
        self.assertEqual((empty.code, empty.out), (0, "no room is open\n"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
