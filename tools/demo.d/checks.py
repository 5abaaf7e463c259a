"""Checks: of a share of the results, and of all that is urgent, a grid worker sees the place before the case is closed."""
import picture
from programs import Fault, Handset


class Checks:
    PERCENT = 20    # of the results; the profile's check_percent

    def __init__(self, folder, server, account):
        self.folder = folder
        self.server = server
        self.people = {}    # code -> name
        self.account = account
        self.handsets = {}  # code -> a worker's handset for this: the first reporter's holds its store while it watches
        self.asked = {}     # number -> who goes there

    @staticmethod
    def are_needed(why):
        """Is this why a case could not be closed?"""
        return 'checked first' in str(why)

    def ask(self, case):
        """The acceptor sends the nearest worker."""
        path = self.server.in_district(f'/cases/{case["number"]}/check')
        try:
            self.server.ask('POST', path, {}, acting='A001', key=f'demo-check-{case["number"]}-{case["version"]}')
            tasks = self.server.ask('GET', self.server.in_district(f'/cases/{case["number"]}'))['tasks']
        except Fault as why:
            self.account.one_of_many('declined', str(why))
            return 0
        self.asked[case['number']] = tasks[-1]['person']
        return 1

    def handset_of(self, code):
        if code not in self.handsets:
            handset = Handset(self.folder, code, self.people[code], '-check')
            handset.enrol(self.server)
            self.handsets[code] = handset
        return self.handsets[code]

    def answer_as(self, code):
        handset = self.handset_of(code)
        handset.sync()
        answered = 0
        for task in handset.run('tasks'):
            if task['kind'] != 'check':
                continue
            photo = picture.write(self.folder / f'check-{task["case"]}.jpg', 480, task['case'])
            handset.run('answer', task['case'], '--result', 'yes', '--text', '现场已恢复', '--photo', photo)
            self.account.one_of_many('check', f'核查 {task["case"]} by {code} {handset.name}: 通过 passed')
            answered += 1
        if answered:
            handset.sync()
        return answered

    def answer(self, each):
        """Everybody who has something to look at goes there; how much was seen."""
        waiting = {case['number'] for case in self.server.pages('/cases?state=checking&')}
        people = {person for number, person in self.asked.items() if number in waiting}
        return sum(each(self.answer_as, sorted(people)))

    def all(self):
        return list(self.handsets.values())
