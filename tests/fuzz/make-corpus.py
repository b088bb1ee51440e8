#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the seeds of the codecs' fuzz targets from tests/data/vectors.

Run it in the source tree after the vectors changed. Files that fuzzing added are left alone.
"""
import json
import pathlib
import struct

TESTS = pathlib.Path(__file__).resolve().parent.parent
VECTORS = TESTS / "data" / "vectors"
CORPUS = TESTS / "fuzz" / "corpus"
MAX_SEED_SIZE = 2000


def load(name):
    return json.loads((VECTORS / name).read_text())


def write(target, name, data):
    if len(data) > MAX_SEED_SIZE:
        return
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{name}").write_bytes(data)


def relay_messages():
    for message in load("tl_messages.json")["messages"]:
        smallest = sorted(message["instances"], key=lambda i: len(i["serialized"]))
        write("relay-message", message["name"], bytes.fromhex(smallest[len(smallest) // 2]["serialized"]))


def tl_values():
    vectors = load("tl_messages.json")
    for i, case in enumerate(vectors["bytes_decoding_edge_cases"]):
        write("tl", f"edge-{i}", bytes([2, 0, 0]) + bytes.fromhex(case["input"]))
    for i, case in enumerate(vectors["bytes_encoding"]):
        write("tl", f"bytes-{i}", bytes([1, 0]) + bytes.fromhex(case["encoded"]))
    ping = next(m for m in vectors["messages"] if m["name"] == "Hello")["instances"][1]
    write("tl", "numbers", bytes([4, 3, 6, 3, 3]) + bytes.fromhex(ping["serialized"]))
    connected = next(m for m in vectors["messages"] if m["name"] == "StreamConnected")["instances"][1]
    write("tl", "bool", bytes([4, 3, 3, 5, 0]) + bytes.fromhex(connected["serialized"]))


def adnl_packets():
    seen = set()
    for datagram in load("adnl_packets.json")["sessions"][0]["datagrams"]:
        types = tuple(m["type"] for m in datagram["contents"]["messages"])
        if types in seen:
            continue
        seen.add(types)
        plain = bytes.fromhex(datagram["plain"])
        for mode in (0, 1 if datagram["kind"] == "channel" else 3):
            write("adnl-packet", f"{'+'.join(t.split('.')[-1] for t in types)}-{mode}", bytes([mode]) + plain)


def tunnel_packets():
    vectors = load("tunnel_packets.json")
    for i, packet in enumerate(vectors["packets"]):
        write("tunnel-packet", f"packet-{i}", bytes.fromhex(packet["datagram"]))
    for i, packet in enumerate(vectors["control_packets"]):
        write("tunnel-packet", f"control-{i}", bytes.fromhex(packet["datagram"]))


def chunk_scripts():
    """Orders of arrival as in chunks.json, with pieces of 64 bytes instead of 6000."""
    for i, case in enumerate(load("chunks.json")["vectors"]):
        heads = [struct.unpack_from("<Iii", bytes.fromhex(c["chunk"]), 36) for c in case["chunks"]]
        total = max(1, min(200, heads[0][2]))
        script = struct.pack("<HBB", max(1, 64 * total - 20), 15, 255)
        for _, index, n_chunks in heads:
            if 0 <= index < total and n_chunks == total:
                script += bytes([0, index, 0, 0, 6, 255, 255, 0])
            else:
                script += bytes([5, index & 0xFF, n_chunks & 0xFF, 1])
        write("chunks", f"order-{i}", script)
    write("chunks", "changed", struct.pack("<HBB", 300, 15, 255) + bytes([0, 0, 0, 0, 4, 0, 0, 9]))
    write("chunks", "other-total", struct.pack("<HBB", 300, 15, 255) + bytes([0, 0, 0, 0, 4, 1, 1, 0]))
    write("chunks", "too-much", struct.pack("<HBB", 3000, 63, 0) + b"".join(bytes([0, i, 0, 0]) for i in range(12)))


if __name__ == "__main__":
    relay_messages()
    tl_values()
    adnl_packets()
    tunnel_packets()
    chunk_scripts()
