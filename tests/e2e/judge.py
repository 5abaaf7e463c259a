"""Holds every answer of a server, and every body that it took, against server/console/openapi.json.

A test that is run with BH_JUDGED in its environment asks nothing more for that (harness.py), and fails where an answer has
a member, a word, a status or a code that the document does not name, or lacks one that it does.
"""
import collections
import json

from openapi_document import Document

ROWS = 3  # of a list, from its beginning and from its end


class Judge:
    def __init__(self):
        self.document = Document()
        self.answered = collections.Counter()  # (method, pattern) -> answers of 200 or 201
        self.rows = collections.Counter()      # ... -> items in them

    def __call__(self, method, path, body, answer):
        pattern, operation = self.document.operation_of(method, path)
        found = self.document.judge(method, path, answer.status, shortened(answer.json))
        if operation and answer.status < 300:
            self.answered[(method, pattern)] += 1
            self.rows[(method, pattern)] += len((answer.json or {}).get("items", []))
            found += self.of_body(operation, body) + of_type(operation, answer)
        if found:
            raise AssertionError("\n".join([f"{method} {path}", *found]))

    def of_body(self, operation, body):
        """What was taken is what the document says may be given."""
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or not body:
            return []
        return [f"the body that was taken: {fault}" for fault in
                self.document.faults(content["schema"], shortened(json.loads(body)), closes=False)]


def shortened(value):
    """A list's first and last rows stand for it, here and one below."""
    if not isinstance(value, dict):
        return value
    return {name: one[:ROWS] + one[-ROWS:] if isinstance(one, list) and len(one) > 2 * ROWS else one
            for name, one in value.items()}


def of_type(operation, answer):
    types = operation["responses"][str(answer.status)]["content"]
    return [] if answer.content_type in types else [f"it comes as {answer.content_type}, not as one of {list(types)}"]
