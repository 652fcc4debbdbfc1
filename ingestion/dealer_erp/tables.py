"""The columns of the ERP's tables. Every table says in `updated_at` when a row last changed."""

from ingestion.specs import TableSpec, columns

CHANGED = "updated_at"


def _table(name: str, key: str, description: str, notation: str) -> TableSpec:
    found = (*columns(notation), *columns(f"{CHANGED} timestamp"))
    return TableSpec(name, found, (key,), description, name, CHANGED)


DEALERS = _table(
    "dealers",
    "dealer_code",
    "Dealerships.",
    """
    dealer_code varchar
    name varchar
    city varchar
    country_code varchar
    opened_on date
    """,
)

CUSTOMERS = _table(
    "customers",
    "customer_number",
    "Buyers and owners, as the dealers typed them; birth_date comes in two notations.",
    """
    customer_number varchar
    given_name varchar
    family_name varchar
    birth_date varchar
    gender varchar
    email varchar
    phone varchar
    street varchar
    house_number varchar
    postal_code varchar
    city varchar
    country_code varchar
    dealer_code varchar
    created_at timestamp
    """,
)

VEHICLES = _table(
    "vehicles",
    "vehicle_id",
    "Cars delivered, with whose they are and how long warranty and lease run.",
    """
    vehicle_id varchar
    vin varchar
    model varchar
    customer_number varchar
    delivered_on date
    warranty_until date
    lease_until date
    """,
)

VEHICLE_ORDERS = _table(
    "vehicle_orders",
    "order_number",
    "Car orders with the dates promised and expected now.",
    """
    order_number varchar
    customer_number varchar
    dealer_code varchar
    model varchar
    ordered_at timestamp
    status varchar
    net_amount double
    tax_amount double
    promised_on date
    expected_on date
    delivered_on date
    vehicle_id varchar
    """,
)

ORDER_STATUS_CHANGES = _table(
    "order_status_changes",
    "change_id",
    "Each state that a car order went through, with the delivery expected then.",
    """
    change_id bigint
    order_number varchar
    status varchar
    changed_at timestamp
    expected_on date
    """,
)

DELIVERIES = _table(
    "deliveries",
    "delivery_id",
    "Cars handed over.",
    """
    delivery_id bigint
    order_number varchar
    vehicle_id varchar
    delivered_at timestamp
    dealer_code varchar
    """,
)

PAYMENTS = _table(
    "payments",
    "payment_id",
    "Deposits, balances and refunds of car orders.",
    """
    payment_id bigint
    order_number varchar
    kind varchar
    amount double
    paid_at timestamp
    """,
)

SERVICE_VISITS = _table(
    "service_visits",
    "visit_id",
    "Visits to a workshop.",
    """
    visit_id bigint
    vehicle_id varchar
    customer_number varchar
    dealer_code varchar
    visited_at timestamp
    kind varchar
    net_amount double
    """,
)

SURVEYS = _table(
    "surveys",
    "survey_id",
    "Satisfaction from 0 to 10 after a delivery or a visit.",
    """
    survey_id bigint
    order_number varchar
    visit_id bigint
    customer_number varchar
    score bigint
    answered_at timestamp
    """,
)

TABLES = (
    DEALERS,
    CUSTOMERS,
    VEHICLES,
    VEHICLE_ORDERS,
    ORDER_STATUS_CHANGES,
    DELIVERIES,
    PAYMENTS,
    SERVICE_VISITS,
    SURVEYS,
)
