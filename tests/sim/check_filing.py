"""What a desk has to say when it files, refuses, refers and closes, by the journal alone.

    file, dispatch (4, 9)   a condition where the type has any, and a grid; or a person's word that there is none
    refuse (5), refer (7)   a ground, and where it is somebody else's a channel; a channel and its receipt
    close (23, 33)          a person says that the matter has ended, and the clock never
"""
from check_journal import fields_of, require

FILE, REFUSE, REFER, DISPATCH, CLOSE = 4, 5, 7, 9, 23
CLOCK, RECEIVED = 2, 1
TYPE, CONDITION, GRID, ENDED, NONE_FITS, OUTSIDE, GROUND, CHANNEL = 4, 5, 7, 146, 147, 148, 149, 150
WITH_CONDITIONS = {10001, 40001}  # of the small district's catalogue
ELSEWHERE = {1, 2, 5, 6, 7, 8}    # grounds by which it is somebody else's
RECEIPT = 22                      # DisputeContent.receipt


def follow(entry, case):
    """case: as it is after the entry."""
    at = ('entry', entry.position)
    if entry.verb == CLOSE:
        require(case.get(ENDED, 0) == (entry.log != CLOCK), 'I6', *at, 'closes, and who said that it has ended?')
    elif entry.verb == REFUSE:
        ground, channel = case.get(GROUND, 0), case.get(CHANNEL, 0)
        require(1 <= ground <= 10 and channel <= 8, 'I6', *at, 'refuses on no ground')
        require(channel or ground not in ELSEWHERE, 'I6', *at, 'refuses, and says not where to go')
    elif entry.verb == REFER:
        require(1 <= case.get(CHANNEL, 0) <= 8, 'I6', *at, 'refers to nobody')
        require(not entry.bytes or fields_of(entry.bytes)[RECEIPT], 'I6', *at, 'refers without a receipt')
    elif entry.verb in (FILE, DISPATCH) and entry.log != CLOCK and entry.from_state == RECEIVED:
        named = case.get(CONDITION, 0) or case.get(NONE_FITS, 0)
        require(named or case.get(TYPE, 0) not in WITH_CONDITIONS, 'I6', *at, 'files under no condition')
        require(case.get(GRID, 0) or case.get(OUTSIDE, 0), 'I6', *at, 'files what lies nowhere')
