"""server/console/openapi.json by itself: is it OpenAPI 3.1, do its references lead somewhere, are its schemas schemas of
JSON Schema 2020-12; and would `Document.judge` tell an answer that is none of its?

The schema of OpenAPI 3.1 is not at hand, so that what each object may have is written down here, for the objects that
the document uses (OpenAPI Specification 3.1.0, section 4.8).
"""
import re

import jsonschema
import tap
from openapi_document import PREFIX, Document, layout, walk

DOCUMENT = Document()
# kind: (needed, allowed besides, {member: kind of it}); "*KIND" is a map of such, "[KIND" a list.
OBJECTS = {
    "openapi": ("openapi info paths", "servers tags components security",
                {"info": "info", "servers": "[server", "tags": "[tag", "paths": "*path", "components": "components"}),
    "info": ("title version", "summary description license", {"license": "license"}),
    "license": ("name", "identifier url", {}),
    "server": ("url", "description", {}),
    "tag": ("name", "description", {}),
    "components": ("", "schemas responses parameters securitySchemes",
                   {"schemas": "*schema", "responses": "*response", "parameters": "*parameter",
                    "securitySchemes": "*scheme"}),
    "scheme": ("type", "description name in scheme bearerFormat", {}),
    "path": ("", "get post put delete patch summary description parameters",
             {"get": "operation", "post": "operation", "put": "operation", "delete": "operation",
              "patch": "operation", "parameters": "[parameter"}),
    "operation": ("operationId summary tags responses", "description parameters requestBody security deprecated",
                  {"parameters": "[parameter", "requestBody": "body", "responses": "*response"}),
    "parameter": ("name in schema", "description required style explode examples", {"schema": "schema"}),
    "body": ("content", "description required", {"content": "*media"}),
    "response": ("description", "headers content", {"headers": "*header", "content": "*media"}),
    "header": ("", "description required schema", {"schema": "schema"}),
    "media": ("", "schema examples", {"schema": "schema"}),
}
KEYWORDS = set("$ref type description enum const properties required items additionalProperties propertyNames allOf "
               "anyOf oneOf minimum maximum minLength maxLength minItems maxItems pattern format default "
               "examples".split())


def faults_of(kind, value, at):
    """What of an object is not as 3.1 has it: [sentence]."""
    if kind[0] in "*[":
        pairs = value.items() if kind[0] == "*" else enumerate(value)
        return [fault for name, one in pairs for fault in faults_of(kind[1:], one, f"{at}/{name}")]
    if "$ref" in value and kind != "schema":
        return [] if set(value) <= {"$ref", "summary", "description"} else [f"{at}: a reference says more"]
    if kind == "schema":
        return schema_faults(value, at)
    needed, allowed, inside = OBJECTS[kind]
    known = set((needed + " " + allowed).split())
    found = [f"{at}: no {name}" for name in needed.split() if name not in value]
    found += [f"{at}: {name} is nothing there" for name in value if name not in known and not name.startswith("x-")]
    if kind == "parameter" and value.get("in") == "path" and value.get("required") is not True:
        found.append(f"{at}: a parameter of a path is required")
    return found + [fault for name, one in value.items() if name in inside
                    for fault in faults_of(inside[name], one, f"{at}/{name}")]


def schema_faults(schema, at):
    found = [f"{at}: {name} is no word of a schema here" for name in schema
             if name not in KEYWORDS and not name.startswith("x-")]
    for name in set(schema.get("required", [])) - set(schema.get("properties", {})):
        found.append(f"{at}: {name} is required and not described")
    for name, one in schema.items():
        parts = one.items() if name == "properties" else enumerate(one) if name in ("allOf", "anyOf", "oneOf") else \
            [("", one)] if name in ("items", "propertyNames") else []
        found += [fault for key, part in parts for fault in schema_faults(part, f"{at}/{name}/{key}")]
    return found


def fail_with(found):
    if found:
        raise tap.Fault("\n".join(found[:20]))


def test_openapi__the_document_is_openapi_3_1():
    whole = DOCUMENT.json
    found = [] if re.fullmatch(r"3\.1\.\d+", whole["openapi"]) else ["openapi is not 3.1"]
    found += faults_of("openapi", whole, "#")
    found += [f"{path} does not begin with a slash" for path in whole["paths"] if not path.startswith("/")]
    found += [f"{status} is no status" for operation in DOCUMENT.operations.values()
              for status in operation["responses"] if not re.fullmatch(r"[1-5]\d\d", status)]
    shapes = [re.sub(r"\{\w+\}", "{}", path) for path in whole["paths"]]
    found += [f"{shape} stands there twice" for shape in shapes if shapes.count(shape) > 1]
    names = [operation["operationId"] for operation in DOCUMENT.operations.values()]
    found += [f"operation {name} stands there twice" for name in names if names.count(name) > 1]
    tags = {tag["name"] for tag in whole["tags"]}
    used = {tag for operation in DOCUMENT.operations.values() for tag in operation["tags"]}
    found += [f"tag {tag}" for tag in tags ^ used]
    fail_with(found)


def test_openapi__what_is_no_openapi_3_1_is_told():
    for kind, value in (("info", {"title": "x"}), ("operation", {"operationId": "x"}), ("tag", {"name": "x", "y": 1}),
                        ("parameter", {"name": "d", "in": "path", "schema": {}}), ("schema", {"nullable": True}),
                        ("schema", {"type": "object", "required": ["x"], "properties": {}}),
                        ("response", {"$ref": "#/x", "content": {}})):
        if not faults_of(kind, value, "#"):
            raise tap.Fault(f"{kind} {value} passes")


def test_openapi__every_reference_leads_to_something_and_every_component_is_used():
    found, used = [], set()
    for path, one in walk(DOCUMENT.json):
        reference = one.get("$ref") if isinstance(one, dict) else None
        if isinstance(reference, str):
            used.add(reference)
            try:
                DOCUMENT.at(reference)
            except (KeyError, TypeError):
                found.append(f"{'/'.join(map(str, path))}: {reference} leads nowhere")
    for kind, components in DOCUMENT.json["components"].items():
        found += [f"{kind}/{name} is used nowhere" for name in components
                  if f"#/components/{kind}/{name}" not in used]
    fail_with(found)


def test_openapi__schemas_are_schemas_and_their_examples_fit():
    found = []
    for path, one in walk(DOCUMENT.json):
        if isinstance(one, dict) and (path[:2] == ("components", "schemas") and len(path) == 3 or path[-1:] == ("schema",)):
            try:
                jsonschema.Draft202012Validator.check_schema(one)
            except jsonschema.SchemaError as error:
                found.append(f"{'/'.join(map(str, path))}: {error.message}")
            found += [f"{'/'.join(map(str, path))}: example {fault}" for example in one.get("examples", [])
                      for fault in DOCUMENT.faults(one, example)]
    fail_with(found)


def test_openapi__the_file_is_laid_out():
    if DOCUMENT.text != layout(DOCUMENT.json):
        raise tap.Fault("lay it out anew: tests/openapi_document.py")


RIGHT = {"position": 4, "at": "2026-10-12T07:31:00.000+08:00", "person": "P001", "post": 3, "number": "17-42-K",
         "purpose": "contact"}


def test_openapi__an_answer_that_is_another_is_told():
    def judged(item, status=200, **more):
        return DOCUMENT.judge("GET", "/districts/990101/openings?after=3", status,
                              {"items": [item], "count": 1, "next": None, **more})

    fail_with(judged(RIGHT))
    wrong = [dict(RIGHT, name="x"), dict(RIGHT, number="17/42"), dict(RIGHT, purpose="none"), dict(RIGHT, position="4"),
             dict(RIGHT, at="2026-10-12"), {name: RIGHT[name] for name in RIGHT if name != "post"}]
    for item in wrong:
        if not judged(item):
            raise tap.Fault(f"{item} passes")
    if not judged(RIGHT, more=1) or not judged(RIGHT, 201):
        raise tap.Fault("a member, or a status, of a list that is not there passes")
    error = {"code": "post", "message": "x", "hint": None}
    fail_with(DOCUMENT.judge("GET", "/districts/990101/openings", 403, error))
    for status, one in ((403, dict(error, code="window")), (403, dict(error, name="x")), (418, error)):
        if not DOCUMENT.judge("GET", "/districts/990101/openings", status, one):
            raise tap.Fault(f"{status} {one} passes")


def test_openapi__what_is_made_of_parts_is_judged_as_a_whole():
    brief = {"code": "990101", "name": "x", "epoch": 1, "profile_version": 2}
    fail_with(DOCUMENT.faults({"$ref": PREFIX + "DistrictBrief"}, brief))
    whole = {**brief, "entries": 1, "head": "0" * 64, "areas": 1, "units": 1, "people": 1, "routes": 1, "types": 1,
             "catalogue_version": "x", "clock_alarm": False, "at": RIGHT["at"]}
    fail_with(DOCUMENT.faults({"$ref": PREFIX + "District"}, whole))
    for one in (dict(whole, more=1), brief):
        if not DOCUMENT.faults({"$ref": PREFIX + "District"}, one):
            raise tap.Fault(f"{one} passes")


FORMS = [case for name, case in globals().items() if name.startswith("test_")]
