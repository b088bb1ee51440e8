#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop program from outside, as a user, a screen reader and a script meet it.

Usage: test-desktop.py CLOVE CLOVE-LOCALNET, on a display and a session bus of its own.
Every wait is for a condition, with a deadline; the program speaks TAP.
"""

import glob
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

NAME = "io.github.cloveproxy.Clove"
PATH = "/io/github/cloveproxy/Clove"
DEADLINE_S = 30

# What a person can use must say what it is.
CONTROLS = {
    Atspi.Role.PUSH_BUTTON,
    Atspi.Role.TOGGLE_BUTTON,
    Atspi.Role.CHECK_BOX,
    Atspi.Role.RADIO_BUTTON,
    Atspi.Role.COMBO_BOX,
    Atspi.Role.ENTRY,
    Atspi.Role.TEXT,
    Atspi.Role.SPIN_BUTTON,
    Atspi.Role.SLIDER,
    Atspi.Role.LINK,
    Atspi.Role.MENU_ITEM,
    Atspi.Role.CHECK_MENU_ITEM,
    Atspi.Role.RADIO_MENU_ITEM,
    Atspi.Role.PAGE_TAB,
}


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Handles events until condition() is true, and returns what it returned."""
    end = GLib.get_monotonic_time() + deadline_s * 1000000
    # Not everything that is waited for sends an event here: look now and then.
    tick = GLib.timeout_add(25, lambda: True)
    try:
        while True:
            result = condition()
            if result:
                return result
            if GLib.get_monotonic_time() > end:
                raise AssertionError(f"{what} did not come true in {deadline_s} s")
            GLib.MainContext.default().iteration(True)
    finally:
        GLib.source_remove(tick)


def walk(node):
    """Yields the node and all below it; what vanishes meanwhile is left out."""
    try:
        children = [node.get_child_at_index(i) for i in range(node.get_child_count())]
    except GLib.Error:
        return
    yield node
    for child in children:
        if child is not None:
            yield from walk(child)


def name_of(node):
    """GTK gives what has no name that of its class, which says nothing to anybody."""
    try:
        name = node.get_name() or ""
    except GLib.Error:
        return ""
    return "" if re.fullmatch(r"(Gtk|Gdk|Adw|Clove)[A-Z]\w*", name) else name


def has_words(node):
    """A button is called what is written on it; one with nothing in it is not shown."""
    if node.get_role() not in (Atspi.Role.PUSH_BUTTON, Atspi.Role.TOGGLE_BUTTON):
        return False
    inside = list(walk(node))[1:]
    return not inside or any(
        inner.get_role() == Atspi.Role.LABEL and name_of(inner) for inner in inside
    )


class Notifications:
    """The part of a desktop that shows notifications."""

    INTERFACE = """
      <node><interface name="org.freedesktop.Notifications">
        <method name="Notify">
          <arg type="s"/><arg type="u"/><arg type="s"/><arg type="s"/><arg type="s"/>
          <arg type="as"/><arg type="a{sv}"/><arg type="i"/>
          <arg type="u" direction="out"/>
        </method>
        <method name="CloseNotification"><arg type="u"/></method>
        <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
      </interface></node>"""

    def __init__(self, bus):
        self.bus = bus
        self.shown = []
        self.closed = []
        info = Gio.DBusNodeInfo.new_for_xml(self.INTERFACE).interfaces[0]
        bus.register_object("/org/freedesktop/Notifications", info, self.on_call, None, None)
        Gio.bus_own_name_on_connection(
            bus, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE, None, None
        )

    def on_call(self, _bus, _sender, _path, _interface, method, arguments, invocation):
        if method == "Notify":
            values = arguments.unpack()
            self.shown.append({"title": values[3], "body": values[4], "actions": values[5]})
            invocation.return_value(GLib.Variant("(u)", (len(self.shown),)))
        else:
            self.closed.append(arguments.unpack()[0])
            invocation.return_value(None)

    def press(self, number, action):
        """What the user does to the notification of that number."""
        self.bus.emit_signal(
            None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications",
            "ActionInvoked", GLib.Variant("(us)", (number, action)),
        )


class Requests(threading.Thread):
    """A browser that opens one page after the other."""

    def __init__(self, proxy):
        super().__init__(daemon=True)
        handler = urllib.request.ProxyHandler({"http": f"http://{proxy}"})
        self.opener = urllib.request.build_opener(handler)
        self.is_ending = threading.Event()
        self.good = 0
        self.bad = 0

    def run(self):
        while not self.is_ending.is_set():
            try:
                with self.opener.open("http://demo.ton/", timeout=60) as reply:
                    reply.read()
                    self.good += 1
            except (urllib.error.URLError, OSError):
                self.bad += 1
            self.is_ending.wait(0.05)

    def end(self):
        self.is_ending.set()
        self.join()


class Desktop:
    def __init__(self, clove, localnet):
        self.clove = clove
        self.localnet = localnet
        self.folder = tempfile.mkdtemp(prefix="clove-desktop-")
        self.environment = dict(
            os.environ, TMPDIR=self.folder, XDG_CONFIG_HOME=self.folder, GSETTINGS_BACKEND="keyfile"
        )
        # The usual port may be somebody's.
        self.set_listen("127.0.0.1:0")
        self.environment.pop("GTK_A11Y", None)
        # The program's own warnings are fatal; those of this test's libraries need not be.
        self.environment["G_DEBUG"] = "gc-friendly,fatal-warnings"
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.notifications = Notifications(self.bus)
        self.process = None
        self.states = []
        self.strikes = 0
        self.proxy = None

    # Pieces.

    def set_listen(self, address):
        settings = os.path.join(self.folder, "glib-2.0", "settings")
        os.makedirs(settings, exist_ok=True)
        with open(os.path.join(settings, "keyfile"), "w", encoding="utf-8") as keyfile:
            keyfile.write(f"[io/github/cloveproxy/Clove]\nlisten='{address}'\n")

    def run(self, *arguments):
        return subprocess.run(
            [self.clove, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    def get(self, name):
        value = self.proxy.get_cached_property(name)
        return value.unpack() if value is not None else None

    def on_changed(self, _proxy, changed, _invalidated):
        changed = changed.unpack()
        self.strikes = max(self.strikes, changed.get("Strikes", 0))

    def on_signal(self, _proxy, _sender, signal, arguments):
        if signal == "StateChanged":
            self.states.append(arguments.unpack()[0])

    def is_action_enabled(self, action):
        reply = self.bus.call_sync(
            NAME, PATH, "org.gtk.Actions", "Describe", GLib.Variant("(s)", (action,)),
            None, Gio.DBusCallFlags.NONE, -1, None,
        )
        return reply.unpack()[0][0]

    def activate(self, action):
        self.bus.call_sync(
            NAME, PATH, "org.gtk.Actions", "Activate",
            GLib.Variant("(sava{sv})", (action, [], {})),
            None, Gio.DBusCallFlags.NONE, -1, None,
        )

    def find_application(self):
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(i)
            if application is None or application.get_process_id() != self.process.pid:
                continue
            if application.get_child_count() > 0:
                return application
        return None

    def find_node(self, prefix):
        application = self.find_application()
        for node in walk(application) if application is not None else []:
            if node.get_role() in CONTROLS and name_of(node).startswith(prefix):
                return node
        return None

    def find_nameless(self, n_least):
        """A control inside another (a menu button, a spin button) has the name of that one."""
        nameless = []
        n_controls = 0
        for node in walk(self.find_application()):
            parent = node.get_parent()
            n_controls += node.get_role() in CONTROLS
            if node.get_role() not in CONTROLS or name_of(node) or has_words(node):
                continue
            if parent is not None and parent.get_role() in CONTROLS and name_of(parent):
                continue
            ancestors = []
            while parent is not None and len(ancestors) < 9:
                ancestors.append(f"{parent.get_role_name()} “{parent.get_name()}”")
                parent = parent.get_parent()
            # The search of AdwPreferencesWindow, which is switched off, and not ours to name.
            if node.get_name() == "GtkSearchEntry" and any("AdwLeaflet" in a for a in ancestors):
                continue
            nameless.append(f"{node.get_role_name()} “{node.get_name()}” in {' in '.join(ancestors)}")
        print(f"# {n_controls} controls")
        assert n_controls >= n_least, "the screen reader does not see the window"
        return nameless

    def press(self, node):
        """The button of a menu button is inside of it."""
        for inner in walk(node):
            if inner.get_n_actions() > 0:
                inner.do_action(0)
                return
        raise AssertionError(f"“{name_of(node)}” cannot be pressed")

    def get_children(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            return [int(pid) for pid in children.read().split()]

    # The story.

    def test_nothing_runs(self):
        for verb in ("--status", "--rebuild", "--toggle", "--quit"):
            result = self.run(verb)
            assert result.returncode == 1, (verb, result)
            assert result.stdout == "", (verb, result)
            assert "not running" in result.stderr, (verb, result)
        assert self.run("--version").stdout.startswith("clove "), "no version"
        for wrong in ("--nonsense", "nonsense"):
            result = self.run(wrong)
            assert result.returncode == 1 and "nonsense" in result.stderr, (wrong, result)

    def test_connects_hidden(self):
        self.process = subprocess.Popen(
            [self.clove, "--demo", "--hidden"], env=self.environment, cwd=self.folder
        )
        self.proxy = Gio.DBusProxy.new_sync(
            self.bus, Gio.DBusProxyFlags.NONE, None, NAME, PATH, NAME, None
        )
        self.proxy.connect("g-properties-changed", self.on_changed)
        self.proxy.connect("g-signal", self.on_signal)
        wait_until(lambda: self.get("State") == "connected", "the connection")
        assert [hop[0] for hop in self.get("Hops")] == ["entry", "middle", "exit"]
        result = self.run("--status")
        assert result.returncode == 0, result
        assert result.stdout.count("\n") == 1, result
        for part in ["connected", "strikes 0/3", self.get("Address"), self.get("Hops")[2][1]]:
            assert part in result.stdout, (part, result)

    def test_controls_have_names(self):
        assert self.run().returncode == 0
        wait_until(self.find_application, "the window")
        wait_until(lambda: self.find_node("Main menu"), "the main menu")
        pages = {
            "Relays": "Search",
            "Activity": "_List Requests",
            "Why": "Everything",
            "Break it": "Break the entry",
            "Circuit": "Copy the address",
        }
        for page, control in pages.items():
            self.press(self.find_node(page))
            wait_until(lambda: self.find_node(control), f"“{control}” of page “{page}”")
            nameless = self.find_nameless(10)
            assert not nameless, "\n".join(nameless)
        self.activate("preferences")
        wait_until(lambda: self.find_node("Keep a standby circuit"), "the preferences")
        nameless = self.find_nameless(24)
        assert not nameless, "\n".join(nameless)

    def test_rebuild_by_hand(self):
        before = self.get("Hops")
        node = self.find_node("Rebuild now")
        if node is None:
            self.press(self.find_node("Main menu"))
            node = wait_until(lambda: self.find_node("Rebuild now"), "the menu")
        assert self.is_action_enabled("rebuild-now")
        self.press(node)
        wait_until(lambda: self.get("RebuildAllowedAt") > 0, "the rebuild")
        wait_until(
            lambda: self.get("State") == "connected" and self.get("Hops") != before,
            "another circuit",
        )
        assert not self.is_action_enabled("rebuild-now")
        result = self.run("--rebuild")
        assert result.returncode == 1 and "again in" in result.stderr, result
        assert self.get("Blacklist") == [], "nobody is blamed for what the user wanted"

    def test_heals(self):
        victim = self.get("Hops")[2]
        control = glob.glob(f"{self.folder}/clove-demo-*/control")
        assert len(control) == 1, control
        browser = Requests(self.get("Address"))
        browser.start()
        wait_until(lambda: browser.good >= 3, "three pages")
        self.states.clear()
        self.strikes = 0
        subprocess.run([self.localnet, "ctl", control[0], f"kill {victim[1]}"], check=True,
                       stdout=subprocess.DEVNULL)
        wait_until(
            lambda: self.strikes > 0
            or "rebuilding" in self.states
            or self.get("Hops")[2] != victim,
            "a sign that the exit is gone",
        )
        wait_until(
            lambda: self.get("State") == "connected"
            and self.get("Hops")[2][1] != victim[1]
            and any(ban[0] == victim[1] for ban in self.get("Blacklist")),
            "another exit, and the dead one on the blacklist",
        )
        good = browser.good
        wait_until(lambda: browser.good >= good + 3, "three more pages")
        browser.end()
        print(f"# {browser.good} pages came, {browser.bad} did not")
        assert self.get("Strikes") == 0

    def test_cools_down(self):
        """A circuit that nobody uses sends no snapshot, and still the button comes back."""
        wait_until(lambda: self.is_action_enabled("rebuild-now"), "the end of the cooldown")

    def test_toggles(self):
        assert self.run("--toggle").returncode == 0
        wait_until(lambda: self.get("State") == "off", "the end of the proxy")
        assert self.run("--status").returncode == 1
        assert self.run("--toggle").returncode == 0
        wait_until(lambda: self.get("State") == "connected", "the proxy")

    def test_quits(self):
        children = self.get_children()
        assert children, "there is no demo network"
        assert self.run("--quit").returncode == 0
        assert self.process.wait(timeout=DEADLINE_S) == 0
        wait_until(
            lambda: not any(os.path.exists(f"/proc/{pid}") for pid in children),
            "the end of the demo network",
        )
        assert not glob.glob(f"{self.folder}/clove-demo-*"), "the folder of the demo is left"

    def fail_for(self, taken):
        """Starts it, hidden, at an address that is somebody's; returns what it tells of that."""
        n_before = len(self.notifications.shown)
        self.set_listen(f"127.0.0.1:{taken.getsockname()[1]}")
        self.process = subprocess.Popen(
            [self.clove, "--demo", "--hidden"], env=self.environment, cwd=self.folder
        )
        wait_until(lambda: len(self.notifications.shown) > n_before, "the notification")
        return self.notifications.shown[-1]

    def quit(self):
        assert self.run("--quit").returncode == 0
        assert self.process.wait(timeout=DEADLINE_S) == 0

    def test_tells(self):
        """Nobody looks, and it needs help: a notification says so, and leads to the window."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            shown = self.fail_for(taken)
            assert shown["title"] == "Clove needs your help", shown
            assert "port" in shown["body"], shown
            assert "Preferences" in shown["actions"], shown
            assert self.find_application() is None, "there is a window already"
            self.notifications.press(len(self.notifications.shown), "default")
            wait_until(self.find_application, "the window")
            self.quit()

    def test_takes_back(self):
        """What is mended meanwhile need not be told any more."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.fail_for(taken)
            self.activate("use-next-port")
            wait_until(lambda: self.get("State") == "connected", "the proxy at another port")
            assert not self.get("Address").endswith(f":{taken.getsockname()[1]}")
            wait_until(
                lambda: len(self.notifications.shown) in self.notifications.closed,
                "the end of the notification",
            )
            self.quit()

    def clean_up(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    desktop = Desktop(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    story = [
        desktop.test_nothing_runs,
        desktop.test_connects_hidden,
        desktop.test_controls_have_names,
        desktop.test_rebuild_by_hand,
        desktop.test_heals,
        desktop.test_cools_down,
        desktop.test_toggles,
        desktop.test_quits,
        desktop.test_tells,
        desktop.test_takes_back,
    ]
    print(f"1..{len(story)}", flush=True)
    try:
        for number, step in enumerate(story, 1):
            try:
                step()
            except Exception as problem:  # pylint: disable=broad-except
                text = f"{type(problem).__name__}: {problem}"
                print("\n".join(f"# {line}" for line in text.splitlines()))
                print(f"not ok {number} {step.__name__}")
                print("Bail out! the rest of the story depends on it", flush=True)
                return 1
            print(f"ok {number} {step.__name__}", flush=True)
    finally:
        desktop.clean_up()
    return 0


sys.exit(main())
