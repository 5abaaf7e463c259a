"""Where each list of words of server/console/openapi.json comes from.

LISTS: schema -> (a list of openapi_facts.c by its name, or a list in the text of a file, and what of it is left out).
SOME: schema -> functions that say these words among others.
"""

LISTS = {
    "AreaKind": ("area_kind", ()), "AssetGrade": ("asset_grade", ()), "AssetState": ("asset_state", ()),
    "CaseField": ("case_field", ()), "CaseState": ("state", ("outbox",)), "Channel": ("channel", ()),
    "Consent": ("consent", ()), "DeviceState": ("device_state", ()), "FollowAnswer": ("follow_answer", ()),
    "FollowAnswerGiven": ("follow_answer", ("unreached",)), "Grade": ("grade", ()), "Ground": ("ground", ()),
    "Intake": ("intake", ()), "IntakeAtDesk": ("intake", ("handset",)), "Light": ("light", ()),
    "LimitUnit": ("limit_unit", ()), "Linkage": ("linkage", ()), "Measure": ("measure", ()),
    "MediationKind": ("mediation_kind", ()), "MediationState": ("mediation_state", ()), "MicroKind": ("micro_kind", ()),
    "MilestonesState": ("milestones_state", ()), "NoticeKind": ("notice_kind", ()), "NoticeState": ("notice_state", ()),
    "OrderKind": ("order_kind", ()), "OrderState": ("order_state", ()), "PaperForm": ("paper_form", ("bin",)),
    "PaperKind": ("paper", ("none",)), "PartyRole": ("party_role", ("gone",)), "Performance": ("performance", ()),
    "PhotoFault": ("photo_fault", ()), "PrivacyLevel": ("privacy_level", ()), "Purpose": ("purpose", ("none",)),
    "Rating": ("rating", ()), "Reason": ("reason", ()), "Role": ("role", ("none",)), "ServiceKind": ("service", ()),
    "Sitting": ("sitting", ()), "Stage": ("stage", ()), "State": ("state", ()), "Step": ("step", ()),
    "TaskKind": ("task_kind", ("none",)), "TaskState": ("task_state", ("none",)), "UnitForm": ("unit_form", ()),
    "UnitMode": ("unit_mode", ()), "Verb": ("verb", ("none",)), "Verdict": ("verdict", ()),
    "AppealState": (("ask_json.c", "names", "bh_case_appeal_json"), ()),
    "ArchivedWith": (("case_json.c", "with", "course_json"), ()),
    "AskedFor": (("ask_json.c", "names", "bh_case_asked_json"), ()),
    "CaseAudit": (("case_json.c", "audits", "field_json"), ()),
    "CaseVerb": (("verb_routes.c", "verbs"), ()),
    "Checked": (("case_json.c", "checks", "course_json"), ()),
    "Consultation": (("dispute_json.c", "consulting", "bh_dispute_json"), ()),
    "Datum": (("import_area.c", "names", "datum_read"), ()),
    "OrderVerb": (("order_routes.c", "acts"), ()),
    "RoutePeriod": (("import_route.c", "periods", "match_read"), ()),
    "RouteWhy": (("routing_routes.c", "whys", "bh_route_steps_json"), ()),
    "ShiftDays": (("import_shift.c", "kinds", None), ()),
    "ShiftPeriod": (("import_shift.c", "periods", None), ()),
    "Tier": (("import_dispute.c", "tier_names", None), ()),
    "Urgency": (("import_catalogue.c", "urgencies", "type_words_read"), ()),
    "DayKind": (("import_calendar.c", "words", "kind_read"), ()),
}

SOME = {
    "AboutHow": [("rating_json.c", "satisfaction_json")],
    "AskedOf": [("ask_json.c", "bh_case_asked_json")],
    "DossierKind": [("dossier_json.c", "standing_json")],
    "EntrySource": [("case_json.c", "source_name")],
    "ErasureHow": [("erase_routes.c", "erasure_json")],
    "GapMissing": [("import_shift.c", "gap_json")],
    "KeptForEver": [("import_lack.c", "bh_kept_for_ever_json")],
    "MilestoneState": [("milestone_json.c", "step_state"), "milestones_state"],
    "OrderSource": [("order_json.c", "whom_json")],
    "PhotoKind": [("photo_routes.c", "kind_name")],
    "RoutedBy": [("routing_json.c", "bh_routing_by")],
    "Safeguard": [("import_lack.c", "bh_safeguards_off_json")],
    "Stands": [("quarantine_routes.c", "row_json")],
    "Yes": [("task_json.c", "result_name"), ("verb_routes.c", "task_read")],
}
