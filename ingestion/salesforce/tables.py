"""The fields of the Salesforce objects, and the columns they land as."""

from ingestion.specs import api_table

CONTACTS = api_table(
    "contacts",
    "id",
    "People the dealers know. Kindred_* fields are written by Kindred.",
    """
    id varchar Id
    first_name varchar FirstName
    last_name varchar LastName
    email varchar Email
    phone varchar Phone
    mobile_phone varchar MobilePhone
    birthdate date Birthdate
    mailing_street varchar MailingStreet
    mailing_postal_code varchar MailingPostalCode
    mailing_city varchar MailingCity
    mailing_country varchar MailingCountry
    has_opted_out_of_email boolean HasOptedOutOfEmail
    do_not_call boolean DoNotCall
    kindred_id_c varchar Kindred_Id__c
    kindred_segments_c varchar Kindred_Segments__c
    kindred_propensity_c double Kindred_Propensity__c
    dealer_code_c varchar Dealer_Code__c
    created_date timestamp CreatedDate
    created_by_id varchar CreatedById
    system_modstamp timestamp SystemModstamp
    last_modified_by_id varchar LastModifiedById
    """,
    entity="Contact",
    cursor="system_modstamp",
    written_back=True,
)

LEADS = api_table(
    "leads",
    "id",
    "Enquiries at dealers; a converted lead names the contact it became.",
    """
    id varchar Id
    first_name varchar FirstName
    last_name varchar LastName
    email varchar Email
    phone varchar Phone
    company varchar Company
    status varchar Status
    lead_source varchar LeadSource
    dealer_code_c varchar Dealer_Code__c
    model_c varchar Model__c
    converted_contact_id varchar ConvertedContactId
    created_date timestamp CreatedDate
    system_modstamp timestamp SystemModstamp
    """,
    entity="Lead",
    cursor="system_modstamp",
)

OPPORTUNITIES = api_table(
    "opportunities",
    "id",
    "The dealers' sales under way, won and lost.",
    """
    id varchar Id
    name varchar Name
    contact_id varchar ContactId
    stage_name varchar StageName
    amount double Amount
    probability double Probability
    close_date date CloseDate
    is_closed boolean IsClosed
    is_won boolean IsWon
    loss_reason_c varchar Loss_Reason__c
    dealer_code_c varchar Dealer_Code__c
    model_c varchar Model__c
    created_date timestamp CreatedDate
    system_modstamp timestamp SystemModstamp
    """,
    entity="Opportunity",
    cursor="system_modstamp",
)

TASKS = api_table(
    "tasks",
    "id",
    "Tasks and calls of the dealers' sellers.",
    """
    id varchar Id
    subject varchar Subject
    status varchar Status
    activity_date date ActivityDate
    task_subtype varchar TaskSubtype
    who_id varchar WhoId
    owner_id varchar OwnerId
    created_date timestamp CreatedDate
    system_modstamp timestamp SystemModstamp
    """,
    entity="Task",
    cursor="system_modstamp",
)

TABLES = (CONTACTS, LEADS, OPPORTUNITIES, TASKS)
