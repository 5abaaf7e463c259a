"""Tells every story of bh_sim and compares it, line by line, with what stands in golden/.

    golden.py BH_SIM [--rewrite]     --rewrite: what is told now is what is right
"""
import difflib
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402


def names(program):
    told = subprocess.run([program, '--story', 'none'], stdout=subprocess.PIPE, text=True, check=False)
    return told.stdout.split()


def tell(program, name):
    told = subprocess.run([program, '--story', name], stdout=subprocess.PIPE, text=True, check=False)
    return told.stdout, told.returncode


def compare(program, name):
    told, status = tell(program, name)
    with open(os.path.join(HERE, 'golden', name + '.txt'), encoding='utf-8') as golden:
        expected = golden.read()
    lines = difflib.unified_diff(expected.splitlines(), told.splitlines(), 'golden', 'told', '', '', 2, '')
    if told != expected or status != 0:
        raise tap.Fault('\n'.join(lines) or 'the program failed')


def main():
    program = sys.argv[1]
    if '--rewrite' in sys.argv[2:]:
        os.makedirs(os.path.join(HERE, 'golden'), exist_ok=True)
        for name in names(program):
            with open(os.path.join(HERE, 'golden', name + '.txt'), 'w', encoding='utf-8') as golden:
                golden.write(tell(program, name)[0])
        return 0
    return tap.run([('the story of ' + name, lambda name=name: compare(program, name)) for name in names(program)])


if __name__ == '__main__':
    sys.exit(main())
