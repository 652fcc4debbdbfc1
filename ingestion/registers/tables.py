"""The columns of the register files. An entry with action `withdraw` takes an earlier one back."""

from ingestion.specs import file_table

DECEASED = file_table(
    "deceased",
    "entry_id",
    "People who died, with what identifies them.",
    """
    entry_id varchar
    given_names varchar
    family_name varchar
    birth_date date
    died_on date
    postal_code varchar
    city varchar
    country_code varchar
    recorded_on date
    action varchar
    """,
    pattern="deceased_*.csv",
)

MOVED = file_table(
    "moved",
    "entry_id",
    "People who moved; without a new address there is no forwarding.",
    """
    entry_id varchar
    given_names varchar
    family_name varchar
    birth_date date
    moved_on date
    old_street varchar
    old_house_number varchar
    old_postal_code varchar
    old_city varchar
    country_code varchar
    new_street varchar
    new_house_number varchar
    new_postal_code varchar
    new_city varchar
    new_country_code varchar
    recorded_on date
    action varchar
    """,
    pattern="moved_*.csv",
)

DO_NOT_CONTACT = file_table(
    "do_not_contact",
    "entry_id",
    "People who must not be contacted by post or phone (channels, separated by |).",
    """
    entry_id varchar
    given_names varchar
    family_name varchar
    street varchar
    house_number varchar
    postal_code varchar
    city varchar
    country_code varchar
    phone varchar
    email varchar
    channels varchar
    recorded_on date
    action varchar
    """,
    pattern="do_not_contact_*.csv",
)

TABLES = (DECEASED, MOVED, DO_NOT_CONTACT)
