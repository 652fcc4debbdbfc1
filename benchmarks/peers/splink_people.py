"""Splink on records of people, as its documentation recommends for people.

    python -m benchmarks.peers.splink_people PEOPLE.parquet --out CLUSTERS.parquet --threads 2

Writes the clusters at its usual threshold of 0.95, and with `--pairs PAIRS.parquet` the weighed
pairs, for those who want to know which threshold the labels say is best.

Sources: Splink's tutorials and its examples `deduplicate_50k_synthetic` and `febrl4`: a comparison
from the library for each kind of column, several blocking rules, the prior by deterministic rules,
u by random sampling, m by two sessions of expectation maximisation.

Belongs here: the recipe, for whichever columns are there. Does not belong here: knowledge of the
data's junk; labels.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

USUAL = 0.95
LOWEST = 0.05
TEXT = "nullif(trim(lower(strip_accents({0}))), '')"
CLEANING = {
    "email": "nullif(trim(lower(email)), '')",
    "phone": "nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 9), '')",
    "postal_code": "nullif(upper(regexp_replace(postal_code, '[^a-zA-Z0-9]', '', 'g')), '')",
    "birth_date": (
        "regexp_replace(birth_date::varchar, '^(\\d{4})(\\d\\d)(\\d\\d)$', '\\1-\\2-\\3')"
    ),
}
ADDRESS = ("postal_code", "street", "house_number", "city")
EM_PAIRS = 1e6
U_PAIRS = 1e7
"""Often adequate, say Splink's docs; of a million people 1e6 pairs show no email twice."""
UNUSED = (
    "record_id",
    "source_system",
    "data_party",
    "party_class",
    "middle_name",
    "country_code",
    "language",
    "created_at",
    "updated_at",
)
SMALL = 20_000
"""Up to this many records the tutorials block on single columns."""
SMALL_RULES = (
    ("given_name",),
    ("family_name",),
    ("birth_date",),
    ("email",),
    ("phone",),
    ("postal_code", "house_number"),
)
RULES = (
    ("given_name", "family_name"),
    ("birth_date", "family_name"),
    ("birth_date", "given_name"),
    ("email",),
    ("phone",),
    ("postal_code", "family_name"),
    ("postal_code", "given_name"),
    ("postal_code", "birth_date"),
    ("street", "house_number", "given_name"),
)
SURE = (
    ("given_name", "birth_date"),
    ("family_name", "birth_date"),
    ("email", "given_name"),
    ("email", "family_name"),
    ("phone", "given_name"),
)
TRAINING = (("given_name", "family_name"), ("birth_date",), ("email",), ("postal_code",))


def main() -> None:
    """Match and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect(config={"threads": options.threads}) as connection:
        predicted, clusters = match(connection, options.people)
        columns = "unique_id as record_id, cluster_id"
        connection.table(clusters).project(columns).write_parquet(str(options.out))
        if options.pairs:
            columns = "unique_id_l as one, unique_id_r as two, match_probability as probability"
            connection.table(predicted).project(columns).write_parquet(str(options.pairs))


def match(connection: duckdb.DuckDBPyConnection, people: Path) -> tuple[str, str]:
    """Clean, train, predict, cluster at `USUAL`; the tables of predicted pairs and of clusters."""
    columns, size = clean(connection, people)
    frame = DuckDBAPI(connection).register("cleaned")
    linker = Linker(frame, settings(columns, SMALL_RULES if size <= SMALL else RULES))
    training = linker.training
    training.estimate_probability_two_random_records_match(rules(SURE, columns), recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=1e6 if size <= SMALL else U_PAIRS, seed=1)
    for rule in rules(TRAINING, columns)[:2]:
        training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=EM_PAIRS)
    predicted = linker.inference.predict(threshold_match_probability=LOWEST)
    clustering = linker.clustering
    clusters = clustering.cluster_pairwise_predictions_at_threshold(predicted, USUAL)
    return predicted.physical_name, clusters.physical_name


def clean(connection: duckdb.DuckDBPyConnection, people: Path) -> tuple[set[str], int]:
    """Make the table `cleaned`; the names of its columns that may be compared, and its rows."""
    raw = connection.read_parquet(str(people))
    used = [name for name in raw.columns if name not in UNUSED]
    cleaned = [f"{CLEANING.get(name, TEXT.format(name))} as {name}" for name in used]
    raw.project(", ".join(["record_id as unique_id", *cleaned])).create("cleaned")
    return set(used), raw.shape[0]


def settings(columns: set[str], blocking: tuple[tuple[str, ...], ...]) -> SettingsCreator:
    """A comparison for each column by its kind; an address is one, as its parts go together."""
    kinds = {
        "given_name": cl.NameComparison,
        "family_name": cl.NameComparison,
        "birth_date": lambda name: cl.DateOfBirthComparison(
            name, input_is_string=True, datetime_format="%Y-%m-%d"
        ),
        "email": cl.EmailComparison,
        "phone": lambda name: cl.LevenshteinAtThresholds(name, 1),
        "gender": cl.ExactMatch,
    }
    comparisons = [
        cl.DamerauLevenshteinAtThresholds(name, [1, 2])
        if name.startswith("identifier_")
        else kinds.get(name, exact_by_frequency)(name)
        for name in sorted(columns - set(ADDRESS))
    ]
    address = [name for name in ADDRESS if name in columns]
    if len(address) == 1:
        comparisons.append(exact_by_frequency(address[0]))
    elif address:
        comparisons.append(address_comparison(address))
    identifiers = [block_on(name) for name in sorted(columns) if name.startswith("identifier_")]
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[*identifiers, *rules(blocking, columns)],
        retain_matching_columns=False,
    )


def address_comparison(columns: list[str]) -> cl.CustomComparison:
    """From the same door over the same street, district and city to nothing in common."""
    levels = [cll.And(*(cll.NullLevel(name) for name in columns))]
    ladder = (
        ("postal_code", "house_number"),
        ("street", "house_number"),
        ("street", "postal_code"),
    )
    for together in (*ladder, ("postal_code",), ("street",), ("city",)):
        if set(together) <= set(columns):
            exact = [cll.ExactMatchLevel(name) for name in together]
            level = cll.And(*exact) if len(exact) > 1 else exact[0]
            if len(exact) == 1:
                level = level.configure(tf_adjustment_column=together[0])
            levels.append(level)
    return cl.CustomComparison(
        output_column_name="address", comparison_levels=[*levels, cll.ElseLevel()]
    )


def exact_by_frequency(name: str) -> cl.ExactMatch:
    """Equal or not; a rare value says more."""
    return cl.ExactMatch(name).configure(term_frequency_adjustments=True)


def rules(wanted: tuple[tuple[str, ...], ...], columns: set[str]) -> list:
    """The blocking rules whose columns are all there."""
    return [
        block_on(*rule)
        for rule in wanted
        if all(part in columns or part.partition("(")[0] == "substr" for part in rule)
    ]


if __name__ == "__main__":
    main()
