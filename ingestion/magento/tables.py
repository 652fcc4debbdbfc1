"""The columns of Magento's exports, as they land and as the files call them."""

from ingestion.specs import file_table

SECRET = ("password_hash", "rp_token")

CUSTOMERS = file_table(
    "customers",
    "website email",
    "Accounts of the old shop; guests are only in orders. Key: website and email.",
    """
    email varchar
    website varchar _website
    store varchar _store
    created_at timestamp
    updated_at timestamp
    dob date
    firstname varchar
    middlename varchar
    lastname varchar
    gender varchar
    group_id bigint
    """,
    pattern="customer_export_*.csv",
    secret=SECRET,
)

CUSTOMER_ADDRESSES = file_table(
    "customer_addresses",
    "entity_id",
    "Addresses of those accounts; belongs to a customer by website and email.",
    """
    entity_id varchar _entity_id
    email varchar _email
    website varchar _website
    firstname varchar
    lastname varchar
    street varchar
    postcode varchar
    city varchar
    country_id varchar
    telephone varchar
    company varchar
    is_default_billing boolean _address_default_billing_
    """,
    pattern="customer_address_export_*.csv",
)

ORDERS = file_table(
    "orders",
    "increment_id",
    "Orders of the old shop, with those of guests.",
    """
    increment_id varchar
    customer_email varchar
    website varchar
    customer_firstname varchar
    customer_lastname varchar
    created_at timestamp
    status varchar
    grand_total double
    discount_amount double
    tax_amount double
    shipping_amount double
    currency varchar
    """,
    pattern="orders_*.csv",
)

ORDER_ITEMS = file_table(
    "order_items",
    "item_id",
    "Lines of those orders; row_total is net of discount and without tax.",
    """
    item_id bigint
    increment_id varchar
    sku varchar
    name varchar
    qty double
    price double
    discount_amount double
    row_total double
    """,
    pattern="order_items_*.csv",
)

TABLES = (CUSTOMERS, CUSTOMER_ADDRESSES, ORDERS, ORDER_ITEMS)
