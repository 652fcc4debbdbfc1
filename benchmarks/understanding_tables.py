"""What the timeline, measures, segments and marts read, made by arithmetic: fast, and of any size.

Belongs here: tables with plausible sizes and spreads. Does not belong here: plausible people (the
sandbox company has these) and the measurement (benchmarks/understanding.py).
"""

from __future__ import annotations

import datetime as dt

AS_OF = dt.date(2026, 11, 1)
NOW = f"timestamp '{AS_OF}'"
MINUTES = 2 * 365 * 24 * 60
MODELS = ("alpha", "beta", "gamma", "delta", "epsilon")
DEALERS = 200
CAMPAIGNS = 60
PRODUCTS = 400


def _one_of(values: tuple[str, ...], salt: int) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"([{listed}])[cast(1 + hash(i + {salt}) % {len(values)} as bigint)]"


def _share(salt: int) -> str:
    """A number from 0 to 1 that depends on the row only."""
    return f"((hash(i + {salt}) % 100000) / 100000.0)"


def _at(salt: int) -> str:
    """A time within the last two years."""
    return f"{NOW} - to_minutes(cast(1 + hash(i + {salt}) % {MINUTES} as integer))"


def _who(kind: str, people: int, salt: int, active: float = 1.0) -> str:
    """A record of one of the people; `active` is the share of people among whom it is drawn."""
    return f"'{kind}:' || (hash(i + {salt}) % {max(1, int(people * active))})"


FIRST = {"source_system": "'bench'", "data_party": "'first'"}


def tables(people: int, events: int) -> dict[str, tuple[str, int, dict[str, str]]]:
    """Model to schema, rows, and columns as expressions over the row number `i`."""

    def customer(number: str) -> str:
        return f"'kc_' || {number}"

    cars, orders = people // 4, people // 3
    web, mails = int(events * 0.4), int(events * 0.45)
    net = f"cast(20 + 400 * {_share(5)} as decimal(18, 2))"
    return {
        "dim_customers": (
            "customers",
            people,
            {
                "customer_id": customer("i"),
                "lifecycle": "case when i % 3 = 0 then 'customer' when i % 7 = 0 then 'lead' "
                "else 'prospect' end",
                "given_name": "'name' || i % 9000",
                "email": "'p' || i || '@example.org'",
                "birth_date": "date '1940-01-01' + cast(hash(i) % 23000 as integer)",
                "postal_code": "cast(1000 + i % 8000 as varchar)",
                "country_code": "'NL'",
                "record_count": "3",
                "first_seen_at": _at(1),
                "deceased": "i % 200 = 0",
                "moved": "false",
            },
        ),
        "bridge_customer_records": (
            "customers",
            people * 3,
            {
                "record_id": "(['web', 'mail', 'erp'])[1 + i % 3] || ':' || i // 3",
                "customer_id": customer("i // 3"),
                "source_system": "'bench'",
            },
        ),
        "int_identity__successors": (
            "identity",
            people // 100,
            {"customer_id": "'kc_old_' || i", "successor_id": customer("i")},
        ),
        "person_records": (
            "semantic",
            people * 3,
            {"record_id": "(['web', 'mail', 'erp'])[1 + i % 3] || ':' || i // 3"} | FIRST,
        ),
        "fct_contactability": (
            "contactability",
            people * 20,
            {
                "customer_id": customer("i // 20"),
                "channel": "(['email', 'phone', 'sms', 'post', 'ads'])[1 + (i // 4) % 5]",
                "purpose": "(['service', 'marketing', 'profiling', 'third_party'])[1 + i % 4]",
                "allowed": f"{_share(2)} < 0.4",
                "reasons": _one_of(("", "no_consent", "minor"), 3),
            },
        ),
        "int_contactability__register_matches": (
            "contactability",
            people // 20,
            {
                "entry_id": "'e' || i",
                "register": _one_of(("moved", "do_not_contact"), 4),
                "customer_id": customer(f"hash(i) % {people}"),
                "outcome": "'matched'",
                "effective_on": "date '2026-01-01'",
            },
        ),
        "register_entries": ("semantic", people // 20, {"entry_id": "'e' || i"} | FIRST),
        "web_events": (
            "semantic",
            web,
            {
                "event_id": "'w' || i",
                "record_id": _who("web", people, 6, 0.4),
                "event_type": _one_of(
                    ("page_view", "page_view", "product_view", "product_added"), 7
                ),
                "url": "'/p/' || i % 500",
                "product_code": f"'P' || hash(i) % {PRODUCTS}",
                "occurred_at": _at(8),
            }
            | FIRST,
        ),
        "email_events": (
            "semantic",
            mails,
            {
                "event_id": "'m' || i",
                "record_id": _who("mail", people, 9, 0.6),
                "campaign_id": f"'c' || hash(i + 1) % {CAMPAIGNS}",
                "event_type": _one_of(("send", "send", "send", "open", "open", "click"), 10),
                "occurred_at": _at(11),
            }
            | FIRST,
        ),
        "orders": (
            "semantic",
            orders,
            {
                "order_id": "'o' || i",
                "record_id": _who("erp", people, 12, 0.3),
                "order_kind": "case when i % 4 = 0 then 'vehicle' else 'accessory' end",
                "order_number": "'N' || i",
                "ordered_at": _at(13),
                "status": _one_of(("completed", "completed", "completed", "open", "cancelled"), 14),
                "stage": "'shipped'",
                "currency": "'EUR'",
                "discount_amount": "i % 10",
                "net_amount": f"case when i % 4 = 0 then 100 * {net} else {net} end",
                "dealer_code": f"case when i % 4 = 0 then 'D' || hash(i) % {DEALERS} end",
                "model": _one_of(MODELS, 15),
                "promised_on": "date '2026-09-01'",
                "delivered_on": "case when i % 4 = 0 and i % 5 < 3 then date '2026-08-01' end",
            }
            | FIRST,
        ),
        "order_lines": (
            "semantic",
            orders,
            {
                "order_line_id": "'l' || i",
                "order_id": "'o' || i",
                "product_code": f"'P' || hash(i) % {PRODUCTS}",
                "quantity": "1",
                "net_amount": net,
            }
            | FIRST,
        ),
        "products": (
            "semantic",
            PRODUCTS,
            {
                "product_code": "'P' || i",
                "category": _one_of(("wheels", "roof", "care", "interior"), 16),
                "purchase_price": "10 + i % 40",
            }
            | FIRST,
        ),
        "order_status_changes": (
            "semantic",
            orders,
            {
                "change_id": "'s' || i",
                "order_id": "'o' || i",
                "status": "'shipped'",
                "changed_at": _at(17),
            }
            | FIRST,
        ),
        "payments": (
            "semantic",
            orders,
            {
                "payment_id": "'p' || i",
                "order_id": "'o' || i",
                "kind": "'payment'",
                "amount": net,
                "paid_at": _at(18),
            }
            | FIRST,
        ),
        "vehicles": (
            "semantic",
            cars,
            {
                "vehicle_id": "'v' || i",
                "record_id": _who("erp", people, 19, 0.3),
                "delivered_on": f"cast({_at(20)} as date)",
                "warranty_until": "date '2027-01-01'",
                "model": _one_of(MODELS, 21),
            }
            | FIRST,
        ),
        "service_visits": (
            "semantic",
            cars * 2,
            {
                "visit_id": "'y' || i",
                "record_id": _who("erp", people, 22, 0.3),
                "kind": "'service'",
                "net_amount": net,
                "visited_at": _at(23),
            }
            | FIRST,
        ),
        "surveys": (
            "semantic",
            cars,
            {
                "survey_id": "'q' || i",
                "record_id": _who("erp", people, 24, 0.3),
                "score": "cast(hash(i) % 11 as integer)",
                "answered_at": _at(25),
            }
            | FIRST,
        ),
        "carts": (
            "semantic",
            orders,
            {
                "cart_id": "'k' || i",
                "record_id": _who("web", people, 26),
                "net_amount": net,
                "status": _one_of(("converted", "abandoned"), 27),
                "created_at": _at(28),
            }
            | FIRST,
        ),
        "tasks": (
            "semantic",
            people // 5,
            {
                "task_id": "'t' || i",
                "record_id": _who("erp", people, 29),
                "kind": _one_of(("call", "task"), 30),
                "status": "'completed'",
                "created_at": _at(31),
                "subject": "'call back'",
            }
            | FIRST,
        ),
        "leads": (
            "semantic",
            people // 5,
            {
                "lead_id": "'d' || i",
                "record_id": _who("erp", people, 32),
                "channel": "'web'",
                "dealer_code": f"'D' || hash(i) % {DEALERS}",
                "model": _one_of(MODELS, 33),
                "status": _one_of(("open", "lost", "qualified"), 34),
                "created_at": _at(35),
                "first_response_at": _at(35) + " + interval 5 hour",
            }
            | FIRST,
        ),
        "opportunities": (
            "semantic",
            people // 5,
            {
                "opportunity_id": "'u' || i",
                "record_id": _who("erp", people, 36),
                "dealer_code": f"'D' || hash(i) % {DEALERS}",
                "model": _one_of(MODELS, 37),
                "stage": _one_of(("qualify", "develop", "propose", "close"), 38),
                "status": _one_of(("open", "won", "lost"), 39),
                "estimated_value": "30000",
                "probability": "0.5",
                "created_at": _at(40),
                "closed_on": f"cast({NOW} as date)",
                "expected_close_on": "date '2026-12-01'",
                "lost_reason": "'price'",
            }
            | FIRST,
        ),
        "opportunity_changes": (
            "semantic",
            people // 5,
            {
                "change_id": "'h' || i",
                "opportunity_id": "'u' || i",
                "stage": "'qualify'",
                "changed_at": _at(41),
            }
            | FIRST,
        ),
        "consents": (
            "semantic",
            people,
            {
                "consent_id": "'n' || i",
                "record_id": "'mail:' || i",
                "channel": "'email'",
                "purpose": "'marketing'",
                "status": "'granted'",
                "stated_at": _at(42),
            }
            | FIRST,
        ),
        "enrichment": (
            "semantic",
            8000 * 5,
            {
                "enrichment_id": "'f' || i",
                "key_type": "'postal_code'",
                "data_party": "'third'",
                "key_value": "'NL|' || (1000 + i // 5)",
                "source_system": "'bench'",
                "attribute": "(['income_index', 'urbanity', 'family_share', 'brand_affinity', "
                "'ev_affinity'])[1 + i % 5]",
                "value": "'1.1'",
                "valid_until": "date '2027-01-01'",
            },
        ),
        "campaigns": (
            "semantic",
            CAMPAIGNS,
            {
                "campaign_id": "'c' || i",
                "name": "'campaign ' || i",
                "sent_at": _at(43),
            }
            | FIRST,
        ),
        "dealers": (
            "semantic",
            DEALERS,
            {"dealer_code": "'D' || i", "name": "'dealer ' || i"} | FIRST,
        ),
        "journey_waiting_for_car": (
            "journeys",
            cars // 4,
            {
                "message_id": "'j' || i",
                "journey": "'waiting_for_car'",
                "version": "1",
                "customer_id": customer(f"hash(i) % {people}"),
                "order_id": "'o' || i * 4",
                "step": _one_of(("welcome", "halfway"), 44),
                "due_on": "date '2026-11-01'",
                "expires_on": "date '2026-11-20'",
                "is_due": "true",
            },
        ),
    }
