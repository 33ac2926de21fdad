"""What is watched: `qwatch gateway` in a process of its own, and mosquitto, with the same bodies."""

import os
import re
import socket
import subprocess
import time
from urllib.parse import urlsplit

from programs import QWATCH, Failed, environment, find

BODY = 400
STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")


def body(number):
    """400 B of JSON, as `benches/common.rs` makes it."""
    begin = '{"orderId":"A-%08d","status":"failed","total":12.5,"note":"' % number
    filling = 'lorem ipsum \\"dolor\\" ' * 20
    return (begin + filling[: BODY - 2 - len(begin)] + '"}').encode()


class Gateway:
    """A gateway in front of embedded queues."""

    def __init__(self, bench, *arguments, log=None):
        # Each request is logged where somebody reads it.
        level = "info" if log else "warn"
        self.program = bench.start(
            QWATCH,
            "gateway",
            "--listen",
            "127.0.0.1:0",
            *arguments,
            stdout=subprocess.PIPE,
            stderr=log or subprocess.DEVNULL,
            env=environment(bench.scratch, QWATCH_LOG=level),
        )
        self.url = self.program.process.stdout.readline().decode().strip()
        if not self.url:
            raise Failed("qwatch gateway did not start")
        address = urlsplit(self.url)
        self.address = (address.hostname, address.port)

    def fill(self, count, path="/", first=0):
        """Sends so many messages, many requests under way at once."""
        with socket.create_connection(self.address) as connection:
            for at in range(first, first + count, 200):
                batch = range(at, min(at + 200, first + count))
                connection.sendall(b"".join(request(path, body(number)) for number in batch))
                expect(connection, len(batch))


def request(path, content):
    head = (
        f"POST {path} HTTP/1.1\r\nHost: gateway\r\nContent-Length: {len(content)}\r\n"
        "X-Message-Attribute-Kind: order\r\nX-Message-Attribute-Priority: 5\r\n\r\n"
    )
    return head.encode() + content


def expect(connection, answers):
    """Reads until so many requests were answered, with 200 each."""
    connection.settimeout(30)
    seen, good = b"", 0
    while good < answers:
        chunk = connection.recv(1 << 16)
        if not chunk:
            raise Failed("the gateway hung up while the queue was filled")
        seen += chunk
        end = 0
        for status in STATUS.finditer(seen):
            if status[1] != b"200":
                raise Failed(f"the gateway refused a message: {seen[status.start() :][:300]!r}")
            good, end = good + 1, status.end()
        # What was counted is not counted again; a status line may be cut in two.
        seen = seen[max(end, len(seen) - 11) :]


class Broker:
    """mosquitto on a port of its own. It holds back nothing, however slowly it is read."""

    def __init__(self, bench):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = bench.scratch / f"mosquitto-{self.port}.conf"
        settings.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nlog_dest none\n"
            "max_queued_messages 0\nmax_queued_bytes 0\nmax_inflight_messages 0\n"
        )
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.program = bench.start(find("mosquitto"), "-c", settings)
        self.connection = self.connect()

    def connect(self):
        until = time.monotonic() + 10
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", self.port))
                break
            except ConnectionRefusedError:
                if time.monotonic() > until or not self.program.is_alive():
                    raise Failed("mosquitto did not start") from None
                time.sleep(0.02)
        # MQTT 3.1.1, a clean session, no keep-alive.
        connection.sendall(packet(0x10, b"\x00\x04MQTT\x04\x02\x00\x00" + text(f"bench-{os.getpid()}")))
        if connection.recv(4) != b"\x20\x02\x00\x00":
            raise Failed("mosquitto refused the connection")
        return connection

    def publish(self, topic, contents, retain=False):
        """QoS 0: nothing is sent twice, and nothing is acknowledged."""
        packets = (packet(0x31 if retain else 0x30, text(topic) + content) for content in contents)
        self.connection.sendall(b"".join(packets))

    def publish_surely(self, topic, contents, ahead=1000):
        """QoS 1, at least once: each is acknowledged, so many may wait for it."""
        sent = acknowledged = 0
        for content in contents:
            identifier = sent % 0xFFFF + 1
            self.connection.sendall(packet(0x32, text(topic) + identifier.to_bytes(2, "big") + content))
            sent += 1
            while sent - acknowledged // PUBACK >= ahead:
                acknowledged += len(self.more())
        while acknowledged < sent * PUBACK:
            acknowledged += len(self.more())

    def more(self):
        chunk = self.connection.recv(1 << 16)
        if not chunk:
            raise Failed("mosquitto hung up")
        return chunk


# Bytes of an acknowledgement.
PUBACK = 4


def text(value):
    return len(value.encode()).to_bytes(2, "big") + value.encode()


def packet(kind, content):
    length, left = b"", len(content)
    while True:
        left, byte = divmod(left, 128)
        length += bytes([byte | (0x80 if left else 0)])
        if not left:
            return bytes([kind]) + length + content
