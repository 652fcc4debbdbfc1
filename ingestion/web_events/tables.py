"""The columns of a web event and where the JSON holds them (a dotted path)."""

from ingestion.specs import file_table

EVENTS = file_table(
    "events",
    "message_id",
    "Page views, product views, cart events and identify calls. A day's file may grow: it lands "
    "again as a whole, and staging keeps one row per message_id.",
    """
    message_id varchar messageId
    type varchar
    event varchar
    anonymous_id varchar anonymousId
    user_id varchar userId
    timestamp timestamp
    received_at timestamp receivedAt
    url varchar context.page.path
    product_code varchar properties.product_id
    category varchar properties.category
    price double properties.price
    traits_email varchar traits.email
    """,
    pattern="events-*.jsonl.gz",
)

TABLES = (EVENTS,)
