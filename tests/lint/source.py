"""The tree as the checks see it: every text file once, C also without its comments and strings."""
import os
import re

C_SUFFIXES = ('.c', '.h')
TEXT_SUFFIXES = C_SUFFIXES + ('.py', '.sh', '.md', '.txt', '.build', '.proto', '.json', '.inc',
                              '.sql', '.in', '.conf', '.service', '.map', '.pc', '.html', '.js',
                              '.css')
# Bytes that are what they are: corpora, golden traces, people's messages.
DATA_FOLDERS = ('tests/fuzz/corpus/', 'tests/golden/', 'tests/sim/golden/')

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(text):
    return re.sub(r'[^\n]', ' ', text)


def without_comments(text, strings):
    """Comments become blanks, lines stay; strings keep their contents only if asked to."""
    def replace(match):
        token = match.group(0)
        if token.startswith('/'):
            return blank(token)
        if strings:
            return token
        return token[0] + ' ' * (len(token) - 2) + token[-1]
    return TOKEN.sub(replace, text)


class Source:
    """One file.  text is None if it is not UTF-8."""

    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), 'rb') as file:
            self.raw = file.read()
        try:
            self.text = self.raw.decode('utf-8')
        except UnicodeDecodeError:
            self.text = None
        self.is_c = path.endswith(C_SUFFIXES)
        readable = self.text if self.text is not None else self.raw.decode('latin-1')
        self.lines = readable.splitlines()
        self.code = without_comments(readable, strings=False) if self.is_c else ''
        self.code_and_strings = without_comments(readable, strings=True) if self.is_c else ''

    def at(self, offset, text):
        """A finding at an offset into the text."""
        return '%s:%d: %s' % (self.path, self.code.count('\n', 0, offset) + 1, text)


class Tree:
    def __init__(self, root):
        self.root = root
        self.sources = []
        for folder, folders, files in os.walk(root):
            here = os.path.relpath(folder, root)
            # Build folders are recognised by what meson leaves in them, wherever they are.
            folders[:] = sorted(name for name in folders
                                if name not in ('.git', '__pycache__') and not name.startswith('build')
                                and not os.path.isdir(os.path.join(folder, name, 'meson-private')))
            for name in sorted(files):
                path = os.path.normpath(os.path.join(here, name))
                if self.is_text(path):
                    self.sources.append(Source(root, path))

    def is_text(self, path):
        if path.startswith(DATA_FOLDERS) or os.path.islink(os.path.join(self.root, path)):
            return False
        name = os.path.basename(path)
        if path.endswith(TEXT_SUFFIXES) or name in ('.may_include', '.clang-format', '.gitignore',
                                                    'LICENSE', 'meson_options.txt'):
            return True
        if '.' in name.lstrip('.'):
            return False
        with open(os.path.join(self.root, path), 'rb') as file:
            return file.read(2) == b'#!'

    def c(self):
        return [source for source in self.sources if source.is_c]
