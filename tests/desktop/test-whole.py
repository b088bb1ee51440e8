#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop program as the system proxy of a user, ended in every way a session ends it.

Usage: test-whole.py CLOVE, on a display and a session bus of its own, with GSettings in files.
Every wait is for a condition, with a deadline; the program speaks TAP.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from system_proxy_desk import (  # noqa: E402
    DEADLINE_S, OLD_URL, Desk, check, guard_of, wait_until,
)
from gi.repository import Gio, GLib  # noqa: E402

CLOVE = os.path.abspath(sys.argv[1])
NAME = "io.github.cloveproxy.Clove"
PATH = "/io/github/cloveproxy/Clove"
OLD = ("none", OLD_URL)
LISTEN = "[io/github/cloveproxy/Clove]\nlisten='127.0.0.1:0'\n"
WANTED = LISTEN + "system-proxy=true\n"
BUS = Gio.bus_get_sync(Gio.BusType.SESSION)

LOGIN1 = """<node><interface name="org.freedesktop.login1.Manager">
<method name="Inhibit"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="h" direction="out"/></method>
</interface></node>"""
SESSION = """<node><interface name="org.gnome.SessionManager">
<method name="RegisterClient"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="o" direction="out"/></method>
<method name="UnregisterClient"><arg type="o" direction="in"/></method></interface></node>"""
NOTIFICATIONS = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
<arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method></interface></node>"""
CLIENT_PATH = "/org/gnome/SessionManager/Client1"
CLIENT = """<node><interface name="org.gnome.SessionManager.ClientPrivate">
<method name="EndSessionResponse"><arg type="b" direction="in"/><arg type="s" direction="in"/>
</method></interface></node>"""


class Service:
    """A service of the desktop, as far as the program asks for it."""

    def __init__(self, name, path, interface):
        self.calls = []
        self.name = name
        self.owner = 0
        self.reply = lambda invocation: invocation.return_value(None)
        self.objects = []
        self.export(path, interface)

    def export(self, path, interface):
        info = Gio.DBusNodeInfo.new_for_xml(interface).interfaces[0]
        self.objects.append(BUS.register_object(path, info, self.on_call, None, None))

    def on_call(self, _bus, _sender, _path, _interface, method, parameters, invocation):
        self.calls.append((method, parameters.unpack()))
        self.reply(method, invocation)

    def appear(self):
        is_there = []
        self.owner = Gio.bus_own_name_on_connection(
            BUS, self.name, Gio.BusNameOwnerFlags.NONE, lambda *_: is_there.append(1), None)
        wait_until(lambda: is_there, f"the name {self.name}")
        return self

    def vanish(self):
        Gio.bus_unown_name(self.owner)
        for number in self.objects:
            BUS.unregister_object(number)


class Clove:
    """One run of the program."""

    def __init__(self, desk, *arguments, **environment):
        self.desk = desk
        self.process = subprocess.Popen(
            [CLOVE, "--demo", "--hidden", *arguments],
            env=dict(desk.environment, TMPDIR=str(desk.folder), **environment),
        )

    def wait_for_proxy(self):
        """Returns the address that the system proxy leads to."""
        def get():
            check(self.process.poll(), None, "the program")
            values = self.desk.read_gnome()
            return values if values[0] == "auto" else None
        mode, url = wait_until(get, "the proxy")
        check(mode, "auto", "mode")
        match = re.fullmatch(r"http://(127\.0\.0\.1:\d+)/proxy\.pac", url)
        if match is None:
            raise AssertionError(f"the system proxy is {url!r}")
        return match.group(1)

    def wait_for_guard(self):
        return wait_until(lambda: guard_of(self.process.pid), "the guard")

    def wait_for_name(self, is_there=True):
        def has_owner():
            reply = BUS.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                                  "NameHasOwner", GLib.Variant("(s)", (NAME,)), None,
                                  Gio.DBusCallFlags.NONE, -1, None)
            return reply.unpack()[0]
        wait_until(lambda: has_owner() == is_there, "the name on the bus")

    def run(self, *arguments):
        # Services that we play must answer meanwhile.
        process = subprocess.Popen([CLOVE, *arguments], env=self.desk.environment)
        wait_until(lambda: process.poll() is not None, f"the end of {arguments}")
        check(process.returncode, 0, f"status of {arguments}")

    def wait(self, statuses=(0,)):
        status = wait_until(lambda: (self.process.poll(),)[self.process.poll() is None:],
                            "the end of the program")[0]
        check(status in statuses, True, f"exit status {status}")

    def wait_for_old(self, old=OLD):
        wait_until(lambda: self.desk.read_gnome() == old and not self.desk.record.exists(),
                   f"the old settings, not {self.desk.read_gnome()}")


def start(more=WANTED, **environment):
    desk = Desk()
    desk.write_gnome(*OLD, more=more)
    return desk, Clove(desk, **environment)


def fetch(url, proxy=None):
    handler = urllib.request.ProxyHandler({"http": f"http://{proxy}"} if proxy else {})
    with urllib.request.build_opener(handler).open(url, timeout=DEADLINE_S) as reply:
        return reply.read().decode()


def test_switched_on_and_quit():
    desk, clove = start(LISTEN)
    clove.wait_for_name()
    check(desk.read_gnome(), OLD, "settings before")
    desk.write_gnome(*OLD, more=WANTED)
    address = clove.wait_for_proxy()
    pac = fetch(f"http://{address}/proxy.pac")
    check(f'"PROXY {address}"' in pac, True, "the address in the configuration")
    page = wait_until(lambda: try_fetch("http://demo.ton/", address), "the page")
    check("<html" in page.lower(), True, "the page")
    clove.run("--quit")
    clove.wait()
    clove.wait_for_old()
    desk.remove()


def try_fetch(url, proxy):
    try:
        return fetch(url, proxy)
    except OSError:
        return None


def test_toggled():
    desk, clove = start()
    clove.wait_for_proxy()
    clove.run("--toggle")
    clove.wait_for_old()
    clove.run("--toggle")
    clove.wait_for_proxy()
    # Switched off in the preferences.
    text = desk.keyfile.read_text(encoding="utf-8").replace("system-proxy=true", "system-proxy=false")
    new = desk.keyfile.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.rename(desk.keyfile)
    clove.wait_for_old()
    clove.run("--quit")
    clove.wait()
    clove.wait_for_old()
    desk.remove()


def test_signals():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        desk, clove = start()
        clove.wait_for_proxy()
        clove.process.send_signal(number)
        clove.wait()
        check(desk.read_gnome(), OLD, f"settings after {number!r}")
        desk.remove()


def test_killed():
    desk, clove = start()
    clove.wait_for_proxy()
    clove.process.kill()
    clove.wait((-signal.SIGKILL,))
    clove.wait_for_old()
    desk.remove()


def test_both_killed():
    desk, clove = start()
    address = clove.wait_for_proxy()
    guard = clove.wait_for_guard()
    clove.process.send_signal(signal.SIGSTOP)
    os.kill(guard, signal.SIGKILL)
    clove.process.kill()
    clove.wait((-signal.SIGKILL,))
    check(desk.read_gnome(), ("auto", f"http://{address}/proxy.pac"), "settings of nobody")
    clove.wait_for_name(False)
    # The next start heals, whether the user wants a system proxy then or not.
    text = desk.keyfile.read_text(encoding="utf-8").replace("system-proxy=true", "system-proxy=false")
    desk.keyfile.write_text(text, encoding="utf-8")
    again = Clove(desk)
    again.wait_for_old()
    again.wait_for_name()
    again.run("--quit")
    again.wait()
    desk.remove()


def test_changed_meanwhile():
    """The user is told."""
    notifications = Service("org.freedesktop.Notifications", "/org/freedesktop/Notifications",
                            NOTIFICATIONS)
    notifications.reply = lambda method, invocation: invocation.return_value(
        GLib.Variant("(u)", (7,)) if method == "Notify" else None)
    notifications.appear()
    desk, clove = start()
    clove.wait_for_proxy()
    desk.write_gnome("manual", OLD_URL, more=WANTED)
    wait_until(lambda: notifications.calls, "the notification")
    method, arguments = notifications.calls[0]
    check((method, arguments[3]), ("Notify", "Another program changed the system proxy"), "news")
    clove.run("--quit")
    clove.wait()
    clove.wait_for_old(("manual", OLD_URL))
    notifications.vanish()
    desk.remove()


def test_display_lost():
    with tempfile.TemporaryFile() as number:
        display = subprocess.Popen(
            ["Xvfb", "-displayfd", str(number.fileno()), "-screen", "0", "640x480x24",
             "-nolisten", "tcp", "-noreset"],
            pass_fds=[number.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: os.fstat(number.fileno()).st_size > 0, "the display")
        number.seek(0)
        name = ":" + number.read().decode().strip()
    desk, clove = start(DISPLAY=name)
    clove.wait_for_proxy()
    clove.wait_for_guard()
    display.kill()
    display.wait()
    clove.wait((0, 1, -signal.SIGTRAP, -signal.SIGABRT))
    clove.wait_for_old()
    desk.remove()


def test_computer_shutdown():
    """The computer waits for the program, and the program ends before it is told to."""
    ends = os.pipe()

    def reply(_method, invocation):
        handles = Gio.UnixFDList.new()
        handles.append(ends[1])
        invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (0,)), handles)

    login1 = Service("org.freedesktop.login1", "/org/freedesktop/login1", LOGIN1)
    login1.reply = reply
    login1.appear()
    desk, clove = start(DBUS_SYSTEM_BUS_ADDRESS=os.environ["DBUS_SESSION_BUS_ADDRESS"])
    clove.wait_for_proxy()
    wait_until(lambda: login1.calls, "the wish to be waited for")
    method, arguments = login1.calls[0]
    check((method, arguments[0], arguments[3]), ("Inhibit", "shutdown", "delay"), "the wish")
    BUS.emit_signal(None, "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                    "PrepareForShutdown", GLib.Variant("(b)", (True,)))
    clove.wait()
    check(desk.read_gnome(), OLD, "settings after the end")
    # The program held the only other copy of the lock.
    os.close(ends[1])
    check(os.read(ends[0], 1), b"", "the lock")
    os.close(ends[0])
    login1.vanish()
    desk.remove()


def test_session_end():
    """At the logout the session manager has the program end at once, without a chance to quit."""
    session = Service("org.gnome.SessionManager", "/org/gnome/SessionManager", SESSION)
    session.export(CLIENT_PATH, CLIENT)

    def reply(method, invocation):
        is_registration = method == "RegisterClient"
        invocation.return_value(GLib.Variant("(o)", (CLIENT_PATH,)) if is_registration else None)

    session.reply = reply
    session.appear()
    desk, clove = start()
    clove.wait_for_proxy()
    wait_until(lambda: session.calls, "the registration")
    check(session.calls[0][0], "RegisterClient", "the first call")
    for name in ("QueryEndSession", "EndSession"):
        n_calls = len(session.calls)
        BUS.emit_signal(None, CLIENT_PATH, "org.gnome.SessionManager.ClientPrivate", name,
                        GLib.Variant("(u)", (0,)))
        wait_until(lambda: len(session.calls) > n_calls, f"the answer to {name}")
        check(session.calls[n_calls], ("EndSessionResponse", (True, "")), f"the answer to {name}")
    clove.wait()
    check(desk.read_gnome(), OLD, "settings after the end")
    session.vanish()
    desk.remove()


def main():
    tests = [value for name, value in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        name = test.__name__[len("test_"):].replace("_", "-")
        try:
            test()
        except Exception as problem:  # pylint: disable=broad-except
            text = f"{type(problem).__name__}: {problem}"
            print("\n".join(f"# {line}" for line in text.splitlines()))
            print(f"not ok {number} {name}")
            print("Bail out! a program may still run", flush=True)
            return 1
        print(f"ok {number} {name}", flush=True)
    return 0


sys.exit(main())
