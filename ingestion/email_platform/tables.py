"""The fields of the email platform, as they land. `attributes` lands as JSON."""

from ingestion.specs import api_table

CONTACTS = api_table(
    "contacts",
    "contact_id",
    "Who can receive newsletters; external_id is the Kindred customer.",
    """
    contact_id varchar
    email varchar
    first_name varchar
    last_name varchar
    language varchar
    status varchar
    external_id varchar
    attributes varchar
    created_at timestamp
    created_by varchar
    updated_at timestamp
    updated_by varchar
    """,
    cursor="updated_at",
    written_back=True,
)

CONSENTS = api_table(
    "consents",
    "consent_id",
    "What contacts allowed and withdrew, and how we know.",
    """
    consent_id varchar
    contact_id varchar
    email varchar
    channel varchar
    purpose varchar
    status varchar
    stated_at timestamp
    evidence varchar
    """,
    cursor="stated_at",
)

CAMPAIGNS = api_table(
    "campaigns",
    "campaign_id",
    "Newsletters and mailings.",
    """
    campaign_id varchar
    name varchar
    subject varchar
    topic varchar
    sent_at timestamp
    updated_at timestamp
    """,
    cursor="updated_at",
)

EVENTS = api_table(
    "events",
    "event_id",
    "Sends, opens, clicks, bounces, unsubscribes and complaints. They never change.",
    """
    event_id bigint
    contact_id varchar
    campaign_id varchar
    message_id varchar
    event_type varchar
    occurred_at timestamp
    url varchar
    """,
)

TABLES = (CONTACTS, CONSENTS, CAMPAIGNS, EVENTS)
