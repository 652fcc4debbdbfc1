"""The generated company holds what real data holds, and its systems agree on who is who."""

from __future__ import annotations

import unicodedata

import pytest
from company_on_disk import PEOPLE, Company, opened

PERSON_RECORDS = """
    SELECT 'dynamics365:' || contactid AS record_id, firstname AS given, lastname AS family,
           emailaddress1 AS email, birthdate::VARCHAR AS born FROM dynamics365.contacts
    UNION ALL SELECT 'dynamics365:' || leadid, firstname, lastname, emailaddress1, NULL
        FROM dynamics365.leads
    UNION ALL SELECT 'salesforce:' || "Id", "FirstName", "LastName", "Email", "Birthdate"::VARCHAR
        FROM salesforce."Contact"
    UNION ALL SELECT 'salesforce:' || "Id", "FirstName", "LastName", "Email", NULL
        FROM salesforce."Lead"
    UNION ALL SELECT 'dealer_erp:' || customer_number, given_name, family_name, email, birth_date
        FROM dealer_erp.customers
    UNION ALL SELECT 'magento:' || md5(lower(_website) || '|' || lower(trim(email))), firstname,
        lastname, email, dob FROM magento.customers
    UNION ALL SELECT 'sap_commerce:' || "customerId", "firstName", "lastName", uid,
        "birthDate"::VARCHAR FROM sap_commerce.customers
    UNION ALL SELECT 'email_platform:' || contact_id, first_name, last_name, email, NULL
        FROM email_platform.contacts
    UNION ALL SELECT DISTINCT ON (holder_id) 'partners:' || holder_id, given_name, family_name,
        email, birth_date FROM partners.insurance_policies
"""
LAST_DAY = "2026-11-01"


@pytest.fixture(scope="module")
def company() -> Company:
    found = opened()
    found.duck.execute(f"CREATE OR REPLACE TEMP TABLE written AS {PERSON_RECORDS}")
    found.duck.execute(
        """CREATE OR REPLACE TEMP VIEW known AS
        SELECT record_id, person_id, given, family, email, born, given_name, family_name,
               birth_date::VARCHAR AS birth_date
        FROM written JOIN truth.records USING (record_id) JOIN truth.people USING (person_id)"""
    )
    return found


def test_truth_knows_every_record_and_no_other(company: Company) -> None:
    assert company.one("SELECT count(*) - count(DISTINCT record_id) FROM truth.records") == 0
    assert company.one("SELECT count(*) - count(DISTINCT record_id) FROM written") == 0
    unknown = "SELECT count(*) FROM written ANTI JOIN truth.records USING (record_id)"
    assert company.one(unknown) == 0
    absent = "SELECT count(*) FROM truth.records ANTI JOIN written USING (record_id)"
    assert company.one(absent + " WHERE NOT starts_with(record_id, 'web_events:')") == 0
    visitors = "SELECT DISTINCT 'web_events:' || anonymousId AS record_id FROM web_events.events"
    known = "SELECT record_id FROM truth.records WHERE starts_with(record_id, 'web_events:')"
    assert (
        company.one(f"SELECT count(*) FROM ({visitors}) ANTI JOIN ({known}) USING (record_id)") == 0
    )
    assert (
        company.one(f"SELECT count(*) FROM ({known}) ANTI JOIN ({visitors}) USING (record_id)") == 0
    )


def test_everybody_is_in_one_to_five_systems(company: Company) -> None:
    counts = dict(
        company.rows(
            """SELECT systems, count(*) FROM (
                SELECT person_id, count(DISTINCT split_part(record_id, ':', 1)) AS systems
                FROM truth.people LEFT JOIN truth.records USING (person_id) GROUP BY ALL)
            GROUP BY ALL"""
        )
    )
    assert set(counts) == {1, 2, 3, 4, 5}
    assert sum(counts.values()) == PEOPLE
    assert min(counts.values()) > PEOPLE * 0.05


def test_some_are_twice_in_one_system(company: Company) -> None:
    for source in ("dynamics365", "salesforce", "dealer_erp", "sap_commerce", "email_platform"):
        twice = company.one(
            f"""SELECT count(*) FROM (SELECT person_id FROM truth.records
            WHERE record_id LIKE '{source}:%' AND person_id IS NOT NULL
            GROUP BY ALL HAVING count(*) > 1)"""
        )
        assert twice > 0, source


def test_references_hold(company: Company) -> None:
    for child, column, parent, key in (
        ("dynamics365.contacts", "_parentcustomerid_value", "dynamics365.accounts", "accountid"),
        ("dynamics365.leads", "_parentcontactid_value", "dynamics365.contacts", "contactid"),
        ("dynamics365.opportunities", "_parentcontactid_value", "dynamics365.contacts",
         "contactid"),
        ("dynamics365.tasks", "_regardingobjectid_value", "dynamics365.contacts", "contactid"),
        ("dynamics365.phonecalls", "_regardingobjectid_value", "dynamics365.contacts", "contactid"),
        ('salesforce."Lead"', "ConvertedContactId", 'salesforce."Contact"', "Id"),
        ('salesforce."Opportunity"', "ContactId", 'salesforce."Contact"', "Id"),
        ('salesforce."Task"', "WhoId", 'salesforce."Contact"', "Id"),
        ('salesforce."Contact"', "Dealer_Code__c", "dealer_erp.dealers", "dealer_code"),
        ("dealer_erp.vehicles", "customer_number", "dealer_erp.customers", "customer_number"),
        ("dealer_erp.vehicle_orders", "customer_number", "dealer_erp.customers", "customer_number"),
        ("dealer_erp.vehicle_orders", "vehicle_id", "dealer_erp.vehicles", "vehicle_id"),
        ("dealer_erp.order_status_changes", "order_number", "dealer_erp.vehicle_orders",
         "order_number"),
        ("dealer_erp.service_visits", "vehicle_id", "dealer_erp.vehicles", "vehicle_id"),
        ("dealer_erp.surveys", "visit_id", "dealer_erp.service_visits", "visit_id"),
        ("magento.order_items", "increment_id", "magento.orders", "increment_id"),
        ("magento.orders", "customer_email", "magento.customers", "email"),
        ("magento.customer_addresses", "_email", "magento.customers", "email"),
        ("sap_commerce.orders", "customerId", "sap_commerce.customers", "customerId"),
        ("sap_commerce.carts", "customerId", "sap_commerce.customers", "customerId"),
        ("sap_commerce.stock", "productCode", "sap_commerce.products", "code"),
        ("web_events.events", "userId", "sap_commerce.customers", "customerId"),
        ("email_platform.consents", "contact_id", "email_platform.contacts", "contact_id"),
        ("email_platform.events", "contact_id", "email_platform.contacts", "contact_id"),
        ("email_platform.events", "campaign_id", "email_platform.campaigns", "campaign_id"),
        ("partners.insurance_policies", "vin", "dealer_erp.vehicles", "vin"),
    ):  # fmt: skip
        lost = company.one(
            f'''SELECT count(*) FROM {child} AS c WHERE c."{column}" IS NOT NULL
            AND NOT EXISTS (FROM {parent} AS p WHERE p."{key}" = c."{column}")'''
        )
        some = company.one(f'SELECT count("{column}") FROM {child}')
        assert (lost, some > 0) == (0, True), f"{child}.{column}"


def test_references_join_the_same_person(company: Company) -> None:
    for key, other in (
        ("""SELECT 'dynamics365:' || leadid, 'dynamics365:' || _parentcontactid_value
         FROM dynamics365.leads""", "converted lead"),
        ("""SELECT DISTINCT 'web_events:' || anonymousId, 'sap_commerce:' || userId
         FROM web_events.events""", "identified visitor"),
        ("""SELECT DISTINCT 'web_events:' || "anonymousId", 'sap_commerce:' || "customerId"
         FROM sap_commerce.carts""", "cart of a cookie"),
        ("""SELECT 'partners:' || holder_id, 'dealer_erp:' || customer_number
         FROM partners.insurance_policies JOIN dealer_erp.vehicles USING (vin)""", "insured car"),
    ):  # fmt: skip
        differing = company.one(
            f"""SELECT count(*) FROM ({key}) AS pairs (one, two)
            JOIN truth.records AS a ON a.record_id = one
            JOIN truth.records AS b ON b.record_id = two
            WHERE a.person_id IS DISTINCT FROM b.person_id"""
        )
        assert differing == 0, other


def test_nothing_happens_after_the_last_day(company: Company) -> None:
    for table, column in (
        ("dynamics365.contacts", "modifiedon"), ("dynamics365.leads", "modifiedon"),
        ("dynamics365.opportunities", "modifiedon"), ("dynamics365.tasks", "modifiedon"),
        ('salesforce."Contact"', "SystemModstamp"), ('salesforce."Lead"', "SystemModstamp"),
        ("dealer_erp.vehicle_orders", "updated_at"), ("dealer_erp.payments", "paid_at"),
        ("dealer_erp.surveys", "answered_at"), ("dealer_erp.service_visits", "visited_at"),
        ("sap_commerce.orders", "modifiedTime"), ("sap_commerce.carts", "modifiedTime"),
        ("sap_commerce.stock", "modifiedTime"), ("sap_commerce.customers", "modifiedTime"),
        ("web_events.events", "receivedAt"), ("email_platform.events", "occurred_at"),
        ("email_platform.consents", "stated_at"), ("email_platform.contacts", "updated_at"),
        ("registers.deceased", "recorded_on"), ("registers.moved", "recorded_on"),
    ):  # fmt: skip
        late = f'''SELECT count(*) FROM {table} WHERE "{column}"::TIMESTAMP >= '{LAST_DAY}' '''
        assert company.one(late) == 0, f"{table}.{column}"
    for table, made, changed in (
        ("dynamics365.contacts", "createdon", "modifiedon"),
        ("dynamics365.opportunities", "createdon", "modifiedon"),
        ('salesforce."Lead"', "CreatedDate", "SystemModstamp"),
        ("dealer_erp.customers", "created_at", "updated_at"),
        ("sap_commerce.orders", "createdTime", "modifiedTime"),
        ("email_platform.contacts", "created_at", "updated_at"),
    ):
        back = f'SELECT count(*) FROM {table} WHERE "{made}" > "{changed}"'
        assert company.one(back) == 0, table


def test_names_are_written_in_many_ways(company: Company) -> None:
    rows = company.rows("SELECT family, family_name, given, given_name FROM known")
    different = [row for row in rows if row[0] and row[0] != row[1]]
    assert 0.05 < len(different) / len(rows) < 0.35
    families = {row[0] for row in rows if row[0]}
    assert any("Ã" in family for family in families), "mojibake"
    assert any(unicodedata.normalize("NFC", name) != name for name in families), "decomposed"
    assert any(row[0] and "ue" in row[0] and "ü" in row[1] for row in rows), "Mueller"
    assert any("van der " in name for name in families)
    assert any("v.d. " in name for name in families)
    assert any(name.startswith("O'") for name in families)
    assert any(row[0] == row[3] and row[2] == row[1] != row[3] for row in rows), "swapped"
    short = {("Kees", "Cornelis"), ("Bob", "Robert"), ("Wim", "Willem"), ("Alex", "Alexander")}
    assert any((row[2], row[3]) in short for row in rows), "nickname"


def test_birth_dates_are_missing_or_turned(company: Company) -> None:
    turned = company.one(
        """SELECT count(*) FROM known WHERE born LIKE '____-__-__' AND born <> birth_date
        AND born = substr(birth_date, 1, 5) || substr(birth_date, 9, 2)
            || substr(birth_date, 5, 3)"""
    )
    assert turned > 0
    formats = "SELECT count(*) FROM dealer_erp.customers WHERE birth_date LIKE '__-__-____'"
    assert company.one(formats) > 0
    assert company.one("SELECT count(*) FROM dealer_erp.customers WHERE birth_date IS NULL") > 0


def test_who_has_a_namesake_is_rare_but_there(company: Company) -> None:
    """Sandbox or not, a thousand people hold a handful of strangers with one name."""
    named = """SELECT count(DISTINCT household_id) AS homes FROM truth.people
        GROUP BY given_name, family_name"""
    namesakes = company.one(f"SELECT coalesce(sum(homes), 0) FROM ({named}) WHERE homes > 1")
    assert 0 < namesakes < 0.03 * PEOPLE
    families = company.one("SELECT count(DISTINCT family_name) FROM truth.people")
    assert families > 0.3 * PEOPLE


def test_the_shop_passes_its_newsletter_on(company: Company) -> None:
    """Who asks for it in the shop is known there by that address, others by another at times."""
    rows = company.rows(
        """SELECT newsletter, avg((lower(uid) = lower(e.email))::INT), count(*)
        FROM sap_commerce.customers
        JOIN truth.records AS a ON a.record_id = 'sap_commerce:' || "customerId"
        JOIN truth.records AS b USING (person_id)
        JOIN email_platform.contacts AS e ON b.record_id = 'email_platform:' || e.contact_id
        WHERE uid > '' GROUP BY ALL ORDER BY ALL"""
    )
    (_, alone, few), (_, passed_on, many) = rows
    assert min(few, many) > 50
    assert 0.7 < alone < 0.97
    assert 0.9 < passed_on < 1


def test_families_share_and_resemble(company: Company) -> None:
    shared = """SELECT count(*) FROM (SELECT lower(email) FROM known WHERE email > ''
        GROUP BY ALL HAVING count(DISTINCT person_id) > 1)"""
    assert company.one(shared) > 10
    strangers = """SELECT count(*) FROM (SELECT lower(email), count(DISTINCT household_id) AS homes
        FROM known JOIN truth.people USING (person_id) WHERE email > ''
        GROUP BY ALL HAVING homes > 1)"""
    assert company.one(strangers) == 0
    pair = """FROM truth.people AS a JOIN truth.people AS b USING (household_id)
        WHERE a.person_id < b.person_id"""
    twins = f"{pair} AND a.birth_date = b.birth_date AND a.given_name <> b.given_name"
    assert company.one(f"SELECT count(*) {twins}") > 5
    namesakes = f"""{pair} AND a.given_name = b.given_name AND a.family_name = b.family_name
        AND abs(a.birth_date - b.birth_date) > 18 * 365"""
    assert company.one(f"SELECT count(*) {namesakes}") > 5


def test_roles_tests_and_people_without_email(company: Company) -> None:
    nobody = """SELECT count(*) FROM written JOIN truth.records USING (record_id)
        WHERE person_id IS NULL AND email """
    assert company.one(nobody + "= 'test@test.com'") > 0
    assert company.one(nobody + "LIKE 'info@%'") > 0
    assert company.one("SELECT count(*) FROM dealer_erp.customers WHERE email IS NULL") > 100
    strangers = """SELECT count(*) FROM truth.records
        WHERE person_id IS NULL AND record_id LIKE 'web%'"""
    assert company.one(strangers) > PEOPLE * 0.15


def test_consent_differs_between_systems(company: Company) -> None:
    differing = """SELECT count(DISTINCT a.person_id)
        FROM dynamics365.contacts
        JOIN truth.records AS a ON a.record_id = 'dynamics365:' || contactid
        JOIN truth.records AS b USING (person_id)
        JOIN email_platform.contacts AS e ON b.record_id = 'email_platform:' || e.contact_id
        WHERE donotbulkemail AND e.status = 'subscribed'"""
    assert company.one(differing) > 5
    withdrawn = "SELECT count(*) FROM email_platform.consents WHERE evidence = 'unsubscribe_link'"
    assert company.one(withdrawn) > 10


def test_car_orders_wait_two_to_twelve_months_and_some_are_late(company: Company) -> None:
    least, most = company.rows(
        """SELECT min(delivered_on - ordered_at::DATE), max(delivered_on - ordered_at::DATE)
        FROM dealer_erp.vehicle_orders WHERE status = 'delivered'"""
    )[0]
    assert 60 <= least < 90
    assert 200 < most <= 365
    late = "SELECT count(*) FROM dealer_erp.vehicle_orders WHERE expected_on > promised_on"
    assert company.one(late) > 20
    states = company.rows("SELECT DISTINCT status FROM dealer_erp.vehicle_orders")
    assert len(states) >= 6
    wrong = company.one(
        """SELECT count(*) FROM dealer_erp.vehicle_orders AS o JOIN (
            SELECT order_number, arg_max(c.status, change_id) AS status,
                   arg_max(c.expected_on, change_id) AS expected_on, max(changed_at) AS changed_at
            FROM dealer_erp.order_status_changes AS c GROUP BY ALL) AS last USING (order_number)
        WHERE o.status <> last.status OR o.expected_on <> last.expected_on
           OR o.updated_at <> last.changed_at"""
    )
    assert wrong == 0


def test_carts_stock_and_opportunities_have_every_state(company: Company) -> None:
    carts = dict(company.rows("SELECT status, count(*) FROM sap_commerce.carts GROUP BY ALL"))
    assert set(carts) == {"OPEN", "ABANDONED", "CONVERTED"}
    assert "outOfStock" in {
        row[0] for row in company.rows('SELECT "stockStatus" FROM sap_commerce.stock')
    }
    states = company.rows("SELECT DISTINCT statecode FROM dynamics365.opportunities ORDER BY ALL")
    assert states == [(0,), (1,), (2,)]
    wrong = company.one(
        """SELECT count(*) FROM sap_commerce.orders WHERE abs("totalPrice" - list_sum(
            from_json(entries, '[{"totalPrice": "DOUBLE"}]')
                .list_transform(lambda e: e."totalPrice")
        )) > 0.005"""
    )
    assert wrong == 0


def test_registers_name_most_of_the_dead_and_others_too(company: Company) -> None:
    dead = company.one("SELECT count(*) FROM truth.deaths")
    named = company.one(
        """SELECT count(DISTINCT d.person_id)
        FROM truth.deaths AS d JOIN truth.people AS p USING (person_id)
        JOIN registers.deceased AS r ON r.died_on::DATE = d.died_on
            AND r.birth_date::DATE = p.birth_date"""
    )
    assert 0.6 * dead < named <= dead
    actions = dict(company.rows("SELECT action, count(*) FROM registers.deceased GROUP BY ALL"))
    assert actions["withdraw"] >= 1
    assert actions["add"] > dead
    orphans = """SELECT count(*) FROM registers.deceased AS w
        WHERE action = 'withdraw' AND NOT EXISTS (
        FROM registers.deceased AS a WHERE a.action = 'add' AND a.entry_id = w.entry_id
        AND a.recorded_on < w.recorded_on)"""
    assert company.one(orphans) == 0
    gone = "SELECT count(*) FROM registers.moved WHERE new_postal_code IS NULL"
    assert 0 < company.one(gone) < company.one("SELECT count(*) FROM registers.moved")


def test_mails_are_opened_at_each_persons_own_hours(company: Company) -> None:
    within, overall = company.rows(
        """WITH opens AS (SELECT contact_id, hour(occurred_at) AS hour FROM email_platform.events
            WHERE event_type = 'open' QUALIFY count(*) OVER (PARTITION BY contact_id) >= 4)
        SELECT (SELECT avg(spread) FROM (SELECT stddev(hour) AS spread FROM opens
                GROUP BY contact_id)), (SELECT stddev(hour) FROM opens)"""
    )[0]
    assert within < 1.5 < 4 < overall


def test_buying_depends_on_what_was_done_before(company: Company) -> None:
    """Who looked and filled carts in the months before buys more in the quarter after."""
    rows = company.rows(
        """WITH looked AS (SELECT userId AS id, count(*) FILTER (event = 'Product Viewed') AS views,
                count(*) FILTER (event = 'Product Added') AS adds FROM web_events.events
                WHERE "timestamp" BETWEEN '2026-04-01' AND '2026-07-31' GROUP BY ALL),
            bought AS (SELECT DISTINCT "customerId" AS id FROM sap_commerce.orders
                WHERE "createdTime" BETWEEN '2026-08-01' AND '2026-10-31')
        SELECT coalesce(views, 0) >= 6 OR coalesce(adds, 0) >= 2 AS active, count(*), count(b.id)
        FROM sap_commerce.customers AS c LEFT JOIN looked AS l ON l.id = c."customerId"
        LEFT JOIN bought AS b ON b.id = c."customerId"
        WHERE "createdTime" < '2026-04-01' GROUP BY ALL ORDER BY active"""
    )
    quiet, active = (bought / people for _, people, bought in rows)
    assert active > 1.7 * quiet > 0
