#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop program from outside, as a user, a screen reader and a script meet it.

Usage: test-desktop.py CLOVE CLOVE-LOCALNET, on a display and a session bus of its own.
Every wait is for a condition, with a deadline; the program speaks TAP.
"""

import glob
import os
import socket
import subprocess
import sys

from desktop import DEADLINE_S, Desktop, Requests, tell, wait_until


class Story(Desktop):
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
        self.start("--demo", "--hidden")
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
        self.start("--demo", "--hidden")
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


def main():
    story = Story(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    try:
        return tell(
            [
                story.test_nothing_runs,
                story.test_connects_hidden,
                story.test_controls_have_names,
                story.test_rebuild_by_hand,
                story.test_heals,
                story.test_cools_down,
                story.test_toggles,
                story.test_quits,
                story.test_tells,
                story.test_takes_back,
            ]
        )
    finally:
        story.clean_up()


sys.exit(main())
