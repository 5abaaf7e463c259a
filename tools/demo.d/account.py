"""What the demo tells while it goes on."""
import os
import sys
import threading

TOLD = 6  # single acts that are told before the rest is counted


class Account:
    """What is told: headings, then lines; of many alike only the first few."""

    def __init__(self):
        self.lock = threading.Lock()
        self.bold = sys.stdout.isatty() and not os.environ.get('NO_COLOR')
        self.counts = {}

    def chapter(self, chinese, english):
        with self.lock:
            words = f'{chinese}  {english}'
            print(f'\n\033[1m{words}\033[0m' if self.bold else f'\n== {words}', flush=True)

    def say(self, words):
        with self.lock:
            print('   ' + words, flush=True)

    def one_of_many(self, kind, words):
        with self.lock:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            if self.counts[kind] <= TOLD:
                print('   ' + words, flush=True)
            elif self.counts[kind] == TOLD + 1:
                print('   ……', flush=True)
