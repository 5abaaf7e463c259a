"""Disputes: whose unit has one mediates it, and writes the agreement down, before it is finished."""
from programs import Fault


class Disputes:
    CLASS = 60      # of the catalogue

    def __init__(self, server, account):
        self.server = server
        self.account = account
        self.settled = set()

    def act(self, number, verb, acting, body):
        self.server.ask('POST', self.server.in_district(f'/cases/{number}/{verb}'), body, acting=acting,
                        key=f'demo-{verb}-{number}')

    def settle(self, handset, cases):
        """Of what a unit has in hand; its handset is told of what the desk knows then."""
        numbers = [case['number'] for case in cases
                   if (case['type'] or 0) // 1000 == self.CLASS and case['number'] not in self.settled]
        if not numbers:
            return
        handset.sync()
        for number in numbers:
            try:
                self.act(number, 'mediate', handset.person, {'kind': 'peoples'})
                self.act(number, 'conclude', handset.person, {'outcome': 'agreed', 'agreement': f'协-{number}',
                                                              'text': '双方各让一步,当场履行'})
            except Fault as why:
                self.account.one_of_many('declined', str(why))
                continue
            self.settled.add(number)
            self.account.one_of_many('dispute', f'调解 {number} by {handset.name}: 达成协议 agreed')
        handset.sync()
