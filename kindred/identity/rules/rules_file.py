"""The rules that a company sets: `rules.yml`, and a file of its own that overrides it key by key.

Belongs here: the shape of the rules, reading them, and errors that name file, line and key. Does
not belong here: applying them. Cheap to import: no Arrow, no DuckDB.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)

DEFAULTS = Path(__file__).with_name("rules.yml")
SCHEMA = Path(__file__).with_name("rules_schema.json")
COLUMNS = (
    "given_name",
    "middle_name",
    "family_name",
    "birth_date",
    "gender",
    "email",
    "phone",
    "street",
    "house_number",
    "postal_code",
    "city",
    "country_code",
)
"""Columns that a deterministic rule may name, with `identifier_<type>` and `attribute_<name>`."""

NOT_RE2 = re.compile(r"\(\?[=!]|\(\?<[=!]|\\[1-9]")
CERTAIN = 12.0
"""Weight of a pair that a deterministic rule joins: odds of 4,096 to 1."""
HIGHEST_MERGE = CERTAIN - 1
DEFAULT = "default"
INHERITING = ("identifiers", "sources")
"""Sections of which an entry is as the one named `default` in all that it leaves out."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C one reads the default rules in 20 ms, the other in 300 ms."""

Lines = dict[tuple[str | int, ...], int]


class RulesError(ValueError):
    """A rules file that can't be used; the message names file, line and key."""


def _column(name: str) -> str:
    if name not in COLUMNS and not re.fullmatch(r"(identifier|attribute)_\w+", name):
        known = ", ".join(COLUMNS)
        raise ValueError(f"unknown column; known are identifier_<type>, attribute_<name>, {known}")
    return name


def _pattern(text: str) -> str:
    try:
        re.compile(re.sub(r"\\p(L|N|\{\w+\})|\[:\w+:\]", "x", text))
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if NOT_RE2.search(text):
        raise ValueError("RE2 knows neither look-around nor back-references")
    return text


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


Reason = Annotated[str, Field(min_length=3, description="Why, for those who read it later.")]
Columns = tuple[Annotated[str, AfterValidator(_column)], ...]
Values = tuple[Annotated[str, AfterValidator(_plain)], ...]
Patterns = tuple[Annotated[str, AfterValidator(_pattern)], ...]


class Section(BaseModel):
    """A part of the file: no unknown keys, and no changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DeterministicRule(Section):
    """Two records that agree in all of `when` are one person, unless `unless` stops the rule."""

    reason: Reason
    when: Columns = Field(min_length=1, description="Columns that are filled in both and agree.")
    unless: Columns = Field(
        (), description="Columns that stop the rule where one contradicts and none agrees."
    )


class IdentifierLimits(Section):
    """How far an identifier is trusted."""

    reason: Reason
    values_per_person: PositiveInt = Field(description="More distinct values go to review.")


class Bypass(Section):
    """Values of one column that say nothing; both are listed by reason."""

    values: dict[str, Values] = Field({}, description="Reason to whole values, in any case.")
    patterns: dict[str, Patterns] = Field({}, description="Reason to RE2 regular expressions.")

    @cached_property
    def every_value(self) -> tuple[str, ...]:
        """All values, once each."""
        return tuple(sorted({value for group in self.values.values() for value in group}))

    @cached_property
    def pattern(self) -> str:
        """All patterns as one; empty without any."""
        return "|".join(f"(?:{one})" for group in self.patterns.values() for one in group)


class Bypasses(Section):
    """What to ignore, by column."""

    email: Bypass = Bypass()
    email_local_part: Bypass = Bypass()
    email_domain: Bypass = Bypass()
    phone: Bypass = Field(Bypass(), description="Values: their last eight digits; patterns: all.")
    name: Bypass = Field(Bypass(), description="Given and family names.")
    given_name: Bypass = Bypass()
    family_name: Bypass = Bypass()
    birth_date: Bypass = Field(Bypass(), description="Compared as YYYY-MM-DD.")
    street: Bypass = Bypass()
    city: Bypass = Bypass()
    postal_code: Bypass = Bypass()
    identifier: Bypass = Field(Bypass(), description="Identifiers of every type.")
    attribute: Bypass = Field(Bypass(), description="Attributes of every name.")


class Aliases(Section):
    """Which nicknames stand for which names."""

    file: Path = Field(description="CSV of language, nickname, name; relative to the rules file.")
    languages: tuple[str, ...] = Field(description="Languages whose nicknames count (ISO 639).")


class Twins(Section):
    """Same birth date, family name and address, another given name."""

    reason: Reason
    weight: float = Field(le=0, description="Bits taken off the match weight.")


class Namesakes(Section):
    """Same name, and birth dates this far apart."""

    reason: Reason
    years_apart: PositiveInt
    weight: float = Field(le=0, description="Bits taken off the match weight.")


class Generations(Section):
    """Same name, and another generation behind it, as Jr and Sr."""

    reason: Reason
    weight: float = Field(le=0, description="Bits taken off the match weight.")


class Exceptions(Section):
    """Pairs that look like one person and often aren't."""

    twins: Twins
    namesakes: Namesakes
    generations: Generations


class Source(Section):
    """What a source's records are worth."""

    reason: Reason
    trust: float = Field(gt=0, le=1, description="Share of the weight that counts.")
    duplicate_free: bool = Field(description="Holds each person once: never linked with itself.")


class Thresholds(Section):
    """Match weights in bits; 0 is even odds."""

    merge: float = Field(
        description="From here on two records are one person.",
        json_schema_extra={"maximum": HIGHEST_MERGE},
    )
    review: float = Field(description="From here to `merge` a steward may look.")

    @field_validator("merge")
    @classmethod
    def _below_the_rules(cls, merge: float) -> float:
        if merge > HIGHEST_MERGE:
            raise ValueError(
                f"{HIGHEST_MERGE:g} is the highest: a pair that a deterministic rule joins has "
                f"{CERTAIN:g} bits, and over that the rules would join nobody"
            )
        return merge

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.review > self.merge:
            raise ValueError("review must not lie above merge")
        return self


class Guards(Section):
    """What holds a cluster for review."""

    birth_years_apart: PositiveInt


class Rules(Section):
    """All rules, as `load_rules` gives them."""

    version: int = Field(ge=1, le=1)
    deterministic: dict[str, DeterministicRule]
    identifiers: dict[str, IdentifierLimits]
    bypass: Bypasses
    aliases: Aliases
    exceptions: Exceptions
    sources: dict[str, Source]
    thresholds: Thresholds
    cluster_cap: int = Field(ge=2, description="Most records of one person.")
    guards: Guards

    @model_validator(mode="after")
    def _defaults_are_there(self) -> Self:
        for section in INHERITING:
            if DEFAULT not in getattr(self, section):
                raise ValueError(f"{section} needs a key `{DEFAULT}`")
        return self

    def identifier(self, identifier_type: str) -> IdentifierLimits:
        """The limits of one identifier type, or those of `default`."""
        return self.identifiers.get(identifier_type, self.identifiers[DEFAULT])

    def source(self, source_system: str) -> Source:
        """What one source is worth, or what `default` says."""
        return self.sources.get(source_system, self.sources[DEFAULT])


def load_rules(path: Path | None = None) -> Rules:
    """The default rules, overridden key by key by the file at `path`.

    A key whose value is null is removed. Raises `RulesError`, which names file, line and key.
    """
    content, places = {}, []
    for file in (DEFAULTS, *([path] if path else [])):
        read, lines = _read(file)
        places.insert(0, (file, lines))
        content = _overridden(content, read)
    for section in INHERITING:
        content[section] = _as_default(content.get(section))
    try:
        return Rules.model_validate(content)
    except ValidationError as error:
        problems = [_problem(item, places) for item in error.errors()]
        raise RulesError("\n".join(problems)) from error


def schema_text() -> str:
    """The JSON schema of a rules file, which may hold any part of the rules.

    Only a deterministic rule that the defaults don't have must be whole.
    """
    schema = Rules.model_json_schema()
    needed = schema["$defs"]["DeterministicRule"]["required"]
    for part in (schema, *schema["$defs"].values()):
        part.pop("required", None)
        for field in part["properties"].values():
            if "additionalProperties" in field:
                kept = field["additionalProperties"]
                field["additionalProperties"] = {"anyOf": [kept, {"type": "null"}]}
    rules = schema["properties"]["deterministic"]
    part, null = rules["additionalProperties"]["anyOf"]
    whole = {"allOf": [part, {"required": needed}]}
    known = "|".join(load_rules().deterministic)
    rules["patternProperties"] = {f"^({known})$": rules["additionalProperties"]}
    rules["additionalProperties"] = {"anyOf": [whole, null]}
    schema["title"] = "Kindred: identity rules"
    return json.dumps(schema, indent=2) + "\n"


def _read(path: Path) -> tuple[dict[str, Any], Lines]:
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    except OSError as error:
        raise RulesError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RulesError(f"{path}: not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulesError(f"{path}, line {line}: not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise RulesError(f"{path}: not YAML: {str(error).partition(chr(10))[0]}") from error
    if node is None:
        return {}, {}
    lines: Lines = {}
    try:
        content = _value(node, (), lines, path)
    except RecursionError as error:
        raise RulesError(f"{path}: a key holds itself, or is nested too deep") from error
    if not isinstance(content, dict):
        raise RulesError(f"{path}, line 1: a rules file is a mapping of keys")
    aliases = content.get("aliases")
    if isinstance(aliases, dict) and isinstance(aliases.get("file"), str):
        aliases["file"] = path.parent / aliases["file"]
    return content, lines


def _value(node: yaml.Node, key: tuple[str | int, ...], lines: Lines, path: Path) -> Any:
    """The node's content. Scalars stay texts (a date, `no`, 0000), which pydantic converts."""
    lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*key, n), lines, path) for n, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        quoted = bool(node.style)  # the C loader says '' where the other says None
        empty = not quoted and node.value in ("", "~", "null")
        return None if empty else node.value
    found: dict[str, Any] = {}
    for name, item in node.value:
        line = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode) or name.value in found:
            what = "twice" if isinstance(name, yaml.ScalarNode) else "no text"
            raise RulesError(f"{path}, line {line}: the key {_dotted(key)} holds a key {what}")
        lines[(*key, name.value)] = line
        found[name.value] = _value(item, (*key, name.value), lines, path)
    return found


def _overridden(base: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in other.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _overridden(merged[key], value)
        else:
            merged[key] = _overridden({}, value) if isinstance(value, dict) else value
    return merged


def _as_default(entries: Any) -> Any:
    """The entries of a section, each with what it leaves out as the default has it."""
    default = entries.get(DEFAULT) if isinstance(entries, dict) else None
    if not isinstance(default, dict):
        return entries
    return {
        name: default | entry if isinstance(entry, dict) else entry
        for name, entry in entries.items()
    }


def _problem(item: Any, places: list[tuple[Path, Lines]]) -> str:
    """What is wrong, at the most precise place that a file names."""
    key = tuple(item["loc"])
    for length in range(len(key), -1, -1):
        for path, lines in places:
            if (line := lines.get(key[:length])) is not None:
                return f"{path}, line {line}: {_dotted(key)}: {item['msg']}"
    return f"{places[0][0]}: {_dotted(key)}: {item['msg']}"


def _dotted(key: tuple[str | int, ...]) -> str:
    return ".".join(map(str, key)) or "(the whole file)"
