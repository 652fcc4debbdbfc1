"""The web tracker: one gzipped file of JSON lines per day, in the shape of Segment's spec.

Belongs here: browsers, events, when a browser says who it is.
Does not belong here: why somebody looked at a product (`behaviour`).
"""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sandbox.company import catalogue, sap_commerce, text
from ingestion.sandbox.company.behaviour import Behaviour
from ingestion.sandbox.company.memberships import Memberships, seconds
from ingestion.sandbox.company.people import AS_OF, HISTORY_START, People

PAGE, VIEW, ADD, IDENTIFY = range(4)
PAGES = ("/", "/models", "/models/cross", "/models/e", "/accessories", "/dealers", "/service",
         "/configurator", "/test-drive", "/account")  # fmt: skip
NEVER = np.datetime64("NaT")
ROWS_AT_ONCE = 1_000_000
COMPRESSORS = 2  # threads; zlib works outside the interpreter's lock


@dataclass(frozen=True)
class Browsers:
    """Browsers (count,): whose, and from when on it carries the customer's number."""

    anonymous_id: pa.Array
    who: np.ndarray  # -1: somebody who never says who they are
    identified_at: np.ndarray  # NaT if never
    main: np.ndarray  # (people,) the person's main browser, -1 if none
    second: np.ndarray  # (people,) another browser, -1 if none

    def cookies(self) -> tuple[pa.Array, np.ndarray]:
        """Each person's main cookie (people,), null if none, and since when it is theirs."""
        since = np.where(self.main >= 0, self.identified_at[self.main], NEVER)
        return text.take(self.anonymous_id, self.main), since


@dataclass(frozen=True)
class Keys:
    """Browsers that were seen, with the person behind each: -1 if it never said so."""

    anonymous_id: pa.Array
    who: np.ndarray


@dataclass
class _Events:
    browser: np.ndarray
    kind: np.ndarray
    detail: np.ndarray  # product number, or page number
    at: np.ndarray


def browsers(seed: int, people: People, memberships: Memberships) -> Browsers:
    """The browsers of the web shop's customers, and of visitors nobody knows."""
    rng = text.stream(seed, "browsers")
    owners = np.flatnonzero(memberships.member["web_events"])
    others = owners[text.chance(rng, 0.35, len(owners))]
    strangers = np.full(max(3, people.count // 5), -1)
    who = np.concatenate([owners, others, strangers])
    account = memberships.records["sap_commerce"]
    registered = account.created[account.first_of[np.maximum(who, 0)]]
    registered = np.where(who >= 0, registered, NEVER)
    wait = rng.exponential(25 * 86400, len(who)).astype(np.int64).astype("timedelta64[s]")
    says = (who >= 0) & text.chance(rng, 0.85, len(who))
    at = np.where(says, registered + wait, NEVER)
    died = people.died_on[np.maximum(who, 0)].astype("datetime64[s]")
    at = np.where((at < AS_OF) & ~(at >= died), at, NEVER)
    main, second = np.full(people.count, -1), np.full(people.count, -1)
    main[owners] = np.arange(len(owners))
    second[others] = len(owners) + np.arange(len(others))
    return Browsers(text.guids(rng, len(who)), who, at, main, second)


def _events(
    rng: np.random.Generator, behaviour: Behaviour, known: Browsers, goods: catalogue.Goods
) -> _Events:
    shop = behaviour.shop
    rows = np.flatnonzero(known.main[shop.who] >= 0)
    who = shop.who[rows]
    use_second = (known.second[who] >= 0) & text.chance(rng, 0.35, len(rows))
    browser = np.where(use_second, known.second[who], known.main[who])
    parts = []
    for kind, often in (
        (VIEW, shop.views[rows]),
        (PAGE, rng.poisson(1.1, len(rows))),
        (ADD, shop.adds[rows]),
    ):
        row = np.repeat(np.arange(len(rows)), often)
        count = len(row)
        early = text.chance(rng, 0.4, count) if kind != ADD else np.zeros(count, dtype=bool)
        start = np.where(early, shop.early_at[rows][row], shop.visit_at[rows][row])
        pause = rng.integers(0, 500, count) if kind != ADD else rng.integers(500, 1500, count)
        product = shop.product[rows][row].astype(np.int64)
        favourite = behaviour.traits.category[who[row]]
        if kind == VIEW:
            other = catalogue.choose(rng, goods, favourite)
            product = np.where(text.chance(rng, 0.45, count), other, product)
        detail = rng.integers(0, len(PAGES), count) if kind == PAGE else product
        at = start + pause.astype("timedelta64[s]")
        parts.append(_Events(browser[row], np.full(count, kind), detail, at))
    parts.append(_strangers(rng, known, len(goods.price)))
    parts.append(_identifications(known))
    return _Events(*(np.concatenate([getattr(part, name) for part in parts])
                     for name in ("browser", "kind", "detail", "at")))  # fmt: skip


def _strangers(rng: np.random.Generator, known: Browsers, products: int) -> _Events:
    nobody = np.flatnonzero(known.who < 0)
    browser = np.repeat(nobody, 1 + rng.poisson(2.5, len(nobody)))
    count = len(browser)
    first = seconds(rng, HISTORY_START, AS_OF - np.timedelta64(2, "h"), len(known.who))
    at = first[browser] + rng.integers(0, 3000, count).astype("timedelta64[s]")
    looks = text.chance(rng, 0.6, count)
    anything = rng.integers(0, products, count)
    detail = np.where(looks, anything, rng.integers(0, len(PAGES), count))
    return _Events(browser, np.where(looks, VIEW, PAGE), detail, at)


def _identifications(known: Browsers) -> _Events:
    browser = np.flatnonzero(~np.isnat(known.identified_at))
    count = len(browser)
    return _Events(browser, np.full(count, IDENTIFY), np.zeros(count, dtype=np.int64),
                   known.identified_at[browser])  # fmt: skip


def _lines(
    rng: np.random.Generator, events: _Events, received: np.ndarray, known: Browsers, *,
    user: pa.Array, mail: pa.Array, goods: catalogue.Goods,
) -> pa.Array:  # fmt: skip
    """Events as JSON lines, each with its line end."""
    kind, count = events.kind, len(events.kind)
    is_page, is_identify = kind == PAGE, kind == IDENTIFY
    product = np.where(is_page | is_identify, 0, events.detail)
    page = np.where(is_page, events.detail, 0)
    head = text.take(
        ['"type":"page","anonymousId":"', '"type":"track","event":"Product Viewed","anonymousId":"',
         '"type":"track","event":"Product Added","anonymousId":"',
         '"type":"identify","anonymousId":"'],
        kind,
    )  # fmt: skip
    identified = ~(events.at < known.identified_at[events.browser])
    identified &= ~np.isnat(known.identified_at[events.browser])
    user_id = text.join(',"userId":"', user.take(pa.array(events.browser)), '"')
    path = text.where(
        is_page, text.take(PAGES, page), text.join("/p/", text.take(goods.code, product))
    )
    path = text.where(is_identify, "/account", path)
    track = text.take(_properties(goods), product)
    traits = text.join(',"traits":{"email":"', mail.take(pa.array(events.browser)), '"}')
    tail = text.where(is_page, "", text.where(is_identify, pc.coalesce(traits, ""), track))
    return text.join(
        '{"messageId":"', text.hex_keys(rng, count, 24, "ajs-"), '",', head,
        known.anonymous_id.take(pa.array(events.browser)), '"',
        text.where(identified, user_id, ""), ',"timestamp":"', text.iso_millis(events.at),
        '","receivedAt":"', text.iso_millis(received), '","context":{"page":{"path":"', path,
        '"}}', tail, "}\n",
    )  # fmt: skip


def _properties(goods: catalogue.Goods) -> pa.Array:
    return text.join(
        ',"properties":{"product_id":"', goods.code, '","category":"',
        text.take(catalogue.CATEGORIES, goods.category), '","price":',
        pa.array(goods.price).cast(pa.string()), "}",
    )  # fmt: skip


def write(
    seed: int, folder: Path, behaviour: Behaviour, known: Browsers, *, customers: sap_commerce.Keys,
    first_customer: np.ndarray,
) -> tuple[Keys, int]:  # fmt: skip
    """Write `events-YYYY-MM-DD.jsonl.gz`; `first_customer` (people,) is the customer a person uses.

    An event stands in the file of the day it was received. Returns the browsers seen and the number
    of events.
    """
    rng = text.stream(seed, "web")
    goods = catalogue.goods(seed)
    events = _events(rng, behaviour, known, goods)
    count = len(events.at)
    at = events.at.astype("datetime64[ms]") + rng.integers(0, 1000, count).astype("timedelta64[ms]")
    late = np.where(text.chance(rng, 0.01, count), rng.integers(3600, 130_000, count), 1)
    received = at + (late * 1000 + rng.integers(0, 900, count)).astype("timedelta64[ms]")
    kept = np.flatnonzero((received < AS_OF.astype("datetime64[ms]")) & (at >= HISTORY_START))
    again = kept[text.chance(rng, 0.002, len(kept))]  # some are delivered twice
    kept = np.concatenate([kept, again])
    order = kept[np.argsort(received[kept], kind="stable")]
    events = _Events(events.browser[order], events.kind[order], events.detail[order], at[order])
    received = received[order]
    account = np.where(known.who >= 0, first_customer[np.maximum(known.who, 0)], -1)
    user, mail = text.take(customers.customer_id, account), text.take(customers.uid, account)
    mail = text.where(np.asarray(pc.equal(pc.fill_null(mail, ""), "")), None, mail)
    folder.mkdir(parents=True, exist_ok=True)
    day = received.astype("datetime64[D]")
    days = np.arange(day[0], day[-1] + 1)
    edges = np.searchsorted(day, np.append(days, days[-1] + 1))
    start = 0
    while start < len(days):  # whole days, about a million events at once
        stop = int(np.searchsorted(edges, edges[start] + ROWS_AT_ONCE, side="right"))
        stop = min(max(stop - 1, start + 1), len(days))
        rows = slice(edges[start], edges[stop])
        part = _Events(
            events.browser[rows], events.kind[rows], events.detail[rows], events.at[rows]
        )
        lines = _lines(rng, part, received[rows], known, user=user, mail=mail, goods=goods)
        _write_days(folder, days[start:stop], edges[start : stop + 1] - edges[start], lines)
        start = stop
    seen, told = (np.zeros(len(known.who), dtype=bool) for _ in range(2))
    seen[events.browser] = True
    told[events.browser[events.kind == IDENTIFY]] = True
    told[events.browser[events.at >= known.identified_at[events.browser]]] = True
    who = np.where(told, known.who, -1)[seen]
    return Keys(known.anonymous_id.filter(pa.array(seen)), who), len(order)


def _write_days(folder: Path, days: np.ndarray, edges: np.ndarray, lines: pa.Array) -> None:
    """One file per day; lines of day d are `edges[d]` up to `edges[d + 1]`."""
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)[: len(lines) + 1]
    data = memoryview(lines.buffers()[2])

    def write_day(number: int) -> None:
        first, last = edges[number], edges[number + 1]
        if last > first:
            body = gzip.compress(data[offsets[first] : offsets[last]], compresslevel=1, mtime=0)
            (folder / f"events-{days[number]}.jsonl.gz").write_bytes(body)

    with ThreadPoolExecutor(COMPRESSORS) as pool:
        list(pool.map(write_day, range(len(days))))
