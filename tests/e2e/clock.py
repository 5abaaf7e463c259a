"""Clocks that can be moved while programs run: libfaketime for the wall clock, a time namespace for a reboot.

The monotonic clock stays the machine's own, as when an operator or a bad time server moves a real clock.
"""
import glob
import os
import pathlib
import subprocess

import tap
from harness import BIHUAND

YEAR_S = 365 * 86400


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        raise tap.Skip("needs the package faketime")
    return found[0]


def preload():
    """A sanitizer's runtime wants to be the first."""
    needed = subprocess.run(["ldd", BIHUAND], capture_output=True, text=True, check=True).stdout
    runtime = [line.split()[2] for line in needed.splitlines() if "libasan" in line or "libtsan" in line]
    return ":".join([*runtime, library()])


class WallClock:
    """The wall clock of the programs that run in its environment."""

    def __init__(self, folder, name="clock"):
        self.path = pathlib.Path(folder) / name
        self.shift(0)

    def shift(self, seconds):
        """From now on it is so many seconds off the machine's."""
        new = self.path.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self.path)

    def environment(self):
        return {"LD_PRELOAD": preload(), "FAKETIME_TIMESTAMP_FILE": str(self.path), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}


def rebooted(boottime_s):
    """A wrapper under which the machine seems to have been up for so much longer than it was."""
    words = ["unshare", "-T", "--boottime", str(boottime_s), "--monotonic", str(boottime_s)]
    if os.geteuid() != 0:
        words[1] = "-UrT"
    done = subprocess.run(words + ["true"], capture_output=True, check=False)
    if done.returncode != 0:
        raise tap.Skip("needs time namespaces: " + done.stderr.decode().strip())
    # The tools on the way keep the machine's own clock: only the program itself is preloaded.
    return words + ["env", "LD_PRELOAD=" + preload()]
