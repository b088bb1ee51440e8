# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the desktop program from outside share.

Every wait is for a condition, with a deadline.
"""

import os
import re
import shutil
import subprocess
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

    def start(self, *arguments):
        self.process = subprocess.Popen(
            [self.clove, *arguments], env=self.environment, cwd=self.folder
        )
        self.proxy = Gio.DBusProxy.new_sync(
            self.bus, Gio.DBusProxyFlags.NONE, None, NAME, PATH, NAME, None
        )
        self.proxy.connect("g-properties-changed", self.on_changed)
        self.proxy.connect("g-signal", self.on_signal)

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
        """Returns it while it has a window; one that ends meanwhile has none."""
        try:
            desktop = Atspi.get_desktop(0)
            for i in range(desktop.get_child_count()):
                application = desktop.get_child_at_index(i)
                if application is None or application.get_process_id() != self.process.pid:
                    continue
                if application.get_child_count() > 0:
                    return application
        except GLib.Error:
            pass
        return None

    def find(self, is_wanted):
        application = self.find_application()
        try:
            for node in walk(application) if application is not None else []:
                if is_wanted(node):
                    return node
        except GLib.Error:
            pass
        return None

    def find_node(self, prefix):
        return self.find(
            lambda node: node.get_role() in CONTROLS and name_of(node).startswith(prefix)
        )

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

    def clean_up(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def tell(story):
    """Runs the steps in order; the first that fails ends the story. Returns an exit status."""
    print(f"1..{len(story)}", flush=True)
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
    return 0
