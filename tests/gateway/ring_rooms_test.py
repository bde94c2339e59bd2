#!/usr/bin/env python3
"""ring_server's own routes: rooms, the people's own settings, what is said of a refusal. `ring_rooms_test.py PATH_OF_ring_server`. Standard library only."""
import json
import pathlib
import sys
import tempfile
import unittest

from ring_contract_test import Person, Refused, Server, Socket


class Rooms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--db", ":memory:")

    @classmethod
    def tearDownClass(cls):
        code, errors = cls.server.stop()
        assert code == 0, errors

    def people(self, count):
        return [Person(self.server) for _ in range(count)]

    def is_ok(self, answer, status=200):
        self.assertEqual(answer.status, status, answer.text)
        return answer.data

    def is_refused(self, answer, status, words=""):
        self.assertEqual(answer.status, status, answer.text)
        self.assertIn(words, answer.body["message"])
        return answer.body

    def room(self, host, **setup):
        return self.is_ok(host("POST", "/rooms", {"template": "drop_in", **setup}), 201)["room"]["id"]

    def come(self, person, room, **words):
        """Into the room: a seat first, then the media."""
        for _ in range(2):
            data = self.is_ok(person("POST", f"/rooms/{room}/join", words))
        self.assertEqual(data["you"]["state"], "joined")

    # ---- who is erased

    def test_an_erased_person_s_tokens_are_no_good_anywhere(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server("--db", f"{folder}/ring.db")
            host, erased = Person(server), Person(server)
            room = self.room(host)
            for person in (host, erased):
                self.come(person, room)
            self.is_ok(host("POST", f"/rooms/{room}/kick", {"user": erased.id, "banSeconds": 0}))
            self.is_refused(erased("POST", f"/rooms/{room}/join", {}), 403)
            socket = Socket(erased)
            self.is_ok(erased("DELETE", "/users/me"))
            for method, path in (("POST", f"/rooms/{room}/join"), ("POST", f"/rooms/{room}/knock"), ("POST", f"/rooms/{room}/lock"), ("POST", "/rooms"),
                                 ("GET", f"/rooms/{room}"), ("GET", "/users/me"), ("GET", "/users/me/settings"), ("PUT", "/users/me/do-not-disturb"),
                                 ("POST", "/users/me/blocks"), ("GET", "/calls/missed"), ("POST", f"/calls/{room}/zego-token"), ("GET", "/calls/history"),
                                 ("POST", "/chats"), ("GET", "/users/online"), ("GET", "/calls/ice-servers"), ("DELETE", "/users/me")):
                self.is_refused(erased(method, path, {"on": True, "userId": host.id}), 401, "Invalid access token")
            self.assertEqual(server.request("POST", "/api/v1/users/refresh-token", {"refreshToken": erased.refresh}).status, 401)
            with self.assertRaises(Refused):
                Socket(erased)
            self.assertIn("41", server.request("GET", socket.url()).text.split("\x1e"))  # disconnected by the server
            seen = self.is_ok(host("GET", f"/rooms/{room}"))["room"]
            self.assertEqual(len(seen["bans"]), 1)
            self.assertNotEqual(seen["bans"][0]["user"], erased.id)
            again = Person(server, erased.name)
            self.assertNotEqual(again.id, erased.id)
            self.is_ok(again("POST", f"/rooms/{room}/join", {}))
            self.assertEqual(server.stop()[0], 0)
            for file in pathlib.Path(folder).iterdir():
                self.assertNotIn(erased.id.encode(), file.read_bytes(), file.name)

    # ---- the door

    def test_who_is_rung_into_a_room_with_a_passcode_accepts_with_it(self):
        host, rung, throttled = self.people(3)
        room = self.room(host, passcode="tulips")
        self.come(host, room, passcode="tulips")
        for person in (rung, throttled):
            self.is_ok(host("POST", f"/rooms/{room}/invite", {"user": person.id}))
        accept = lambda person, **words: person("POST", f"/rooms/{room}/accept", words)
        self.is_refused(accept(rung), 403)
        self.is_refused(accept(rung, passcode="roses"), 403)
        self.is_refused(accept(rung, passcode=7), 400, "passcode")
        self.assertEqual(self.is_ok(accept(rung, passcode="tulips"))["you"], {"state": "joining", "role": "participant"})
        self.come(rung, room, passcode="tulips")
        for _ in range(5):
            self.is_refused(accept(throttled, passcode="roses"), 403)
        self.is_refused(accept(throttled, passcode="tulips"), 429)  # the same throttle as at the door
        code = self.is_ok(host("POST", f"/rooms/{room}/codes", {"role": "guest"}), 201)["code"]
        self.is_ok(host("POST", f"/rooms/{room}/passcode", {"passcode": None}))
        late, = self.people(1)
        self.is_ok(host("POST", f"/rooms/{room}/invite", {"user": late.id}))
        self.assertEqual(self.is_ok(accept(late, code=code))["you"]["state"], "joining")

    # ---- the same request once more

    def test_a_repeated_request_is_done_once(self):
        host, guest = self.people(2)
        room = self.room(host, type="invited_only")
        self.come(host, room)
        make = lambda key, **setup: host("POST", f"/rooms/{room}/codes", {"uses": 5, **setup}, Idempotency_Key=key)
        first = self.is_ok(make("code-1"), 201)
        self.is_refused(make("code-1"), 409, "told")
        self.assertNotEqual(self.is_ok(make("code-2"), 201)["code"], first["code"])
        self.assertEqual(len(self.is_ok(host("GET", f"/rooms/{room}"))["room"]["codes"]), 2)
        self.come(guest, room, code=first["code"])
        socket = Socket(guest)
        write = lambda text, **headers: host("POST", f"/rooms/{room}/messages", {"text": text}, **headers)
        said = self.is_ok(write("hello", Idempotency_Key="code-1"), 201)["number"], self.is_ok(write("hello", Idempotency_Key="code-1"), 201)["number"]
        self.assertEqual(said, (1, 1))
        self.is_ok(write("hello"), 201)
        self.is_ok(guest("POST", f"/rooms/{room}/messages", {"text": "mine"}, Idempotency_Key="code-1"), 201)
        messages = self.is_ok(host("GET", f"/rooms/{room}/messages?after=0"))["messages"]
        self.assertEqual([each["text"] for each in messages], ["hello", "hello", "mine"])
        self.assertEqual([each["message"]["number"] for each in socket.all("room_message")], [1, 2, 3])

    # ---- what is said of a refusal

    def reason(self, answer, status):
        """The refusal as the library names it; the contract's envelope stands around it."""
        body = self.is_refused(answer, status)
        self.assertEqual((body["success"], body["errors"], body["data"]), (False, [], None))
        self.assertTrue(body["message"])
        return body["reason"]

    def test_a_refusal_names_its_reason_and_the_member(self):
        host, banned, stranger = self.people(3)
        room = self.room(host, type="invited_only")
        self.come(host, room)
        self.assertEqual(self.reason(stranger("POST", f"/rooms/{room}/join", {}), 403)["code"], "not_invited")
        self.is_ok(host("POST", f"/rooms/{room}/kick", {"user": banned.id, "banSeconds": 600}))
        self.assertEqual(self.reason(banned("POST", f"/rooms/{room}/join", {}), 403)["code"], "banned")
        self.is_ok(host("POST", f"/rooms/{room}/passcode", {"passcode": "tulips"}))
        self.assertEqual(self.reason(stranger("POST", f"/rooms/{room}/join", {}), 403), {"code": "passcode_required"})
        self.assertEqual(self.reason(stranger("POST", f"/rooms/{room}/join", {"passcode": "roses"}), 403), {"code": "passcode_wrong"})
        self.assertEqual(self.reason(host("POST", f"/rooms/{room}/kick", {}), 400), {"code": "missing_field", "field": "user", "detail": "is required"})
        self.assertEqual(self.reason(host("POST", f"/rooms/{room}/mute", {"track": "smell"}), 400)["field"], "track")
        self.assertEqual(self.reason(host("POST", f"/rooms/{room}/dance", {}), 404)["field"], "word")
        self.assertEqual(self.reason(host("GET", f"/rooms/{room}?since=x"), 400)["field"], "since")
        self.assertEqual(self.reason(host("POST", "/rooms", {"capacity": 0}), 400)["field"], "capacity")
        self.assertEqual(self.reason(host("POST", "/users/me/blocks", {"userId": "0" * 24}), 404)["field"], "userId")
        self.assertEqual(self.reason(host("POST", "/rooms", None, raw="{"), 400)["code"], "bad_json")
        said = Socket(stranger).say("room_command", {"callId": room, "word": "lock"})[0]
        self.assertEqual((said["success"], said["reason"]["code"]), (False, "forbidden"))

    def test_who_must_wait_is_told_how_long(self):
        host, guest = self.people(2)
        room = self.room(host, passcode="tulips")
        for _ in range(5):
            self.is_refused(guest("POST", f"/rooms/{room}/join", {"passcode": "roses"}), 403)
        answer = guest("POST", f"/rooms/{room}/join", {"passcode": "tulips"})
        wait = int(answer.header("Retry-After"))
        self.assertTrue(200 < wait <= 300, wait)  # five minutes from the first try
        self.assertEqual(self.reason(answer, 429), {"code": "passcode_throttled", "retryAfterSeconds": wait,
                                                    "detail": f"too many wrong tries; again in {wait} s"})

    def test_what_nobody_knows_is_refused_and_changes_nothing(self):
        host, = self.people(1)
        for body, field in (({"lobbby": "on"}, "lobbby"), ({"schedule": {"startsAt": "2099-01-01T00:00:00Z", "x": 1}}, "schedule.x")):
            self.assertEqual(self.reason(host("POST", "/rooms", body), 400)["field"], field)
        self.assertEqual(self.is_ok(host("GET", "/rooms"))["rooms"], [])
        room = self.room(host)
        version = lambda: self.is_ok(host("GET", f"/rooms/{room}"))["room"]["version"]
        before = version()
        for path, body, field in (("join", {"pascode": "x"}, "pascode"), ("knock", {"consent": True}, "consent"), ("accept", {"note": "x"}, "note"),
                                  ("passcode", {"code": "x"}, "code"), ("codes", {"use": 1}, "use"), ("lock", {"on": True}, "on")):
            self.assertEqual(self.reason(host("POST", f"/rooms/{room}/{path}", body), 400), {
                "code": "invalid_argument", "field": field, "detail": f'"{field}" is no member that is known here'})
        self.assertEqual(version(), before)

    # ---- rooms as they are set up

    def test_a_room_with_a_schedule_opens_in_its_time(self):
        host, guest = self.people(2)
        plan = {"startsAt": "2099-01-01T09:00:00.000Z", "earlySeconds": 60, "lateSeconds": 120, "noShowSeconds": 600}
        made = self.is_ok(host("POST", "/rooms", {"template": "drop_in", "schedule": plan}), 201)["room"]
        self.assertEqual(made["schedule"], plan)
        self.assertEqual(self.reason(guest("POST", f"/rooms/{made['id']}/join", {}), 409)["code"], "not_started")
        self.assertEqual(self.reason(host("POST", "/rooms", {"schedule": {**plan, "earlySeconds": 86401}}), 400)["field"], "schedule.early")

    def test_a_room_s_own_roles(self):
        host, usher = self.people(2)
        room = self.room(host, roles=[{"name": "usher", "rank": 3, "may": ["lock"]}], members=[{"user": usher.id, "role": "usher"}])
        for person in (host, usher):
            self.come(person, room)
        self.is_ok(usher("POST", f"/rooms/{room}/lock", {}))
        self.assertEqual(self.reason(usher("POST", f"/rooms/{room}/kick", {"user": host.id}), 403)["code"], "forbidden")

    def test_a_command_for_another_version_is_refused(self):
        host, = self.people(1)
        room = self.room(host)
        self.come(host, room)
        version = self.is_ok(host("GET", f"/rooms/{room}"))["room"]["version"]
        self.assertEqual(self.reason(host("POST", f"/rooms/{room}/lock", {"expected": version - 1}), 409)["code"], "stale_version")
        self.is_ok(host("POST", f"/rooms/{room}/lock", {"expected": version}))
        for path, body in (("passcode", {"passcode": None}), ("codes", {}), ("join", {})):
            self.assertEqual(self.reason(host("POST", f"/rooms/{room}/{path}", {**body, "expected": version}), 409)["code"], "stale_version")
        socket = Socket(host)
        say = lambda **words: socket.say("room_command", {"callId": room, **words})[0]
        self.assertEqual(say(word="unlock", expected=version)["reason"]["code"], "stale_version")
        self.assertEqual(say(word="unlock", expected=version + 1)["version"], version + 2)
        self.assertEqual(say(word="lock", x=1)["reason"]["field"], "x")

    # ---- lists and read-outs

    def test_the_rooms_that_concern_somebody(self):
        host, member, stranger = self.people(3)
        rooms = [self.room(host, title=f"room {i}", members=[{"user": member.id}] if i else []) for i in range(3)]
        listed = lambda person, query="": self.is_ok(person("GET", f"/rooms{query}"))
        ids = lambda page: [each["id"] for each in page["rooms"]]
        self.assertEqual(set(ids(listed(host))), set(rooms))  # newest first; those of one millisecond by id
        self.assertEqual({each["title"] for each in listed(member)["rooms"]}, {"room 1", "room 2"})
        page = listed(host, "?page=2&limit=2")
        self.assertEqual(ids(listed(host, "?limit=2")) + ids(page), ids(listed(host)))
        self.assertEqual(page["pagination"], {"currentPage": 2, "totalPages": 2, "totalRooms": 3, "hasNextPage": False, "hasPrevPage": True})
        self.assertEqual(listed(stranger)["rooms"], [])
        self.come(stranger, rooms[0])
        self.assertEqual([(each["id"], each["role"]) for each in listed(stranger)["rooms"]], [(rooms[0], "participant")])
        self.come(host, rooms[2])
        for word in ("end_call", "leave"):
            self.is_ok(host("POST", f"/rooms/{rooms[2]}/{word}", {}))
        self.assertEqual([each["id"] for each in listed(member)["rooms"]], [rooms[1]])

    def test_attendance_and_statistics_are_for_the_host(self):
        host, guest = self.people(2)
        room = self.room(host)
        for person in (host, guest):
            self.come(person, room)
        there = self.is_ok(host("GET", f"/rooms/{room}/attendance"))
        self.assertEqual([row["user"] for row in there["people"]], [host.id, guest.id])
        self.assertEqual([(row["user"], row["presence"]) for row in there["intervals"]], [(host.id, "present"), (guest.id, "present")])
        self.assertIn(there["peak"], (1, 2))  # 1 if both came in this very millisecond
        for what in ("attendance", "statistics"):
            self.assertEqual(self.reason(guest("GET", f"/rooms/{room}/{what}"), 403)["code"], "forbidden")
        self.is_refused(host("GET", f"/rooms/{room}/statistics"), 400)  # it lives
        self.is_ok(guest("POST", f"/rooms/{room}/leave", {}))
        self.is_ok(host("POST", f"/rooms/{room}/end_call", {}))
        self.is_ok(host("POST", f"/rooms/{room}/leave", {}))
        figures = self.is_ok(host("GET", f"/rooms/{room}/statistics"))
        self.assertEqual((figures["calls"], figures["rooms"]), (1, 1))

    # ---- typing

    def test_who_is_kicked_types_no_more(self):
        host, typist = self.people(2)
        room = self.room(host)
        for person in (host, typist):
            self.come(person, room)
        socket = Socket(host)
        self.is_ok(typist("POST", f"/rooms/{room}/typing", {"on": True}))
        self.is_ok(host("POST", f"/rooms/{room}/kick", {"user": typist.id}))
        self.assertEqual(socket.all("room_typing"), [{"callId": room, "user": typist.id, "typing": on} for on in (True, False)])
        self.come(typist, room)
        self.is_ok(typist("POST", f"/rooms/{room}/leave", {}))
        self.assertEqual(len(socket.all("room_typing")), 2)  # nothing was to be taken back


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
