"""Runs a command as it is and writes the greatest memory it had, in KiB, to a file: `peak.py FILE COMMAND ...`.

A child's ru_maxrss is never less than what its parent had when it was started; so the parent is this, and not the test.
"""
import os
import sys

child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(child, 0)
with open(sys.argv[1], "w", encoding="ascii") as told:
    told.write(f"{used.ru_maxrss}\n")
sys.exit(os.waitstatus_to_exitcode(status))
