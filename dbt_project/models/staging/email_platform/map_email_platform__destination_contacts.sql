select * from {{ destination_contacts('email_platform') }}
