#!/usr/bin/env python3
"""ring_server's contract, row by row: every route and every refusal in the contract's order, the envelope, cookies, CORS, every word on the
socket (over long-polling, which needs nothing but HTTP), configuration. `ring_contract_test.py PATH_OF_ring_server [--test-clock]`. Standard library only."""
import base64
import gzip
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SERVER = sys.argv[1]
CLOCK = "--test-clock" in sys.argv
SECRET = "zegocall-test-secret-0123456789a"
JWT = "zegocall-test-jwt-secret-0123456789-abcdef"
ENVIRONMENT = {"ZEGO_APP_ID": "1234567890", "ZEGO_SERVER_SECRET": SECRET, "JWT_SECRET": JWT, "ALLOWED_ORIGINS": "https://app.example",
               "ZEGO_API_URL": "http://127.0.0.1:9",  # nobody: no test talks to the provider
               "LOGIN_PER_MINUTE": "0",  # many people register from this one address; class Limits has the limits
               "PATH": os.environ["PATH"]}
NOBODY = "0" * 24


class Server:
    def __init__(self, *flags, **environment):
        self.process = subprocess.Popen([SERVER, "--port", "0", *flags], env={**ENVIRONMENT, **environment}, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://"), line + self.process.stderr.read()
        self.host, port = line.strip().removeprefix("listening on http://").rsplit(":", 1)
        self.port = int(port)

    def request(self, method, path, body=None, headers=None, raw=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        data = raw if raw is not None else None if body is None else json.dumps(body)
        connection.request(method, path, data, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return Answer(answer.status, answer.getheaders(), text)

    def stop(self):
        self.process.terminate()
        self.process.stdout.close()
        errors = self.process.stderr.read()
        self.process.stderr.close()
        return self.process.wait(20), errors


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.text = status, text
        self.headers = headers
        try:
            self.body = json.loads(text)
        except ValueError:
            self.body = None

    def header(self, name):
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def data(self):
        return self.body["data"]


class Person:
    count = 0

    def __init__(self, server, name=None):
        Person.count += 1
        self.server, self.name, self.token = server, name or f"user{Person.count}", None
        self.device = f"device-{Person.count}"
        answer = server.request("POST", "/api/v1/users/register", self.form())
        assert answer.status == 201, answer.text
        self.id, self.token, self.refresh = answer.data["user"]["_id"], answer.data["accessToken"], answer.data["refreshToken"]

    def form(self, **changes):
        form = {"fullName": f"Full {self.name}", "username": self.name, "email": f"{self.name}@example.test", "password": "correct horse",
                "confirmPassword": "correct horse"}
        form.update(changes)
        return {key: value for key, value in form.items() if value is not None}

    def __call__(self, method, path, body=None, raw=None, **headers):
        sent = {"Authorization": f"Bearer {self.token}", "X-Device-Id": self.device}
        sent.update({key.replace("_", "-"): value for key, value in headers.items()})
        return self.server.request(method, "/api/v1" + path, body, sent, raw)

    def chat(self, other):
        return self("POST", "/chats", {"participants": [self.id, other.id], "chatType": "direct"}).data["_id"]

    def ring(self, other, **changes):
        body = {"receiverId": other.id, "chatId": self.chat(other), "callType": "video"}
        body.update(changes)
        return self("POST", "/calls/initiate", {key: value for key, value in body.items() if value is not None})


class Refused(Exception):
    pass


class Socket:
    """A Socket.IO client over long-polling. `heard` is every event, in order."""

    def __init__(self, person, device=None, auth=None, headers=None):
        self.server, self.heard, self.acks, self.serial = person.server, [], {}, 0
        opened = self.server.request("GET", "/socket.io/?EIO=4&transport=polling", headers=headers).text
        self.sid = json.loads(opened[1:])["sid"]
        self.post("40" + json.dumps({"token": person.token, "device": device or person.device} if auth is None else auth))
        self.refusal, self.connected = None, False
        while not self.connected:
            self.read()
            if self.refusal:
                raise Refused(self.refusal["message"])

    def url(self):
        return f"/socket.io/?EIO=4&transport=polling&sid={self.sid}"

    def post(self, text):
        answer = self.server.request("POST", self.url(), raw=text, headers={"Content-Type": "text/plain;charset=UTF-8"})
        assert answer.status == 200, answer.text

    def read(self):
        answer = self.server.request("GET", self.url())
        assert answer.status == 200, answer.text
        for packet in answer.text.split("\x1e"):
            if packet == "2":
                self.post("3")
            elif packet.startswith("40"):
                self.connected = True
            elif packet.startswith("44"):
                self.refusal = json.loads(packet[2:])
            elif packet.startswith("42"):
                word, *args = json.loads(packet[2:])
                self.heard.append((word, args))
            elif packet.startswith("43"):
                number, values = packet[2:].split("[", 1)
                self.acks[int(number)] = json.loads("[" + values)

    def say(self, word, *args):
        """Emits and returns what the acknowledgement says; by then everything that was said before has been heard."""
        self.serial += 1
        self.post(f"42{self.serial}" + json.dumps([word, *args]))
        while self.serial not in self.acks:
            self.read()
        return self.acks.pop(self.serial)

    def all(self, word=None):
        """What has been said to this socket so far."""
        self.say("set_online_status", "here")
        return [args[0] if args else None for name, args in self.heard if word in (None, name)]

    def one(self, word):
        said = self.all(word)
        assert len(said) == 1, f"{word}: {self.heard}"
        return said[0]

    def until(self, word):
        while not any(name == word for name, _ in self.heard):
            self.read()
        return [args[0] for name, args in self.heard if name == word][0]

    def close(self):
        self.post("41")
        self.post("1")


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--db", ":memory:", *(["--test-clock"] if CLOCK else []))

    @classmethod
    def tearDownClass(cls):
        code, errors = cls.server.stop()
        assert code == 0, errors
        assert SECRET not in errors and JWT not in errors, "a secret in the log"

    def pair(self):
        return Person(self.server), Person(self.server)

    def is_ok(self, answer, status=200):
        self.assertEqual(answer.status, status, answer.text)
        self.assertEqual(answer.body["statusCode"], status)
        self.assertIs(answer.body["success"], True)
        self.assertIsInstance(answer.body["message"], str)
        return answer.data

    def is_refused(self, answer, status, words=""):
        self.assertEqual(answer.status, status, answer.text)
        self.assertIs(answer.body["success"], False)
        self.assertTrue(answer.body["message"])
        self.assertIsInstance(answer.body["errors"], list)
        self.assertIn("data", answer.body)
        self.assertNotIn("statusCode", answer.body)
        self.assertIn(words, answer.body["message"])
        return answer.body

    # ---- accounts

    def test_register(self):
        a = Person(self.server)
        for field in ("fullName", "username", "email", "password", "confirmPassword"):
            self.is_refused(self.server.request("POST", "/api/v1/users/register", a.form(**{field: None})), 400, field)
            self.is_refused(self.server.request("POST", "/api/v1/users/register", a.form(**{field: ""})), 400, field)
            self.is_refused(self.server.request("POST", "/api/v1/users/register", a.form(**{field: 7})), 400, field)
        self.is_refused(self.server.request("POST", "/api/v1/users/register", a.form(confirmPassword="other horse")), 400, "match")
        self.is_refused(self.server.request("POST", "/api/v1/users/register", a.form(password="1234567", confirmPassword="1234567")), 400, "8")
        taken = self.is_refused(self.server.request("POST", "/api/v1/users/register", a.form(email="new@example.test")), 409)
        self.assertEqual(taken["errors"][0]["field"], "username")
        taken = self.is_refused(self.server.request("POST", "/api/v1/users/register", a.form(username="brandnew", email=a.form()["email"].upper())), 409)
        self.assertEqual(taken["errors"][0]["field"], "email")
        fresh = self.server.request("POST", "/api/v1/users/register", a.form(username="fresh", email="fresh@example.test"))
        data = self.is_ok(fresh, 201)
        self.assertEqual(set(data["user"]), {"_id", "username", "fullName", "profileImageUrl", "email", "createdAt"})
        for name in ("accessToken", "refreshToken"):
            self.assertRegex(fresh.header("Set-Cookie"), rf"{name}={data[name]}; Path=/; HttpOnly; SameSite=Lax")

    def test_access_token_is_a_jwt_that_the_client_can_read(self):
        a = Person(self.server)
        head, body, signature = a.token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(body + "=="))
        self.assertEqual((claims["_id"], claims["username"], claims["fullName"], claims["email"]),
                         (a.id, a.name, f"Full {a.name}", f"{a.name}@example.test"))
        self.assertGreater(claims["exp"], claims["iat"])
        made = base64.urlsafe_b64encode(hmac.new(JWT.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
        self.assertEqual(made, signature)

    def test_login(self):
        a = Person(self.server)
        login = lambda **body: self.server.request("POST", "/api/v1/users/login", body)
        self.assertEqual(self.is_ok(login(username=a.name, password="correct horse"))["user"]["_id"], a.id)
        self.assertEqual(self.is_ok(login(email=f"{a.name}@EXAMPLE.test", password="correct horse"))["user"]["_id"], a.id)
        self.is_refused(login(username=a.name, email=f"{a.name}@example.test", password="correct horse"), 400)
        self.is_refused(login(password="correct horse"), 400)
        self.is_refused(login(username=a.name), 400)
        self.is_refused(login(username="nobody-of-this-name", password="correct horse"), 404)
        self.is_refused(login(username=a.name, password="wrong horse"), 401)

    def test_refresh_and_logout(self):
        a = Person(self.server)
        refresh = lambda body=None, **headers: self.server.request("POST", "/api/v1/users/refresh-token", body, headers)
        data = self.is_ok(refresh({"refreshToken": a.refresh}))
        self.assertEqual(self.is_ok(self.server.request("GET", "/api/v1/users/me", headers={"Authorization": f"Bearer {data['accessToken']}"}))["_id"], a.id)
        self.is_ok(refresh(Cookie=f"refreshToken={a.refresh}"))
        self.is_refused(refresh(Cookie=f"refreshToken={a.refresh}", Origin="https://evil.example"), 403)
        self.is_refused(refresh({"refreshToken": a.token}), 401)
        self.is_refused(refresh({"refreshToken": "x"}), 401)
        self.is_refused(refresh(), 401)
        self.is_refused(self.server.request("GET", "/api/v1/users/me", headers={"Authorization": f"Bearer {a.refresh}"}), 401)
        self.assertIn("Max-Age=0", a("POST", "/users/logout").header("Set-Cookie"))

    def test_who_asks(self):
        a = Person(self.server)
        get = lambda path="/users/me", method="GET", **headers: self.server.request(method, "/api/v1" + path, None, headers)
        self.is_refused(get(), 401)
        self.is_refused(get(Authorization="Bearer x.y.z"), 401)
        self.is_refused(get(Authorization=f"Basic {a.token}"), 401)
        self.is_ok(get(Cookie=f"theme=dark; accessToken={a.token}"))
        self.is_refused(get(Cookie="accessToken=x", Authorization=f"Bearer {a.token}"), 401)  # the cookie comes first
        forged = jwt({"_id": a.id, "exp": 4102444800}, "another-secret-of-more-than-32-bytes!!")
        self.is_refused(get(Authorization=f"Bearer {forged}"), 401)
        self.is_refused(get(Authorization=f"Bearer {jwt({'_id': a.id, 'exp': 1700000000}, JWT)}"), 401, "expired")
        self.is_ok(get(Authorization=f"Bearer {jwt({'_id': a.id, 'exp': 4102444800}, JWT)}"))  # of an existing system with the same secret
        self.is_refused(get("/calls/force-end-active", "POST", Cookie=f"accessToken={a.token}", Origin="https://evil.example"), 403)
        self.is_ok(get("/calls/force-end-active", "POST", Cookie=f"accessToken={a.token}", Origin="https://app.example"))
        self.is_refused(a("GET", "/users/me", X_Device_Id="d" * 129), 400, "X-Device-Id")
        for method, path in (("POST", "/calls/initiate"), ("GET", "/calls/history"), ("GET", "/calls/active"), ("POST", "/calls/force-end-active"),
                             ("PATCH", f"/calls/{NOBODY}/accept"), ("PATCH", f"/calls/{NOBODY}/decline"), ("PATCH", f"/calls/{NOBODY}/end"),
                             ("PATCH", f"/calls/{NOBODY}/status"), ("POST", f"/calls/{NOBODY}/zego-token"), ("GET", f"/calls/{NOBODY}/zego-room"),
                             ("POST", "/chats"), ("GET", "/chats"), ("GET", "/users/online"), ("GET", "/calls/ice-servers")):
            self.is_refused(get(path, method), 401)

    # ---- chats

    def test_chats(self):
        a, b = self.pair()
        c = Person(self.server)
        body = {"participants": [a.id, b.id], "chatType": "direct"}
        chat = self.is_ok(a("POST", "/chats", body), 201)
        self.assertEqual({card["_id"] for card in chat["participants"]}, {a.id, b.id})
        self.assertEqual(self.is_ok(b("POST", "/chats", {"participants": [b.id, a.id], "chatType": "direct"}))["_id"], chat["_id"])
        self.is_refused(c("POST", "/chats", body), 403)
        for wrong in ({}, {"participants": a.id}, {"participants": [a.id]}, {"participants": [a.id, a.id]}, {"participants": [a.id, "x"]},
                      {"participants": [a.id, b.id, c.id]}, {"participants": [a.id, 7]}, {**body, "chatType": "group"}):
            self.is_refused(a("POST", "/chats", wrong), 400)
        self.is_refused(a("POST", "/chats", {"participants": [a.id, NOBODY]}), 404)
        listed = self.is_ok(a("GET", "/chats?page=1&limit=10&chatStatus=active"))
        self.assertEqual([each["_id"] for each in listed["chats"]], [chat["_id"]])
        self.assertEqual(listed["pagination"], {"currentPage": 1, "totalPages": 1, "totalChats": 1, "hasNextPage": False, "hasPrevPage": False})

    # ---- calls

    def test_initiate(self):
        a, b = self.pair()
        c = Person(self.server)
        for field in ("receiverId", "chatId", "callType"):
            self.is_refused(a.ring(b, **{field: None}), 400, "required")
            self.is_refused(a.ring(b, **{field: ""}), 400, "required")
            self.is_refused(a.ring(b, **{field: 7}), 400)
        self.is_refused(a.ring(b, callType="hologram", chatId=NOBODY), 400, "callType")  # the type before the chat
        self.is_refused(a.ring(b, chatId="not-an-id"), 400)
        self.is_refused(a.ring(b, chatId=NOBODY, receiverId=NOBODY), 404, "Chat")
        self.is_refused(c.ring(b, chatId=a.chat(b)), 403)
        self.is_refused(a.ring(b, receiverId=c.id), 403)
        self.is_refused(a.ring(b, receiverId=NOBODY), 403)
        self.is_refused(a.ring(b, receiverId=a.id), 400, "yourself")
        self.assertEqual(self.is_ok(a("GET", "/calls/history"))["calls"], [])
        call = self.is_ok(a.ring(b, chatId=a.chat(b).upper()), 201)
        self.assertEqual((call["status"], call["callType"], call["duration"], call["endReason"]), ("initiated", "video", 0, "normal"))
        self.assertEqual([card["_id"] for card in call["participants"]], [a.id, b.id])
        self.assertEqual(call["initiator"], {"_id": a.id, "username": a.name, "fullName": f"Full {a.name}", "profileImageUrl": ""})
        self.assertEqual((call["id"], call["zegoRoom"]["roomId"], call["zegoRoom"]["appId"]), (call["_id"], f"call_{call['_id']}", 1234567890))
        self.assertEqual((call["wasAnswered"], call["isOngoing"], call["formattedDuration"]), (False, True, "0:00"))
        self.assertNotIn("zegoTokens", call)
        for missing in ("startedAt", "endedAt", "endedBy"):
            self.assertNotIn(missing, call)
        busy = self.is_refused(c.ring(b), 409)
        self.assertEqual(busy["data"]["existingCallId"], call["_id"])
        self.assertEqual(set(busy["data"]["existingCall"]), {"_id", "status", "callType", "initiatedAt", "participants"})
        self.assertNotEqual(busy["message"], self.is_refused(a.ring(c), 409)["message"])
        self.is_refused(b.ring(a), 409)
        self.assertEqual(self.is_ok(c("GET", "/calls/history"))["pagination"]["totalCalls"], 0)

    def test_initiate_again_with_the_same_key_is_the_same_call(self):
        a, b = self.pair()
        body = {"receiverId": b.id, "chatId": a.chat(b), "callType": "voice"}
        first = a("POST", "/calls/initiate", body, Idempotency_Key="once-only")
        again = a("POST", "/calls/initiate", body, Idempotency_Key="once-only")
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertEqual(first.data, again.data)

    def test_which_call(self):
        a, b = self.pair()
        c = Person(self.server)
        call = a.ring(b).data["_id"]
        for method, action in (("PATCH", "accept"), ("PATCH", "decline"), ("PATCH", "end"), ("PATCH", "status"), ("POST", "zego-token"),
                               ("GET", "zego-room")):
            body = {"status": "active"} if action == "status" else None
            self.is_refused(a(method, f"/calls/not-an-id/{action}", body), 400)
            self.is_refused(a(method, f"/calls/{NOBODY}/{action}", body), 404)
            self.is_refused(c(method, f"/calls/{call}/{action}", body), 403)

    def test_accept_join_end(self):
        a, b = self.pair()
        call = a.ring(b).data["_id"]
        self.is_refused(a("PATCH", f"/calls/{call}/accept"), 403)
        self.is_refused(b("PATCH", f"/calls/{call}/status", {"status": "active"}), 400)
        accepted = self.is_ok(b("PATCH", f"/calls/{call}/accept"))
        self.assertEqual(accepted["status"], "connecting")
        self.assertIn("startedAt", accepted)
        self.assertTrue(accepted["zegoToken"].startswith("04"))
        self.assertEqual(accepted["zegoRoom"]["roomId"], f"call_{call}")
        self.is_ok(b("PATCH", f"/calls/{call}/accept"))  # repeated while connecting
        self.is_refused(b("PATCH", f"/calls/{call}/decline"), 400)
        for wrong in ({}, {"status": "ringing"}, {"status": 7}, {"status": "active", "metadata": 7}, None):
            self.is_refused(a("PATCH", f"/calls/{call}/status", wrong), 400)
        self.assertEqual(self.is_ok(a("PATCH", f"/calls/{call}/status", {"status": "connecting", "metadata": {"quality": "poor"}}))["status"], "connecting")
        self.assertEqual(self.is_ok(a("PATCH", f"/calls/{call}/status", {"status": "active"}))["status"], "active")
        self.assertEqual(self.is_ok(b("PATCH", f"/calls/{call}/status", {"status": "active"}))["status"], "active")
        self.is_refused(b("PATCH", f"/calls/{call}/accept"), 400)
        self.is_refused(a("PATCH", f"/calls/{call}/end", {"endReason": "bored"}), 400)
        self.is_refused(a("PATCH", f"/calls/{call}/end", raw="{"), 400)
        self.assertEqual(self.is_ok(a("GET", "/calls/active"))["_id"], call)
        ended = self.is_ok(a("PATCH", f"/calls/{call}/end"))
        self.assertEqual((ended["status"], ended["endReason"], ended["endedBy"], ended["wasAnswered"]), ("ended", "normal", a.id, True))
        again = self.is_ok(b("PATCH", f"/calls/{call}/end", {"endReason": "network_error"}))
        self.assertEqual(again, ended)
        self.is_refused(a("PATCH", f"/calls/{call}/status", {"status": "active"}), 400)
        self.assertIsNone(self.is_ok(a("GET", "/calls/active")))
        self.assertEqual(self.is_ok(a("GET", "/calls/history"))["calls"], self.is_ok(b("GET", "/calls/history"))["calls"])

    def test_another_device_comes_too_late(self):
        a, b = self.pair()
        call = a.ring(b).data["_id"]
        self.is_ok(b("PATCH", f"/calls/{call}/accept"))
        self.is_refused(b("PATCH", f"/calls/{call}/accept", X_Device_Id="another"), 400)
        self.is_refused(b("PATCH", f"/calls/{call}/decline", X_Device_Id="another"), 400)
        self.assertEqual(self.is_ok(a("GET", "/calls/active"))["_id"], call)

    def test_each_end(self):
        a, b = self.pair()
        for who, path, body, status, reason in ((b, "decline", None, "declined", "declined"), (a, "end", None, "ended", "cancelled"),
                                                (a, "end", {"endReason": "cancelled"}, "ended", "cancelled"), (b, "end", None, "declined", "declined")):
            call = a.ring(b).data["_id"]
            ended = self.is_ok(who("PATCH", f"/calls/{call}/{path}", body))
            self.assertEqual((ended["status"], ended["endReason"], ended["duration"], ended["wasAnswered"]), (status, reason, 0, False))
            self.is_refused(b("PATCH", f"/calls/{call}/accept"), 400)
            self.is_refused(b("PATCH", f"/calls/{call}/decline"), 400)
            self.assertEqual(self.is_ok(a("PATCH", f"/calls/{call}/end"))["status"], status)
        page = self.is_ok(a("GET", "/calls/history?page=2&limit=3"))
        self.assertEqual(len(page["calls"]), 1)
        self.assertEqual(page["pagination"], {"currentPage": 2, "totalPages": 2, "totalCalls": 4, "hasNextPage": False, "hasPrevPage": True})
        for wrong in ("page=0", "page=x", "limit=0", "limit=101", "limit=-1", "page=99999999999999999999"):
            self.is_refused(a("GET", f"/calls/history?{wrong}"), 400)

    def test_nobody_answers(self):
        if not CLOCK:
            self.skipTest("this build has no test clock")
        a, b = self.pair()
        call = a.ring(b).data["_id"]
        self.assertEqual(self.server.request("POST", "/test/advance", {"ms": 60001}).status, 200)
        past = self.is_ok(b("GET", "/calls/history"))["calls"][0]
        self.assertEqual((past["_id"], past["status"], past["endReason"], past["duration"]), (call, "missed", "timeout", 0))

    def test_an_accepted_call_that_nobody_enters_ends(self):
        if not CLOCK:
            self.skipTest("this build has no test clock")
        a, b = self.pair()
        call = a.ring(b).data["_id"]
        self.is_ok(b("PATCH", f"/calls/{call}/accept"))
        self.assertEqual(self.server.request("POST", "/test/advance", {"ms": 59000}).status, 200)
        self.assertEqual(self.is_ok(a("GET", "/calls/active"))["status"], "connecting")
        self.assertEqual(self.server.request("POST", "/test/advance", {"ms": 1001}).status, 200)
        past = self.is_ok(b("GET", "/calls/history"))["calls"][0]
        self.assertEqual((past["_id"], past["status"], past["endReason"]), (call, "ended", "network_error"))

    def test_force_end(self):
        a, b = self.pair()
        self.assertEqual(self.is_ok(a("POST", "/calls/force-end-active"))["endedCount"], 0)
        call = a.ring(b).data["_id"]
        self.is_ok(b("PATCH", f"/calls/{call}/accept"))
        self.is_ok(b("PATCH", f"/calls/{call}/status", {"status": "active"}))
        ended = self.is_ok(b("POST", "/calls/force-end-active", X_Device_Id="another"))
        self.assertEqual((ended["endedCount"], ended["endedCalls"][0]["callId"], ended["endedCalls"][0]["status"]), (1, call, "ended"))
        self.assertEqual(self.is_ok(a("GET", "/calls/history"))["calls"][0]["endReason"], "cancelled")

    # ---- tokens

    def test_tokens_are_for_the_asker_and_only_once_in(self):
        a, b = self.pair()
        call = a.ring(b).data["_id"]
        self.is_refused(b("POST", f"/calls/{call}/zego-token", {"role": "publisher"}), 400)
        room = self.is_ok(b("GET", f"/calls/{call}/zego-room"))
        self.assertEqual((room["zegoRoom"]["token"], room["zegoRoom"]["expiresAt"], room["call"]["status"]), (None, None, "initiated"))
        mine = self.is_ok(a("POST", f"/calls/{call}/zego-token", {"role": "publisher"}))
        self.assertEqual((mine["token"], mine["roomId"], mine["appId"], mine["userId"]), (mine["zegoToken"], f"call_{call}", 1234567890, a.id))
        self.assertEqual(mine["zegoRoom"], {"roomId": f"call_{call}", "appId": 1234567890})
        self.assertRegex(mine["expiresAt"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.is_ok(b("PATCH", f"/calls/{call}/accept"))
        theirs = self.is_ok(b("POST", f"/calls/{call}/zego-token", raw="not json at all"))
        self.assertEqual(theirs["userId"], b.id)
        self.assertNotEqual(theirs["token"], mine["token"])
        self.assertTrue(self.is_ok(b("GET", f"/calls/{call}/zego-room"))["zegoRoom"]["token"].startswith("04"))
        self.is_ok(a("PATCH", f"/calls/{call}/end"))
        self.is_refused(a("POST", f"/calls/{call}/zego-token"), 400)
        history = a("GET", "/calls/history").text
        self.assertNotIn("zegoToken", history)
        self.assertNotIn('"token"', history)

    # ---- words on the socket

    def sockets(self):
        a, b = self.pair()
        return a, b, Socket(a), Socket(b)

    def is_card(self, card, person):
        self.assertEqual(card, {"_id": person.id, "username": person.name, "fullName": f"Full {person.name}", "profileImageUrl": ""})

    def is_time(self, text):
        self.assertRegex(text, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_handshake(self):
        a = Person(self.server)
        Socket(a).close()
        Socket(a, auth={}, headers={"Authorization": f"Bearer {a.token}"}).close()
        for auth in ({}, {"token": ""}, {"token": None}, {"token": 7}, {"token": "x"}, {"token": a.refresh}, {"token": [a.token]},
                     {"token": a.token, "device": 7}, {"token": a.token, "device": "d" * 129},
                     {"token": jwt({"_id": a.id, "exp": 1700000000}, JWT)}, {"token": jwt({"_id": NOBODY, "exp": 4102444800}, JWT)}):
            with self.assertRaisesRegex(Refused, "^Authentication error"):
                Socket(a, auth=auth)
        with self.assertRaisesRegex(Refused, "Invalid token"):
            Socket(a, auth={"token": "x"})

    def test_a_call_in_words(self):
        a, b, at_a, at_b = self.sockets()
        call = a.ring(b).data["_id"]
        chat = a.chat(b)
        rung = at_b.one("incoming_call")
        self.assertEqual((rung["callId"], rung["chatId"], rung["callType"]), (call, chat, "video"))
        self.is_card(rung["caller"], a)
        self.is_time(rung["timestamp"])
        self.assertEqual(rung["zegoRoom"], {"roomId": f"call_{call}", "appId": 1234567890})  # no token before an answer
        self.assertEqual(at_b.say("call_initiate", {"receiverId": b.id, "chatId": chat, "callType": "video", "callId": call})[0]["success"], False)
        self.assertEqual(at_a.say("call_initiate", {"receiverId": b.id, "chatId": chat, "callType": "video", "callId": call}), [])
        self.assertEqual(len(at_b.all("incoming_call")), 1)
        at_b.say("call_status_update", {"callId": call, "participants": [a.id], "status": "ringing"})
        self.assertEqual(at_a.all("call_status_update")[-1]["status"], "ringing")
        self.assertEqual(a("GET", "/calls/active").data["status"], "ringing")
        done = at_b.say("call_accept", {"callId": call, "callerId": a.id})[0]
        self.assertEqual((done["success"], done["data"]["status"]), (True, "connecting"))
        accepted = at_a.one("call_accepted")
        self.is_card(accepted["acceptedBy"], b)
        self.is_time(accepted["timestamp"])
        self.assertNotIn("dismiss", accepted)
        self.assertEqual(at_b.all("call_accepted"), [])
        at_a.say("call_status_update", {"callId": call, "participants": [b.id], "status": "connecting", "metadata": {"quality": "poor"}})
        told = at_b.one("call_status_update")
        self.assertEqual((told["callId"], told["status"], told["metadata"], told["updatedBy"]), (call, "connecting", {"quality": "poor"}, a.id))
        at_a.say("webrtc_offer", {"callId": call, "receiverId": b.id, "offer": {"sdp": "x"}, "senderId": "forged"})
        self.assertEqual(at_b.one("webrtc_offer"), {"callId": call, "receiverId": b.id, "offer": {"sdp": "x"}, "senderId": a.id})
        at_b.say("webrtc_answer", {"callId": call, "callerId": a.id, "answer": {"sdp": "y"}})
        self.assertEqual(at_a.one("webrtc_answer"), {"callId": call, "callerId": a.id, "answer": {"sdp": "y"}, "senderId": b.id})
        active = at_a.all("call_status_update")[-1]
        self.assertEqual((active["status"], active["updatedBy"]), ("active", b.id))
        at_a.say("webrtc_ice_candidate", {"callId": call, "receiverId": b.id, "candidate": None})
        self.assertEqual(at_b.one("webrtc_ice_candidate")["candidate"], None)
        at_b.say("call_end", {"callId": call, "participants": [a.id]})
        ended = at_a.one("call_ended")
        self.assertEqual((ended["callId"], ended["endReason"], ended["duration"]), (call, "normal", 0))
        self.is_card(ended["endedBy"], b)
        self.assertEqual(at_b.all("call_ended"), [])
        self.assertEqual(at_a.say("call_end", {"callId": call, "participants": [b.id]})[0]["success"], False)
        a("PATCH", f"/calls/{call}/end")
        self.assertEqual((len(at_a.all("call_ended")), at_b.all("call_ended")), (1, []))

    def test_a_status_is_told_once_and_only_when_it_is_reached(self):
        a, b, at_a, at_b = self.sockets()
        call = a.ring(b).data["_id"]
        self.is_ok(b("PATCH", f"/calls/{call}/accept"))
        path, fine = f"/calls/{call}/status", {"quality": "poor", "connectionType": "wifi"}
        for wrong in ({"quality": "zzz"}, {"quality": 7}, {"connectionType": "5g"}):
            refused = a("PATCH", path, {"status": "active", "metadata": wrong})
            self.is_refused(refused, 400, "metadata." + next(iter(wrong)))
            self.assertFalse(at_a.say("call_status_update", {"callId": call, "status": "active", "metadata": wrong})[0]["success"])
        self.assertEqual(at_b.all("call_status_update"), [])
        self.is_ok(a("PATCH", path, {"status": "active", "metadata": fine}))
        told = at_b.one("call_status_update")
        self.assertEqual((told["status"], told["metadata"], told["updatedBy"]), ("active", fine, a.id))
        self.assertEqual(self.is_ok(a("PATCH", path, {"status": "connecting", "metadata": fine}))["status"], "active")
        self.assertEqual(len(at_b.all("call_status_update")), 1)
        self.is_ok(a("PATCH", path, {"status": "active", "metadata": {"quality": "good"}}))
        self.assertEqual([each["metadata"] for each in at_b.all("call_status_update")], [fine, {"quality": "good"}])

    def test_declined_and_cancelled_in_words(self):
        a, b, at_a, at_b = self.sockets()
        call = a.ring(b).data["_id"]
        at_b.say("call_decline", {"callId": call, "callerId": a.id})
        declined = at_a.one("call_declined")
        self.is_card(declined["declinedBy"], b)
        self.assertEqual(at_a.all("call_ended"), [])
        call = a.ring(b).data["_id"]
        a("PATCH", f"/calls/{call}/end", {"endReason": "cancelled"})
        ended = at_b.one("call_ended")
        self.assertEqual((ended["callId"], ended["endReason"], ended["duration"]), (call, "cancelled", 0))
        self.is_card(ended["endedBy"], a)
        call = a.ring(b).data["_id"]
        a("POST", "/calls/force-end-active")
        self.assertEqual([each["callId"] for each in at_b.all("call_ended")][-1], call)

    def test_timeout_in_words(self):
        if not CLOCK:
            self.skipTest("this build has no test clock")
        a, b, at_a, at_b = self.sockets()
        call = a.ring(b).data["_id"]
        self.assertEqual(self.server.request("POST", "/test/advance", {"ms": 60001}).status, 200)
        for socket in (at_a, at_b):
            said = socket.one("call_timeout")
            self.assertEqual(set(said), {"callId", "timestamp"})
            self.assertEqual(said["callId"], call)
            self.assertEqual(socket.all("call_ended"), [])

    def test_a_second_tab(self):
        a, b, at_a, tab = self.sockets()
        other = Socket(b, device="another-tab")
        call = a.ring(b).data["_id"]
        self.assertEqual((len(tab.all("incoming_call")), len(other.all("incoming_call"))), (1, 1))
        late = Socket(b, device="a-third-tab")  # connects while it rings
        self.assertEqual(late.until("incoming_call")["callId"], call)
        self.assertEqual(len(tab.all("incoming_call")), 1)
        b("PATCH", f"/calls/{call}/accept", X_Device_Id="")  # which tab is not said: nobody is dismissed yet
        self.assertEqual((tab.all("call_accepted"), other.all("call_accepted")), ([], []))
        tab.say("webrtc_answer", {"callId": call, "callerId": a.id, "answer": {}})
        self.assertEqual(tab.all("call_accepted"), [])
        for each in (other, late):
            said = each.one("call_accepted")
            self.assertEqual((said["dismiss"], said["callId"]), (True, call))
        a("PATCH", f"/calls/{call}/end")
        call = a.ring(b).data["_id"]
        b("PATCH", f"/calls/{call}/decline", X_Device_Id=b.device)
        self.assertEqual(tab.all("call_declined"), [])
        self.assertEqual(other.one("call_declined")["dismiss"], True)
        self.assertNotIn("dismiss", at_a.one("call_declined"))

    def test_the_only_tab_of_a_person_who_names_none(self):
        a, b = self.pair()
        for who_ends in (a, b):
            tab = Socket(b, auth={"token": b.token})
            call = a.ring(b).data["_id"]
            self.assertEqual(len(tab.all("incoming_call")), 1)
            self.is_ok(b("PATCH", f"/calls/{call}/accept", X_Device_Id=""))
            self.is_ok(b("PATCH", f"/calls/{call}/status", {"status": "active"}, X_Device_Id=""))
            self.is_ok(who_ends("PATCH", f"/calls/{call}/end", X_Device_Id=""))
            self.assertEqual((tab.all("call_accepted"), len(tab.all("call_ended"))), ([], 1 if who_ends is a else 0))
            tab.close()
        tab = Socket(b, auth={"token": b.token})
        call = a.ring(b).data["_id"]
        self.is_ok(b("PATCH", f"/calls/{call}/decline", X_Device_Id=""))
        self.assertEqual((len(tab.all("incoming_call")), tab.all("call_declined"), tab.all("call_ended")), (1, [], []))

    def test_two_tabs_of_a_person_who_names_none_hear_the_end_once(self):
        a, b = self.pair()
        tabs = [Socket(b, auth={"token": b.token}) for _ in range(2)]
        for number, who_ends in enumerate((a, b), 1):
            call = a.ring(b).data["_id"]
            self.is_ok(b("PATCH", f"/calls/{call}/accept", X_Device_Id=""))
            self.is_ok(b("PATCH", f"/calls/{call}/status", {"status": "active"}, X_Device_Id=""))
            self.is_ok(who_ends("PATCH", f"/calls/{call}/end", X_Device_Id=""))
            for tab in tabs:
                self.assertEqual((tab.all("call_accepted"), len(tab.all("call_ended"))), ([], number))
                self.assertEqual(tab.all("call_ended")[-1]["callId"], call)

    def test_words_between_strangers(self):
        a, b, at_a, at_b = self.sockets()
        c = Person(self.server)
        at_c = Socket(c)
        call = a.ring(b).data["_id"]
        before = len(at_a.all()) + len(at_b.all())
        for word, body in (("call_accept", {}), ("call_decline", {}), ("call_end", {"participants": [a.id, b.id]}), ("call_status_update", {"status": "active"}),
                           ("webrtc_offer", {"receiverId": b.id, "offer": {}}), ("webrtc_answer", {"callerId": a.id, "answer": {}}),
                           ("webrtc_ice_candidate", {"receiverId": b.id, "candidate": {}}), ("call_initiate", {"receiverId": b.id})):
            said = at_c.say(word, {"callId": call, "callerId": a.id, **body})
            self.assertEqual(said[0]["success"], False, word)
            self.assertTrue(said[0]["message"])
        self.assertEqual(at_a.say("webrtc_offer", {"callId": call, "receiverId": c.id, "offer": {}})[0]["success"], False)
        self.assertEqual(len(at_a.all()) + len(at_b.all()), before)
        self.assertEqual(at_c.all(), [])

    def test_chat_words(self):
        a, b, at_a, at_b = self.sockets()
        c = Person(self.server)
        at_c = Socket(c)
        chat = a.chat(b)
        self.assertEqual(at_c.say("join_chat", chat)[0]["success"], False)
        self.assertEqual((at_a.say("join_chat", chat), at_b.say("join_chat", chat)), ([], []))
        for word, body, said, wanted in (
                ("typing_start", {}, "user_typing", {"userId": a.id, "username": a.name, "fullName": f"Full {a.name}"}),
                ("typing_stop", {}, "user_stopped_typing", {"userId": a.id}),
                ("mark_read", {"messageIds": ["1", "2"]}, "messages_read", {"readBy": a.id, "messageIds": ["1", "2"]}),
                ("delete_message", {"messageId": "1"}, "message_deleted", {"messageId": "1", "deletedBy": a.id}),
                ("restore_message", {"messageId": "1", "restoredMessage": {"x": 1}}, "message_restored",
                 {"messageId": "1", "restoredMessage": {"x": 1}, "restoredBy": a.id})):
            self.assertEqual(at_a.say(word, {"chatId": chat, **body}), [])
            self.assertEqual(at_b.one(said), {"chatId": chat, **wanted})
            self.assertEqual(at_c.say(word, {"chatId": chat, **body})[0]["success"], False)
        at_a.say("send_message", {"chatId": chat, "message": "hello"})
        message = at_b.one("new_message")
        self.is_time(message["message"].pop("timestamp"))
        self.is_card(message["message"].pop("sender"), a)
        self.assertEqual(message, {"chatId": chat, "message": {"message": "hello", "messageType": "text"}})
        self.assertEqual(at_a.say("send_message", {"chatId": chat, "message": "x" * 16001})[0]["success"], False)
        at_b.say("leave_chat", chat)
        at_a.say("typing_start", {"chatId": chat})
        self.assertEqual(len(at_b.all("user_typing")), 1)
        at_a.say("request_unread_counts")
        counts = at_a.one("unread_counts_updated")
        self.assertEqual((counts["unreadNotifications"], counts["unreadMessages"], counts["fromCache"]), (0, 0, False))
        self.assertEqual([word for word, _ in at_c.heard if word not in ("user_online",)], [])

    def test_off_line_is_told_to_those_who_share_a_chat_when_the_last_socket_closes(self):
        a, b, at_a, at_b = self.sockets()
        at_c = Socket(Person(self.server))
        a.chat(b)
        second = Socket(a, device="another-tab")
        at_a.close()
        self.assertEqual(at_b.all("user_offline"), [])
        second.close()
        said = at_b.until("user_offline")
        self.assertEqual((said["userId"], set(said)), (a.id, {"userId", "timestamp"}))
        self.assertEqual(at_c.all("user_offline"), [])
        self.assertNotIn(a.id, [card["_id"] for card in b("GET", "/users/online").data])

    # ---- the rest of the door

    def test_bad_bodies(self):
        a, b = self.pair()
        for raw in ("", "{", "null", "[]", "\"x\"", '{"a":1,"a":2}', "\x00", '{"receiverId":"\\ud800"}', "[" * 100):
            self.is_refused(a("POST", "/calls/initiate", raw=raw), 400)
            self.is_refused(self.server.request("POST", "/api/v1/users/login", raw=raw), 400)

    def test_unknown_paths_and_methods(self):
        a = Person(self.server)
        self.is_refused(a("GET", "/nothing"), 404)
        self.is_refused(a("DELETE", "/calls/active"), 405)
        self.assertIn("GET", a("DELETE", "/calls/active").header("Allow"))
        self.assertEqual(self.server.request("GET", "/").status, 200)
        self.assertIn("text/html", self.server.request("GET", "/").header("Content-Type"))

    def test_one_list_of_origins_for_preflight_and_request(self):
        preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        friend = self.server.request("OPTIONS", "/api/v1/calls/initiate", headers={"Origin": "https://app.example", **preflight})
        self.assertEqual(friend.header("Access-Control-Allow-Origin"), "https://app.example")
        self.assertEqual(friend.header("Access-Control-Allow-Credentials"), "true")
        stranger = self.server.request("OPTIONS", "/api/v1/calls/initiate", headers={"Origin": "https://evil.example", **preflight})
        self.assertEqual(stranger.header("Access-Control-Allow-Origin"), "")
        a = Person(self.server)
        evil = {"Origin": "https://evil.example"}
        for answer in (a("GET", "/users/me", **evil), a("POST", "/calls/force-end-active", **evil),
                       self.server.request("POST", "/api/v1/users/login", {"username": a.name, "password": "correct horse"}, evil),
                       self.server.request("POST", "/api/v1/users/register", a.form(username="x"), evil)):
            self.is_refused(answer, 403)
            self.assertEqual(answer.header("Access-Control-Allow-Origin"), "")
        self.is_ok(a("GET", "/users/me", Origin=f"http://{self.server.host}:{self.server.port}"))
        self.assertEqual(a("GET", "/users/me", Origin="https://app.example").header("Access-Control-Allow-Origin"), "https://app.example")

    def test_operations(self):
        for path in ("/healthz", "/readyz", "/version", "/metrics"):
            self.assertEqual(self.server.request("GET", path).status, 200, path)


class Configuration(unittest.TestCase):
    def refused(self, *flags, **environment):
        done = subprocess.run([SERVER, "--port", "0", "--db", ":memory:", *flags], env={**ENVIRONMENT, **environment}, capture_output=True, text=True,
                              timeout=20)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        lines = done.stderr.strip().splitlines()
        self.assertEqual(len(lines), 1, lines)
        return lines[0]

    def test_what_is_wrong_is_named_without_a_part_of_a_secret(self):
        short = "invented-secret-of-31-characte!"
        self.assertEqual(len(short), 31)
        said = self.refused(ZEGO_SERVER_SECRET=short)
        self.assertIn("ZEGO_SERVER_SECRET", said)
        self.assertIn("31", said)
        self.assertNotIn("invented", said)
        self.assertIn("ZEGO_APP_ID", self.refused(ZEGO_APP_ID="abc"))
        self.assertIn("ZEGO_APP_ID", self.refused(ZEGO_APP_ID="0"))
        self.assertIn("ZEGO_APP_ID", self.refused(ZEGO_APP_ID=""))
        self.assertIn("ZEGO_SERVER_SECRET", self.refused(ZEGO_SERVER_SECRET=""))
        self.assertIn("JWT_SECRET", self.refused(ZEGO_APP_ID="", ZEGO_SERVER_SECRET="", JWT_SECRET="too-short-a-secret"))
        said = self.refused(JWT_SECRET="too-short-a-secret")
        self.assertIn("JWT_SECRET", said)
        self.assertNotIn("too-short", said)
        self.assertIn("TURN_SERVER_URL", self.refused(TURN_SERVER_URL="http://turn.example"))
        self.assertIn("TURN_USERNAME", self.refused(TURN_SERVER_URL="turn:turn.example"))
        self.assertIn("STUN_SERVER", self.refused(STUN_SERVER="stun.example"))
        self.assertIn("--ring-seconds", self.refused("--ring-seconds", "4"))
        self.assertIn("--ring-seconds", self.refused("--ring-seconds", "601"))
        self.assertIn("RING_SECONDS", self.refused(RING_SECONDS="soon"))
        self.assertIn("not in this build", self.refused("--db", "postgresql://db/calls"))
        self.assertIn("not in this build", self.refused("--redis", "redis://cache"))

    def test_other_names_of_the_same_settings(self):
        server = Server("--db", ":memory:", ZEGO_APP_ID="", ZEGO_SERVER_SECRET="", ZEGOCLOUD_APP_ID="987654321", ZEGOCLOUD_SERVER_SECRET=SECRET,
                        JWT_ACCESS_SECRET="zegocall-test-access-secret-0123456789", STUN_SERVER="stun:stun.example:3478",
                        TURN_SERVER_URL="turn:turn.example:3478", TURN_USERNAME="u", TURN_CREDENTIAL="invented-turn-credential")
        try:
            a, b = Person(server), Person(server)
            self.assertEqual(a.ring(b).data["zegoRoom"]["appId"], 987654321)
            self.assertEqual(a("GET", "/calls/ice-servers").data, {"iceServers": [
                {"urls": ["stun:stun.example:3478"]},
                {"urls": ["turn:turn.example:3478"], "username": "u", "credential": "invented-turn-credential"}]})
            head, body, signature = a.token.split(".")
            made = hmac.new(b"zegocall-test-access-secret-0123456789", f"{head}.{body}".encode(), hashlib.sha256).digest()
            self.assertEqual(base64.urlsafe_b64encode(made).rstrip(b"=").decode(), signature)
        finally:
            self.assertEqual(server.stop()[0], 0)

    def test_without_provider_the_page_still_works(self):
        server = Server("--db", ":memory:", ZEGO_APP_ID="", ZEGO_SERVER_SECRET="", JWT_SECRET="")
        try:
            a, b = Person(server), Person(server)
            call = a.ring(b).data["_id"]
            accepted = b("PATCH", f"/calls/{call}/accept")
            self.assertEqual(accepted.status, 200)
            self.assertNotIn("zegoToken", accepted.data)
            refused = a("POST", f"/calls/{call}/zego-token")
            self.assertEqual(refused.status, 503)
            self.assertIn("ZEGO_APP_ID", refused.body["message"])
        finally:
            code, errors = server.stop()
        self.assertEqual(code, 0)
        self.assertIn("ZEGO_APP_ID", errors)
        self.assertIn("JWT_SECRET", errors)

    def test_a_file_keeps_accounts_chats_and_calls(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server("--db", f"{folder}/ring.db")
            a, b = Person(server), Person(server)
            call = a.ring(b).data["_id"]
            b("PATCH", f"/calls/{call}/decline")
            before = a("GET", "/calls/history").data
            self.assertEqual(server.stop()[0], 0)
            server = Server("--db", f"{folder}/ring.db")
            a.server = server
            self.assertEqual(a("GET", "/calls/history").data, before)
            self.assertEqual(server.request("POST", "/api/v1/users/login", {"username": b.name, "password": "correct horse"}).status, 200)
            self.assertEqual(server.stop()[0], 0)
            stored = b"".join(path.read_bytes() for path in pathlib.Path(folder).iterdir())
            for secret in (b"correct horse", SECRET.encode(), JWT.encode()):
                self.assertNotIn(secret, stored)


class Limits(unittest.TestCase):
    def serve(self, *flags, **environment):
        server = Server("--db", ":memory:", *flags, **environment)
        self.addCleanup(lambda: self.assertEqual(server.stop()[0], 0))
        return server

    def metric(self, server, name):
        return next(int(line.split()[1]) for line in server.request("GET", "/metrics").text.splitlines() if line.startswith(name + " "))

    def log_in(self, server, **headers):
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return server.request("POST", "/api/v1/users/login", {"username": "nobody", "password": "guess"}, sent)

    def test_logins_of_one_address(self):
        server = self.serve(LOGIN_PER_MINUTE="3")
        for _ in range(3):
            self.assertEqual(self.log_in(server).status, 404)
        # Naming somebody else is no way around: nobody is trusted here.
        refused = self.log_in(server, X_Forwarded_For="203.0.113.1")
        self.assertEqual(refused.status, 429)
        self.assertIs(refused.body["success"], False)
        self.assertTrue(1 <= int(refused.header("Retry-After")) <= 21)
        self.assertEqual(self.metric(server, "zegocall_server_http_rate_limited_total"), 1)
        a = Person(server)  # registering has its own allowance, and those who are in are not concerned
        for _ in range(10):
            self.assertEqual(a("GET", "/users/me").status, 200)
        self.assertEqual(server.request("POST", "/api/v1/users/logout").status, 200)

    def test_logins_behind_a_proxy_are_told_apart(self):
        server = self.serve("--trusted-proxies", "127.0.0.1", LOGIN_PER_MINUTE="2")
        for client in ("203.0.113.1", "203.0.113.2"):
            for _ in range(2):
                self.assertEqual(self.log_in(server, X_Forwarded_For=client).status, 404)
            self.assertEqual(self.log_in(server, X_Forwarded_For="198.51.100.9, " + client).status, 429)
        secure = server.request("POST", "/api/v1/users/logout", headers={"X-Forwarded-Proto": "https"})
        self.assertIn("; Secure", secure.header("Set-Cookie"))
        self.assertNotIn("; Secure", server.request("POST", "/api/v1/users/logout").header("Set-Cookie"))

    def test_a_socket_that_says_too_much_is_disconnected_and_no_other(self):
        server = self.serve(EVENTS_PER_SECOND="5")
        a, b = Socket(Person(server)), Socket(Person(server))
        a.post("\x1e".join('42["set_online_status","x"]' for _ in range(200)))
        gone = server.request("GET", a.url())
        while gone.status == 200:
            gone = server.request("GET", a.url())
        self.assertEqual(gone.status, 400)
        self.assertGreaterEqual(self.metric(server, "zegocall_hub_closed_rate_limited_total"), 1)
        b.say("set_online_status", "here")

    def test_the_page_is_sent_packed(self):
        server = self.serve()
        connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
        for path in ("/", "/main.js", "/style.css"):
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            packed = answer.read()
            self.assertEqual(answer.getheader("Content-Encoding"), "gzip", path)
            self.assertIn("Accept-Encoding", answer.getheader("Vary"))
            plain = server.request("GET", path)
            self.assertEqual(gzip.decompress(packed).decode(), plain.text)
            self.assertLess(len(packed), len(plain.text))
            self.assertNotEqual(answer.getheader("ETag"), plain.header("ETag"))
        connection.close()

    def test_the_access_log_names_requests_and_no_secret(self):
        with tempfile.TemporaryDirectory() as folder:
            server = self.serve("--access-log", f"{folder}/access.log")
            a = Person(server)
            a("GET", "/users/me?token=hunter2", X_Request_Id="trace-1")
            self.log_in(server)
            said = pathlib.Path(folder, "access.log").read_text()
        lines = said.splitlines()
        self.assertTrue(any("method=GET path=/api/v1/users/me status=200" in line and line.endswith("id=trace-1") for line in lines), said)
        self.assertTrue(any("path=/api/v1/users/login status=404" in line for line in lines), said)
        for secret in (a.token, a.refresh, "hunter2", "correct horse", "guess"):
            self.assertNotIn(secret, said)

    def test_a_full_disk_costs_lines_of_the_access_log_and_nothing_else(self):
        server = self.serve("--access-log", "/dev/full")
        a = Person(server)
        self.assertEqual(a("GET", "/users/me").status, 200)
        self.assertGreaterEqual(self.metric(server, "zegocall_access_log_lost_total"), 2)

    def test_what_cannot_be_meant(self):
        refused = Configuration.refused
        for flag, value in (("--login-per-minute", "-1"), ("--login-per-minute", "many"), ("--events-per-second", "-1"), ("--proxy-header", "x-real-ip"),
                            ("--access-log", "/nonexistent/access.log")):
            self.assertIn(flag, refused(self, flag, value))
        self.assertIn("--trusted-proxies: entry 2: ", refused(self, "--trusted-proxies", "10.0.0.0/8,proxy.example"))


def jwt(claims, secret):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    text = part({"alg": "HS256", "typ": "JWT"}) + "." + part(claims)
    return text + "." + base64.urlsafe_b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
