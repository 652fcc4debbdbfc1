select * from {{ destination_contacts('salesforce') }}
