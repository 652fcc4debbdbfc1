"""Dataverse's description of itself: EntityDefinitions, attributes, choices, `$metadata`.

Belongs here: what clients ask to find their way. Nothing here can be changed over the wire.
"""

from __future__ import annotations

import re
import uuid
from typing import Any
from xml.sax.saxutils import quoteattr

from ingestion.sandbox.servers.calls import Call, Reply
from ingestion.sandbox.servers.dynamics365.entities import Table
from ingestion.sandbox.servers.dynamics365.errors import BAD_QUERY, fail
from ingestion.sandbox.servers.entities import Column

NAMESPACE = uuid.UUID("0b9f3c1e-5b53-4a53-9d2e-6f6b696e6472")
ATTRIBUTE_TYPES = {
    "text": ("String", "Edm.String"),
    "integer": ("Integer", "Edm.Int32"),
    "double": ("Double", "Edm.Double"),
    "boolean": ("Boolean", "Edm.Boolean"),
    "time": ("DateTime", "Edm.DateTimeOffset"),
    "date": ("DateTime", "Edm.Date"),
    "json": ("Memo", "Edm.String"),
}
EQUALS = re.compile(r"(\w+) eq (?:'((?:[^']|'')*)'|(\w+))")
PATH = re.compile(r"EntityDefinitions(?:\(([^)]+)\))?(?:/Attributes(?:\(([^)]+)\))?)?(/[\w.]+)?$")


def metadata_id(*names: str) -> str:
    """A stable id for a table or a column."""
    return str(uuid.uuid5(NAMESPACE, "/".join(names)))


def definitions(tables: list[Table], path: str, call: Call) -> Reply:
    """Answer a GET below `EntityDefinitions`."""
    match = PATH.match(path)
    if match is None:
        raise fail(404, BAD_QUERY, "Resource not found for the metadata path.")
    described = [_table(table) for table in tables]
    if match[1] is None:
        return _listed(described, call)
    wanted = match[1].strip("'").removeprefix("LogicalName='")
    table = next((t for t in tables if wanted in {t.logical, metadata_id(t.logical)}), None)
    if table is None:
        raise fail(404, "0x80060888", f"Could not find an entity with the key {wanted}")
    if "/Attributes" not in path:
        return Reply.json(_table(table), OData_Version="4.0")
    attributes = [_attribute(table, column) for column in table.columns]
    if match[2]:
        one = match[2].removeprefix("LogicalName=").strip("'")
        found = [a for a in attributes if one in {a["LogicalName"], a["MetadataId"]}]
        if not found:
            raise fail(404, "0x80060888", f"Could not find an attribute with the key {one}")
        return Reply.json(found[0], OData_Version="4.0")
    if match[3]:
        kind = "#Microsoft.Dynamics.CRM" + match[3].removeprefix("/Microsoft.Dynamics.CRM")
        attributes = [a for a in attributes if a["@odata.type"] == kind]
    return _listed(attributes, call)


def document(tables: list[Table]) -> Reply:
    """`$metadata`: the tables as an OData entity data model."""
    types, sets = [], []
    for table in tables:
        properties = "".join(
            f"<Property Name={quoteattr(c.name)} Type={quoteattr(ATTRIBUTE_TYPES[c.kind][1])}/>"
            for c in table.columns
        )
        types.append(
            f"<EntityType Name={quoteattr(table.logical)}><Key><PropertyRef "
            f"Name={quoteattr(table.key)}/></Key>{properties}</EntityType>"
        )
        sets.append(
            f"<EntitySet Name={quoteattr(table.name)} "
            f'EntityType="Microsoft.Dynamics.CRM.{table.logical}"/>'
        )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" '
        'xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
        '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" '
        f'xmlns="http://docs.oasis-open.org/odata/ns/edm">{"".join(types)}'
        f'<EntityContainer Name="System">{"".join(sets)}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )
    return Reply(200, body.encode(), {"Content-Type": "application/xml"})


def _table(table: Table) -> dict[str, Any]:
    return {
        "MetadataId": metadata_id(table.logical),
        "LogicalName": table.logical,
        "SchemaName": table.schema_name,
        "EntitySetName": table.name,
        "LogicalCollectionName": table.name,
        "PrimaryIdAttribute": table.key,
        "PrimaryNameAttribute": table.primary_name,
        "DisplayName": _label(table.schema_name),
        "ChangeTrackingEnabled": True,
        "IsPrivate": False,
        "IsCustomEntity": False,
        "IsActivity": table.key == "activityid",
    }


def _attribute(table: Table, column: Column) -> dict[str, Any]:
    kind = ATTRIBUTE_TYPES[column.kind][0]
    if column.options:
        kind = "State" if column.name == "statecode" else "Picklist"
    elif column.name == table.key:
        kind = "Uniqueidentifier"
    elif table.is_lookup(column):
        kind = "Lookup"
    name = column.name
    if table.is_lookup(column):
        name = column.name.removeprefix("_").removesuffix("_value")
    described: dict[str, Any] = {
        "@odata.type": f"#Microsoft.Dynamics.CRM.{kind}AttributeMetadata",
        "MetadataId": metadata_id(table.logical, name),
        "LogicalName": name,
        "SchemaName": name,
        "AttributeType": kind,
        "AttributeTypeName": {"Value": f"{kind}Type"},
        "EntityLogicalName": table.logical,
        "DisplayName": _label(name),
        "IsPrimaryId": column.name == table.key,
        "IsPrimaryName": column.name == table.primary_name,
        "IsCustomAttribute": name.startswith("kin_"),
        "IsValidForCreate": column.writable,
        "IsValidForUpdate": column.writable,
        "IsValidForRead": True,
        "AttributeOf": None,
    }
    if column.length:
        described["MaxLength"] = column.length
    if column.options:
        labels = table.labels[column.name]
        options = [{"Value": value, "Label": _label(text)} for value, text in labels.items()]
        described["OptionSet"] = {"IsGlobal": False, "Options": options}
    return described


def _label(text: str) -> dict[str, Any]:
    label = {"Label": text, "LanguageCode": 1033}
    return {"LocalizedLabels": [label], "UserLocalizedLabel": label}


def _listed(items: list[dict[str, Any]], call: Call) -> Reply:
    for condition in filter(None, re.split(r"\s+and\s+", call.query.get("$filter", ""))):
        match = EQUALS.fullmatch(condition.strip())
        if match is None:
            raise fail(400, BAD_QUERY, "Metadata can only be filtered by 'name eq value'.")
        literal = {"true": True, "false": False, "null": None}
        value = match[2].replace("''", "'") if match[3] is None else literal.get(match[3], match[3])
        items = [item for item in items if item.get(match[1]) == value]
    if select := call.query.get("$select"):
        kept = {"MetadataId", "@odata.type", *(name.strip() for name in select.split(","))}
        if "$expand" in call.query:
            kept.add("OptionSet")
        items = [{k: v for k, v in item.items() if k in kept} for item in items]
    return Reply.json({"value": items}, OData_Version="4.0")
