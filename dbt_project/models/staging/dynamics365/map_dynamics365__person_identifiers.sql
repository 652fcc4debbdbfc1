select * from {{ crm_person_identifiers('dynamics365', 'dynamics365_contactid') }}
