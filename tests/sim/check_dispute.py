"""The moves of disputes and major cases, for check.py: from domain.md, not from the program."""
GRADE, MEDIATE, SESSION, CONCLUDE, PERFORM, PERFORM_DUE, PLAN, CONSULT, MOVE_DOWN = range(90, 99)
MOVES = ({(state, GRADE, state) for state in (1, 3, 4, 5)} | {(state, PLAN, state) for state in (4, 5)} |
         {(5, verb, 5) for verb in (MEDIATE, SESSION, CONCLUDE, CONSULT)} | {(5, MOVE_DOWN, 8)} |
         {(state, PERFORM, state) for state in (5, 7, 9, 10, 11, 12, 13, 14)})
STILL = {PERFORM_DUE}
COPIED = 99  # the desk of its village, which is told what became of it, until another cycle begins


def tell(entry, copied, case, told):
    """The record goes to that desk as well."""
    now = case.get(COPIED, 0)
    if now and now != case.get(10, 0):
        told[2 << 56 | now, entry.case_number] = (entry.position, 0)
    if copied and not now:
        told[2 << 56 | copied, entry.case_number] = (entry.position, 1)
