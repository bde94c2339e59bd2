"""Batches, kit tokens, TURN, JWT, explain and doctor, as a user meets them: credentials_test.py ZEGOCALL VECTORS"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from email.utils import formatdate

ZEGOCALL, VECTORS = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
SECRET = "zegocall-test-secret-0123456789a"
OTHER = SECRET[::-1]
APP = 1234567890
START = 1735689600  # 2025-01-01 00:00:00 UTC
PREFIXES = ("ZEGO", "JWT", "TURN", "VITE_", "NEXT_PUBLIC_", "REACT_APP_", "EXPO_PUBLIC_")
KEY = {"ZEGO_APP_ID": str(APP), "ZEGO_SERVER_SECRET": SECRET}


class Ran:
    def __init__(self, *args, stdin="", env=KEY):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)}
        done = subprocess.run([ZEGOCALL, *map(str, args)], input=stdin, env={**clean, **env}, capture_output=True, text=True, timeout=60)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)


def batch(command, lines, *args):
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    ran = Ran("token", command, "--batch", *args, stdin=text, env={})
    assert ran.code == 0, ran.err
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert len(answers) == len(lines)
    return answers


def vector_line(v):
    given = v["input"]
    payload = given.get("payload")
    if "payload_repeat" in given:
        payload = given["payload_repeat"]["unit"] * given["payload_repeat"]["count"]
    return {"app_id": given["app_id"], "user_id": given["user_id"], "secret": given["secret"], "ttl": given["effective_seconds"],
            "now": given["ctime"], "mode": v["mode"], "iv_hex": v["iv_hex"], "nonce": given["nonce"],
            **({"payload": payload} if payload is not None else {})}


def on_terminal(*args, env=None):
    """What a person sees: standard output is a terminal."""
    master, slave = os.openpty()
    process = subprocess.Popen([ZEGOCALL, *args], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env={**os.environ, **KEY, **(env or {})})
    os.close(slave)
    seen = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # Linux: nobody writes any more
            break
        if not chunk:
            break
        seen += chunk
    os.close(master)
    process.wait(timeout=60)
    return seen.decode().replace("\r\n", "\n")


class Terminal(unittest.TestCase):
    def test_inspect_draws_the_token_with_times_in_the_readers_zone(self):
        token = Ran("token", "mint", "--user", "alice", "--now", START).out.strip()
        seen = on_terminal("token", "inspect", token, "--now", str(START + 720), env={"TZ": "XST-5:30"})
        self.assertIn("  created   2025-01-01 05:30:00 XST   12 min ago\n", seen)
        self.assertIn("  expires   2025-01-01 06:30:00 XST   in 48 min\n", seen)
        offsets, fields = seen.split("  bytes     ")[1].split("\n")[:2]
        fields = fields[12:]
        self.assertRegex(fields, r"^\| expire 8 \| iv size 2 \| iv 12 \| size 2 \| ciphertext \d+ \| tag 16 \| mode 1 \|$")
        self.assertEqual([m.start() for m in re.finditer(r"\d+", offsets)], [m.start() for m in re.finditer(r"\|", fields)][:-1])  # above its field
        self.assertEqual(offsets.split()[:5], ["0", "8", "10", "22", "24"])
        self.assertTrue(all(len(line) <= 94 for line in seen.splitlines()), seen)
        self.assertNotIn(SECRET[:8], seen)
        self.assertIn("2025-01-01 00:00:00 UTC", Ran("token", "inspect", token, "--now", START).out)  # a program reads the same everywhere

    def test_doctor_shows_no_secret(self):
        seen = on_terminal("doctor", "--clock-host", "none", env={"ZEGO_SERVER_SECRET": OTHER})
        self.assertIn("ZEGO_SERVER_SECRET", seen)
        self.assertTrue(all(OTHER[at:at + 6] not in seen for at in range(len(OTHER) - 5)), seen)


class Batch(unittest.TestCase):
    def test_mint_writes_the_vectors_byte_for_byte(self):
        vectors = [v for v in json.loads((VECTORS / "token04.json").read_text())["vectors"] if v["generate"] and v["dialect"] == "node"]
        self.assertEqual(len(vectors), 25)
        for v, answer in zip(vectors, batch("mint", [vector_line(v) for v in vectors], "--insecure-fixed-randomness")):
            self.assertTrue(answer["ok"], (v["id"], answer))
            if v.get("token"):
                self.assertEqual(answer["token"], v["token"], v["id"])
            else:
                self.assertEqual(hashlib.sha256(answer["token"].encode()).hexdigest(), v["token_sha256"], v["id"])

    def test_inspect_reads_the_vectors(self):
        vectors = [v for v in json.loads((VECTORS / "token04.json").read_text())["vectors"] if v.get("token")]
        lines = [{"token": v["token"], "secret": v["input"]["secret"], "now": v["input"]["ctime"],
                  "expect": {"app_id": v["input"]["app_id"], "user_id": v["input"]["user_id"]}} for v in vectors]
        for v, answer in zip(vectors, batch("inspect", lines)):
            self.assertEqual((answer["ok"], answer["mode"], answer["version"]), (True, v["mode"], "04"), v["id"])
            claims = answer["claims"]
            self.assertEqual((claims["app_id"], claims["user_id"], claims["nonce"], claims["ctime"], claims["expire"]),
                             (v["input"]["app_id"], v["input"]["user_id"], v["input"]["nonce"], v["input"]["ctime"], v["expire"]))
            iv = next(part for part in answer["layout"] if part["name"] == "iv")
            raw = base64.b64decode(v["token"][2:])
            self.assertEqual(raw[iv["offset"]:iv["offset"] + iv["size"]].hex(), v["iv_hex"])

    def test_every_verdict_has_its_word(self):
        request = {"app_id": APP, "user_id": "alice", "secret": SECRET, "ttl": 3600, "now": START}
        token = batch("mint", [{**request, "payload": {"room_id": "r1", "privilege": {"1": 1, "2": 0}}}])[0]["token"]
        line = {"token": token, "secret": SECRET, "now": START}
        for change, wanted in (
                ({}, None), ({"now": START + 3629}, None), ({"now": START + 3631}, ("expired", "expire")),
                ({"now": START + 3601, "leeway": 0}, ("expired", "expire")), ({"now": START - 31}, ("not_yet_valid", "ctime")),
                ({"secret": OTHER}, ("wrong_key_or_tampered", None)), ({"secret": SECRET[1:]}, ("secret_length", "secret")),
                ({"secret": "a" * 32}, ("sample_secret", "secret")), ({"expect": {"app_id": 7}}, ("wrong_app", "app_id")),
                ({"expect": {"user_id": "bob"}}, ("wrong_user", "user_id")), ({"expect": {"room_id": "r2"}}, ("wrong_room", "payload.room_id")),
                ({"expect": {"room_id": "r1", "user_id": "alice", "app_id": APP}}, None), ({"token": ""}, ("empty", None)),
                ({"token": "05" + token[2:]}, ("unsupported_version", None)), ({"token": "03" + token[2:]}, ("unsupported_version", "mode")),
                ({"token": "hello"}, ("bad_prefix", None)), ({"token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"}, ("jwt_instead_of_token", None)),
                ({"token": token + "#e30="}, ("kit_token_instead_of_token", None)), ({"token": token[:-5] + "%2B=="}, ("url_encoded", None)),
                ({"token": token[:9] + " " + token[10:]}, ("plus_turned_into_space", None)), ({"token": token[:9] + "-" + token[10:]}, ("bad_base64", None)),
                ({"token": "04AAAA"}, ("too_short", None)), ({"token": token[:60]}, ("bad_base64", None)), ({"token": token[:62]}, ("length_mismatch", "ciphertext")),
                ({"token": 7}, ("mistyped_field", "token")), ({"now": -1}, ("out_of_range", "now")), ({"now": 2 ** 63 - 1}, ("out_of_range", "now")),
                ({"expect": {"user": "alice"}}, ("invalid_argument", "expect.user")), ({"expect": {"app_id": APP, "colour": None}}, ("invalid_argument", "expect.colour")),
                ({"expect": {"user_id": 7}}, ("mistyped_field", "expect.user_id")), ({"expect": {"room_id": []}}, ("mistyped_field", "expect.room_id")),
                ({"expect": {"app_id": "7"}}, ("mistyped_field", "expect.app_id")), ({"expect": {"app_id": 2 ** 32}}, ("out_of_range", "expect.app_id")),
                ({"expect": {"app_id": 0}}, ("out_of_range", "expect.app_id")), ({"expect": {"app_id": None, "user_id": None, "room_id": None}}, None),
                ({"expect": {}}, None), ({"expect": None}, None), ({"leeway": 2 ** 70}, ("out_of_range", "leeway")),
                ({"now": 2 ** 64}, ("out_of_range", "now")), ({"leeway": -1}, ("out_of_range", "leeway")), ({"expect": []}, ("mistyped_field", None)),
                ({"token": "\u0000" + token}, ("bad_prefix", None))):
            answer = batch("inspect", [{**line, **change}])[0]
            if wanted is None:
                self.assertTrue(answer["ok"], (change, answer))
                self.assertNotIn("error", answer)
            else:
                self.assertEqual((answer["ok"], answer["error"]), (False, wanted[0]), change)
                if wanted[1]:
                    self.assertEqual(answer["field"], wanted[1], change)

    def test_one_word_for_what_is_wrong_whoever_says_it(self):
        words = [info for info in '''empty bad_prefix unsupported_version jwt_instead_of_token kit_token_instead_of_token plus_turned_into_space
            url_encoded bad_base64 too_short length_mismatch bad_iv_length trailing_bytes unknown_mode wrong_key_or_tampered bad_json missing_field
            mistyped_field out_of_range expire_mismatch expired not_yet_valid wrong_app wrong_user wrong_room privilege_missing lifetime_too_long
            secret_length sample_secret'''.split()]
        for word in words:
            told = Ran("token", "explain", "--code", word, "--json", env={})
            self.assertEqual((told.code, told.json["error"]), (0, word))
            self.assertGreater(len(told.json["why"]), 30, word)
            self.assertEqual(Ran("explain", word, "--json", env={}).json["code"], word)
        token = batch("mint", [{"app_id": APP, "user_id": "alice", "secret": SECRET, "ttl": 60, "now": START}])[0]["token"]
        late = [Ran("token", command, token, "--now", START + 91, "--json").json for command in ("verify", "inspect", "explain")]
        late += batch("inspect", [{"token": token, "secret": SECRET, "now": START + 91}])
        self.assertEqual([(v["ok"], v["error"], v["field"]) for v in late], [(False, "expired", "expire")] * 4)
        self.assertIn("the token's time is over", late[0]["why"])

    def test_bad_lines_are_answered_and_the_next_goes_on(self):
        answers = batch("inspect", ["{", "[]", '{"token":"a","token":"b"}', '{"token":"\\ud800"}', {"token": "A" * 1_000_000, "secret": SECRET}])
        self.assertEqual([answer["error"] for answer in answers], ["bad_json"] * 4 + ["bad_prefix"])
        request = {"app_id": APP, "user_id": "alice", "secret": SECRET, "ttl": 60}
        answers = batch("mint", [request, {**request, "ttl": "60"}, {**request, "ttl": 0}, {**request, "ttl": 2 ** 62}, {**request, "user_id": "a b"},
                                 {**request, "user_id": ""}, {**request, "app_id": 0}, {**request, "secret": "short"}, {**request, "mode": "ecb"},
                                 {**request, "iv_hex": "00" * 12}, {**request, "nonce": 1}, {**request, "payload": 7}, {"app_id": APP}])
        self.assertEqual([(a["ok"], a.get("error"), a.get("field")) for a in answers], [
            (True, None, None), (False, "mistyped_field", "ttl"), (False, "out_of_range", "ttl"), (False, "out_of_range", "ttl"),
            (False, "invalid_argument", "user_id"), (False, "invalid_argument", "user_id"), (False, "out_of_range", "app_id"), (False, "secret_length", "secret"),
            (False, "invalid_argument", "mode"), (False, "forbidden", "iv_hex"), (False, "forbidden", "nonce"), (False, "mistyped_field", "payload"),
            (False, "missing_field", "secret")])
        for change, said in (({"ttl": 0}, "1 to 2073600 s (24 days)"), ({"ttl": 2073601}, "1 to 2073600 s (24 days)"), ({"ttl": -2 ** 70}, "1 to 2073600 s (24 days)"),
                             ({"app_id": 0}, "1 to 4294967295"), ({"app_id": 2 ** 32}, "1 to 4294967295"), ({"app_id": -1}, "1 to 4294967295"),
                             ({"now": 2 ** 64}, "Unix seconds up to the year 9999")):
            answer = batch("mint", [{**request, **change}])[0]
            self.assertEqual((answer["error"], answer["field"], answer["detail"]), ("out_of_range", next(iter(change)), "must be " + said))
        self.assertTrue(batch("mint", [{**request, "ttl": 2073600}])[0]["ok"])
        wrong_iv = batch("mint", [{**request, "iv_hex": "00" * 16}, {**request, "iv_hex": "zz" * 12}], "--insecure-fixed-randomness")
        self.assertEqual([(a["error"], a["field"]) for a in wrong_iv], [("bad_iv_length", "iv_hex"), ("invalid_argument", "iv_hex")])
        self.assertNotEqual(*[a["token"] for a in batch("mint", [request, request])])

    def test_every_line_gets_one_verdict_whatever_it_is(self):
        request = {"app_id": APP, "user_id": "alice", "secret": SECRET, "ttl": 60, "now": START}
        token = batch("mint", [request])[0]["token"]
        good = json.dumps({"token": token, "secret": SECRET, "now": START, "colour": [1, {"a": None}]}).encode()
        for command, fine in (("inspect", good), ("mint", json.dumps({**request, "colour": 1}).encode())):
            lines = [fine, b"", b"  \t", fine + b"\r", b"\r", b"\xff\xfe", b'{"token":"\xc3("}', b'{"token":"a\x00b"}', b"\x00", b"null", b"7", b'"x"',
                     b"{}", b"[" * 10_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b'{"pad":"' + b"x" * 17_000_000 + b'"}', fine, fine]
            ran = subprocess.run([ZEGOCALL, "token", command, "--batch"], input=b"\n".join(lines), capture_output=True, timeout=120)  # no end of line
            self.assertEqual((ran.returncode, ran.stderr), (0, b""))
            verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
            self.assertEqual(len(verdicts), len(lines))
            self.assertEqual([v["ok"] for v in verdicts], [line.strip() == fine for line in lines])
            for line, verdict in zip(lines, verdicts):
                if not verdict["ok"]:
                    wanted = "missing_field" if line == b"{}" else "payload_too_large" if len(line) > 16_000_000 else "bad_json"
                    self.assertEqual(verdict["error"], wanted, line[:40])
        # Empty input has no line; a line without its secret is never good.
        self.assertEqual(Ran("token", "inspect", "--batch", stdin="", env={}).out, "")
        answer = batch("inspect", [{"token": token, "now": START}])[0]
        self.assertEqual((answer["ok"], answer["error"], answer["field"], answer["mode"]), (False, "missing_field", "secret", "gcm"))

    def test_a_line_is_answered_before_the_next_is_sent(self):
        with subprocess.Popen([ZEGOCALL, "token", "inspect", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(3):
                process.stdin.write('{"token":"x"}\n')
                process.stdin.flush()
                self.assertEqual(json.loads(process.stdout.readline())["error"], "bad_prefix")
            process.stdin.close()
            self.assertEqual(process.wait(timeout=60), 0)

    def test_fixed_randomness_is_for_batches_only(self):
        ran = Ran("token", "mint", "--user", "alice", "--insecure-fixed-randomness")
        self.assertEqual((ran.code, ran.out), (2, ""))


class Token(unittest.TestCase):
    def mint(self, *args):
        ran = Ran("token", "mint", "--user", "alice", "--now", START, *args)
        self.assertEqual(ran.code, 0, ran.err)
        return ran.out.strip()

    def test_token03(self):
        token = self.mint("--token03", "--room", "r1", "--role", "listener")
        self.assertTrue(token.startswith("03"))
        no = Ran("token", "verify", token, "--now", START)
        self.assertEqual((no.code, no.out), (1, "unsupported_version: version 03, must be 04\n"))
        self.assertEqual(Ran("token", "verify", token, "--now", START, "--token03", "--room", "r1").code, 0)
        report = Ran("token", "inspect", token, "--now", START, "--token03", "--json").json
        self.assertEqual((report["ok"], report["version"], report["mode"], report["claims"]["privilege"]), (True, "03", "cbc", {"1": 1, "2": 0}))
        self.assertTrue(Ran("token", "inspect", token, "--now", START, "--token03").out.splitlines()[0].endswith("GOOD"))
        self.assertEqual(Ran("token", "mint", "--user", "alice", "--token03", "--room", "r1", "--json").json["mode"], "cbc")
        self.assertEqual(Ran("token", "mint", "--user", "alice", "--token03").code, 1)

    def test_web_kit_streams(self):
        token = self.mint("--room", "r1", "--role", "host", "--web-kit-streams")
        report = Ran("token", "inspect", token, "--now", START, "--json").json
        self.assertEqual(json.loads(report["claims"]["payload"])["stream_id_list"], ["r1_alice_main", "r1_alice_media", "r1_alice_screensharing"])

    def test_lab(self):
        token = self.mint("--mode", "cbc")
        shown = Ran("token", "inspect", token, "--lab", "--now", START, env={**KEY, "ZEGO_SERVER_SECRET": OTHER})
        self.assertEqual(shown.code, 1)
        self.assertRegex(shown.out, r"  lab       key 0 \(app 1234567890\): the padding ")
        self.assertNotIn("lab", Ran("token", "inspect", token, "--now", START).out)
        self.assertEqual(Ran("token", "inspect", token, "--lab", env={}).code, 2)

    def test_explain_says_what_the_readme_shows(self):
        blocks = (VECTORS.parent.parent / "README.md").read_text().split("```text\n")
        token = next(block for block in blocks if block.startswith("eyJ")).split("\n")[0]
        shown = next(block for block in blocks if block.startswith("$ zegocall token explain")).split("```")[0]
        self.assertEqual(Ran("token", "explain", stdin=token, env={}).out, shown.split("\n", 1)[1])

    def test_explain(self):
        jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiYWxpY2UifQ.c2lnbmF0dXJl"
        shown = Ran("token", "explain", stdin=jwt, env={})
        self.assertEqual(shown.code, 1)
        self.assertIn("a JWT is signed; the provider must decrypt", shown.out)
        self.assertIn("  1  mint with `zegocall token mint`", shown.out)
        good = Ran("token", "explain", self.mint(), "--now", START)
        self.assertEqual(good.code, 0)
        self.assertIn("is good", good.out)
        code = Ran("token", "explain", "--code", "expire_mismatch", env={})
        self.assertEqual(code.code, 0)
        self.assertGreater(len(code.out), 60)
        self.assertEqual(Ran("token", "explain", "--code", "nonsense", env={}).code, 2)


class KitToken(unittest.TestCase):
    def test_make_and_parse(self):
        made = Ran("kit-token", "make", "--user", "alice", "--room", "комната", "--name", "Алиса & co")
        self.assertEqual(made.code, 0, made.err)
        token, names = made.out.strip().split("#")
        self.assertEqual(json.loads(base64.b64decode(names)), {"userID": "alice", "roomID": "комната", "appID": APP, "userName":
                                                               "%D0%90%D0%BB%D0%B8%D1%81%D0%B0%20%26%20co"})
        self.assertTrue(base64.b64decode(names).isascii())
        parsed = Ran("kit-token", "parse", "--json", stdin=made.out).json
        self.assertEqual(parsed, {"ok": True, "verified": True, "kit_token": {"app_id": APP, "user_id": "alice", "room_id": "комната",
                                                                              "user_name": "Алиса & co", "token": token}})
        self.assertIn("was not opened", Ran("kit-token", "parse", made.out.strip(), env={}).out)
        wrapped = Ran("kit-token", "make", token, "--user", "bob", env={"ZEGO_APP_ID": str(APP)}).out.strip()
        no = Ran("kit-token", "parse", wrapped)
        self.assertEqual(no.code, 1)
        self.assertIn("wrong_user: userID: is bob, the token's is alice", no.out)
        of_seven = Ran("kit-token", "make", token, "--user", "alice", "--app", "7", env={}).out.strip()
        no = Ran("kit-token", "parse", of_seven)
        self.assertEqual(no.code, 1)
        self.assertIn(f"wrong_app: appID: is 7, the token's is {APP}", no.out)
        no = Ran("kit-token", "parse", made.out.strip(), "--app", "7", "--json")
        self.assertEqual((no.code, no.json["error"], no.json["field"], no.json["detail"]), (1, "wrong_app", "appID", f"is {APP}, must be 7"))

    def test_no(self):
        self.assertEqual(Ran("kit-token", "parse", "04T").out, "missing_field: #: there is no # between a token and the names\n")
        self.assertEqual(Ran("kit-token", "parse", "04T#%%%").code, 1)
        self.assertEqual(Ran("kit-token", "make", "--user", "a", env={}).code, 2)
        self.assertEqual(Ran("kit-token", "make").code, 2)


class Turn(unittest.TestCase):
    def test_turn(self):
        made = Ran("turn", "--user", "alice", "--now", START, "--url", "turn:a:3478", "--json", env={"TURN_SECRET": "zegocall-test-turn"}).json
        wanted = base64.b64encode(hmac.new(b"zegocall-test-turn", b"1735693200:alice", hashlib.sha1).digest()).decode()
        self.assertEqual(made, {"ok": True, "username": "1735693200:alice", "credential": wanted, "urls": ["turn:a:3478"],
                                "expires_at": "2025-01-01T01:00:00.000Z"})
        text = Ran("turn", "--user", "alice", "--now", START, env={"TURN_SHARED_SECRET": "zegocall-test-turn", "TURN_SECRET": "other"}).out
        self.assertEqual(text, f"username    1735693200:alice\ncredential  {wanted}\n")
        self.assertEqual(Ran("turn", "--user", "alice", env={}).code, 2)
        for url in ("http://a", "turn:", "turn", "turn://a"):
            ran = Ran("turn", "--user", "alice", "--url", url, env={"TURN_SECRET": "x"})
            self.assertEqual((ran.code, ran.out, "invalid_argument: --url" in ran.err), (2, "", True), url)
        self.assertEqual(Ran("turn", "--user", "a\nb", env={"TURN_SECRET": "x"}).code, 1)


class Jwt(unittest.TestCase):
    ENV = {"JWT_SECRET": SECRET}

    def test_mint_and_verify(self):
        token = Ran("jwt", "mint", "--user", "alice", "--claim", "email=a@example.org", "--now", START, env=self.ENV).out.strip()
        header, payload, signature = token.split(".")
        wanted = base64.urlsafe_b64encode(hmac.new(SECRET.encode(), f"{header}.{payload}".encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
        self.assertEqual(signature, wanted)
        good = Ran("jwt", "verify", "--now", START, stdin=token, env=self.ENV)
        self.assertEqual((good.code, good.out), (0, "good: user alice, expires in 1 h\n"))
        claims = Ran("jwt", "verify", token, "--now", START, "--json", env=self.ENV).json
        self.assertEqual((claims["user"], claims["claims"]), ("alice", {"email": "a@example.org"}))
        late = Ran("jwt", "verify", token, env=self.ENV)
        self.assertEqual((late.code, late.out), (1, "expired: exp: the token has ended\n"))
        other = Ran("jwt", "verify", token, "--now", START, env={"JWT_SECRET": OTHER})
        self.assertEqual(other.code, 1)

    def test_public_keys(self):
        with tempfile.TemporaryDirectory() as folder:
            for algorithm, name, generate, sign in (
                    ("rs256", "RS256", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], ["dgst", "-sha256", "-sign"]),
                    ("eddsa", "EdDSA", ["genpkey", "-algorithm", "ED25519"], ["pkeyutl", "-sign", "-rawin", "-inkey"])):
                key, public, text = (os.path.join(folder, algorithm + end) for end in (".key", ".pem", ".txt"))
                subprocess.run(["openssl", *generate, "-out", key], check=True, capture_output=True)
                subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
                encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
                signed = encode(json.dumps({"alg": name}).encode()) + "." + encode(json.dumps({"sub": "alice", "exp": START + 60}).encode())
                pathlib.Path(text).write_text(signed)
                arguments = [*sign, key, text] if sign[0] == "dgst" else [*sign, key, "-in", text]
                signature = subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout
                token = signed + "." + encode(signature)
                self.assertEqual(Ran("jwt", "verify", token, "--algorithm", algorithm, "--key-file", public, "--now", START, env={}).code, 0)
                forged = signed + "." + encode(signature[:-1] + bytes([signature[-1] ^ 1]))
                self.assertEqual(Ran("jwt", "verify", forged, "--algorithm", algorithm, "--key-file", public, "--now", START, env={}).code, 1)
                self.assertEqual(Ran("jwt", "verify", token, "--algorithm", "es256", "--key-file", public, env={}).code, 2)
                self.assertEqual(Ran("jwt", "verify", token, "--algorithm", algorithm, env={}).code, 2)
                self.assertEqual(Ran("jwt", "verify", token, "--algorithm", algorithm, "--key-file", key, env={}).code, 2)

    def test_no(self):
        self.assertEqual(Ran("jwt", "mint", "--user", "alice", env={}).code, 2)
        self.assertEqual(Ran("jwt", "mint", "--user", "alice", env={"JWT_SECRET": "short"}).code, 2)
        self.assertEqual(Ran("jwt", "mint", "--user", "alice", "--claim", "exp=1", env=self.ENV).code, 1)
        self.assertEqual(Ran("jwt", "mint", "--user", "alice", "--claim", "x", env=self.ENV).code, 2)
        self.assertEqual(Ran("jwt", "verify", "a.b.c", "--algorithm", "none", env=self.ENV).code, 2)


class DateServer:
    """An HTTP server on loopback whose clock is off by so many seconds."""

    def __init__(self, off):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self):
                self.send_response_only(200)
                self.send_header("Date", formatdate(time.time() + off, usegmt=True))
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return f"127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Doctor(unittest.TestCase):
    def ask(self, env, *args):
        ran = Ran("doctor", "--clock-host", "none", *args, env=env)
        shown = (ran.out + ran.err).replace(str(APP), "").replace("zegocall", "")  # these words may appear
        for secret in env.values():
            if len(secret) > 12:
                for at in range(len(secret) - 7):
                    self.assertNotIn(secret[at:at + 8], shown)
        return ran

    def checks(self, env):
        ran = self.ask(env, "--json")
        return ran, {check["name"]: (check["state"], check["found"]) for check in ran.json["checks"]}

    def test_good(self):
        ran = self.ask(KEY)
        self.assertEqual(ran.code, 0, ran.out)
        lines = ran.out.splitlines()
        self.assertEqual(lines[0].split(), ["ok", "ZEGO_APP_ID", str(APP)])
        self.assertIn("mint and verify", ran.out)
        self.assertIn("no failure", lines[-1])

    def test_the_usual_mistakes(self):
        ran = self.ask({**KEY, "ZEGO_SERVER_SECRET": SECRET[1:], "VITE_ZEGO_SECRET": OTHER})
        self.assertEqual(ran.code, 1)
        self.assertRegex(ran.out, r"  FAIL +ZEGO_SERVER_SECRET +31 characters, must be 32 +one lost when copied\? take it again from the console\n")
        self.assertRegex(ran.out, r"  FAIL +VITE_ZEGO_SECRET +a secret in a client variable +it is in every visitor's browser: remove it, change the secret\n")
        self.assertTrue(ran.out.endswith("2 failures; mint and verify skipped: no usable secret\n"))

    def test_each_finding(self):
        for env, name, state, found in (
                ({}, "ZEGO_APP_ID", "fail", "is not set"), ({}, "ZEGO_SERVER_SECRET", "fail", "is not set"),
                ({**KEY, "ZEGO_APP_ID": SECRET}, "ZEGO_APP_ID", "fail", "not a number from 1 to 4294967295"),
                ({**KEY, "ZEGO_APP_ID": f'"{APP}"'}, "ZEGO_APP_ID", "fail", "not a number from 1 to 4294967295"),
                ({**KEY, "ZEGO_SERVER_SECRET": SECRET + "\n"}, "ZEGO_SERVER_SECRET", "fail", "33 characters, must be 32"),
                ({**KEY, "ZEGO_SERVER_SECRET": "a" * 32}, "ZEGO_SERVER_SECRET", "fail", "a published sample or a placeholder"),
                ({**KEY, "ZEGOCLOUD_APP_ID": "7"}, "ZEGOCLOUD_APP_ID", "warn", "7, not read"),
                ({**KEY, "ZEGOCLOUD_SERVER_SECRET": OTHER}, "ZEGOCLOUD_SERVER_SECRET", "warn", "32 characters, not read"),
                ({"ZEGOCLOUD_APP_ID": str(APP), "ZEGO_SERVER_SECRET": SECRET}, "ZEGOCLOUD_APP_ID", "warn", "read with ZEGO_SERVER_SECRET"),
                ({**KEY, "VITE_ZEGO_APP_ID": "7"}, "VITE_ZEGO_APP_ID", "fail", f"7, the server's is {APP}"),
                ({**KEY, "NEXT_PUBLIC_KEY": SECRET}, "NEXT_PUBLIC_KEY", "fail", "a secret in a client variable"),
                ({**KEY, "JWT_SECRET": "short"}, "JWT_SECRET", "fail", "5 characters, must be at least 32"),
                ({**KEY, "JWT_SECRET": SECRET}, "JWT_SECRET", "fail", "the same as the ServerSecret"),
                ({**KEY, "ZEGO_CALLBACK_SECRET": SECRET}, "ZEGO_CALLBACK_SECRET", "fail", "the same as the ServerSecret"),
                ({**KEY, "ZEGO_CALLBACK_SECRET": OTHER + " "}, "ZEGO_CALLBACK_SECRET", "fail", "33 characters"),
                ({**KEY, "ZEGOCLOUD_CALLBACK_SECRET": OTHER}, "ZEGOCLOUD_CALLBACK_SECRET", "ok", "32 characters"),
                ({**KEY, "TURN_SECRET": "zegocall-test-turn"}, "TURN_SECRET", "ok", "18 characters"),
                ({**KEY, "TURN_SECRET": "zegocall-turn-1"}, "TURN_SECRET", "fail", "15 characters, must be at least 16"),
                ({**KEY, "JWT_REFRESH_SECRET": OTHER[1:]}, "JWT_REFRESH_SECRET", "fail", "31 characters, must be at least 32"),
                *(({**KEY, name: text}, name, "fail", "a published sample or a placeholder")
                  for name, text in (("ZEGO_SERVER_SECRET", "your_zego_server_secret"), ("ZEGO_SERVER_SECRET", "your_zego_server_secret_goes_here"),
                                     ("ZEGO_SERVER_SECRET", "0123456789" * 3 + "01"), ("ZEGO_SERVER_SECRET", "<32-characters-from-the-console!>"),
                                     ("ZEGO_CALLBACK_SECRET", "CHANGEME"), ("JWT_SECRET", "change-me-" + OTHER), ("JWT_SECRET", "ab12" * 10),
                                     ("JWT_ACCESS_SECRET", "z" * 40), ("TURN_SHARED_SECRET", "${the-key-of-coturn}"),
                                     ("TURN_SECRET", "abcdefghijklmnopqrst"))),
                *(({**KEY, name: text}, name, "warn", f"{len(text)} characters of one kind")
                  for name, text in (("ZEGO_SERVER_SECRET", "qkzjwvxmpfhtrbnlcgydsuaeoiqmvzrt"), ("JWT_SECRET", "83901746259038471650293847561920" * 1),
                                     ("TURN_SECRET", "QKZJWVXMPFHTRBNLC"), ("ZEGO_CALLBACK_SECRET", "qkzjwvxmpfhtrbnlcg"))),
                *(({**KEY, name: OTHER, "VITE_KEY": f"a{OTHER}b"}, "VITE_KEY", "fail", "a secret in a client variable")
                  for name in ("ZEGO_CALLBACK_SECRET", "JWT_SECRET", "JWT_REFRESH_SECRET", "TURN_SECRET", "ZEGOCLOUD_SERVER_SECRET")),
                ({**KEY, "NEXT_PUBLIC_ZEGO_SERVERSECRET": "x"}, "NEXT_PUBLIC_ZEGO_SERVERSECRET", "fail", "a secret in a client variable")):
            ran, checks = self.checks(env)
            self.assertEqual(checks[name], (state, found), env.keys())
            self.assertEqual(ran.code, 1 if any(state == "fail" for state, _ in checks.values()) else 0)

    def test_a_client_variable_that_holds_no_secret_is_let_be(self):
        _, checks = self.checks({**KEY, "JWT_SECRET": OTHER, "VITE_TITLE": OTHER[:20], "NEXT_PUBLIC_ZEGO_APP_ID": str(APP)})
        self.assertFalse({"VITE_TITLE", "NEXT_PUBLIC_ZEGO_APP_ID"} & set(checks))

    def test_a_clock_host_that_is_none(self):
        for bad in ("http://127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:80x", ":80", "a b", "a/b", "[::1", "::1", "-a", "a:1:2", SECRET + "!"):
            ran = Ran("doctor", f"--clock-host={bad}", "--json")
            self.assertEqual((ran.code, ran.json["error"], ran.json["field"]), (2, "invalid_argument", "--clock-host"), bad)
            self.assertNotIn(SECRET[:8], ran.out + ran.err)
        ran = Ran("doctor", "--clock-host", "[::1]:1")  # fit to be asked; nobody answers
        self.assertRegex(ran.out, r"  warn +clock +not compared")

    def test_the_clock(self):
        for off, code, said in ((0, 0, "ok"), (3600, 1, "FAIL"), (-3600, 1, "FAIL")):
            with DateServer(off) as host:
                ran = Ran("doctor", "--clock-host", host)
            self.assertEqual(ran.code, code, ran.out)
            self.assertRegex(ran.out, rf"  {said} +clock ")
            if off:
                self.assertIn(f"{'1 h' if '1 h' in ran.out else '59 min'} {'behind' if off > 0 else 'ahead of'} {host}", ran.out)
        with DateServer(0) as host:
            pass
        ran = Ran("doctor", "--clock-host", host)  # nobody listens there any more
        self.assertEqual(ran.code, 0)
        self.assertRegex(ran.out, r"  warn +clock +not compared")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
