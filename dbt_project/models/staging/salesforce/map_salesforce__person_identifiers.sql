select * from {{ crm_person_identifiers('salesforce', 'salesforce_contact_id') }}
