#!/usr/bin/python3
"""openapi.py FACTS: server/console/openapi.json against the routes, both ways, and against itself.

FACTS prints what the interface knows of itself (openapi_facts.c); what stands in the text of the C alone is read from
there (openapi_source.py).  A route that is new has to be added to the document: server/console/README.md says how.
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.normpath(os.path.join(HERE, "../.."))]
import tap  # noqa: E402
from openapi_document import PREFIX, Document, walk  # noqa: E402
from openapi_form import FORMS  # noqa: E402
from openapi_source import EVERYWHERE, LET_IN, TOP, Source, expected  # noqa: E402
from openapi_words import LISTS, SOME  # noqa: E402

DOCUMENT, SOURCE = Document(), Source()
FACTS = json.loads(subprocess.run([sys.argv[1]], capture_output=True, check=True, timeout=30).stdout)
ROUTES = {(route["method"], route["pattern"]): route for route in FACTS["routes"]}
WHO = {"SERVER": "operator", "DISTRICT": "operator, administrator", "READ": "operator, any person",
       "PERSON": "a person", "PUBLIC": "anybody"}
# Whose rows are like another's elements.
LIKE = {"TablesGiven": "ProfileGiven"}
# Which function says what a body's object may have; None: nobody refuses what it does not know.
BODIES = {
    "AreaGiven": "import_area.c:area_read", "AssetGiven": "import_asset.c:asset_read", "BackupGiven": None,
    "BundleGiven": None, "CalendarDayGiven": "import_calendar.c:day_read",
    "CalendarGiven": "import_calendar.c:bh_calendar_read", "CaseAct": "verb_routes.c:body_read", "CatalogueGiven": None,
    "CheckpointGiven": "import_patrol.c:checkpoint_read", "DecisionGiven": "quarantine_routes.c:reason_read",
    "DistrictGiven": None, "DutyPeriodGiven": "import_route.c:duty_period_read",
    "EnrolmentGiven": "device_routes.c:bh_route_enrolment", "ErasingGiven": "erase_routes.c:act",
    "HandOverGiven": "shift_routes.c:act", "IndustryGiven": "import_dispute.c:industry_read",
    "KeyGiven": "rekey_routes.c:key_read", "NothingGiven": "rating_routes.c:bh_route_invite",
    "OrderAct": "order_routes.c:bh_route_order_act", "OrderGiven": "order_routes.c:bh_route_order_issue",
    "PaperGiven": "dossier_routes.c:paper_read", "PartyGiven": "privacy_routes.c:party_read",
    "PatrolPlanGiven": "import_patrol.c:patrol_read", "PeriodGiven": "import_rules.c:week_read",
    "PersonGiven": "import_people.c:person_read", "PostGiven": "import_people.c:post_read",
    "ProfileGiven": "import_rules.c:bh_profile_read", "PurposeGiven": "privacy_routes.c:bh_purpose_read",
    "RatingGiven": "rating_routes.c:rating_read", "Registering": "register_routes.c:body_read",
    "RetentionGiven": "import_retention.c:bh_retention_read", "RevocationGiven": "device_routes.c:bh_route_revoke",
    "RosterGiven": "import_shift.c:bh_roster_read", "RouteGiven": "import_route.c:route_read",
    "RuleTaken": "routing_learn.c:taking_read", "SettingsGiven": "import_rules.c:bh_settings_read",
    "ShiftGiven": "import_shift.c:row_read", "TablesGiven": "tables.c:bh_tables_lay",
    "TakeOverGiven": "shift_routes.c:act", "TierOfGradeGiven": "import_dispute.c:grade_read",
    "UnitGiven": "import_unit.c:unit_read", "WithdrawalGiven": "paper_routes.c:bh_route_paper_withdraw"}


def alike(got, wanted, what):
    if got != wanted:
        raise tap.Fault(f"{what}:\n  the document has {got}\n  the code has     {wanted}")


def nothing(found, what):
    if found:
        raise tap.Fault(f"{what}: {sorted(found)}")


def same(got, wanted, what):
    got, wanted = set(got), set(wanted)
    if got != wanted:
        raise tap.Fault(f"{what}: only in the document {sorted(got - wanted)}, only in the code {sorted(wanted - got)}")


def parameters(operation, where):
    listed = [DOCUMENT.whole(one) for one in operation.get("parameters", [])]
    return {one["name"]: one for one in listed if one["in"] == where}


# ---- Routes ----

def test_openapi__each_row_of_the_table_has_an_operation_and_each_operation_a_row():
    same(DOCUMENT.operations, ROUTES, "operations")
    same(SOURCE.rows(), ROUTES, "rows that the text of route.c has")
    for key, operation in DOCUMENT.operations.items():
        summary, handler, access = SOURCE.rows()[key]
        alike(operation["summary"], ROUTES[key]["summary"], f"{key}: summary")
        alike(summary, ROUTES[key]["summary"], f"{key}: summary in the text")
        alike(operation["operationId"], handler, f"{key}: operationId is the handler's name")
        alike(operation["x-access"], WHO.get(access, f"words for {access} in WHO"), f"{key}: x-access")


def test_openapi__a_path_and_a_query_take_what_the_route_takes():
    for key, operation in DOCUMENT.operations.items():
        same(parameters(operation, "path"), re.findall(r"\{(\w+)\}", key[1]), f"{key}: parameters of the path")
        query = parameters(operation, "query")
        words = ROUTES[key]["query"].removeprefix("it takes").split()
        same(query, [] if words == ["none"] else words, f"{key}: parameters of the query")
        unread = set(query) - SOURCE.literals(SOURCE.handler(operation["operationId"]))
        nothing(unread, f"{key}: parameters that nobody reads")
        for name, one in query.items():
            nothing(set(one["schema"].get("enum", [])) - SOURCE.literals(SOURCE.handler(operation["operationId"])),
                    f"{key}: words of {name} that nobody knows")
            if name == "limit":
                alike(one["schema"]["maximum"], SOURCE.constants["BH_RESPONSE_ROWS_MAX"], f"{key}: the longest page")


def test_openapi__headers_are_those_that_are_read():
    for key, operation in DOCUMENT.operations.items():
        access, headers = SOURCE.rows()[key][2], parameters(operation, "header")
        wanted = {"Idempotency-Key"} if expected(SOURCE, *key)["keyed"] else set()
        wanted |= {"Bihuan-As"} if access not in ("SERVER", "PUBLIC") else set()
        same(headers, wanted, f"{key}: headers")
        if "Bihuan-As" in headers:
            alike(headers["Bihuan-As"].get("required", False), access == "PERSON", f"{key}: who asks is needed")


def test_openapi__each_operation_answers_what_its_route_may_answer():
    for key, operation in DOCUMENT.operations.items():
        told = expected(SOURCE, *key)
        same(map(int, operation["responses"]), told["statuses"], f"{key}: statuses")
        alike({int(status): set(codes) for status, codes in operation.get("x-codes", {}).items()}, told["codes"],
              f"{key}: codes")
        alike(operation.get("x-rules", False), told["rules"], f"{key}: may the rules refuse it")


def test_openapi__what_the_rules_refuse_has_the_status_that_is_said():
    alike(DOCUMENT.schemas["Reason"]["x-status"], SOURCE.refused(), "statuses of reasons")
    nothing(set(SOURCE.refused()) - set(DOCUMENT.schemas["Reason"]["enum"]), "reasons that have no word")


def test_openapi__the_document_is_of_this_release():
    told = re.search(r"^  version: '([^']+)'", (TOP / "meson.build").read_text(encoding="utf-8"), re.M).group(1)
    alike(DOCUMENT.json["info"]["version"], told, "version")


NOWHERE = {"path", "method", "bad-request"}  # of no operation


def test_openapi__what_is_answered_before_any_handler_is_said_with_the_components():
    for status, codes in SOURCE.answers(("route.c", "bh_exchange_begin")).items():
        let_in = {code for told in LET_IN.values() for code in told.get(status, ())} | {"district"}
        nothing(codes - NOWHERE - let_in - set(DOCUMENT.codes_of(status)), f"codes of {status} that are not said")


def test_openapi__every_code_is_explained_and_none_besides():
    said = set(NOWHERE)
    for key, operation in DOCUMENT.operations.items():
        for codes in operation.get("x-codes", {}).values():
            said.update(codes)
        begin = SOURCE.handler(operation["operationId"])
        for status, codes in SOURCE.answers(begin).items():
            unsaid = codes - set(DOCUMENT.codes_of(status)) if status in EVERYWHERE else set()
            nothing(unsaid, f"{key}: codes of {status} that are not said")
    for response in DOCUMENT.json["components"]["responses"].values():
        said.update(response.get("x-codes", []))
    same(DOCUMENT.json["info"]["x-codes"], said | set(DOCUMENT.schemas["Reason"]["enum"]), "codes that are explained")


# ---- Bodies ----

def reachable(schema, found):
    """Names of the components that a schema leads to."""
    for _, one in walk(schema):
        name = one["$ref"].removeprefix(PREFIX) if isinstance(one, dict) and "$ref" in one else None
        for name in [name, LIKE.get(name)] if name else []:
            if name and name not in found:
                found.add(name)
                reachable(DOCUMENT.schemas[name], found)
    return found


def test_openapi__a_body_has_the_members_that_the_code_knows():
    used = set()
    for key, operation in DOCUMENT.operations.items():
        content = operation.get("requestBody", {}).get("content", {})
        names = reachable(content, set()) & set(BODIES)
        begin, used = SOURCE.handler(operation["operationId"]), used | names
        read = SOURCE.bodies(begin)
        aside = {BODIES["TablesGiven"]} - {BODIES[name] for name in names}  # on the way of a whole profile, too
        same({BODIES[name] for name in names if BODIES[name]}, set(read) - aside, f"{key}: objects of a body")
        for name in names:
            schema = DOCUMENT.schemas[name]
            alike(schema.get("additionalProperties", True), BODIES[name] is None, f"{name}: may have other members")
            if BODIES[name]:
                same(schema["properties"], read[BODIES[name]], f"{name}: members")
            unread = set(schema["properties"]) - SOURCE.literals(begin)
            nothing(unread, f"{name}: members that nobody reads")
    same(BODIES, used, "bodies of this test")


def test_openapi__members_of_a_body_have_the_bounds_of_the_code():
    count = 0
    for name, place in BODIES.items():
        own = {tuple(one.split(":")) for one in BODIES.values() if one and one != place}
        fields = SOURCE.fields(tuple(place.split(":")), own) if place else {}
        for member, schema in DOCUMENT.schemas[name]["properties"].items() if place else ():
            read = fields.get(member, set())
            if len(read) != 1:
                continue  # nobody's here, or of two objects
            least, most, needed = next(iter(read))
            bounds = [(one.get("minimum"), one.get("maximum", one.get("maxLength"))) for _, one in walk(schema)
                      if isinstance(one, dict) and ("maximum" in one or "maxLength" in one)]
            if most is not None and bounds:
                alike(bounds[0], (least, most), f"{name}.{member}: bounds")
                count += 1
            if needed:
                alike(member in DOCUMENT.schemas[name].get("required", []), True, f"{name}.{member}: needed")
    if count < 60:
        raise tap.Fault(f"only {count} bounds were found in the code")


# ---- Words ----

def test_openapi__lists_of_words_are_those_of_the_tables():
    listed = {name for name, schema in DOCUMENT.schemas.items() if "enum" in schema}
    same(listed, [*LISTS, *SOME], "schemas that list words")
    for name, (source, left_out) in LISTS.items():
        words = FACTS["words"][source] if isinstance(source, str) else SOURCE.listed(*source)
        nothing(set(left_out) - set(words), f"{name}: words that are left out and not there")
        alike(DOCUMENT.schemas[name]["enum"], [word for word in words if word not in left_out], name)
    for name, places in SOME.items():
        said = {word for one in places
                for word in (FACTS["words"][one] if isinstance(one, str) else SOURCE.words_in(*one))}
        nothing(set(DOCUMENT.schemas[name]["enum"]) - said, f"{name}: words that nobody says")


def test_openapi__words_are_listed_in_components_alone():
    for path, one in walk(DOCUMENT.json):
        inside = isinstance(one, dict) and isinstance(one.get("enum"), list)
        at_home = path[:2] == ("components", "schemas") and len(path) == 3
        if inside and not at_home and not (path[0] == "paths" and "parameters" in path):
            raise tap.Fault(f"{'/'.join(map(str, path))} lists words: make it a component")


if __name__ == "__main__":
    sys.exit(tap.run([case for name, case in globals().items() if name.startswith("test_")] + FORMS))
