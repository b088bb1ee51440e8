#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system proxy is put back, whatever ends the program that set it.

Usage: test-system-proxy.py SYSTEM-PROXY-TOOL CLOVE-GUARD, on a session bus of its own.
Waits are for the end of a pipe, for a line, or for a condition with a deadline.
"""

import fcntl
import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from system_proxy_desk import (  # noqa: E402
    DEADLINE_S, KIO_GROUP, OLD_URL, Desk, check, guard_of, name_of, wait_until,
)
from gi.repository import Gio  # noqa: E402

TOOL, GUARD = (os.path.abspath(path) for path in sys.argv[1:3])
URL = "http://127.0.0.1:8080/proxy.pac"
OTHER_URL = "http://127.0.0.1:9090/proxy.pac"
OURS = f"ProxyType=2\nProxy Config Script={URL}\n"
N_KILLS = 20
KIOSLAVERC_FORBIDDEN, GARBLED, BUSY = 3, 5, 4
SANDBOXED, UNKNOWN, NO_SETTINGS = 0, 1, 2


class Program:
    """One run of the tool. Its guard shares its standard error, whose end is thus that of both."""

    def __init__(self, desk, guard=GUARD, is_sandboxed=False, **environment):
        self.desk = desk
        self.process = subprocess.Popen(
            [TOOL, str(desk.state), guard, "yes" if is_sandboxed else "no"],
            env=dict(desk.environment, **environment), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self.state, self.code, self.why = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the tool died: " + self.process.stderr.read())
        state, code, why = line.rstrip("\n").split(" ", 2)
        self.state, self.code, self.why = state, int(code), why
        return self.state, self.code, self.why

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.read()[0]

    def set(self, url=URL):
        state = self.say("set " + url)
        if state != "on":
            raise AssertionError(f"not set: {state} {self.why}")
        return self

    def kill(self):
        """Both: the tool at once, its guard when it has done its work."""
        self.process.kill()
        return self.wait(-signal.SIGKILL)

    def quit(self):
        self.process.stdin.close()
        return self.wait(0)

    def wait(self, status):
        """Returns what both said on standard error."""
        text = self.process.stderr.read()
        check(self.process.wait(timeout=DEADLINE_S), status, "exit status")
        self.process.stdout.close()
        return text

    def kill_with_guard(self):
        guard = wait_until(lambda: guard_of(self.process.pid), "the guard")
        os.kill(self.process.pid, signal.SIGSTOP)
        os.kill(guard, signal.SIGKILL)
        self.kill()


OLD_VALUES = [(None, None), ("none", None), (None, OLD_URL), ("auto", OLD_URL), ("manual", OLD_URL)]


def each_old(desk):
    for old in OLD_VALUES:
        desk.write_gnome(*old)
        yield old


def check_back(desk, old):
    check(desk.read_gnome(), old, "settings after the end")
    check(desk.record.exists(), False, "a record is left")


def test_quit():
    desk = Desk()
    for old in each_old(desk):
        program = Program(desk).set()
        check(desk.read_gnome(), ("auto", URL), "settings while on")
        check(desk.record.stat().st_mode & 0o777, 0o600, "mode of the record")
        check(program.quit(), "", "standard error")
        check_back(desk, old)
    desk.remove()


def test_restore():
    desk = Desk()
    for old in each_old(desk):
        program = Program(desk).set()
        check(program.say("restore"), "off", "state")
        check_back(desk, old)
        check(program.say("restore"), "off", "state once more")
        program.set()
        check(desk.read_gnome(), ("auto", URL), "settings while on again")
        program.quit()
        check_back(desk, old)
    desk.remove()


def test_killed():
    desk = Desk()
    for old in each_old(desk):
        Program(desk).set().kill()
        check_back(desk, old)
    desk.remove()


def test_killed_often():
    desk = Desk()
    n_restored = 0
    for _ in range(N_KILLS):
        desk.write_gnome("none", OLD_URL)
        Program(desk).set().kill()
        n_restored += desk.read_gnome() == ("none", OLD_URL) and not desk.record.exists()
    print(f"# put back after {n_restored} of {N_KILLS} kills")
    check(n_restored, N_KILLS, "kills that were healed")
    desk.remove()


def test_both_killed():
    desk = Desk()
    for old in each_old(desk):
        Program(desk).set().kill_with_guard()
        check(desk.read_gnome(), ("auto", URL), "settings that nobody put back")
        check(desk.record.exists(), True, "the record is there")
        program = Program(desk)
        check(program.state, "off", "state at the next start")
        check_back(desk, old)
        program.quit()
    desk.remove()


def test_both_killed_other_desktop():
    """The record says whose setting it is about, wherever the user is now."""
    desk = Desk()
    desk.write_gnome("none")
    Program(desk).set().kill_with_guard()
    for desktop in ("XFCE", "KDE"):
        Program(desk, XDG_CURRENT_DESKTOP=desktop).quit()
        check_back(desk, ("none", None))
    desk.remove()


def test_changed_meanwhile():
    """What the user set meanwhile stays, and is seen."""
    for end in ("quit", "kill", "kill_with_guard"):
        for changed in (("none", URL), ("manual", URL), ("auto", OLD_URL), (None, None)):
            desk = Desk()
            desk.write_gnome("none", OLD_URL)
            program = Program(desk).set()
            desk.write_gnome(*changed)
            while program.read()[0] != "overridden":
                continue
            getattr(program, end)()
            if end == "kill_with_guard":
                Program(desk).quit()
            check_back(desk, changed)
            desk.remove()


def test_set_again_after_change():
    """The change is then what is put back."""
    desk = Desk()
    desk.write_gnome("none", OLD_URL)
    program = Program(desk).set()
    desk.write_gnome("manual")
    while program.read()[0] != "overridden":
        continue
    check(program.say("set " + URL), "on", "state")
    program.kill()
    check_back(desk, ("manual", None))
    desk.remove()


def test_seen_when_set_back():
    """The user's change, taken back by the user, is ours again."""
    desk = Desk()
    program = Program(desk).set()
    desk.write_gnome("none", URL)
    while program.read()[0] != "overridden":
        continue
    desk.write_gnome("auto", URL)
    while program.read()[0] != "on":
        continue
    program.quit()
    check_back(desk, (None, None))
    desk.remove()


def test_other_settings_stay():
    desk = Desk()
    more = "[org/example]\nkey='value'\n\n[system/proxy]\nignore-hosts=['a']\n"
    desk.write_gnome(more=more)
    Program(desk).set().kill()
    check("key='value'" in desk.keyfile.read_text(), True, "another program's setting")
    check("ignore-hosts=['a']" in desk.keyfile.read_text(), True, "another key")
    check(desk.read_gnome(), (None, None), "settings after the end")
    desk.remove()


def test_port_changes():
    desk = Desk()
    desk.write_gnome("none", OLD_URL)
    program = Program(desk).set()
    program.set(OTHER_URL)
    check(desk.read_gnome(), ("auto", OTHER_URL), "settings after the move")
    program.set(URL)
    program.kill()
    check_back(desk, ("none", OLD_URL))
    desk.remove()


def test_killed_while_port_changes():
    """The record knows both addresses: whichever of them is set is ours."""
    for url in (URL, OTHER_URL):
        desk = Desk()
        desk.write_gnome("none", OLD_URL)
        program = Program(desk).set().set(OTHER_URL)
        desk.write_gnome("auto", url)
        program.kill()
        check_back(desk, ("none", OLD_URL))
        desk.remove()


def test_killed_before_set():
    """The record is there first: of a setting that was not made yet nothing is put back."""
    desk = Desk()
    desk.write_gnome("none", OLD_URL)
    Program(desk).set().kill_with_guard()
    desk.write_gnome("none", OLD_URL)
    Program(desk).quit()
    check_back(desk, ("none", OLD_URL))
    desk.remove()


def test_guard_survives_signals():
    desk = Desk()
    desk.write_gnome("none", OLD_URL)
    program = Program(desk).set()
    guard = wait_until(lambda: guard_of(program.process.pid), "the guard")
    check(os.getsid(guard), guard, "session of the guard")
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        os.kill(guard, number)
    program.set(OTHER_URL)
    check(name_of(guard), "clove-guard", "the guard after the signals")
    program.kill()
    check_back(desk, ("none", OLD_URL))
    desk.remove()


def test_guard_comes_back():
    desk = Desk()
    desk.write_gnome("none", OLD_URL)
    program = Program(desk).set()
    guard = wait_until(lambda: guard_of(program.process.pid), "the guard")
    os.kill(guard, signal.SIGKILL)
    wait_until(lambda: guard_of(program.process.pid) not in (None, guard), "another guard")
    program.kill()
    check_back(desk, ("none", OLD_URL))
    desk.remove()


def test_no_guard():
    """Then the next start does what it would have done."""
    for guard in ("/nonexistent", "/bin/false"):
        desk = Desk()
        desk.write_gnome("none", OLD_URL)
        Program(desk, guard=guard).set().quit()
        check_back(desk, ("none", OLD_URL))
        Program(desk, guard=guard).set().kill()
        check(desk.read_gnome(), ("auto", URL), "settings without a guard")
        Program(desk, guard=guard).quit()
        check_back(desk, ("none", OLD_URL))
        desk.remove()


def test_two_instances():
    """The second neither takes over nor puts back what the first, which runs, has set."""
    desk = Desk()
    desk.write_gnome("none", OLD_URL)
    first = Program(desk).set()
    second = Program(desk)
    check(second.state, "off", "state of the second")
    check(desk.read_gnome(), ("auto", URL), "settings after the second started")
    check(second.say("set " + OTHER_URL), "failed", "state of the second")
    check(second.code, BUSY, "error of the second")
    check(second.say("restore"), "off", "state of the second")
    second.kill()
    check(desk.read_gnome(), ("auto", URL), "settings after the second died")
    first.kill()
    check_back(desk, ("none", OLD_URL))
    desk.remove()


def test_guard_of_former_instance():
    """A guard whose owner was replaced leaves the setting to the new one."""
    desk = Desk()
    desk.write_gnome("none", OLD_URL)
    former = Program(desk).set()
    guard = wait_until(lambda: guard_of(former.process.pid), "the guard")
    with open(f"/proc/{guard}/cmdline", encoding="utf-8") as line:
        arguments = line.read().rstrip("\0").split("\0")
    former.kill()
    present = Program(desk).set(OTHER_URL)
    late = subprocess.run([GUARD, *arguments[1:]], env=desk.environment, input=b"",
                          timeout=DEADLINE_S, check=False)
    check(late.returncode, 0, "exit status of the late guard")
    check(desk.read_gnome(), ("auto", OTHER_URL), "settings after the late guard")
    present.quit()
    check_back(desk, ("none", OLD_URL))
    desk.remove()


def test_race():
    """The guard and the next start wait for one lock, and whoever is first, all is well."""
    for _ in range(10):
        desk = Desk()
        desk.write_gnome("none", OLD_URL)
        former = Program(desk).set()
        with open(desk.state / "system-proxy.lock", "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            former.process.kill()
            former.process.wait()
            starting = subprocess.Popen(
                [TOOL, str(desk.state), GUARD, "no"], env=desk.environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
            starting.stdin.write(f"set {OTHER_URL}\n")
            starting.stdin.flush()
        check(starting.stdout.readline().split()[0], "off", "state at the start")
        check(starting.stdout.readline().split()[0], "on", "state after setting")
        check(former.process.stderr.read(), "", "what the guard said")
        check(desk.read_gnome(), ("auto", OTHER_URL), "settings of the new instance")
        starting.stdin.close()
        starting.wait(timeout=DEADLINE_S)
        check_back(desk, ("none", OLD_URL))
        desk.remove()


def test_garbled_record():
    """Nothing is lost, nothing is guessed, and the program goes on."""
    for garbage in (b"", b"\xff\xfe\0", b"[System Proxy]\nVersion=2\n", b"x" * 70000):
        desk = Desk()
        desk.write_gnome("auto", URL)
        desk.state.mkdir(parents=True)
        desk.record.write_bytes(garbage)
        program = Program(desk)
        check(program.state, "off", "state")
        aside = desk.state / "system-proxy.bad-1"
        check(aside.read_bytes(), garbage, "what was set aside")
        check(desk.record.exists(), False, "a record is left")
        check(desk.read_gnome(), ("auto", URL), "settings")
        program.set(OTHER_URL)
        text = program.quit()
        check("system-proxy.bad-1" in text, True, f"the warning in {text!r}")
        check(desk.read_gnome(), ("auto", URL), "settings after the end")
        desk.remove()


def test_record_is_no_file():
    """What bears the name cannot hold the program up."""
    for make in (os.mkfifo, os.mkdir):
        desk = Desk()
        desk.write_gnome("none", OLD_URL)
        desk.state.mkdir(parents=True)
        make(desk.record)
        program = Program(desk).set()
        program.kill()
        check_back(desk, ("none", OLD_URL))
        desk.remove()


def test_record_cannot_be_written():
    """Then nothing is changed."""
    desk = Desk()
    desk.write_gnome("none", OLD_URL)
    program = Program(desk)
    desk.record.mkdir()
    (desk.record / "x").touch()
    check(program.say("set " + URL), "failed", "state")
    check(desk.read_gnome(), ("none", OLD_URL), "settings")
    program.quit()
    desk.remove()


def test_unsupported():
    desk = Desk()
    desk.write_gnome("none", OLD_URL)
    for environment, is_sandboxed, code in (
        ({}, True, SANDBOXED),
        ({"XDG_CURRENT_DESKTOP": "XFCE"}, False, UNKNOWN),
        ({"XDG_CURRENT_DESKTOP": ""}, False, UNKNOWN),
        ({"GSETTINGS_SCHEMA_DIR": "/nonexistent", "XDG_DATA_DIRS": "/nonexistent",
          "XDG_DATA_HOME": "/nonexistent"}, False, NO_SETTINGS),
    ):
        program = Program(desk, is_sandboxed=is_sandboxed, **environment)
        check((program.state, program.code), ("unsupported", code), "state and reason")
        check(program.say("set " + URL), "unsupported", "state after setting")
        program.quit()
        check(desk.read_gnome(), ("none", OLD_URL), "settings")
    desk.remove()


# KDE.

KIO_FILES = [
    None,
    "",
    "[Other]\nkey=value\n",
    "# first\n[Other]\nkey=value",
    KIO_GROUP,
    KIO_GROUP + "NoProxyFor=a\nProxyType=1\n# ProxyType=7\n\n[Other]\nkey=value\n",
    KIO_GROUP + f"Proxy Config Script={OLD_URL}\nProxyType=2",
]


def read_kio(desk):
    return desk.kioslaverc.read_text() if desk.kioslaverc.exists() else None


def each_kio(desk):
    for text in KIO_FILES:
        if text is None:
            desk.kioslaverc.unlink(missing_ok=True)
        else:
            desk.kioslaverc.write_text(text)
        yield text


def test_kde():
    desk = Desk("KDE")
    for end in ("quit", "kill", "kill_with_guard"):
        for text in each_kio(desk):
            program = Program(desk).set()
            now = read_kio(desk)
            check("ProxyType=2" in now and f"Proxy Config Script={URL}" in now, True, now)
            for line in (text or "").splitlines():
                is_ours = line.startswith(("ProxyType=", "Proxy Config Script="))
                check(is_ours or line in now.splitlines(), True, f"{line!r} in {now!r}")
            getattr(program, end)()
            if end == "kill_with_guard":
                check(read_kio(desk), now, "the file that nobody put back")
                Program(desk).quit()
            check(read_kio(desk), text, "the file after the end")
            check(desk.record.exists(), False, "a record is left")
    desk.remove()


def test_kde_changed_meanwhile():
    desk = Desk("KDE")
    desk.kioslaverc.write_text(KIO_GROUP + "ProxyType=1\n")
    for changed in (KIO_GROUP + "ProxyType=0\n", KIO_GROUP + OURS.replace(URL, OLD_URL), ""):
        program = Program(desk).set()
        desk.kioslaverc.write_text(changed)
        while program.read()[0] != "overridden":
            continue
        program.kill()
        check(read_kio(desk), changed, "the file after the end")
        check(desk.record.exists(), False, "a record is left")
    # KDE writes all of it anew, ours as well.
    program = Program(desk).set()
    desk.kioslaverc.write_text("[Added]\na=b\n\n" + KIO_GROUP + OURS + "AuthMode=0\n")
    program.kill()
    check(read_kio(desk), "[Added]\na=b\n\n" + KIO_GROUP + "AuthMode=0\n", "the file after the end")
    desk.remove()


def test_kde_file_kept_as_it_is():
    """A link stays one, and who may read the file remains."""
    desk = Desk("KDE")
    target = desk.folder / "dotfiles-kioslaverc"
    target.write_text("[Other]\n")
    target.chmod(0o664)
    desk.kioslaverc.symlink_to(target)
    program = Program(desk).set()
    check(desk.kioslaverc.is_symlink(), True, "a link")
    check(URL in target.read_text(), True, "the file behind the link")
    check(target.stat().st_mode & 0o777, 0o664, "mode")
    program.quit()
    check(target.read_text(), "[Other]\n", "the file after the end")
    desk.kioslaverc.unlink()
    Program(desk).set().quit()
    check(desk.kioslaverc.exists(), False, "the file that was not there")
    desk.remove()


def test_kde_refused():
    desk = Desk("KDE")
    for data in (b"[$i]\n", KIO_GROUP.encode() + b"ProxyType[$i]=0\n", b"a\0b", b"\xff\n"):
        desk.kioslaverc.write_bytes(data)
        program = Program(desk)
        check(program.state, "unsupported", "state")
        check(program.code in (KIOSLAVERC_FORBIDDEN, GARBLED), True, "reason")
        program.quit()
        check(desk.kioslaverc.read_bytes(), data, "the file")
    desk.remove()


def test_kde_signal():
    """Programs that run are told, after the file was changed."""
    desk = Desk("KDE")
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    seen = []

    def on_signal(_bus, _sender, path, _interface, _name, parameters):
        text = read_kio(desk)
        seen.append((path, parameters.unpack(), text is not None and URL in text))

    bus.signal_subscribe(None, "org.kde.KIO.Scheduler", "reparseSlaveConfiguration", None, None,
                         Gio.DBusSignalFlags.NONE, on_signal)
    # The answer comes after the rule is in force.
    bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId", None, None,
                  Gio.DBusCallFlags.NONE, -1, None)
    for end in ("quit", "kill"):
        seen.clear()
        program = Program(desk).set()
        wait_until(lambda: seen, "the signal")
        check(seen, [("/KIO/Scheduler", ("",), True)], "signal after setting")
        getattr(program, end)()
        wait_until(lambda: len(seen) > 1, "the second signal")
        check(seen[1], ("/KIO/Scheduler", ("",), False), "signal after the end")
    desk.remove()


def main():
    tests = [value for name, value in globals().items() if name.startswith("test_")]
    n_failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        name = test.__name__[len("test_"):].replace("_", "-")
        try:
            test()
            print(f"ok {number} {name}", flush=True)
        except Exception as problem:  # pylint: disable=broad-except
            n_failed += 1
            text = f"{type(problem).__name__}: {problem}"
            print("\n".join(f"# {line}" for line in text.splitlines()))
            print(f"not ok {number} {name}", flush=True)
    return 1 if n_failed else 0


sys.exit(main())
