"""The columns of the Dataverse tables, by their logical names."""

from ingestion.specs import api_table

CONTACTS = api_table(
    "contacts",
    "contactid",
    "People the brand's own sales and service know. kin_* columns are written by Kindred.",
    """
    contactid varchar
    firstname varchar
    middlename varchar
    lastname varchar
    emailaddress1 varchar
    mobilephone varchar
    telephone1 varchar
    birthdate date
    gendercode bigint
    address1_line1 varchar
    address1_postalcode varchar
    address1_city varchar
    address1_country varchar
    kin_language varchar
    donotemail boolean
    donotphone boolean
    donotpostalmail boolean
    donotbulkemail boolean
    statecode bigint
    kin_customerid varchar
    kin_segments varchar
    kin_propensity double
    kin_emailmarketing boolean
    _parentcustomerid_value varchar
    createdon timestamp
    _createdby_value varchar
    modifiedon timestamp
    _modifiedby_value varchar
    """,
    written_back=True,
)

ACCOUNTS = api_table(
    "accounts",
    "accountid",
    "Dealers; accountnumber is the dealer code.",
    """
    accountid varchar
    name varchar
    accountnumber varchar
    address1_city varchar
    address1_country varchar
    statecode bigint
    createdon timestamp
    modifiedon timestamp
    """,
)

LEADS = api_table(
    "leads",
    "leadid",
    "Enquiries; a qualified lead names the contact it became.",
    """
    leadid varchar
    firstname varchar
    lastname varchar
    emailaddress1 varchar
    telephone1 varchar
    subject varchar
    leadsourcecode bigint
    kin_model varchar
    _parentaccountid_value varchar
    _parentcontactid_value varchar
    statecode bigint
    kin_firstresponseon timestamp
    createdon timestamp
    modifiedon timestamp
    """,
)

OPPORTUNITIES = api_table(
    "opportunities",
    "opportunityid",
    "Car sales under way, won and lost.",
    """
    opportunityid varchar
    name varchar
    _parentcontactid_value varchar
    _parentaccountid_value varchar
    stepname varchar
    estimatedvalue double
    closeprobability bigint
    estimatedclosedate date
    actualclosedate date
    actualvalue double
    statecode bigint
    kin_model varchar
    kin_lostreason varchar
    createdon timestamp
    modifiedon timestamp
    """,
)

TASKS = api_table(
    "tasks",
    "activityid",
    "What a seller has to do or did, about a contact.",
    """
    activityid varchar
    subject varchar
    scheduledend timestamp
    actualend timestamp
    statecode bigint
    _regardingobjectid_value varchar
    _ownerid_value varchar
    createdon timestamp
    modifiedon timestamp
    """,
)

PHONECALLS = api_table(
    "phonecalls",
    "activityid",
    "Calls from and to a contact (directioncode: true means outgoing).",
    """
    activityid varchar
    subject varchar
    directioncode boolean
    scheduledend timestamp
    actualend timestamp
    statecode bigint
    _regardingobjectid_value varchar
    _ownerid_value varchar
    createdon timestamp
    modifiedon timestamp
    """,
)

TABLES = (CONTACTS, ACCOUNTS, LEADS, OPPORTUNITIES, TASKS, PHONECALLS)
