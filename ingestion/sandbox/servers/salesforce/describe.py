"""Salesforce's description of its objects and fields.

Belongs here: `describe` and the list of objects.
"""

from __future__ import annotations

from typing import Any

from ingestion.sandbox.servers.calls import Call, Reply
from ingestion.sandbox.servers.entities import Column
from ingestion.sandbox.servers.salesforce.entities import SObject

TYPES = {
    "text": ("string", "xsd:string"),
    "integer": ("int", "xsd:int"),
    "double": ("double", "xsd:double"),
    "boolean": ("boolean", "xsd:boolean"),
    "time": ("datetime", "xsd:dateTime"),
    "date": ("date", "xsd:date"),
    "json": ("textarea", "xsd:string"),
}


def listed(sobjects: list[SObject], call: Call) -> Reply:
    """All objects, without their fields."""
    names = [_object(sobject, call) for sobject in sobjects]
    return Reply.json({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": names})


def described(sobject: SObject, call: Call) -> Reply:
    """One object with its fields."""
    fields = [_field(sobject, column) for column in sobject.columns]
    return Reply.json(_object(sobject, call) | {"fields": fields})


def _object(sobject: SObject, call: Call) -> dict[str, Any]:
    root = call.path.partition("/sobjects")[0] + f"/sobjects/{sobject.name}"
    able = ("createable", "updateable", "deletable", "queryable", "retrieveable", "undeletable")
    return {
        "name": sobject.name,
        "label": sobject.name,
        "labelPlural": sobject.name + "s",
        "keyPrefix": sobject.prefix,
        "custom": False,
        "urls": {"sobject": root, "describe": f"{root}/describe", "rowTemplate": f"{root}/{{ID}}"},
    } | dict.fromkeys(able, True)


def _field(sobject: SObject, column: Column) -> dict[str, Any]:
    kind, soap = TYPES[column.kind]
    if column.name == sobject.key:
        kind, soap = "id", "tns:ID"
    elif column.name in sobject.emails:
        kind = "email"
    external = column.name in sobject.external_ids
    return {
        "name": column.name,
        "label": column.name.removesuffix("__c").replace("_", " "),
        "type": kind,
        "soapType": soap,
        "length": column.length or (18 if kind == "id" else 0),
        "nillable": column.name not in sobject.required_on_create and kind != "id",
        "createable": column.writable,
        "updateable": column.writable,
        "custom": column.name.endswith("__c"),
        "externalId": external,
        "unique": external,
        "idLookup": external or kind == "id",
        "filterable": True,
        "sortable": True,
    }
