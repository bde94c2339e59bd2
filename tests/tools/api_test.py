"""zegocall api from outside, against an HTTPS server with an authority of its own: api_test.py ZEGOCALL"""
import http.server
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from urllib.parse import parse_qsl, urlsplit

ZEGOCALL = os.path.abspath(sys.argv[1])
SECRET = "zegocall-test-secret-0123456789a"
KEY = {"ZEGO_APP_ID": "1234567890", "ZEGO_SERVER_SECRET": SECRET}
CLEARED = ("ZEGO_APP_ID", "ZEGO_SERVER_SECRET", "ZEGOCLOUD_APP_ID", "ZEGOCLOUD_SERVER_SECRET", "HTTPS_PROXY", "https_proxy")


class Ran:
    def __init__(self, *args, stdin="", env=KEY):
        clean = {name: value for name, value in os.environ.items() if name not in CLEARED}
        done = subprocess.run([ZEGOCALL, "api", *args], input=stdin, env={**clean, **env}, capture_output=True, text=True, timeout=60)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr


class Provider:
    """Answers with what `answers` holds, one after the other; keeps what it was asked."""

    def __init__(self, folder, names="IP:127.0.0.1"):
        self.ca = os.path.join(folder, "ca.pem")
        key = os.path.join(folder, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                        "-subj", "/CN=zegocall test", "-addext", f"subjectAltName={names}", "-keyout", key, "-out", self.ca],
                       check=True, capture_output=True, timeout=60)
        self.asked, self.answers, outer = [], [], self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                outer.asked.append((self.command, dict(parse_qsl(urlsplit(self.path).query)), body))
                text = json.dumps(outer.answers.pop(0)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = answer

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.origin = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Api(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def provider(self, **more):
        provider = Provider(self.folder.name, **more)
        self.addCleanup(provider.stop)
        return provider

    def test_dry_run_prints_the_request_and_hides_the_signature(self):
        ran = Ran("KickoutUser", "RoomId=room 1", "UserId=a", "UserId[]=b", "--dry-run", "--now", "1735689600")
        self.assertEqual((ran.code, ran.err), (0, ""))
        self.assertRegex(ran.out, re.compile(
            r"^GET https://rtc-api\.zego\.im/\?Action=KickoutUser&AppId=1234567890&SignatureNonce=[0-9a-f]{16}&Timestamp=1735689600"
            r"&Signature=\*{8}&SignatureVersion=2\.0&RoomId=room%201&UserId%5B%5D=a&UserId%5B%5D=b\n$"))
        as_json = json.loads(Ran("CloseRoom", "RoomId=r", "--dry-run", "--region", "fra", "--json").out)
        self.assertTrue(as_json["url"].startswith("https://rtc-api-fra.zego.im/?"))
        self.assertNotRegex(as_json["url"], r"Signature=[0-9a-f]")
        post = Ran("StopMix", "--body", "-", "--dry-run", stdin='{"TaskId": "t"}')
        self.assertEqual(post.out.splitlines()[1], '{"TaskId": "t"}')

    def test_usage(self):
        for args, words in ((("KickoutUser", "RoomId=r", "--dry-run"), "UserId"), (("CloseRoom", "r", "--dry-run"), "name=value"),
                            (("CloseRoom", "RoomId=" + "r" * 128, "--dry-run"), "127"),
                            (("CloseRoom", "RoomId=r", "--region", "moon", "--dry-run"), "--region"),
                            (("CloseRoom", "RoomId=r", "--now", "1"), "--now"), (("StopMix", "--dry-run"), "body"),
                            (("CloseRoom", "RoomId=r", "--within", "0", "--dry-run"), "--within"),
                            (("CloseRoom", "RoomId=r", "--origin", "http://a", "--dry-run"), "--origin"),
                            (("CloseRoom", "RoomId=r", "--proxy", "socks5://a:1"), "--proxy"),
                            (("CloseRoom", "RoomId=r", "--ca", "/nonexistent"), "--ca")):
            ran = Ran(*args)
            self.assertEqual(ran.code, 2, args)
            self.assertIn(words, ran.out + ran.err)
        no_key = Ran("CloseRoom", "RoomId=r", "--dry-run", env={"ZEGO_APP_ID": "1"})
        self.assertEqual(no_key.code, 2)
        self.assertIn("ZEGO_SERVER_SECRET", no_key.err)
        short = Ran("CloseRoom", "RoomId=r", "--dry-run", env={**KEY, "ZEGO_SERVER_SECRET": SECRET[:-1]})
        self.assertEqual(short.code, 2)
        self.assertNotIn(SECRET[:-1], short.out + short.err)
        self.assertIn("KickoutUser\n", Ran().out)

    def test_an_answer_and_a_refusal(self):
        provider = self.provider()
        provider.answers = [{"Code": 0, "Message": "", "RequestId": "77", "Data": {"UserCountList": [{"RoomId": "r", "UserCount": 2**64 - 1}]}},
                            {"Code": 206, "Message": "slow", "RequestId": "78"},
                            {"Code": 0, "Message": "", "RequestId": "79", "Data": {}},
                            {"Code": 50001, "Message": "no", "RequestId": "80"}]
        where = ("--origin", provider.origin, "--ca", provider.ca)
        good = Ran("DescribeUserNum", "RoomId=r", *where, "--json")
        self.assertEqual(json.loads(good.out)["data"]["UserCountList"][0]["UserCount"], 2**64 - 1)
        self.assertEqual(Ran("DescribeUserNum", "RoomId=r", *where).out, "good; RequestId 79\n")
        self.assertEqual(len(provider.asked), 3)  # one was tried again
        bad = Ran("DescribeUsers", "RoomId=r", "UserId=a", *where)
        self.assertEqual(bad.code, 1)
        self.assertIn("not_found: RoomId: 50001: the room does not exist; RequestId 80", bad.out + bad.err)
        method, query, _ = provider.asked[0]
        self.assertEqual((method, query["Action"], query["RoomId[]"], query["AppId"]), ("GET", "DescribeUserNum", "r", "1234567890"))

    def test_a_body_is_posted(self):
        provider = self.provider()
        provider.answers = [{"Code": 0, "RequestId": "1"}]
        body = os.path.join(self.folder.name, "body.json")
        with open(body, "w", encoding="utf-8") as file:
            file.write('{"TaskId":"t","Sequence":18446744073709551615}')
        ran = Ran("StopMix", "--body", body, "--origin", provider.origin, "--ca", provider.ca)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertEqual(provider.asked[0][0::2], ("POST", '{"TaskId":"t","Sequence":18446744073709551615}'))

    def test_only_the_server_that_was_meant(self):
        provider = self.provider(names="DNS:example.test")
        ran = Ran("CloseRoom", "RoomId=r", "--origin", provider.origin, "--ca", provider.ca)
        self.assertEqual(ran.code, 1)
        self.assertIn("unauthenticated: tls", ran.out + ran.err)
        self.assertNotIn("Signature", ran.out + ran.err)
        self.assertEqual(provider.asked, [])
        proxied = Ran("CloseRoom", "RoomId=r", "--within", "2s", env={**KEY, "HTTPS_PROXY": "http://127.0.0.1:1"})
        self.assertIn("unreachable", proxied.out + proxied.err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
