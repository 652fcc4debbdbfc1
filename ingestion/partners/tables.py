"""The columns of the partners' files."""

from ingestion.specs import file_table

INSURANCE_POLICIES = file_table(
    "insurance_policies",
    "policy_number",
    "Second party: policy holders of the insurer that shares them with us.",
    """
    policy_number varchar
    holder_id varchar
    given_name varchar
    family_name varchar
    birth_date date
    email varchar
    phone varchar
    street varchar
    house_number varchar
    postal_code varchar
    city varchar
    country_code varchar
    product varchar
    vin varchar
    starts_on date
    ends_on date
    shared_on date
    """,
    pattern="insurance_policies_*.csv",
)

POSTAL_DEMOGRAPHICS = file_table(
    "postal_demographics",
    "country_code postal_code valid_from",
    "Third party: what is known about a postal code, not about a person.",
    """
    country_code varchar
    postal_code varchar
    households bigint
    income_index double
    urbanity varchar
    family_share double
    valid_from date
    licensed_until date
    """,
    pattern="postal_demographics*.parquet",
)

BRAND_AFFINITY = file_table(
    "brand_affinity",
    "country_code postal_code valid_from",
    "Third party: affinity to the brand and to electric cars by postal code.",
    """
    country_code varchar
    postal_code varchar
    brand_affinity double
    ev_affinity double
    valid_from date
    licensed_until date
    """,
    pattern="brand_affinity*.parquet",
)

TABLES = (INSURANCE_POLICIES, POSTAL_DEMOGRAPHICS, BRAND_AFFINITY)
