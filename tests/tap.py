"""Runs functions as TAP cases, for tests written in Python.

    def case_name():            a sentence; raises or asserts when it does not hold
        ...
    sys.exit(tap.run([case_name, ('another name', function)]))

A case that cannot run here raises tap.Skip(reason); tap.Fault(text) fails without a traceback.
"""
import traceback


class Skip(Exception):
    """This case cannot run here; the text says why and is never empty."""


class Fault(Exception):
    """What is wrong, in words that need no traceback."""


def run(cases):
    """Prints the plan and one line for each case; returns 1 if any failed, else 0."""
    print('1..%d' % len(cases), flush=True)
    failed = 0
    for number, case in enumerate(cases, 1):
        name, function = case if isinstance(case, tuple) else (case.__name__, case)
        name = name.replace('#', ' ')
        try:
            function()
            print('ok %d - %s' % (number, name), flush=True)
        except Skip as why:
            print('ok %d - %s # SKIP %s' % (number, name, why), flush=True)
        except Exception as fault:
            failed += 1
            print('not ok %d - %s' % (number, name))
            said = str(fault) if isinstance(fault, Fault) else traceback.format_exc()
            for line in said.splitlines():
                print('# ' + line, flush=True)
    return 1 if failed else 0
