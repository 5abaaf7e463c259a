"""server/console/openapi.json for tests: how it is laid out, its references, its schemas, and whether an answer is as it
says.  By hand: `openapi_document.py` lays the file out anew.

Objects gain members with time, so that the document leaves objects open; here nothing may be in an answer that it does
not name, which is what `closed` is for.
"""
import json
import pathlib
import re

try:
    import jsonschema
except ImportError:  # who only lays it out needs none
    jsonschema = None

PATH = pathlib.Path(__file__).resolve().parents[1] / "server/console/openapi.json"
COLUMNS = 118
PREFIX = "#/components/schemas/"


def layout(value, indent=0, before=0):
    """JSON in which whatever fits into a line stands in one."""
    flat = json.dumps(value, ensure_ascii=False)
    if before + len(flat) <= COLUMNS or not isinstance(value, (dict, list)) or not value:
        return flat + ("\n" if indent == 0 else "")
    inner, rows = " " * (indent + 1), []
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        rows = wrapped([json.dumps(one, ensure_ascii=False) for one in value], COLUMNS - indent)
        text = "[" + "\n".join((inner if i else "") + row for i, row in enumerate(rows)) + "]"
        return text + ("\n" if indent == 0 else "")
    for name, one in value.items() if isinstance(value, dict) else ((None, one) for one in value):
        head = "" if name is None else json.dumps(name, ensure_ascii=False) + ": "
        rows.append(inner + head + layout(one, indent + 1, indent + 2 + len(head)))
    left, right = "{}" if isinstance(value, dict) else "[]"
    return left + "\n" + ",\n".join(rows) + "\n" + " " * indent + right + ("\n" if indent == 0 else "")


def wrapped(words, columns):
    rows = [""]
    for i, word in enumerate(words):
        word += "," if i + 1 < len(words) else ""
        if rows[-1] and len(rows[-1]) + len(word) + 1 > columns:
            rows.append("")
        rows[-1] += (" " if rows[-1] else "") + word
    return rows


def walk(value, path=()):
    """(path, value) of everything in a document."""
    yield path, value
    for name, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from walk(one, path + (name,))


class Document:
    def __init__(self, path=PATH):
        self.text = path.read_text(encoding="utf-8")
        self.json = json.loads(self.text)
        self.schemas = self.json["components"]["schemas"]
        self.operations = {(method.upper(), pattern): operation for pattern, item in self.json["paths"].items()
                           for method, operation in item.items()}
        self.kept = {}

    def at(self, reference):
        """What a reference names; KeyError: nothing."""
        value = self.json
        for part in reference.removeprefix("#/").split("/"):
            value = value[part.replace("~1", "/").replace("~0", "~")]
        return value

    def whole(self, value):
        return self.at(value["$ref"]) if "$ref" in value else value

    def operation_of(self, method, path):
        """(pattern, operation) of a path as it was asked for: of two that fit, the one with more words of its own."""
        parts, fits = path.split("?")[0].split("/"), []
        for (known, pattern) in self.operations:
            own = pattern.split("/")
            if known == method and len(own) == len(parts) and all(
                    a == b or a.startswith("{") for a, b in zip(own, parts)):
                fits.append(pattern)
        pattern = min(fits, key=lambda one: one.count("{"), default=None)
        return pattern, self.operations.get((method, pattern))

    def closed(self, schema, closes=True, part=False):
        """The schema in which nothing is let through that it does not name.  part: of an allOf, which is judged whole."""
        if part and "$ref" in schema:
            return self.closed(self.at(schema["$ref"]), closes, True)
        made = {}
        for name, value in schema.items():
            if name == "properties":
                made[name] = {key: self.closed(one, closes) for key, one in value.items() if key[0] != "$"}
                made["patternProperties"] = {f"^[$]{key[1:]}$": self.closed(one, closes) for key, one in value.items()
                                             if key[0] == "$"}  # jsonschema 4.10 takes $id for its own wherever it is
            elif name in ("items", "propertyNames") or name == "additionalProperties" and isinstance(value, dict):
                made[name] = self.closed(value, closes)
            elif name in ("anyOf", "oneOf", "allOf"):
                made[name] = [self.closed(one, closes, name == "allOf") for one in value]
            else:
                made[name] = f"{PREFIX}{closes}-{value.removeprefix(PREFIX)}" if name == "$ref" else value
        if closes and not part and ("properties" in made or "allOf" in made) and "additionalProperties" not in made:
            made["unevaluatedProperties"] = False
        return made

    def faults(self, schema, value, closes=True):
        """What of a value is not as the schema says: [sentence], empty where all is.  Of what is given (closes false)
        there may be more than is named where the schema says nothing of that."""
        if not self.kept:
            self.kept = {f"{how}-{name}": self.closed(one, how) for name, one in self.schemas.items()
                         for how in (True, False)}
        root = {"components": {"schemas": self.kept}, **self.closed(schema, closes)}
        found = list(jsonschema.Draft202012Validator(root).iter_errors(value))
        # Of what is wrong in itself jsonschema says that it was not expected, too.
        first = [error for error in found if error.validator != "unevaluatedProperties"] or found
        return [sentence for error in first for sentence in reasons(error)]

    def judge(self, method, path, status, answer):
        """What is wrong with an answer that was given, by the operation of its path: [sentence]."""
        pattern, operation = self.operation_of(method, path)
        if operation is None:
            return [] if status in (404, 405) else [f"{method} {path}: no operation"]
        response = operation["responses"].get(str(status))
        if response is None:
            return [] if status == 405 else [f"{method} {pattern}: {status} is not among its statuses"]
        content = self.whole(response).get("content", {}).get("application/json")
        if content is None:
            return []
        found = self.faults(content["schema"], answer)
        if status >= 400 and not found:
            found = self.code_faults(operation, status, answer["code"])
        return [f"{method} {pattern}: {status}: {fault}" for fault in found[:8]]

    def codes_of(self, status):
        """What every operation may answer with this status: the x-codes of the component that is its response."""
        used = {operation["responses"].get(str(status), {}).get("$ref") for operation in self.operations.values()}
        return [code for reference in used - {None} for code in self.at(reference).get("x-codes", [])]

    def code_faults(self, operation, status, code):
        everywhere = self.codes_of(status)
        own = operation.get("x-codes", {}).get(str(status), [])
        refusals = self.schemas["Reason"]
        ruled = [one for one in refusals["enum"] if operation.get("x-rules")
                 and refusals["x-status"].get(one, 422) == status]
        return [] if code in everywhere + own + ruled else [f"code {code} is not among its codes"]


def reasons(error):
    """A schema error down to what it is about."""
    if error.context:
        best = min(error.context, key=lambda one: (one.validator == "type", -len(one.absolute_path)))
        return reasons(best)
    at = "/".join(map(str, error.absolute_path))
    return [re.sub(r"\s+", " ", f"{at}: {error.message[:300]}")]


if __name__ == "__main__":
    PATH.write_text(layout(json.loads(PATH.read_text(encoding="utf-8"))), encoding="utf-8")
