"""The command line as a user meets it: cli_test.py ZEGOCALL MAKE_CALLS"""
import contextlib
import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom

ZEGOCALL, MAKE_CALLS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SECRET = "zegocall-test-secret-0123456789a"
APP = "1234567890"
NOW = "1735690320"  # 2025-01-01 00:12:00 UTC
NAMES = ("ZEGO_APP_ID", "ZEGO_SERVER_SECRET", "ZEGOCLOUD_APP_ID", "ZEGOCLOUD_SERVER_SECRET")
KEY = {"ZEGO_APP_ID": APP, "ZEGO_SERVER_SECRET": SECRET}
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhcHBfaWQiOjEsInVzZXJfaWQiOiJhbGljZSJ9." + "c2lnbmF0dXJl" * 3


class Ran:
    def __init__(self, *args, stdin="", env=KEY):
        clean = {name: value for name, value in os.environ.items() if name not in NAMES}
        done = subprocess.run([ZEGOCALL, *args], input=stdin, env={**clean, **env}, capture_output=True, text=True, timeout=60)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)


def minted(*args, now="1735689600"):
    return Ran("token", "mint", "--user", "alice", "--now", now, *args).out.strip()


class Token(unittest.TestCase):
    def test_mint_and_verify(self):
        token = minted()
        self.assertTrue(token.startswith("04"))
        good = Ran("token", "verify", "--user", "alice", "--now", NOW, stdin=token + "\n")
        self.assertEqual((good.code, good.out), (0, f"good: user alice of app {APP}, expires in 48 min\n"))
        other = Ran("token", "verify", token, "--user", "bob", "--now", NOW)
        self.assertEqual((other.code, other.out), (1, "wrong_user: user_id: is alice, must be bob\n"))
        late = Ran("token", "verify", token)
        self.assertEqual(late.code, 1)
        self.assertTrue(late.out.startswith("expired: expire: ended "))

    def test_json_everywhere(self):
        mint = Ran("token", "mint", "--user", "alice", "--room", "r1", "--role", "listener", "--mode", "cbc", "--lifetime", "90min",
                   "--now", "1735689600", "--json").json
        self.assertEqual({**mint, "token": 0}, {"ok": True, "token": 0, "app_id": 1234567890, "user_id": "alice", "mode": "cbc",
                                                "expires_at": "2025-01-01T01:30:00.000Z"})
        report = Ran("token", "inspect", mint["token"], "--now", NOW, "--json").json
        self.assertTrue(report["ok"])
        self.assertEqual(report["mode"], "cbc")
        self.assertEqual(json.loads(report["claims"]["payload"]),
                         {"room_id": "r1", "privilege": {"1": 1, "2": 0}, "stream_id_list": None})
        self.assertEqual([part["name"] for part in report["layout"]], ["expire", "iv size", "iv", "size", "ciphertext"])
        no = Ran("token", "verify", mint["token"], "--publish", "--now", NOW, "--json")
        self.assertEqual((no.code, no.json["ok"], no.json["error"], no.json["field"]),
                         (1, False, "privilege_missing", "payload.privilege.2"))
        self.assertTrue(no.json["todo"])

    def test_inspect_draws_a_good_token(self):
        shown = Ran("token", "inspect", "--user", "alice", "--now", NOW, stdin=minted("--room", "room-1001"))
        self.assertEqual(shown.code, 0)
        lines = shown.out.splitlines()
        self.assertEqual(lines[0].split(), ["Token04,", "AES-256-GCM,", lines[0].split()[2], "characters", "GOOD"])
        self.assertEqual(len(lines[0]), 90)
        self.assertEqual(lines[1:6], [
            "  app       1234567890",
            "  user      alice                     as expected",
            "  created   2025-01-01 00:00:00 UTC   12 min ago",
            "  expires   2025-01-01 01:00:00 UTC   in 48 min",
            "  room      room-1001                 may log in, may publish, any stream"])
        self.assertRegex(lines[6], r"^  layout    0 expire 8 \| 8 iv size 2 \| 10 iv 12 \| 22 size 2 \| 24 ciphertext \d+ "
                                   r"\| \d+ tag 16 \| \d+ mode 1$")
        self.assertEqual(len(lines), 7)

    def test_inspect_explains_a_jwt(self):
        shown = Ran("token", "inspect", stdin=JWT + "\n", env={})
        self.assertEqual(shown.code, 1)
        self.assertEqual(shown.out.splitlines(), [
            f"HS256 JWT, {len(JWT)} characters".ljust(77) + "NOT A TOKEN04",
            "  why       a JWT is signed; the provider must decrypt. It reads this one as an expiry in the",
            "            year 281 billion and an iv of 18,515 bytes, and answers 20014 or 50119",
            "  do     1  mint with `zegocall token mint` or TokenMinter::mint",
            "         2  keep the JWT for your own users' login, where it is right"])

    def test_inspect_says_why(self):
        token = minted()
        for text, verdict, code in ((token, "EXPIRED", "expired"), (token[:60], "DAMAGED", "bad_base64"), ("", "NOT A TOKEN04", "empty"),
                                    (token + "#e30=", "NOT A TOKEN04", None), ("03" + token[2:], "NOT A TOKEN04", "unsupported_version")):
            shown = Ran("token", "inspect", stdin=text)
            self.assertEqual(shown.code, 1)
            self.assertTrue(shown.out.splitlines()[0].endswith(verdict), shown.out)
            self.assertIn("  why       ", shown.out)
            if code:
                self.assertIn(f"  reason    {code}: ", shown.out)
        wrong = Ran("token", "inspect", token, "--now", NOW, env={**KEY, "ZEGO_SERVER_SECRET": SECRET[::-1]})
        self.assertTrue(wrong.out.splitlines()[0].endswith("CANNOT BE OPENED"))
        keyless = Ran("token", "inspect", token, "--now", NOW, env={})
        self.assertEqual(keyless.code, 1)  # as ok in JSON: exit 0 is for what a secret has opened
        self.assertTrue(keyless.out.splitlines()[0].endswith("NOT OPENED: NO SECRET GIVEN"))
        self.assertNotIn("alice", keyless.out)

    def test_ok_means_that_a_secret_opened_it(self):
        token = minted("--room", "r1")
        line = json.dumps({"token": token, "now": int(NOW)})
        said = [Ran("token", "inspect", token, "--json", "--now", NOW, env={}), Ran("token", "explain", token, "--json", "--now", NOW, env={}),
                Ran("token", "inspect", "--batch", stdin=line, env={})]
        for ran in said:
            self.assertEqual((ran.json["ok"], ran.json["error"], ran.json["field"]), (False, "missing_field", "secret"))
            self.assertTrue(ran.json["detail"].startswith("not opened"))
        self.assertEqual([ran.code for ran in said], [1, 1, 0])  # a batch has answered all its lines
        for ran in said[:2]:
            self.assertFalse(ran.json["opened"])
        plain = Ran("token", "explain", token, "--now", NOW, env={})
        self.assertEqual(plain.code, 1)
        self.assertIn("the secret is needed", plain.out)
        for command in ("inspect", "explain"):
            good = Ran("token", command, token, "--json", "--now", NOW)
            self.assertEqual((good.code, good.json["ok"], good.json["opened"]), (0, True, True))
            other = Ran("token", command, token, "--room", "r2", "--json", "--now", NOW)
            self.assertEqual((other.code, other.json["ok"], other.json["opened"], other.json["error"]), (1, False, True, "wrong_room"))
        self.assertIn("a secret opened the token", Ran("token", "--help").out)

    def test_noise_is_looked_at_and_too_much_of_it_refused(self):
        for size in (1_000_000, 1_100_000, 15_999_000):
            ran = Ran("token", "inspect", "--json", stdin="04" + "A" * size)
            self.assertEqual((ran.code, ran.json["ok"], ran.json["characters"]), (1, False, size + 2))
        ran = Ran("token", "inspect", "--json", stdin="A" * 16_000_001)
        self.assertEqual((ran.code, ran.json["error"], ran.json["detail"]), (2, "limit_exceeded", "must be at most 16000000 bytes"))

    def test_the_value_that_does_not_fit_an_option_is_not_repeated(self):
        for args, field, said in (
                (("token", "verify", "--app", SECRET), "--app", "must be a number from 1 to 4294967295"),
                (("token", "verify", "--app", "0"), "--app", "must be a number from 1 to 4294967295"),
                (("token", "verify", "--leeway", SECRET), "--leeway", "must be a number from 0 to 86400"),
                (("token", "verify", "--leeway", "86401"), "--leeway", "must be a number from 0 to 86400"),
                (("token", "mint", "--user", "a", "--now", SECRET), "--now", "must be a number from 0 to 253402300799"),
                (("token", "mint", "--user", "a", "--mode", SECRET), "--mode", "must be one of gcm,cbc"),
                (("token", "mint", "--user", "a", f"--role={SECRET}"), "--role", "must be one of "),
                (("jwt", "mint", "--user", "a", "--user-claim", SECRET), "--user-claim", "must be one of "),
                (("api", "CloseRoom", "--app", SECRET), "--app", "must be a number from"),
                (("callback", "verify", "--app", SECRET), "--app", "must be a number from"),
                (("token", "mint", "--user", "a", f"--batch={SECRET}"), "--batch", ""),
                (("token", "verify", "--secret-file", SECRET, "04AA"), "--secret-file", "the file cannot be opened"),
                (("token", "explain", "--code", SECRET), "--code", "there is no such code")):
            ran = Ran(*args, "--json", env={})
            self.assertEqual((ran.code, ran.json["field"]), (2, field), args)
            self.assertIn(said, ran.json["detail"])
            self.assertNotIn(SECRET[:8], ran.out + ran.err)

    def test_the_terminal_is_safe_from_what_tokens_say(self):
        token = Ran("token", "mint", "--user", "a\x1b[31mb\n", "--relaxed-ids", "--now", "1735689600").out
        shown = Ran("token", "inspect", "--now", NOW, stdin=token)
        self.assertIn("  user      a?[31mb?\n", shown.out)
        self.assertNotIn("\x1b", shown.out)

    def test_where_keys_come_from(self):
        token = minted()
        general = {"ZEGOCLOUD_APP_ID": APP, "ZEGOCLOUD_SERVER_SECRET": SECRET}
        self.assertEqual(Ran("token", "verify", token, "--now", NOW, env=general).code, 0)
        both = {**general, "ZEGO_SERVER_SECRET": SECRET[::-1]}
        self.assertEqual(Ran("token", "verify", token, "--now", NOW, env=both).code, 1)
        without_app = Ran("token", "verify", token, "--now", NOW, env={"ZEGO_SERVER_SECRET": SECRET})
        self.assertEqual(without_app.code, 0)
        self.assertIn(APP, without_app.out)
        other_app = Ran("token", "verify", token, "--app", "7", "--now", NOW)
        self.assertEqual((other_app.code, other_app.out), (1, "wrong_app: app_id: is 1234567890, must be 7\n"))
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(SECRET + "\n")
            file.flush()
            self.assertEqual(Ran("token", "verify", token, "--secret-file", file.name, "--now", NOW, env={}).code, 0)
        self.assertEqual(Ran("token", "verify", token, "--secret-file", "-", "--now", NOW, stdin=SECRET, env={}).code, 0)

    def test_what_cannot_be_tried_exits_2_and_tells_no_secret(self):
        for args, env, said in (
                (("token", "mint", "--user", "alice"), {}, "missing_field: ZEGO_APP_ID"),
                (("token", "mint", "--user", "alice"), {"ZEGO_APP_ID": APP}, "missing_field: ZEGO_SERVER_SECRET"),
                (("token", "mint", "--user", "alice"), {"ZEGO_APP_ID": "12x", "ZEGO_SERVER_SECRET": SECRET}, "invalid_argument: ZEGO_APP_ID"),
                (("token", "mint", "--user", "alice"), {**KEY, "ZEGO_SERVER_SECRET": SECRET[1:]}, "secret_length: secret: 31 bytes, must be 32"),
                (("token", "mint", "--user", "alice", "--lifetime", "soon"), KEY, "invalid_argument: lifetime"),
                (("token", "mint", "--user", "alice", "--room", "r", "--payload", "p"), KEY, "invalid_argument: --payload"),
                (("token", "verify", "04AAAA"), {}, "missing_field: ZEGO_SERVER_SECRET"),
                (("token", "verify", "--secret-file", "-"), {}, "invalid_argument: --secret-file"),
                (("token", "verify", "--secret-file", "/no/such/file", "04AA"), {}, "io_error: --secret-file"),
                (("token", "mint"), KEY, "missing_field: --user: is required"), (("token",), KEY, "subcommand"), ((), KEY, "subcommand"),
                (("token", "mint", "--user", "a", "--mode", "ecb"), KEY, "--mode"), (("token", "mint", "--user", "a", "--secret", SECRET), KEY, "--secret: no such option"),
                (("token", "mint", "--user", "a", f"--secret={SECRET}"), KEY, "--secret: no such option"),
                (("token", "mint", "--user", "a", SECRET), KEY, "more arguments than this command takes")):
            ran = Ran(*args, env=env)
            self.assertEqual(ran.code, 2, args)
            self.assertIn(said, ran.err)
            self.assertNotIn(SECRET[1:], ran.out + ran.err)

    def test_usage_errors_are_json_too_and_speak_of_what_is_missing(self):
        for args, env, code, field in ((("token", "mint", "--user", "a", "--role", "boss"), KEY, "invalid_argument", "--role"),
                                       (("token", "mint", "--nonsense"), KEY, "invalid_argument", ""),
                                       (("token", "mint"), KEY, "missing_field", "--user"),
                                       (("token", "mint", "--user", "a"), {}, "missing_field", "ZEGO_APP_ID")):
            ran = Ran(*args, "--json", env=env)
            self.assertEqual((ran.code, ran.json["ok"], ran.json["error"], ran.json["field"]), (2, False, code, field))
            self.assertNotIn("the token opens", ran.json["why"])

    def test_what_is_refused_exits_1(self):
        for args, said in ((("--user", "a b"), "invalid_argument: user"), (("--user", "alice", "--lifetime", "25d"), "out_of_range: lifetime")):
            ran = Ran("token", "mint", *args)
            self.assertEqual((ran.code, ran.out), (1, ""))
            self.assertIn(said, ran.err)

    def test_help_and_version(self):
        self.assertEqual(Ran("--help").code, 0)
        self.assertIn("ZEGO_SERVER_SECRET", Ran("token", "--help").out)
        self.assertRegex(Ran("--version").out, r"^zegocall \d+\.\d+\.\d+\n$")


class Call(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.db = os.path.join(cls.folder.name, "calls.db")
        subprocess.run([MAKE_CALLS, cls.db], check=True, timeout=60)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def ran(self, *args):
        return Ran("call", *args, "--db", self.db, env={})

    def test_list(self):
        listed = self.ran("list", "--json").json
        self.assertEqual([(call["id"], call["state"], call.get("outcome"), call.get("end_cause")) for call in listed["calls"]],
                         [("44", "ringing", None, None), ("43", "ended", "no_answer", None), ("42", "ended", "answered", "hangup")])
        self.assertEqual(listed["total"], 3)
        text = self.ran("list").out.splitlines()
        self.assertEqual(len(text), 4)
        self.assertRegex(text[2], r"^42 +2025-01-01 00:00:00 UTC +video +alice -> bob +answered, hangup +1 min 51 s$")
        page = self.ran("list", "--json", "--page", "2", "--size", "2").json
        self.assertEqual([call["id"] for call in page["calls"]], ["42"])
        self.assertEqual(self.ran("list", "--size", "101").code, 2)

    def test_show(self):
        call = self.ran("show", "42", "--json").json
        self.assertEqual({key: call[key] for key in ("id", "media", "caller", "state", "outcome", "end_cause", "created_at", "answered_at",
                                                     "ended_at", "duration_ms")},
                         {"id": "42", "media": "video", "caller": "alice", "state": "ended", "outcome": "answered", "end_cause": "hangup",
                          "created_at": "2025-01-01T00:00:00.000Z", "answered_at": "2025-01-01T00:00:04.118Z",
                          "ended_at": "2025-01-01T00:01:56.402Z", "duration_ms": 111500})
        self.assertEqual([(leg["number"], leg["user"], leg["role"], leg["outcome"], leg["device"]) for leg in call["legs"]],
                         [(1, "alice", "caller", "completed", "web"), (2, "bob", "callee", "completed", "phone")])
        names = [event["name"] for event in call["events"]]
        self.assertEqual([event["version"] for event in call["events"]], list(range(1, len(names) + 1)))
        self.assertEqual((names[0], names[-1]), ("call.created", "call.ended"))
        self.assertLess(names.index("leg.accepted"), names.index("leg.joined"))
        self.assertLess(names.index("leg.joined"), names.index("leg.final"))
        dismissed = [(event["device"], event["outcome"]) for event in call["events"] if event["name"] == "device.dismiss"]
        self.assertCountEqual(dismissed, [("phone", "answered_here"), ("laptop", "answered_elsewhere")])
        shown = self.ran("show", "43").out
        self.assertIn("call 43  audio  alice -> bob\n  outcome   no_answer\n", shown)

    def test_timeline(self):
        lines = self.ran("timeline", "42").out.splitlines()
        self.assertEqual(lines[0], "call 42  video  alice -> bob".ljust(42) + "answered, hangup   rang 4.1 s   talked 1 min 51 s")
        self.assertRegex(lines[1], r"^    0\.000 s   v1 +call\.created +alice/web$")
        self.assertRegex(lines[2], r"^    0\.000 s   v2 +leg\.invited +bob +ring until \+60\.0 s$")
        self.assertRegex(lines[-1], r"^  116\.402 s   v\d+ +call\.ended +answered, hangup by bob$")
        self.assertTrue(any(line.endswith("answered_elsewhere") for line in lines))
        columns = {line.index("v") for line in lines[1:]}
        self.assertEqual(columns, {14})
        event_columns = {line.index(line.split()[3]) for line in lines[1:]}
        self.assertEqual(len(event_columns), 1)
        events = self.ran("timeline", "42", "--json").json["events"]
        self.assertEqual(len(events), len(lines) - 1)
        self.assertEqual(events[-1]["offset_ms"], 116402)
        self.assertNotIn("\x1b", self.ran("timeline", "44").out)

    def test_diagram(self):
        text = self.ran("timeline", "42", "--diagram").out
        self.assertTrue(text.startswith("call 42, video: answered, hangup   2025-01-01T00:00:00.000Z\n"))
        self.assertRegex(text, r"\n    0\.000 s +\|-+ call, video -+>\|")
        self.assertRegex(text, r"=+ ended: answered, hangup by bob =+\n")
        svg = self.ran("timeline", "42", "--svg").out
        root = xml.dom.minidom.parseString(svg.encode()).documentElement
        self.assertEqual((root.tagName, root.getAttribute("xmlns")), ("svg", "http://www.w3.org/2000/svg"))
        words = ["".join(node.data for node in text.childNodes) for text in root.getElementsByTagName("text")]
        for word in ("alice", "bob", "phone", "laptop", "ring", "accept", "ended: answered, hangup by bob", "in the call"):
            self.assertIn(word, words)
        xml.dom.minidom.parseString(self.ran("timeline", "44", "--svg").out.encode())  # a device whose name steers terminals
        self.assertEqual(self.ran("timeline", "42", "--svg", "--json").code, 2)
        self.assertEqual(self.ran("timeline", "42", "--svg", "--diagram").code, 2)
        self.assertEqual(self.ran("timeline", "45", "--svg").code, 1)

    def test_attendance(self):
        report = self.ran("attendance", "42", "--json", "--minimum", "111s", "--late-after", "0s").json
        self.assertEqual((report["call"], report["peak"], report["person_ms"]), ("42", 2, 111500 + 111395))
        self.assertEqual([(m["user"], m["total_ms"], m["late_ms"], m["enough"]) for m in report["members"]],
                         [("alice", 111395, 105, True), ("bob", 111500, None, True)])
        self.assertEqual([(i["user"], i["device"], i["from"]) for i in report["intervals"]],
                         [("alice", "web", "2025-01-01T00:00:05.007Z"), ("bob", "phone", "2025-01-01T00:00:04.902Z")])
        rows = list(csv.reader(io.StringIO(self.ran("attendance", "42", "--csv").out)))
        self.assertEqual(rows[0][:3], ["user", "devices", "first"])
        self.assertEqual([row[0] for row in rows[1:]], ["alice", "bob"])
        self.assertEqual(len(list(csv.reader(io.StringIO(self.ran("attendance", "42", "--csv", "--intervals").out)))), 3)
        self.assertRegex(self.ran("attendance", "42").out, r"2 at most at once, 3 min 42 s together\n$")
        self.assertIn("never in", self.ran("attendance", "43").out)
        self.assertIn("not enough", self.ran("attendance", "42", "--minimum", "5min").out)
        self.assertEqual(self.ran("attendance", "45").code, 1)
        wrong = self.ran("attendance", "42", "--minimum", "soon")
        self.assertEqual(wrong.code, 2)
        self.assertIn("--minimum", wrong.err)

    def test_stats(self):
        stats = self.ran("stats", "--json").json
        self.assertEqual([(w["from"], w["calls"], w["answered"], w["no_answer"]) for w in stats["windows"]],
                         [("2025-01-01T00:00:00.000Z", 1, 1, 0), ("2025-01-01T01:00:00.000Z", 1, 0, 1)])
        total = stats["total"]
        self.assertEqual((total["calls"], total["answer_ratio"], total["peak_call"], stats["live"], stats["too_old"]), (2, 0.5, 2, 1, 0))
        self.assertEqual((total["ring_mean_ms"], total["setup_mean_ms"]), ((4118 + 60000) // 2, 889))
        self.assertEqual(len(self.ran("stats", "--json", "--window", "1d").json["windows"]), 1)
        rows = list(csv.reader(io.StringIO(self.ran("stats", "--csv").out)))
        self.assertEqual((rows[0][0], len(rows)), ("from", 3))
        self.assertRegex(self.ran("stats").out, r"\nall +2 +1 +50 % ")
        self.assertIn("1 live, not counted\n", self.ran("stats").out)
        for window in ("0s", "500d", "x"):
            wrong = self.ran("stats", "--window", window)
            self.assertEqual(wrong.code, 2, window)
            self.assertIn("--window", wrong.err)

    def test_no(self):
        gone = self.ran("show", "45")
        self.assertEqual((gone.code, gone.out), (1, "not_found: call: there is no call 45\n"))
        self.assertEqual(self.ran("timeline", "45", "--json").json["error"], "not_found")
        self.assertEqual(self.ran("show").code, 2)

    def test_databases_that_cannot_be_opened(self):
        there_is_none = os.path.join(self.folder.name, "none.db")
        broken = os.path.join(self.folder.name, "broken.db")
        with open(broken, "w") as file:
            file.write("this is no database, but a text that is long enough to be looked at" * 20)
        for db, said in ((there_is_none, "not_found: --db"), ("postgresql://localhost/calls", "not in this build"), (broken, "")):
            ran = Ran("call", "list", "--db", db, env={})
            self.assertEqual((ran.code, ran.out), (2, ""), db)
            self.assertIn(said, ran.err)
        self.assertFalse(os.path.exists(there_is_none))
        self.assertEqual(Ran("call", "list", env={}).code, 2)


class Outbox(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.db = os.path.join(self.folder.name, "calls.db")
        subprocess.run([MAKE_CALLS, self.db], check=True, timeout=60)
        with contextlib.closing(sqlite3.connect(self.db)) as db, db:
            for number, lane, topic, reason in ((7, "host", "call.ended", "attempts: HTTP 503"), (9, "provider", "provider.KickoutUser", "refused: forbidden")):
                db.execute("INSERT INTO dead_letters (number, topic, body, at, order_key, id, attempts, died_at, reason, lane) VALUES (?,?,?,?,?,?,?,?,?,?)",
                           (number, topic, "{}", 1735689600000, "42", f"42-{number}", 3, 1735693200000 + number, reason, lane))
            db.execute("INSERT INTO outbox (number, topic, body, at, order_key, id, due_at) VALUES (11, 'call.active', '{}', 1735689600000, '42', '42-5', 1735689600000)")

    def tearDown(self):
        self.folder.cleanup()

    def ran(self, *args):
        return Ran("outbox", *args, "--db", self.db, env={})

    def test_what_waits_and_what_is_dead(self):
        self.assertRegex(self.ran("list").out, r"^11 +host +call\.active +42-5 +2025-01-01 00:00:00 UTC +0 attempts +due 2025-01-01 00:00:00 UTC\n1 message waits\n$")
        self.assertEqual(self.ran("list", "--json").json["total"], 1)
        dead = self.ran("dead").out.splitlines()
        self.assertEqual(len(dead), 3)
        self.assertRegex(dead[0], r"^9 +provider +provider\.KickoutUser +42-9 .* 3 attempts +refused: forbidden$")
        self.assertEqual(dead[2], "2 dead letters")
        letters = self.ran("dead", "--json").json
        self.assertEqual([(one["number"], one["lane"], one["reason"]) for one in letters["dead"]], [(9, "provider", "refused: forbidden"), (7, "host", "attempts: HTTP 503")])

    def test_replay(self):
        self.assertEqual(self.ran("replay", "7").out, "1 message waits again\n")
        again = self.ran("list", "--json").json["waiting"]
        self.assertEqual([(one["topic"], "due" in one) for one in again], [("call.active", True), ("call.ended", False)])  # behind the older one of its call
        self.assertEqual(self.ran("replay", "--all", "--json").json["replayed"], 1)
        self.assertEqual(self.ran("dead", "--json").json["total"], 0)
        self.assertEqual(self.ran("replay", "--all").out, "0 messages wait again\n")

    def test_all_or_none_and_nothing_without_being_asked(self):
        ran = self.ran("replay", "7", "8")
        self.assertEqual((ran.code, ran.out), (1, "not_found: number: there is no dead letter 8\n"))
        self.assertEqual(self.ran("dead", "--json").json["total"], 2)
        self.assertEqual(self.ran("replay").code, 2)
        self.assertEqual(self.ran("replay", "7", "--all").code, 2)
        self.assertEqual(Ran("outbox", "dead", "--db", os.path.join(self.folder.name, "none.db"), env={}).code, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
