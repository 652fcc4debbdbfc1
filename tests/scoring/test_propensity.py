"""The propensity model: it learns, judges itself fairly, and doesn't fall over."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest

from kindred.scoring import propensity, quality, run, score, shelf, train

AS_OF = dt.date(2026, 11, 1)
DAYS = [AS_OF - dt.timedelta(days=90 * n) for n in range(5)]


def company(people: int = 1500, days: list[dt.date] = DAYS, seed: int = 1) -> pa.Table:
    """Customers whose orders depend on views and (not monotonically) on days since delivery."""
    rng = np.random.default_rng(seed)
    parts = []
    for day in days:
        views = rng.poisson(2, people)
        delivered = rng.uniform(0, 1000, people)
        recency = rng.uniform(0, 700, people)
        drive = -3.5 + 0.5 * views + 2.0 * ((delivered > 60) & (delivered < 200)) - recency / 500
        bought = rng.random(people) < 1 / (1 + np.exp(-drive))
        parts.append(
            pa.table(
                {
                    "customer_id": [f"kc_{n:016x}" for n in range(people)],
                    "snapshot_date": pa.array([day] * people, pa.date32()),
                    "product_views_30": views,
                    "days_since_delivery": np.where(rng.random(people) < 0.2, np.nan, delivered),
                    "days_since_accessory_order": recency,
                    "constant": np.ones(people),
                    "label": pa.array(bought, pa.bool_())
                    if day != AS_OF
                    else pa.nulls(people, pa.bool_()),
                }
            )
        )
    return pa.concat_tables(parts)


def shuffled(table: pa.Table) -> pa.Table:
    return table.take(pa.array(np.random.default_rng(9).permutation(table.num_rows)))


def test_it_learns_what_is_there_and_beats_the_baseline():
    model, card = train(company())
    assert model.kind == card["kind"] in ("logistic", "gradient_boosting")
    assert card["quality"]["roc_auc"] > 0.7
    assert card["quality"]["lift_top_decile"] > 2
    assert card["earns_its_place"]
    assert card["quality"]["pr_auc"] > card["baseline"]["pr_auc"]
    assert card["importance"][0]["feature"] == "product_views_30"
    assert "constant" not in card["features"]


def test_validation_is_the_newest_labelled_snapshot_and_training_never_sees_it():
    _, card = train(company())
    assert card["split"]["validated_on"] == DAYS[1].isoformat()
    assert max(card["split"]["trained_on"]) < card["split"]["validated_on"]
    assert card["candidates"]["measured_on"] < card["split"]["validated_on"]


def test_a_model_that_would_learn_noise_scores_no_better_than_chance():
    table = company()
    labels = table.column("label").to_pylist()
    known = [x for x in labels if x is not None]
    mixed = iter(np.random.default_rng(3).permutation(known).tolist())
    noise = pa.array([None if x is None else next(mixed) for x in labels], pa.bool_())
    _, card = train(table.set_column(table.column_names.index("label"), "label", noise))
    assert 0.45 < card["quality"]["roc_auc"] < 0.55


def test_scores_are_one_row_per_customer_of_the_newest_snapshot():
    table = company()
    model, _ = train(table)
    scores = score(model, table)
    assert scores.num_rows == 1500
    assert len(set(scores.column("customer_id").to_pylist())) == 1500
    values = scores.column("score").to_numpy()
    assert ((values >= 0) & (values <= 1)).all()
    deciles = scores.column("decile").to_numpy()
    assert set(deciles) == set(range(1, 11))
    assert values[deciles == 1].min() >= values[deciles == 2].max()
    assert set(scores.column("scored_at").to_pylist()) == {dt.datetime(2026, 11, 1)}


def test_the_same_data_in_another_order_gives_the_same_version_and_scores(tmp_path):
    first, card = run(company(), tmp_path)
    again, other = run(shuffled(company()), tmp_path / "elsewhere")
    assert card == other
    assert first.sort_by("customer_id").equals(again.sort_by("customer_id"))


def test_another_label_is_another_version():
    table = company(people=300)
    _, card = train(table)
    flipped = pa.array([None if x is None else not x for x in table.column("label").to_pylist()])
    _, other = train(table.set_column(table.column_names.index("label"), "label", flipped))
    assert card["version"] != other["version"]


def test_run_keeps_model_and_card_and_takes_them_from_the_shelf(tmp_path, monkeypatch):
    table = company(people=800)
    first, card = run(table, tmp_path)
    place = tmp_path / "propensity_accessories" / card["version"]
    assert json.loads((place / "card.json").read_text()) == json.loads(json.dumps(card))
    assert place.stat().st_mode & 0o777 == 0o700, "only its owner may open it"
    monkeypatch.setattr(propensity, "train", _must_not_be_called)
    again, same = run(table, tmp_path)
    assert again.equals(first)
    assert same == json.loads(json.dumps(card))


def test_a_kept_model_scores_the_few_that_changed_anew_and_nobody_else(tmp_path):
    table = company(people=800)
    first, card = run(table, tmp_path)
    views = table.column("product_views_30").to_pylist()
    views[3] += 5  # the newest snapshot comes first
    changed = table.set_column(
        table.column_names.index("product_views_30"), "product_views_30", pa.array(views)
    )
    again, same = run(changed, tmp_path)
    assert same["version"] == card["version"]
    then, now = (t.sort_by("customer_id").column("score").to_pylist() for t in (first, again))
    assert [n for n, (a, b) in enumerate(zip(then, now, strict=True)) if a != b] == [3]


@pytest.mark.parametrize(
    "change",
    ["a week later", "a quarter more people", "a quarter fewer people", "a feature more", "method"],
)
def test_a_model_that_is_no_longer_good_is_trained_again(change, tmp_path, monkeypatch):
    _, card = run(company(people=800), tmp_path)
    people = {"a quarter more people": 1000, "a quarter fewer people": 640}.get(change, 800)
    table = company(people=people)
    if change == "a week later":
        week = dt.timedelta(days=propensity.DAYS)
        days = [day + week for day in table.column("snapshot_date").to_pylist()]
        table = table.set_column(1, "snapshot_date", pa.array(days, pa.date32()))
    if change == "a feature more":
        table = table.append_column("visits", pa.array(range(table.num_rows)))
    if change == "method":
        monkeypatch.setitem(propensity.PARAMETERS, "method", 99)
    _, other = run(table, tmp_path)
    assert other["version"] != card["version"]


def test_with_nobody_to_score_a_kept_model_is_not_asked(tmp_path):
    table = company(people=800)
    run(table, tmp_path)
    scores, card = run(table.slice(0, 0), tmp_path)
    assert scores.num_rows == 0
    assert card["kind"] == "base_rate"


def test_a_card_of_an_earlier_version_is_no_reason_to_fail(tmp_path):
    table = company(people=800)
    first, card = run(table, tmp_path)
    place = tmp_path / "propensity_accessories" / card["version"] / shelf.CARD_FILE
    older = {name: value for name, value in card.items() if name not in ("learned_on", "columns")}
    place.write_text(json.dumps(older))
    again, trained = run(table, tmp_path)
    assert again.equals(first)
    assert trained["learned_on"] == AS_OF.isoformat()


def test_a_half_written_version_is_made_again(tmp_path):
    table = company(people=800)
    _, card = run(table, tmp_path)
    folder = tmp_path / "propensity_accessories"
    (folder / card["version"] / shelf.CARD_FILE).unlink()
    _, again = run(table, tmp_path)
    assert again == card
    assert shelf.complete(folder / card["version"])


def _must_not_be_called(*_):
    raise AssertionError("trained again although nothing changed")


def _labels(table: pa.Table, value) -> pa.Table:
    known = table.column("label").is_valid().to_pylist()
    labels = pa.array([value if k else None for k in known], pa.bool_())
    return table.set_column(table.column_names.index("label"), "label", labels)


DEGENERATE = {
    "no positive": (lambda: _labels(company(200), False), "0 buyers", 0.0),
    "one class": (lambda: _labels(company(200), True), "800 buyers among 800|600 buyers", 1.0),
    "no outcome known": (lambda: company(200, DAYS[:1]), "no customer has a snapshot", 0.0),
    "one snapshot": (lambda: company(200, DAYS[:2]), "only one snapshot", None),
    "too few": (lambda: company(8), "at least 20", None),
    "no rows": (lambda: company(200).slice(0, 0), "no customer has a snapshot", 0.0),
    "no feature": (
        lambda: company(400).select(["customer_id", "snapshot_date", "label"]),
        "no numeric feature",
        None,
    ),
    "nothing varies": (
        lambda: company(400).select(["customer_id", "snapshot_date", "label", "constant"]),
        "more than one value",
        None,
    ),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_data_gives_the_base_rate_and_the_reason(case, tmp_path):
    make, reason, rate = DEGENERATE[case]
    table = make()
    scores, card = run(table, tmp_path)
    assert card["kind"] == "base_rate"
    assert any(part in card["fallback_reason"] for part in reason.split("|"))
    assert scores.column("decile").null_count == scores.num_rows
    if rate is not None and scores.num_rows:
        assert set(scores.column("score").to_pylist()) == {rate}
    json.dumps(card)


def test_with_two_labelled_snapshots_the_simplest_kind_is_used():
    _, card = train(company(days=DAYS[:3]))
    assert card["kind"] == "logistic"
    assert "reason" in card["candidates"]


def test_columns_all_null_or_infinite_do_no_harm():
    table = company(800)
    table = table.append_column("unknown", pa.nulls(table.num_rows, pa.float64()))
    endless = np.where(np.arange(table.num_rows) % 2, np.inf, 1.0)
    table = table.append_column("endless", pa.array(endless))
    model, card = train(table)
    assert "unknown" not in card["features"]
    assert score(model, table).column("score").null_count == 0


def test_a_feature_that_older_snapshots_lack_altogether_does_no_harm():
    table = company(800)
    recent = np.array([day >= DAYS[1] for day in table.column("snapshot_date").to_pylist()])
    late = pa.array(np.where(recent, np.arange(table.num_rows) % 7, np.nan), from_pandas=True)
    model, card = train(table.append_column("measured_lately", late))
    assert "measured_lately" in card["features"]
    assert model.kind != "base_rate"


def test_a_table_without_its_keys_is_refused_by_name():
    with pytest.raises(ValueError, match="snapshot_date"):
        train(company(10).drop_columns(["snapshot_date"]))


def test_lift_does_not_depend_on_the_order_of_ties():
    labels = np.array([1] * 10 + [0] * 90)
    assert quality.top_share(labels, np.ones(100), 0.1) == pytest.approx(0.1)
    assert quality.top_share(labels[::-1], np.ones(100), 0.1) == pytest.approx(0.1)
    assert quality.top_share(labels, labels.astype(float), 0.1) == 1


def test_equal_scores_share_a_decile():
    assert quality.deciles(np.array([0.5, 0.5, 0.1, 0.9])).tolist() == [3, 3, 8, 1]
    assert quality.deciles(np.array([])).tolist() == []
