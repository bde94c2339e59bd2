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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
