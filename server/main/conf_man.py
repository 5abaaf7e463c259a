"""The page for man(5) of a configuration whose comments explain its keys: conf_man.py bihuan.conf DOCUMENTS"""
import sys

HEAD = r'''.TH bihuan.conf 5 "" "Bihuan"
.SH NAME
bihuan.conf \- configuration of bihuand
.SH DESCRIPTION
One key a line, text in double quotes, comments from #. A key that is left out has its default, which is shown here.
.B bihuand \-\-check \-c \fIFILE\fR
says what is wrong with a file, by line.
.SH KEYS'''
TAIL = r'''.SH SEE ALSO
.BR bihuand (8),
.BR bihuan (1)
.PP
The documents named here are installed below
.IR %s .'''


def typed(text):
    return text.replace('\\', r'\e').replace('-', r'\-').replace('"', r'\(dq')


def main():
    with open(sys.argv[1], encoding='utf-8') as conf:
        lines = conf.read().splitlines()[1:]
    print(HEAD)
    words = []
    for line in lines:
        if line.startswith('# '):
            words.append(line[2:].strip())
        elif line.startswith('#'):
            print('.TP\n.B ' + typed(line[1:]))
            print(typed(' '.join(words)) if words else 'with the one before')
            words = []
    print(TAIL % typed(sys.argv[2]))


main()
