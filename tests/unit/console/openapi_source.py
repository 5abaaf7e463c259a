"""What the C of server/console says of a route, as far as it can be read from the text: from its handler along every
function that is named on the way, the words of its bodies, the statuses and codes of its answers, and every literal.

The folder's style makes that simple: a function's name and its body begin in column 0, and an answer's status stands as
a number.  What the rules refuse comes by way of bh_exchange_submit, and what the process does aside by way of a need.
"""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[3]
FOLDER = TOP / "server/console"
DEFINITION = re.compile(r"^(?P<static>static )?[a-z][\w ]*?[ *](?P<name>\w+)\([^;{}]*?\)\n\{\n(?P<body>.*?)^\}\n", re.M | re.S)
ROW = re.compile(r'X\("(?P<method>[A-Z]+)", (?P<district>D)? ?(?:"(?P<tail>[^"]*)")?,\s*"(?P<summary>[^"]*)",\s*'
                 r"(?P<handler>\w+),\s*(?P<access>\w+)\)")
ANSWER = re.compile(r"bh_answer_error(?:_with)?\(\s*x,\s*(\d{3}),\s*(\"[^\"]*\")?")
DONE = re.compile(r"bh_answer_json\(\s*x,\s*(\d{3})|response\.status = (\d{3})")
CHOICE = re.compile(r"int status = .*? \? (\d{3}) : (\d{3});")
FIELD = re.compile(r'bh_field_(text|number|u32)\(\s*[^,()]+,\s*[^,()]+,\s*"(\w+)",\s*([^;]*?)\)[;)&|\s{]', re.S)
CONSTANT = re.compile(r"#define (\w+) (?:INT64_C)?\(?(\d+)[uU]?\)?$", re.M)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
# What the exchange hands to its driver comes back by another door.
DOORS = {"BH_NEED_VERIFY": "bh_exchange_verified", "BH_NEED_BACKUP": "bh_exchange_backed_up",
         "BH_NEED_BUNDLE": "bh_exchange_bundle_taken", "BH_NEED_BOOK": "bh_exchange_book_written"}

# What may come of any request: before a handler is asked at all, and where memory or the disk ends.  What of it has
# which codes stands with the responses of the document's components.
EVERYWHERE = {400, 413, 503}
# What who may not use a route is told, by its access in the table: {status: codes}.
LET_IN = {"SERVER": {403: {"no_right"}}, "DISTRICT": {403: {"no_right", "acting"}}, "READ": {403: {"acting"}},
          "PERSON": {403: {"acting"}}, "PUBLIC": {}}
# Commands that no rule refuses, and that keep no key.
UNRULED = re.compile("BH_SOURCE_(NOTICE|SIGN)")
# It stands on the way, and does not come: a server's status has no faults.
NEVER = {("GET", "/status"): {422}}
# The answer stands, whatever becomes of what it begins.
ASIDE = {"bh_notice_opened"}


def plain(text):
    """C without its comments."""
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


class Source:
    """Every function of the folder, and what is reached from one."""

    def __init__(self):
        self.functions = {}  # (file, name) -> body
        self.public = {}     # name -> (file, name)
        self.macros = {}
        self.texts = {}
        self.constants = {"UINT32_MAX": 2**32 - 1, "INT64_MAX": 2**63 - 1}
        for path in [*(TOP / "proto").glob("*.h"), *(TOP / "server").glob("*/*.h"), *FOLDER.glob("*.c")]:
            text = plain(path.read_text(encoding="utf-8"))
            self.constants.update({name: int(value) for name, value in CONSTANT.findall(text)})
        for path in sorted(FOLDER.glob("*.[ch]")):
            text = plain(path.read_text(encoding="utf-8"))
            self.texts[path.name] = text
            for name, value in re.findall(r"#define (BH_\w+_MEMBERS)\s+((?:.*\\\n)*.*)", text):
                self.macros[name] = value.replace("\\\n", " ")
            for match in DEFINITION.finditer(text):
                place = (path.name, match["name"])
                self.functions[place] = match["body"]
                if not match["static"]:
                    self.public[match["name"]] = place

    def rows(self):
        """The table: {(method, pattern): (summary, handler, access)}."""
        text = re.sub(r"\s*\\\n\s*", " ", self.texts["route.c"])
        return {(row["method"], ("/districts/{d}" if row["district"] else "") + (row["tail"] or "")):
                (row["summary"], row["handler"], row["access"]) for row in ROW.finditer(text)}

    def table(self, file, name):
        """The first word of each row of a table of verbs."""
        body = re.search(r"\} %s\[\] = \{(.*?)\n\};" % name, self.texts[file], re.S).group(1)
        return re.findall(r'\{"([^"]+)",', body)

    def words(self, file, name, function=None):
        """A list of constants: `name[] = {...}`, of a file or of one of its functions."""
        text = self.functions[(file, function)] if function else self.texts[file]
        body = re.search(r"\b%s\[\w*\] = \{(.*?)\};" % name, text, re.S).group(1)
        return [word for word in STRING.findall(body) if word]

    def listed(self, file, name, function=0):
        """As words; without a third place the first words of a table's rows."""
        return self.table(file, name) if function == 0 else self.words(file, name, function)

    def words_in(self, file, function):
        return STRING.findall(self.functions[(file, function)])

    def handler(self, name):
        return self.public["bh_route_" + name]

    def reached(self, begin, but=frozenset()):
        """(file, name) of every function on the way from one, but for some and what lies behind them."""
        open_, found = [begin], set()
        while open_:
            place = open_.pop()
            if place in found or place in but:
                continue
            found.add(place)
            for word in set(re.findall(r"\b[A-Za-z_]\w+\b", self.functions[place])):
                word = DOORS.get(word, word)
                known = (place[0], word) if (place[0], word) in self.functions else self.public.get(word)
                if known and not word.startswith("bh_route_") and word not in ASIDE:
                    open_.append(known)
        return found

    def bodies(self, begin):
        """{"file:function": names that it lets a body's object have}."""
        found = {}
        for file, name in self.reached(begin):
            body = self.functions[(file, name)]
            for listed in set(re.findall(r"bh_fields_check\([^;]*?,\s*(\w+)\);", body)):
                members = re.search(r"\b%s\[\] = \{(.*?)\};" % listed, body, re.S).group(1)
                for macro, value in self.macros.items():
                    members = members.replace(macro, value)
                found[f"{file}:{name}"] = set(STRING.findall(members))
        return found

    def literals(self, begin):
        found = {word for place in self.reached(begin) for word in STRING.findall(self.functions[place])}
        return found | {word for value in self.macros.values() for word in STRING.findall(value)}

    def number(self, text):
        """What a constant expression is; None: it is not read here."""
        text = re.sub(r"\b[A-Z]\w+\b", lambda name: str(self.constants.get(name.group(), "?")), text)
        text = re.sub(r"\b(\d+)[uU]?[lL]*\b", r"\1", text)
        return eval(text) if re.fullmatch(r"[\d\s+*()-]+", text) else None

    def fields(self, begin, but):
        """{name: {(least, most, needed)}} of the members that are read as texts (least None) or numbers on the way."""
        found = {}
        for place in self.reached(begin, but):
            for kind, name, rest in FIELD.findall(self.functions[place]):
                parts = [part.strip() for part in rest.split(",")]
                count = 1 if kind == "text" else 2
                if len(parts) > count and parts[count] in ("true", "false"):
                    least, most = (None, parts[0]) if kind == "text" else parts[:2]
                    found.setdefault(name, set()).add((least and self.number(least), self.number(most),
                                                       parts[count] == "true"))
        return found

    def codes_given(self, place):
        """(status, code) where a function hands a code to another that answers with it."""
        for word, code in re.findall(r'\b(\w+)\(\s*x,\s*"([\w-]+)"', self.functions[place]):
            known = self.functions.get((place[0], word)) or self.functions.get(self.public.get(word), "")
            yield from ((int(status), code) for status in re.findall(r"bh_answer_error\(\s*x,\s*(\d{3}),\s*code\b", known))

    def answers(self, begin):
        """{status: codes that stand there as words} of what the functions on the way answer."""
        told = {}
        for place in self.reached(begin):
            body = self.functions[place]
            for status, code in self.codes_given(place):
                told.setdefault(status, set()).add(code)
            for status, code in ANSWER.findall(body):
                told.setdefault(int(status), set()).update([code.strip('"')] if code else [])
            for pair in DONE.findall(body) + CHOICE.findall(body):
                for status in filter(None, pair):
                    told.setdefault(int(status), set())
            if place == ("answer.c", "bh_answer_no_case"):
                told[404].add("no_case")
            if place == ("bundle_routes.c", "fault_tell"):
                told[422].update(self.bundle_faults())
        return told

    def refused(self):
        """{reason: status} of those that refused_status names; any other is 422."""
        body, found, waiting = self.functions[("answer.c", "refused_status")], {}, []
        for reason, status in re.findall(r"case BH_REASON_(\w+):|return (\d{3});", body):
            waiting = waiting + [reason.lower()] if reason else waiting
            if status:
                found.update({one: int(status) for one in waiting})
                waiting = []
        return found

    def bundle_faults(self):
        text = (FOLDER.parent / "sync/bundle.c").read_text(encoding="utf-8")
        return set(re.findall(r'\[BH_BUNDLE_\w+\] = \{"([^"]+)"', text)) - {"storage"}


def expected(source, method, pattern):
    """What a document has to say of a route: {"statuses", "codes" of those that are not everybody's, "rules": may the
    rules refuse it, "keyed": does it keep an Idempotency-Key}."""
    _, handler, access = source.rows()[(method, pattern)]
    begin = source.handler(handler)
    told = source.answers(begin)
    for status, codes in LET_IN[access].items():
        told.setdefault(status, set()).update(codes)
    if "{d}" in pattern:
        told.setdefault(404, set()).add("district")
    text = "".join(source.functions[place] for place in source.reached(begin))
    submits = "bh_exchange_submit" in text and not UNRULED.search(text)
    keyed = (submits or "bh_key_find" in text) and "x->keyed = false" not in text
    if keyed:
        told.setdefault(422, set()).add("key")
    statuses = set(told) | EVERYWHERE | (set(source.refused().values()) | {422} if submits else set())
    statuses -= NEVER.get((method, pattern), set())
    codes = {status: words for status, words in told.items()
             if words and status in statuses and status not in EVERYWHERE}
    return {"statuses": statuses, "codes": codes, "rules": submits, "keyed": keyed}
