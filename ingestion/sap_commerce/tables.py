"""The fields of the shop's resources, and the columns they land as. `entries` lands as JSON."""

from ingestion.specs import api_table

CUSTOMERS = api_table(
    "customers",
    "customer_id",
    "Accounts and guests of the shop; uid is the email address, empty for guests.",
    """
    customer_id varchar customerId
    uid varchar
    first_name varchar firstName
    last_name varchar lastName
    title_code varchar titleCode
    birth_date date birthDate
    phone varchar
    street_name varchar streetName
    street_number varchar streetNumber
    postal_code varchar postalCode
    town varchar
    country_iso varchar countryIso
    language_iso varchar languageIso
    loyalty_card varchar loyaltyCard
    newsletter boolean
    created_time timestamp createdTime
    modified_time timestamp modifiedTime
    """,
    cursor="modified_time",
)

ORDERS = api_table(
    "orders",
    "code",
    "Orders; total_price is net after discount, without tax and shipping.",
    """
    code varchar
    customer_id varchar customerId
    created_time timestamp createdTime
    status varchar
    currency varchar
    total_price double totalPrice
    total_discounts double totalDiscounts
    delivery_cost double deliveryCost
    modified_time timestamp modifiedTime
    entries varchar
    """,
    cursor="modified_time",
)

CARTS = api_table(
    "carts",
    "code",
    "Carts, also of anonymous visitors.",
    """
    code varchar
    customer_id varchar customerId
    anonymous_id varchar anonymousId
    status varchar
    total_price double totalPrice
    entries varchar
    created_time timestamp createdTime
    modified_time timestamp modifiedTime
    """,
    cursor="modified_time",
)

PRODUCTS = api_table(
    "products",
    "code",
    "What the shop sells.",
    """
    code varchar
    name varchar
    category varchar
    price double
    purchase_price double purchasePrice
    currency varchar
    modified_time timestamp modifiedTime
    """,
    cursor="modified_time",
)

STOCK = api_table(
    "stock",
    "product_code",
    "How much of each product is there.",
    """
    product_code varchar productCode
    available bigint
    stock_status varchar stockStatus
    modified_time timestamp modifiedTime
    """,
    cursor="modified_time",
)

TABLES = (CUSTOMERS, ORDERS, CARTS, PRODUCTS, STOCK)
