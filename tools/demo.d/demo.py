#!/usr/bin/python3
"""The whole loop on one machine, told as it happens; every figure of the last line is read back from
the stores of the handsets and of the server.

Five grid workers record without a server, sync, and wait.  Rules and a dispatcher hand the cases to
units; some are left to the clock.  Units sign and finish on their own handsets; a fifth of it, and all
that is urgent, a grid worker checks on the spot; the acceptor closes, and each answer travels back to
the handset that reported it, whose receipt travels up.
"""
import argparse
import concurrent.futures
import contextlib
import datetime
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import picture
import table
from account import Account
from checks import Checks
from disputes import Disputes
from programs import BIHUAN, DISTRICT, Fault, Handset, Server

HERE = pathlib.Path(__file__).resolve().parent
WORKERS = ['G001', 'G002', 'G003', 'G004', 'G005']
HANDS = 4               # that dispatch and close at once
LEFT_TO_CLOCK = 12      # cases at most that the dispatcher leaves alone
CLOCK_S = 5             # after so long the clock dispatches a small demo's cases; more for a large one's
STANDSTILL_S = 120      # without progress the demo gives up
LIMIT_S, MARGIN_S = 1800, 300
UNKNOWN_OWNER = 40006   # the type under which a person dispatches what nobody could name
OPEN_STATES = ('received', 'verifying', 'filed', 'dispatched', 'handling', 'returning', 'rework')


class Demo:
    def __init__(self, folder, rows, lines, account):
        self.folder = folder
        self.rows = rows
        self.lines = lines
        self.account = account
        clock_s = max(CLOCK_S, len(rows) / 200)
        self.divisor = max(1, int((LIMIT_S - MARGIN_S) / clock_s))
        self.server = Server(folder, self.divisor)
        self.reporters = []
        self.shown, self.photos_lost = {}, 0  # a unit's person -> the case of which there is a photo
        self.units = {}      # code -> Handset
        self.checks = Checks(folder, self.server, account)
        self.disputes = Disputes(self.server, account)
        self.left = set()    # numbers that the dispatcher leaves to the clock
        self.delays = []     # from closing to the handset that watches, in seconds
        self.pool = concurrent.futures.ThreadPoolExecutor(HANDS)

    def each(self, function, items):
        """Several at once; the first fault is the caller's."""
        return list(self.pool.map(function, items))

    # ---- 1: the district, and who has a handset

    def settle(self):
        server, say = self.server, self.account.say
        self.account.chapter('一、建区', 'A district is made')
        server.start()
        server.ask('POST', '/districts', {'code': DISTRICT})
        profile = json.loads((HERE / 'profile.json').read_text(encoding='utf-8'))
        profile['settings'].update(check_percent=Checks.PERCENT, check_sampling_off=False)
        server.ask('POST', server.in_district('/profile?apply=1'), profile)
        district = server.ask('GET', server.in_district())
        say(f'{district["name"]} ({DISTRICT}): {district["areas"]} areas, {district["units"]} units, '
            f'{district["people"]} people, {district["types"]} types; TLS on {server.listen}')
        say(f'时限缩短 {self.divisor} 倍 / limits are divided by {self.divisor}: the 30 minutes are '
            f'{LIMIT_S / self.divisor:.1f} s, the clock itself dispatches after '
            f'{(LIMIT_S - MARGIN_S) / self.divisor:.1f} s')
        people = {person['code']: person['name']
                  for person in server.ask('GET', server.in_district('/people'))['items']}
        self.people = people
        self.checks.people = people
        self.reporters = [Handset(self.folder, code, people[code]) for code in WORKERS]
        self.each(lambda handset: handset.enrol(server), self.reporters)
        for handset in self.reporters:
            say(f'登记 enrolled: {handset.person} {handset.name}')

    # ---- 2: without a server

    def record(self):
        say = self.account.say
        self.account.chapter('二、离线记录', 'Reports are recorded while the server is down')
        self.server.stop()
        say('服务器已停 / the server is stopped: nobody answers')
        paths = table.deal(self.rows, len(self.reporters), self.folder)
        sums = self.each(lambda pair: pair[0].run('report', '--csv', pair[1])[0],
                         zip(self.reporters, paths))
        for handset, done in zip(self.reporters, sums):
            waiting = handset.run('status')[0]['unsent_ops']
            say(f'{handset.person} {handset.name}: {done["recorded"]} 条已记录 recorded '
                f'({done["first"]} … {done["last"]}), {waiting} 条待上报 waiting')
        for line in table.faults_tell(sums, self.lines):
            say(line)
        first = self.reporters[0]
        first.run('sync', '--timeout', '1', may_end=(69,))
        say(f'{first.person} 尝试同步 tries to sync: '
            f'{first.run("status")[0]["unsent_ops"]} still wait, nothing is lost')

    # ---- 3: up

    def send(self):
        self.account.chapter('三、上报', 'The server is back: everything goes up over TLS')
        self.server.start()
        self.each(lambda handset: handset.sync(), self.reporters)
        for handset in self.reporters:
            verdicts = {}
            for op in handset.run('ops'):
                verdicts[op['verdict']] = verdicts.get(op['verdict'], 0) + 1
                if op['verdict'] == 'rejected':
                    self.account.one_of_many('rejected', f'拒绝 refused {op["case"]}: {op["verdict_text"]}')
            self.account.say(f'{handset.person}: ' + ', '.join(
                f'{count} {verdict}' for verdict, count in sorted(verdicts.items())))
        first = self.reporters[0]
        first.watch(self.told)
        self.account.say(f'{first.person} 保持在线,等待答复 / stays connected and watches for answers')

    def told(self, closure):
        delay = (datetime.datetime.fromisoformat(closure['received_at'])
                 - datetime.datetime.fromisoformat(closure['closed_at'])).total_seconds()
        self.delays.append(delay)
        self.account.one_of_many('closure', f'答复 <- {closure["case"]} at {WORKERS[0]}: '
                                 f'{closure["result"]} ({delay * 1000:.0f} ms)')

    # ---- 4: dispatch

    def dispatch_one(self, case):
        unit = case['unit'] or case['proposed_unit'] or 'U-ZZ'
        path = self.server.in_district(f'/cases/{case["number"]}/dispatch')
        order = {'unit': unit}
        if not case['condition']:
            order['condition'] = 'none-of-them'
        if not case['grid']:
            order['grid'] = 'outside'
        if not case['type_known']:
            order['type'] = UNKNOWN_OWNER
        try:
            done = self.server.ask('POST', path, order, acting='D001',
                                   key=f'demo-dispatch-{case["number"]}')
        except Fault as why:
            # The clock may have been faster; the figures say what became of it.
            self.account.one_of_many('declined', str(why))
            return 0
        self.account.one_of_many('dispatch', f'派单 {case["number"]} {case["type_name"] or "类别不明 unknown"}'
                                 f' -> {done["case"]["unit_name"]}')
        return 1

    def dispatch(self):
        """What waits, but for what is left to the clock; how many were dispatched."""
        waiting = list(self.server.pages('/queue?', acting='D001'))
        if not self.left:
            # Every tenth: the dispatcher is at the telephone.
            self.left = {case['number'] for case in waiting[::10][:LEFT_TO_CLOCK]}
        return sum(self.each(self.dispatch_one,
                             [case for case in waiting if case['number'] not in self.left]))

    # ---- 5: handling

    def unit_handset(self, code):
        if code not in self.units:
            lead = 'L-' + code.removeprefix('U-')
            handset = Handset(self.folder, lead, self.people[lead])
            handset.enrol(self.server)
            self.units[code] = handset
            self.account.one_of_many('unit', f'登记 enrolled: {lead} {handset.name}')
        return self.units[code]

    def finish_with_photo(self, handset, signed):
        """The first case that a unit signs is shown as it was left."""
        if not signed or handset.person in self.shown:
            return []
        number = self.shown[handset.person] = signed[0]['case']
        path = picture.write(self.folder / f'{handset.person}.jpg', 480, number)
        return handset.run('act', 'finish', number, '--text', '已到场处置完毕,现场已恢复', '--photo', path)

    def handle_unit(self, code, cases):
        """A unit's handset fetches, signs, finishes; how much it did."""
        handset = self.unit_handset(code)
        handset.sync()
        signed = handset.run('act', 'sign', '--all')
        self.disputes.settle(handset, cases)
        finished = self.finish_with_photo(handset, signed)
        finished += handset.run('act', 'finish', '--all', '--text', '已到场处置完毕,现场已恢复')
        if signed or finished:
            handset.sync()
            self.account.one_of_many('handle', f'处置 {handset.name}: {len(signed)} 签收 signed, '
                                     f'{len(finished)} 完成 finished')
        return len(signed) + len(finished)

    def handle(self):
        units = {}
        for case in self.server.pages('/cases?state=dispatched,handling&'):
            if case['unit']:
                units.setdefault(case['unit'], []).append(case)
        return sum(self.each(lambda code: self.handle_unit(code, units[code]), sorted(units)))

    def close_one(self, case):
        path = self.server.in_district(f'/cases/{case["number"]}/close')
        words = f'{case["unit_name"]}已处理,感谢您的上报'
        try:
            self.server.ask('POST', path, {'text': words, 'matter_ended': True}, acting='A001',
                            key=f'demo-close-{case["number"]}-{case["cycle"]}')
        except Fault as why:
            if Checks.are_needed(why):
                return self.checks.ask(case)
            self.account.one_of_many('declined', str(why))
            return 0
        return 1

    def close(self):
        return sum(self.each(self.close_one, list(self.server.pages('/cases?state=done&'))))

    def work(self):
        """Rounds of dispatching, handling, closing and checking, until nothing is open."""
        self.account.chapter('四、派单、处置、核查、结案', 'Cases are dispatched, handled, checked and closed')
        progress = time.monotonic()
        rows = 0
        while True:
            moved = self.dispatch() + self.handle() + self.close() + self.checks.answer(self.each)
            stats = self.server.stats()
            still = sum(stats['states'].get(state, 0) for state in OPEN_STATES + ('done', 'checking'))
            if still == 0:
                break
            if moved:
                progress = time.monotonic()
            elif time.monotonic() - progress > STANDSTILL_S:
                raise Fault(f'nothing moved for {STANDSTILL_S} s, {still} cases are open: {stats["states"]}')
            else:
                time.sleep(0.2)
            if stats['closed'] - rows >= 1000:
                rows = stats['closed']
                self.account.say(f'{rows} 已结案 closed, {still} open')
        self.account.say(f'{len(self.disputes.settled)} 调解 disputes were mediated to an agreement')
        self.account.say(f'{len(self.checks.asked)} 核查 checked by {len(self.checks.handsets)} workers before they were closed')
        self.account.say(f'{stats["dispatched"]} 派单 dispatched: {stats["automatic"]} by the clock or by a '
                         f'rule, {stats["breached"]} late, longest wait {stats["longest_wait_s"]:.2f} s')

    # ---- 6: back

    def bring_back(self):
        self.account.chapter('五、答复', 'The answers come back, their receipts go up')
        watched = self.reporters[0]
        mine = sum(op['verb'] == 'submit' for op in self.ops_without(watched))
        end = time.monotonic() + STANDSTILL_S
        while len(self.delays) < mine and time.monotonic() < end:
            time.sleep(0.05)
        watched.watch_end()
        if self.delays:
            delays = sorted(self.delays)
            self.account.say(f'{watched.person}: {len(delays)} 条实时收到 live, median '
                             f'{delays[len(delays) // 2] * 1000:.0f} ms after closing')
        self.each(lambda handset: handset.sync(), self.reporters)
        # What a receipt of the first sync left to say, the second one says.
        self.each(lambda handset: handset.sync(), self.reporters)
        for handset in self.reporters[1:]:
            got = sum(len(case['closures']) for case in handset.run('list') if case['own'])
            self.account.say(f'{handset.person}: {got} 条随同步收到 by sync')
        self.show_photos()

    def show_photos(self):
        """What the units showed: whole at the server, and its thumbnail on the reporter's handset."""
        own = [photo for handset in self.units.values() if handset.person in self.shown
               for photo in handset.run('show', self.shown[handset.person])[0]['photos'] if photo['own']]
        told = [photo for handset in self.reporters for case in handset.run('list')
                if case['own'] and case['number'] in self.shown.values()
                for photo in handset.run('show', case['number'])[0]['photos'] if not photo['own']]
        whole, here = (sum(photo['state'] == 'complete' for photo in own),
                       sum(photo['thumbnail'] and photo['here'] for photo in told))
        self.account.say(f'处置照片 photos of the result: {whole} of {len(own)} files whole at the server, '
                         f'{here} thumbnails with the reporters')
        self.photos_lost = len(own) - whole + len(self.shown) - here

    def ops_without(self, handset):
        """How many this handset sent, asked of the server while its own store is busy watching."""
        return [{'verb': 'submit'} for case in self.server.pages('/cases?')
                if case['reporter'] == handset.person]

    # ---- The figures

    def figures(self):
        recorded, delivered = set(), 0
        for handset in self.reporters:
            for op in handset.run('ops'):
                if op['verb'] == 'submit':
                    recorded.add(op['case'])
            delivered += sum(closure['delivered'] for case in handset.run('list') if case['own']
                             for closure in case['closures'])
        stats = self.server.stats()
        known = {case['number'] for case in self.server.pages('/cases?')}
        closed = stats['states']['closed'] + stats['states'].get('archived', 0)
        if delivered != stats['closures_delivered']:
            self.account.say(f'{delivered} closures are on the handsets, '
                             f'{stats["closures_delivered"]} receipts at the server')
        return {'recorded': len(recorded), 'accepted': stats['cases'], 'dispatched': stats['dispatched'],
                'wait': stats['longest_wait_s'], 'closed': closed,
                'delivered': min(delivered, stats['closures_delivered']),
                'lost': len(recorded - known) + self.photos_lost}

    def run(self):
        for chapter in (self.settle, self.record, self.send, self.work, self.bring_back):
            chapter()
        return self.figures()

    def end(self, keep):
        """Ends what was started; the server stays if it is to be looked at."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        for handset in self.reporters + list(self.units.values()) + self.checks.all():
            handset.stop()
        self.pool.shutdown(wait=True)
        for handset in self.reporters:
            handset.watch_end()
        if not keep:
            self.server.stop()
            shutil.rmtree(self.folder, ignore_errors=True)


def keep_tell(demo):
    print(f'\nThe server goes on. Look at it:\n'
          f'  {BIHUAN} --socket {demo.server.admin} --district {DISTRICT} stats\n'
          f'  curl --unix-socket {demo.server.admin} http://localhost/districts/{DISTRICT}/stats\n'
          f'  {demo.reporters[0].command()[0]} --store {demo.reporters[0].store} list\n'
          f'Stop it and remove everything:\n'
          f'  kill {demo.server.process.pid}; rm -r {demo.folder}\n')


def ending(figures):
    """The last line, and whether its numbers agree."""
    numbers = [figures[name] for name in ('recorded', 'accepted', 'dispatched', 'closed', 'delivered')]
    print(f'demo: {numbers[0]} recorded, {numbers[1]} accepted, {numbers[2]} dispatched '
          f'(longest wait {figures["wait"]:.1f} s), {numbers[3]} closed, '
          f'{numbers[4]} closures delivered, {figures["lost"]} lost', flush=True)
    return len(set(numbers)) == 1 and figures['lost'] == 0


def on_end(number, frame):
    """The first of them ends the demo; while it cleans up, more of them are not heard."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(
        prog='tools/demo', description='Shows the whole loop: offline reports, dispatch, handling, '
        'and the answers coming back.', epilog='example: tools/demo --reports reports.csv --keep')
    parser.add_argument('--reports', metavar='FILE.csv', default=str(HERE / 'reports.csv'),
                        help='a table with any of time,text,type,latitude,longitude; only text is needed')
    parser.add_argument('--keep', action='store_true', help='leave the server running, and say how to look')
    options = parser.parse_args()
    account = Account()
    signal.signal(signal.SIGINT, on_end)
    signal.signal(signal.SIGTERM, on_end)
    demo = None
    agreed = False
    try:
        rows, lines, refused, encoding = table.read(options.reports)
        if not rows:
            raise Fault(f'{options.reports}: no row has a text')
        print(f'{os.path.basename(options.reports)}: {len(rows)} reports, {encoding}')
        for kind in refused:
            print(table.told(kind, refused[kind]))
        demo = Demo(pathlib.Path(tempfile.mkdtemp(prefix='bihuan-demo-')), rows, lines, account)
        figures = demo.run()
        if options.keep:
            keep_tell(demo)
        else:
            print()
        agreed = ending(figures)
    except Fault as why:
        print(f'demo: {why}', file=sys.stderr)
    except KeyboardInterrupt:
        print('\ndemo: ended; everything is removed', file=sys.stderr)
        options.keep = False
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if demo is not None:
            with contextlib.suppress(OSError):
                demo.end(options.keep and agreed)
    return 0 if agreed else 1


if __name__ == '__main__':
    sys.exit(main())
