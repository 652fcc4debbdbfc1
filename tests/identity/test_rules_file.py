"""The rules file: complete defaults, a company's overrides, errors that name the place."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kindred.identity.codes.queries import FEW
from kindred.identity.reading.bypass import useless
from kindred.identity.reading.nicknames import read_nicknames
from kindred.identity.rules import rules_file
from kindred.identity.rules.rules_file import RulesError, load_rules
from kindred.settings import Settings

RULES = load_rules()


@pytest.fixture
def company(tmp_path: Path):
    """Writes a company's own file and loads it over the defaults."""

    def load(text: str) -> rules_file.Rules:
        path = tmp_path / "company.yml"
        path.write_text(text, encoding="utf-8")
        return load_rules(path)

    return load


def test_the_defaults_say_what_they_promise() -> None:
    assert (RULES.thresholds.merge, RULES.thresholds.review) == (0.0, -3.0)
    assert RULES.cluster_cap == 50
    assert RULES.exceptions.twins.weight < 0
    assert RULES.deterministic["loyalty_card"].when == ("identifier_loyalty_card",)
    assert RULES.identifier("national_id").values_per_person == 1
    assert RULES.identifier("of a kind nobody named") == RULES.identifiers["default"]
    assert RULES.source("dealer_erp").trust == 1.0
    assert not RULES.source("dealer_erp").duplicate_free


def test_the_schema_is_in_step() -> None:
    again = '.venv/bin/python -c "from kindred.identity.rules import rules_file as r; '
    again += 'r.SCHEMA.write_text(r.schema_text())"'
    assert rules_file.SCHEMA.read_text() == rules_file.schema_text(), f"run {again}"


def test_no_default_file_holds_a_key_that_editors_read_otherwise() -> None:
    # the loader keeps `no` and 1900-01-01 as they are written; an editor's YAML may not
    def texts(node: object) -> list[object]:
        if isinstance(node, dict):
            return [*node, *[t for value in node.values() for t in texts(value)]]
        return [t for value in node for t in texts(value)] if isinstance(node, list) else []

    found = yaml.safe_load(rules_file.DEFAULTS.read_text())
    assert [text for text in texts(found["bypass"]) if not isinstance(text, str)] == []


def test_a_company_overrides_key_by_key(company) -> None:
    rules = company(
        "thresholds: {merge: 2.5}\n"
        "identifiers:\n"
        "  loyalty_card: {values_per_person: 9}\n"
        "  fleet_card: {reason: one per car, values_per_person: 4}\n"
        "sources:\n"
        "  erp: {reason: the till asks for an id card, trust: 0.9, duplicate_free: true}\n"
        "deterministic:\n"
        "  cookie_and_given_name: null\n"
        "  tax: {reason: the state says so, when: [identifier_tax_id, birth_date]}\n"
        "bypass:\n"
        "  email_local_part: {values: {our shops: [Shop, WINKEL]}}\n"
    )
    assert (rules.thresholds.merge, rules.thresholds.review) == (2.5, -3.0)
    assert rules.identifier("loyalty_card").values_per_person == 9
    assert rules.identifier("loyalty_card").reason.startswith("A lost card")
    assert rules.identifier("fleet_card").values_per_person == 4
    assert rules.source("erp").duplicate_free
    assert "cookie_and_given_name" not in rules.deterministic
    assert rules.deterministic["tax"].unless == ()
    assert "email_and_name" in rules.deterministic
    values = rules.bypass.email_local_part.values
    assert values["our shops"] == ("shop", "winkel")
    assert "info" in values["a mailbox of an organisation"]


def test_an_entry_is_as_the_default_in_what_it_leaves_out(company) -> None:
    rules = company(
        "identifiers:\n"
        "  default: {values_per_person: 7}\n"
        "  passport: {reason: one at a time}\n"
        "  voucher: {values_per_person: 90}\n"
        "sources:\n"
        "  default: {trust: 0.8}\n"
        "  erp: {duplicate_free: true}\n"
        "  fair: {trust: 0.5}\n"
    )
    assert rules.identifier("passport").values_per_person == 7
    assert rules.identifier("passport").reason == "one at a time"
    assert rules.identifier("voucher").values_per_person == 90
    assert rules.identifier("voucher").reason == rules.identifier("anything else").reason
    assert rules.identifier("loyalty_card") == RULES.identifier("loyalty_card")
    assert (rules.source("erp").trust, rules.source("erp").duplicate_free) == (0.8, True)
    assert (rules.source("fair").trust, rules.source("fair").duplicate_free) == (0.5, False)


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("sources: {dealer_erp: {trust: 0.5}}", True),
        ("sources: {dealer_erp: {duplicate_free: true}}", True),
        ("identifiers: {passport: {values_per_person: 1}}", True),
        ("guards: {birth_years_apart: 20}", True),
        ("thresholds: {review: -5}", True),
        ("thresholds: {merge: 11}", True),
        ("thresholds: {merge: 11.5}", False),
        ("exceptions: {twins: {weight: -3}}", True),
        ("deterministic: {loyalty_card: {unless: []}, national_id: null}", True),
        ("deterministic: {tax: {reason: the state says so, when: [identifier_tax]}}", True),
        ("deterministic: {tax: {when: [identifier_tax]}}", False),
        ("deterministic: {tax: {reason: the state says so}}", False),
        ("sources: {dealer_erp: {trust: 2}}", False),
    ],
)
def test_an_editor_takes_what_kindred_takes(company, text: str, accepted: bool) -> None:
    """The file as its schema has it, and as it is read."""
    validator = pytest.importorskip("jsonschema").Draft202012Validator
    assert (
        validator(json.loads(rules_file.schema_text())).is_valid(yaml.safe_load(text)) == accepted
    )
    with nullcontext() if accepted else pytest.raises(RulesError):
        company(text)


def test_a_quoted_null_is_a_word(company) -> None:
    rules = company("bypass: {city: {values: {ours: ['null', \"~\"]}}}")
    assert rules.bypass.city.values["ours"] == ("null", "~")


def test_an_empty_file_changes_nothing(company) -> None:
    assert company("# nothing yet\n") == RULES


def test_dates_and_words_stay_what_was_written(company) -> None:
    rules = company(
        "bypass: {birth_date: {values: {ours: [1899-01-01]}}, city: {values: {x: [no]}}}"
    )
    assert rules.bypass.birth_date.values["ours"] == ("1899-01-01",)
    assert rules.bypass.city.values["x"] == ("no",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nthresholds:\n  merge: high\n", "line 3: thresholds.merge: .*number"),
        ("thresholds:\n  review: 4\n", "line 1: thresholds: .*review must not lie above merge"),
        ("cluster_cap: 1\n", "line 1: cluster_cap: .*greater than or equal to 2"),
        ("treshold: {merge: 1}\n", "line 1: treshold: Extra inputs"),
        ("deterministic:\n  x:\n    when: [email]\n", "line 2: deterministic.x.reason"),
        ("identifiers: {default: null}\n", "identifiers needs a key `default`"),
        (
            "deterministic:\n  x:\n    reason: why\n    when: [shoe_size]\n",
            "line 4: .*unknown column",
        ),
        ("bypass: {name: {patterns: {why: ['(?=a)']}}}\n", "line 1: .*look-around"),
        ("bypass: {name: {patterns: {why: ['(']}}}\n", "line 1: .*not a regular expression"),
        ("thresholds: {merge: nan}\n", "line 1: thresholds.merge: .*finite"),
        (
            "thresholds:\n  merge: 12\n",
            "line 2: thresholds.merge: .*11 is the highest: .*rule joins has 12 bits",
        ),
        ("version: \x01\n", "company.yml: not YAML: unacceptable character"),
        ("bypass: &self {name: *self}\n", "company.yml: a key holds itself"),
        ("cluster_cap: 5\ncluster_cap: 6\n", "line 2: .*a key twice"),
        ("cluster_cap: [5\n", "line 2: not YAML"),
        ("- cluster_cap\n", "line 1: a rules file is a mapping"),
        ("sources: {erp: {reason: why, trust: 1.5, duplicate_free: no}}\n", "sources.erp.trust"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(company, text: str, message: str) -> None:
    with pytest.raises(RulesError, match=f"company.yml, {message}|{message}"):
        company(text)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"gone\.yml: No such file"):
        load_rules(tmp_path / "gone.yml")
    (tmp_path / "photo.yml").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(RulesError, match=r"photo\.yml: not UTF-8"):
        load_rules(tmp_path / "photo.yml")


def test_the_setting_names_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KINDRED_IDENTITY_RULES", str(tmp_path / "ours.yml"))
    assert Settings().identity_rules == tmp_path / "ours.yml"
    assert Settings().environment()["KINDRED_IDENTITY_RULES"] == str(tmp_path / "ours.yml")


@pytest.mark.parametrize("pattern", ["a++", "(?>a)", "a{2000}", "(?P<n>a)(?P=n)", "(?#why)a"])
def test_a_pattern_that_only_python_takes_is_named(company, pattern: str) -> None:
    rules = company(f"bypass: {{city: {{patterns: {{why: ['{pattern}']}}}}}}\n")
    with pytest.raises(RulesError, match="bypass of city: Invalid regular expression"):
        useless(rules.bypass, "city", pa.array(["a"]))


def test_nicknames_with_values_missing_are_named(tmp_path: Path) -> None:
    (tmp_path / "ours.csv").write_text("language,nickname,name\nfy,Sjoerdtsje\n")
    with pytest.raises(RulesError, match=r"ours\.csv: a line has more or fewer values"):
        read_nicknames(tmp_path / "ours.csv", ["fy"])


def test_a_company_brings_its_own_nicknames(company, tmp_path: Path) -> None:
    (tmp_path / "ours.csv").write_text("language,nickname,name\nfy,Sjoerdtsje,Sjoerd\n")
    rules = company("aliases: {file: ours.csv, languages: [fy]}\n")
    found = read_nicknames(rules.aliases.file, rules.aliases.languages)
    assert found.to_pylist() == [{"nickname": "Sjoerdtsje", "name": "Sjoerd"}]


def names() -> dict[str, str]:
    table = read_nicknames(RULES.aliases.file, RULES.aliases.languages)
    return dict(zip(table["nickname"].to_pylist(), table["name"].to_pylist(), strict=True))


def test_a_nickname_stands_for_one_name_and_a_name_for_itself() -> None:
    found = names()
    assert len(found) > 2000
    assert set(found) & set(found.values()) == set()
    assert found["Bill"] == found["Billy"] == found["Will"] == "William"
    assert found["Liz"] == found["Beth"] == found["Els"] == found["Elisabeth"] == "Elizabeth"
    assert found["Bob"] == found["Rob"]
    assert found["Kasia"] == "Katarzyna"
    assert found["Paco"] == "Francisco"


def test_chains_end_and_circles_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text(
        "language,nickname,name\na,Bo,Bob\na,Bob,Robert\nb,Robert,Bo\na,BO,Rob\nc,X,Y\n"
    )
    found = read_nicknames(path, ("a", "b")).to_pylist()
    assert found == [
        {"nickname": "Bo", "name": "Robert"},
        {"nickname": "Bob", "name": "Robert"},
    ]


def test_a_list_of_nicknames_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("nick,name\n")
    with pytest.raises(RulesError, match="column language, nickname is missing"):
        read_nicknames(path, ("en",))


NO_VALUE = """
n.v.t.,NVT,Unknown,onbekend,niet  bekend,unbekannt,Inconnu,NULL,None,nan,NaN,#N/A,n/a,-,geen
""".strip().split(",")


@pytest.mark.parametrize(
    ("column", "say_nothing", "say_something"),
    [
        (
            "email",
            [
                "Test@Test.com",
                " info@firm.nl",
                "no-reply@x.de",
                "jan@mailinator.com",
                "a@b.invalid",
            ],
            ["jan@firm.nl", "information@x.de", "jan@protest.com", "infojan@x.nl"],
        ),
        ("phone", ["316000000", "0612345678", "0699999999"], ["31618273645"]),
        (
            "family_name",
            ["Unknown", "N/A", "-", "  no   name ", "123", "??"],
            ["Gast", "Ng", "Null Ås"],
        ),
        ("given_name", ["TEST", "x"], ["Xi", "Bo", "李"]),
        ("birth_date", ["1900-01-01", "1970-01-01"], ["1970-01-02", "1980-01-01"]),
        ("identifier_loyalty_card", [*NO_VALUE, "0000", "0", "0.0", "NA"], ["4711", "10", "0.5"]),
        ("postal_code", [*NO_VALUE, "0000 AA", "99999", "0", "0.0"], ["1012 AB", "01067", "1000"]),
        ("attribute_region", NO_VALUE, ["NA", "0", "North", "no"]),
        ("family_name", ["niet bekend", "#N/A"], ["Na", "Nan"]),
        ("country_code", [], ["NA"]),
        ("gender", [], ["unknown"]),
    ],
)
def test_bypass_values(column: str, say_nothing: list[str], say_something: list[str]) -> None:
    values = pa.array([*say_nothing, *say_something, None], pa.string())
    found = useless(RULES.bypass, column, values).to_pylist()
    assert found[: len(say_nothing)] == [True] * len(say_nothing)
    assert not any(found[len(say_nothing) :])


@pytest.mark.parametrize(
    "column", ["email", "phone", "given_name", "city", "identifier_card", "attribute_job", "street"]
)
@given(texts=st.lists(st.text("0noTesmail@. \t\n-x", max_size=14), min_size=1, max_size=6))
def test_a_few_values_say_nothing_as_they_do_among_many(column: str, texts: list[str]) -> None:
    few, many = (useless(RULES.bypass, column, pa.array(v)) for v in (texts, texts * FEW))
    assert few.to_pylist() == many.to_pylist()[: len(texts)]


@pytest.mark.parametrize("pattern", ["^[[:digit:]]+$", r"^\pN+$", r"^\p{N}+$", "^[0-9]+$"])
def test_patterns_mean_among_a_few_values_what_they_mean_among_many(company, pattern: str) -> None:
    rules = company(f"bypass: {{city: {{patterns: {{why: ['{pattern}']}}}}}}\n")
    texts = ["12", "a1", "d", ":", "pN"]
    few, many = (useless(rules.bypass, "city", pa.array(v)) for v in (texts, texts * FEW))
    assert few.to_pylist() == many.to_pylist()[: len(texts)] == [True] + [False] * 4


def test_dates_may_be_dates() -> None:
    values = pa.array([dt.date(1900, 1, 1), dt.date(1981, 2, 3), None])
    assert [bool(v) for v in useless(RULES.bypass, "birth_date", values).to_pylist()] == [1, 0, 0]


def test_reading_the_rules_needs_no_engine() -> None:
    code = (
        "import sys, types\n"
        "package = types.ModuleType('kindred.identity')\n"
        f"package.__path__ = [{str(rules_file.DEFAULTS.parents[1])!r}]\n"
        "import kindred; sys.modules['kindred.identity'] = package\n"
        "from kindred.identity.rules import rules_file; rules_file.load_rules()\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"pyarrow", "duckdb", "numpy", "scipy"} & set(done.stdout.split()) == set()
